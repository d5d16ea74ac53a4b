from __future__ import annotations

from typing import Any

import pytest
from wrapt import ObjectProxy

from otel_responses._mapping.messages import prompt_variables, tool_definitions
from tests.contract.schemas import TOOLS, expect_valid

PARAMETERS = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}


@pytest.mark.parametrize(
    ("tool", "expected"),
    [
        pytest.param(
            {"type": "function", "name": "weather", "description": "d", "parameters": PARAMETERS, "strict": True},
            {"type": "function", "name": "weather"},
            id="function",
        ),
        pytest.param({"type": "custom", "name": "sql"}, {"type": "custom", "name": "sql"}, id="custom"),
        pytest.param(
            {"type": "mcp", "server_label": "dice", "server_url": "https://a.example", "name": "other"},
            {"type": "mcp", "name": "dice"},
            id="mcp",
        ),
        pytest.param({"type": "mcp"}, {"type": "mcp", "name": "mcp"}, id="mcp_without_a_label"),
        pytest.param({"type": "web_search"}, {"type": "web_search", "name": "web_search"}, id="web_search"),
        pytest.param({"type": "namespace", "name": "sky"}, {"type": "namespace", "name": "sky"}, id="namespace"),
        pytest.param({"type": "hologram", "name": "h"}, {"type": "hologram", "name": "h"}, id="unknown_with_a_name"),
        pytest.param({"type": "hologram"}, {"type": "hologram", "name": "hologram"}, id="unknown"),
        pytest.param(
            {"type": "function", "function": {"name": "weather"}},
            {"type": "function", "name": "weather"},
            id="form_of_chat_completions",
        ),
        pytest.param({"type": "h" * 2_000, "name": "h"}, {"type": "h" * 1_024, "name": "h"}, id="long"),
        pytest.param({"type": ObjectProxy("mcp")}, {"type": "mcp", "name": "mcp"}, id="proxy"),
        pytest.param({}, {"type": "unknown", "name": "unknown"}, id="empty"),
        pytest.param(7, {"type": "unknown", "name": "unknown"}, id="no_tool"),
    ],
)
def test_tools_are_told_by_type_and_name(tool: Any, expected: Any):
    found = tool_definitions({"tools": [tool, None]})
    assert found == [expected]
    assert {type(value) for value in found[0].values()} == {str}
    expect_valid(TOOLS, found)


@pytest.mark.parametrize(
    ("tool", "more"),
    [
        pytest.param(
            {"type": "function", "name": "n", "description": "d", "parameters": PARAMETERS, "strict": True},
            {"description": "d", "parameters": PARAMETERS},
            id="function",
        ),
        pytest.param(
            {"type": "custom", "name": "n", "format": {"type": "grammar", "definition": "a"}},
            {"format": {"type": "grammar", "definition": "a"}},
            id="custom",
        ),
        pytest.param(
            {
                "type": "mcp",
                "server_label": "n",
                "server_description": "d",
                "server_url": "https://canary.example",
                "authorization": "canary",
                "headers": {"a": "canary"},
            },
            {"description": "d"},
            id="mcp",
        ),
        pytest.param(
            {
                "type": "namespace",
                "name": "n",
                "description": "d",
                "tools": [{"type": "function", "name": "f", "parameters": PARAMETERS, "tools": [{"type": "function"}]}],
            },
            {"description": "d", "tools": [{"type": "function", "name": "f", "parameters": PARAMETERS}]},
            id="namespace",
        ),
        pytest.param({"type": "function", "name": "n", "parameters": None}, {}, id="nothing_more"),
    ],
)
def test_schemas_are_added_where_asked_for(tool: Any, more: Any):
    found = tool_definitions({"tools": (tool,)}, schemas=True)
    assert found == [{"type": tool["type"], "name": "n", **more}]
    expect_valid(TOOLS, found)


def test_schemas_of_any_kind_obey_the_schema():
    found = tool_definitions(
        {"tools": [{"type": "function", "name": "n", "parameters": 7, "description": [1]}]}, schemas=True
    )
    assert found == [{"type": "function", "name": "n", "description": [1], "parameters": 7}]
    expect_valid(TOOLS, found)


@pytest.mark.parametrize("tools", [None, [], "function", {"type": "function"}, 7])
def test_without_a_list_there_are_no_tools(tools: Any):
    assert tool_definitions({"tools": tools}) == []
    assert tool_definitions({}) == []


def test_prompt_variables():
    variables = {
        "city": "Rome\ud800",
        "count": 7,
        "flag": True,
        "nothing": None,
        "photo": {"type": "input_image", "image_url": "https://a.example/b.png?sig=canary"},
        "data": {"type": "input_image", "image_url": "data:image/png;base64,iVBORw0KGgo="},
        "text": {"type": "input_text", "text": "Hi"},
        "list": [1],
        "": "no name",
        7: "no text",
    }
    assert prompt_variables({"prompt": {"id": "pmpt_1", "variables": variables}}) == {
        "city": "Rome?",
        "count": "7",
        "flag": "True",
        "photo": {"type": "uri", "modality": "image", "uri": "https://a.example/b.png"},
        "data": {
            "type": "generic",
            "value": {
                "type": "image",
                "modality": "image",
                "mime_type": "image/png",
                "byte_size": 8,
                "sha256": "4c4b6a3be1314ab86138bef4314dde022e600960d8689a2c8f8631802d20dab6",
            },
        },
        "text": {"type": "text", "content": "Hi"},
        "list": {"type": "generic", "value": {"type": "list", "value": [1]}},
    }


def test_at_most_32_prompt_variables():
    variables = {f"v{number}": "x" for number in range(40)}
    assert list(prompt_variables({"prompt": {"variables": variables}})) == [f"v{number}" for number in range(32)]


@pytest.mark.parametrize("prompt", [None, "pmpt_1", {}, {"variables": None}, {"variables": ["a"]}])
def test_no_prompt_variables(prompt: Any):
    assert prompt_variables({"prompt": prompt}) == {}
