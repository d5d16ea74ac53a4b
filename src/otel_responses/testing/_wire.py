"""JSON as it comes over the wire, read with care."""

from __future__ import annotations

from typing import Any, cast

__all__ = ["JsonObject", "as_list", "as_object", "as_objects"]

JsonObject = dict[str, Any]


def as_object(value: object) -> JsonObject:
    """The JSON object, or an empty one in place of anything else."""
    return cast("JsonObject", value) if isinstance(value, dict) else {}


def as_list(value: object) -> list[object]:
    """The list, or an empty one in place of anything else."""
    return cast("list[object]", value) if isinstance(value, list) else []


def as_objects(value: object) -> list[JsonObject]:
    """The JSON objects of a list, without anything else."""
    return [cast("JsonObject", item) for item in as_list(value) if isinstance(item, dict)]
