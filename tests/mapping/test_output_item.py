from __future__ import annotations

from typing import Any

import pytest

from otel_responses._mapping.output_item import item_attributes, item_key


@pytest.mark.parametrize(
    ("item", "attributes"),
    [
        pytest.param(
            {"type": "mcp_call", "id": "mcp_1", "status": "failed", "name": "roll", "arguments": "{}"},
            {
                "openai.output_item.type": "mcp_call",
                "openai.output_item.id": "mcp_1",
                "openai.output_item.status": "failed",
                "openai.output_item.name": "roll",
            },
            id="whole",
        ),
        pytest.param({"type": "message", "name": None}, {"openai.output_item.type": "message"}, id="type_only"),
        pytest.param({"type": 1, "id": ""}, {}, id="other_types"),
        pytest.param(None, {}, id="no_item"),
    ],
)
def test_what_is_said_of_an_item(item: Any, attributes: dict[str, str]):
    assert item_attributes({"output_index": 0, "item": item}) == attributes


@pytest.mark.parametrize(
    ("event", "key"),
    [
        pytest.param({"output_index": 2, "item": {"id": "msg_1"}}, 2, id="place"),
        pytest.param({"item": {"id": "msg_1"}}, "msg_1", id="id"),
        pytest.param({"output_index": "2", "item": {"id": "msg_1"}}, "msg_1", id="place_that_is_no_number"),
        pytest.param({"item": {}}, None, id="neither"),
        pytest.param({}, None, id="no_item"),
    ],
)
def test_what_the_events_of_an_item_have_in_common(event: Any, key: object):
    assert item_key(event) == key
