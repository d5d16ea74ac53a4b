from __future__ import annotations

from typing import Any

import pytest

from otel_responses._mapping.messages import input_messages, output_messages
from tests.contract.schemas import OUTPUT, expect_valid

Item = dict[str, Any]
PNG_FACTS = {"byte_size": 8, "sha256": "4c4b6a3be1314ab86138bef4314dde022e600960d8689a2c8f8631802d20dab6"}


def image(mime_type: str) -> Item:
    return {
        "type": "generic",
        "value": {"type": "image", "modality": "image", "mime_type": mime_type, **PNG_FACTS},
    }


def parts(item: Item, *, blobs: bool = False) -> list[Any]:
    found = output_messages({"output": [item]}, "stop", blobs=blobs)
    expect_valid(OUTPUT, found)
    return found[0].get("parts", [])


CALLS = [
    pytest.param(
        {"type": "web_search_call", "action": {"type": "search", "query": "reef", "sources": None}},
        "web_search",
        {"type": "web_search", "action": {"type": "search", "query": "reef"}},
        None,
        id="web_search",
    ),
    pytest.param(
        {
            "type": "web_search_call",
            "status": "failed",
            "action": {"type": "search", "sources": [{"type": "url", "url": "https://a.example"}]},
        },
        "web_search",
        {"type": "web_search", "status": "failed", "action": {"type": "search"}},
        {"type": "web_search", "sources": [{"type": "url", "url": "https://a.example"}]},
        id="web_search_with_sources",
    ),
    pytest.param({"type": "web_search_call"}, "web_search", {"type": "web_search"}, None, id="web_search_added"),
    pytest.param(
        {"type": "file_search_call", "queries": ["dragons"], "results": None},
        "file_search",
        {"type": "file_search", "queries": ["dragons"]},
        None,
        id="file_search",
    ),
    pytest.param(
        {
            "type": "file_search_call",
            "queries": [],
            "results": [{"file_id": "file-1", "score": 0.5, "text": "Sand", "attributes": None}],
        },
        "file_search",
        {"type": "file_search", "queries": []},
        {"type": "file_search", "results": [{"file_id": "file-1", "score": 0.5, "text": "Sand"}]},
        id="file_search_with_results",
    ),
    pytest.param(
        {"type": "code_interpreter_call", "code": "1+1", "container_id": "cntr_1", "outputs": None},
        "code_interpreter",
        {"type": "code_interpreter", "code": "1+1", "container_id": "cntr_1"},
        None,
        id="code_interpreter",
    ),
    pytest.param(
        {
            "type": "code_interpreter_call",
            "code": "1+1",
            "outputs": [
                {"type": "logs", "logs": "2"},
                {"type": "image", "url": "https://files.example/a.png?sig=canary"},
                {"type": "image", "url": "data:image/png;base64,iVBORw0KGgo="},
                {"type": "image"},
                {"type": "table", "url": "https://files.example/a.csv"},
            ],
        },
        "code_interpreter",
        {"type": "code_interpreter", "code": "1+1"},
        {
            "type": "code_interpreter",
            "outputs": [
                {"type": "logs", "logs": "2"},
                {"type": "uri", "modality": "image", "uri": "https://files.example/a.png"},
                image("image/png"),
                {"type": "image"},
                {"type": "table", "url": "https://files.example/a.csv"},
            ],
        },
        id="code_interpreter_with_outputs",
    ),
    pytest.param(
        {"type": "image_generation_call", "status": "generating", "result": None},
        "image_generation",
        {"type": "image_generation", "status": "generating"},
        None,
        id="image_generation",
    ),
    pytest.param(
        {
            "type": "image_generation_call",
            "result": "iVBORw0KGgo=",
            "revised_prompt": "A cat",
            "size": "1024x1024",
            "output_format": "webp",
        },
        "image_generation",
        {"type": "image_generation", "revised_prompt": "A cat", "size": "1024x1024", "output_format": "webp"},
        {"type": "image_generation", "result": image("image/webp")},
        id="image_generation_with_result",
    ),
    pytest.param(
        {"type": "image_generation_call", "result": "iVBORw0KGgo="},
        "image_generation",
        {"type": "image_generation"},
        {"type": "image_generation", "result": image("image/png")},
        id="an_image_is_a_png_unless_it_says_otherwise",
    ),
    pytest.param(
        {"type": "image_generation_call", "result": "iVBORw0KGgo=", "output_format": "jpg"},
        "image_generation",
        {"type": "image_generation", "output_format": "jpg"},
        {"type": "image_generation", "result": image("image/jpeg")},
        id="an_image_that_is_called_jpg",
    ),
    pytest.param(
        {"type": "image_generation_call", "result": 7},
        "image_generation",
        {"type": "image_generation"},
        None,
        id="an_image_that_is_no_text",
    ),
    pytest.param(
        {"type": "image_generation_call", "status": "failed", "output_format": "svg", "error": {"message": "No."}},
        "image_generation",
        {"type": "image_generation", "status": "failed", "output_format": "svg"},
        {"type": "image_generation", "error": {"message": "No."}},
        id="image_generation_with_error",
    ),
    pytest.param(
        {"type": "mcp_call", "name": "roll", "server_label": "dice", "arguments": '{"sides":6}', "output": "4"},
        "roll",
        {"type": "mcp", "server_label": "dice", "arguments": {"sides": 6}},
        {"type": "mcp", "output": "4"},
        id="mcp_call",
    ),
    pytest.param(
        {"type": "mcp_call", "status": "in_progress", "arguments": ""},
        "mcp",
        {"type": "mcp", "status": "in_progress", "arguments": ""},
        None,
        id="mcp_call_added",
    ),
    pytest.param(
        {"type": "mcp_call", "name": "roll", "error": {"type": "http_error", "code": 500, "message": "no"}},
        "roll",
        {"type": "mcp"},
        {"type": "mcp", "error": {"type": "http_error", "code": 500, "message": "no"}},
        id="mcp_call_with_error",
    ),
    pytest.param(
        {
            "type": "mcp_list_tools",
            "server_label": "dice",
            "tools": [{"name": "roll", "description": "left out", "input_schema": {}}, {}],
            "error": None,
        },
        "mcp_list_tools",
        {"type": "mcp_list_tools", "server_label": "dice"},
        {"type": "mcp_list_tools", "tools": [{"name": "roll"}, {"name": "unknown"}]},
        id="mcp_list_tools",
    ),
    pytest.param(
        {"type": "mcp_list_tools", "server_label": "dice", "tools": [], "error": {"code": 500}},
        "mcp_list_tools",
        {"type": "mcp_list_tools", "server_label": "dice"},
        {"type": "mcp_list_tools", "tools": [], "error": {"code": 500}},
        id="mcp_list_tools_with_error",
    ),
    pytest.param(
        {"type": "mcp_approval_request", "name": "roll", "server_label": "dice", "arguments": "{}"},
        "roll",
        {"type": "mcp_approval_request", "server_label": "dice", "arguments": {}},
        None,
        id="mcp_approval_request",
    ),
    pytest.param(
        {"type": "mcp_approval_request"},
        "mcp",
        {"type": "mcp_approval_request"},
        None,
        id="mcp_approval_request_of_no_name",
    ),
    pytest.param(
        {"type": "tool_search_call", "execution": "server", "call_id": None, "arguments": {"paths": ["sky"]}},
        "tool_search",
        {"type": "tool_search", "arguments": {"paths": ["sky"]}},
        None,
        id="tool_search",
    ),
    pytest.param(
        {"type": "program", "code": "await roll()", "fingerprint": "left out"},
        "program",
        {"type": "program", "code": "await roll()"},
        None,
        id="program",
    ),
    pytest.param(
        {"type": "multi_agent_call", "action": "spawn_agent", "arguments": '{"task":"read"}'},
        "spawn_agent",
        {"type": "multi_agent", "action": "spawn_agent", "arguments": {"task": "read"}},
        None,
        id="multi_agent_call",
    ),
    pytest.param(
        {"type": "multi_agent_call"},
        "multi_agent",
        {"type": "multi_agent", "action": "multi_agent"},
        None,
        id="multi_agent_call_of_no_action",
    ),
]


@pytest.mark.parametrize(("item", "name", "call", "response"), CALLS)
def test_a_call(item: Item, name: str, call: Item, response: Item | None):
    expected: list[Item] = [{"type": "server_tool_call", "id": "item_1", "name": name, "server_tool_call": call}]
    if response is not None:
        expected.append({"type": "server_tool_call_response", "id": "item_1", "server_tool_call_response": response})
    assert parts({"id": "item_1", "status": "completed", **item}) == expected


@pytest.mark.parametrize(
    ("item", "response"),
    [
        pytest.param(
            {
                "type": "tool_search_output",
                "execution": "server",
                "tools": [{"type": "mcp", "server_label": "dice", "authorization": "canary", "headers": {"a": "b"}}],
            },
            {"type": "tool_search", "tools": [{"type": "mcp", "name": "dice"}]},
            id="tool_search",
        ),
        pytest.param(
            {"type": "program_output", "status": "incomplete", "result": "4"},
            {"type": "program", "status": "incomplete", "result": "4"},
            id="program",
        ),
        pytest.param(
            {
                "type": "multi_agent_call_output",
                "action": "wait_agent",
                "output": [{"type": "output_text", "text": "Hi"}],
            },
            {"type": "multi_agent", "action": "wait_agent", "output": [{"type": "text", "content": "Hi"}]},
            id="multi_agent",
        ),
    ],
)
def test_an_output_that_is_an_item_of_its_own_has_the_id_of_its_call(item: Item, response: Item):
    expected = {"type": "server_tool_call_response", "id": "call_1", "server_tool_call_response": response}
    assert parts({"id": "item_1", "call_id": "call_1", **item}) == [expected]
    (message,) = input_messages({"input": [{"call_id": "call_1", **item}]})
    assert message == {"role": "assistant", "parts": [expected]}


def test_consent_comes_from_the_user():
    item = {"type": "mcp_approval_response", "approval_request_id": "mcpr_1", "approve": False, "reason": "No."}
    response = {"type": "mcp_approval_response", "approve": False, "reason": "No."}
    part = {"type": "server_tool_call_response", "id": "mcpr_1", "server_tool_call_response": response}
    assert input_messages({"input": [item]}) == [{"role": "user", "parts": [part]}]


def test_additional_tools_are_told_by_type_and_name():
    tools = [{"type": "mcp", "server_label": "dice", "authorization": "canary"}, {"type": "web_search"}]
    value = {
        "type": "additional_tools",
        "tools": [{"type": "mcp", "name": "dice"}, {"type": "web_search", "name": "web_search"}],
    }
    for role, whose in (({}, "developer"), ({"role": "developer"}, "developer"), ({"role": "system"}, "system")):
        item = {"type": "additional_tools", "tools": tools, **role}
        expected = [{"role": whose, "parts": [{"type": "generic", "value": value}]}]
        assert input_messages({"input": [item]}) == expected


def test_a_generated_image_is_a_blob_when_asked_for():
    item = {"type": "image_generation_call", "id": "ig_1", "result": "iVBORw0KGgo="}
    blob = {"type": "blob", "modality": "image", "mime_type": "image/png", "content": "iVBORw0KGgo="}
    response = {"type": "image_generation", "result": blob}
    assert parts(item, blobs=True)[1]["server_tool_call_response"] == response
    (message,) = output_messages({"output": [item]}, "stop")
    assert blob not in message.get("parts", [])[1]["server_tool_call_response"].values()
