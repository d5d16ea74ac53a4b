"""The event of an output item -> the attributes of its span in the timeline."""

from __future__ import annotations

from typing import Any

import otel_responses._semconv as semconv
from otel_responses._mapping.reading import field, text

__all__ = ["ADDED", "DONE", "item_attributes", "item_key"]

ADDED, DONE = "response.output_item.added", "response.output_item.done"

_FIELDS = (
    (semconv.OUTPUT_ITEM_TYPE, "type"),
    (semconv.OUTPUT_ITEM_ID, "id"),
    (semconv.OUTPUT_ITEM_STATUS, "status"),
    (semconv.OUTPUT_ITEM_NAME, "name"),
)


def item_attributes(event: object) -> dict[str, Any]:
    """Return type, id, status and name of the item, as far as it has them."""
    item = field(event, "item")
    found = ((name, text(field(item, key))) for name, key in _FIELDS)
    return {name: value for name, value in found if value is not None}


def item_key(event: object) -> object:
    """Return what the two events of one item have in common: its place in the output, or else its id."""
    index = field(event, "output_index")
    return index if isinstance(index, int) else text(field(field(event, "item"), "id"))
