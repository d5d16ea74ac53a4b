from __future__ import annotations

from typing import Any

import pytest

from otel_responses._mapping.messages import input_messages
from tests.contract.schemas import INPUT, expect_valid

Item = dict[str, Any]
PNG = "data:image/png;base64,iVBORw0KGgo="
SCREENSHOT = {
    "type": "generic",
    "value": {
        "type": "image",
        "modality": "image",
        "mime_type": "image/png",
        "byte_size": 8,
        "sha256": "4c4b6a3be1314ab86138bef4314dde022e600960d8689a2c8f8631802d20dab6",
    },
}


def only_part(item: Item, role: str) -> Any:
    found = input_messages({"input": [item]})
    expect_valid(INPUT, found)
    (message,) = found
    assert message.get("role") == role
    (part,) = message.get("parts", [])
    return part


@pytest.mark.parametrize(
    ("item", "name", "arguments"),
    [
        pytest.param(
            {"type": "function_call", "name": "weather", "arguments": '{"city":"Rome"}', "namespace": "sky"},
            "weather",
            {"city": "Rome"},
            id="function",
        ),
        pytest.param(
            {"type": "function_call", "name": "weather", "arguments": ' [1, null, NaN, {"a": null}] '},
            "weather",
            [1, "null", "NaN", {}],
            id="strange_json",
        ),
        pytest.param(
            {"type": "function_call", "name": "weather", "arguments": '{"city":"Ro'}, "weather", '{"city":"Ro', id="cut"
        ),
        pytest.param({"type": "function_call", "name": "weather", "arguments": ""}, "weather", "", id="empty"),
        pytest.param({"type": "function_call", "name": "weather", "arguments": "7"}, "weather", "7", id="a_number"),
        pytest.param(
            {"type": "function_call", "name": "weather", "arguments": {"city": "Rome"}},
            "weather",
            {"city": "Rome"},
            id="not_a_text",
        ),
        pytest.param({"type": "function_call"}, "function", None, id="nothing_known"),
        pytest.param({"type": "custom_tool_call", "name": "sql", "input": "select 1"}, "sql", "select 1", id="custom"),
        pytest.param({"type": "custom_tool_call", "input": '{"a":1}'}, "custom", {"a": 1}, id="custom_json"),
        pytest.param(
            {"type": "computer_call", "action": {"type": "click", "x": 1, "y": 2}, "pending_safety_checks": []},
            "computer",
            {"action": {"type": "click", "x": 1, "y": 2}},
            id="computer",
        ),
        pytest.param(
            {
                "type": "computer_call",
                "actions": [{"type": "wait"}],
                "pending_safety_checks": [{"id": "sc_1", "message": None}],
            },
            "computer",
            {"actions": [{"type": "wait"}], "pending_safety_checks": [{"id": "sc_1"}]},
            id="computer_with_checks",
        ),
        pytest.param(
            {"type": "local_shell_call", "action": {"type": "exec", "command": ["ls"], "env": {}}},
            "local_shell",
            {"type": "exec", "command": ["ls"], "env": {}},
            id="local_shell",
        ),
        pytest.param(
            {"type": "shell_call", "action": {"commands": ["ls"], "timeout_ms": 5}},
            "shell",
            {"commands": ["ls"], "timeout_ms": 5},
            id="shell",
        ),
        pytest.param(
            {"type": "apply_patch_call", "operation": {"type": "delete_file", "path": "a.py"}},
            "apply_patch",
            {"type": "delete_file", "path": "a.py"},
            id="apply_patch",
        ),
        pytest.param(
            {"type": "tool_search_call", "execution": "client", "arguments": {"query": "sky"}},
            "tool_search",
            {"query": "sky"},
            id="tool_search_by_the_client",
        ),
    ],
)
def test_a_call(item: Item, name: str, arguments: Any):
    expected = {"type": "tool_call", "id": "call_1", "name": name, "arguments": arguments}
    if arguments is None:
        del expected["arguments"]
    assert only_part({**item, "id": "item_1", "call_id": "call_1", "status": "completed"}, "assistant") == expected


def test_a_call_without_an_id_has_none():
    assert only_part({"type": "shell_call"}, "assistant") == {"type": "tool_call", "name": "shell"}


def test_arguments_that_are_nested_too_deeply_stay_text():
    deep = "[" * 100_000
    assert only_part({"type": "function_call", "name": "f", "arguments": deep}, "assistant")["arguments"] == deep


@pytest.mark.parametrize(
    ("item", "response"),
    [
        pytest.param({"type": "function_call_output", "output": '{"t": 20}'}, '{"t": 20}', id="text"),
        pytest.param({"type": "function_call_output"}, "", id="nothing"),
        pytest.param({"type": "function_call_output", "output": 7}, 7, id="a_number"),
        pytest.param(
            {
                "type": "function_call_output",
                "output": [
                    {"type": "input_text", "text": "Look:"},
                    {"type": "input_image", "image_url": PNG},
                    {"type": "input_file", "file_id": "file-1"},
                    {"type": "hologram", "voxels": 1},
                    "bare",
                    None,
                ],
            },
            [
                {"type": "text", "content": "Look:"},
                SCREENSHOT,
                {"type": "file", "modality": "document", "file_id": "file-1"},
                {"type": "hologram", "voxels": 1},
                "bare",
            ],
            id="content_parts",
        ),
        pytest.param({"type": "custom_tool_call_output", "output": "1"}, "1", id="custom"),
        pytest.param(
            {
                "type": "shell_call_output",
                "output": [{"stdout": "a", "stderr": "", "outcome": {"type": "exit", "exit_code": 0}}],
            },
            [{"stdout": "a", "stderr": "", "outcome": {"type": "exit", "exit_code": 0}}],
            id="shell",
        ),
        pytest.param({"type": "local_shell_call_output", "output": "a"}, "a", id="local_shell"),
        pytest.param(
            {"type": "apply_patch_call_output", "status": "failed", "output": "no such file"},
            {"status": "failed", "output": "no such file"},
            id="apply_patch",
        ),
        pytest.param(
            {"type": "computer_call_output", "output": {"type": "computer_screenshot", "image_url": PNG}},
            SCREENSHOT,
            id="screenshot",
        ),
        pytest.param(
            {"type": "computer_call_output", "output": {"type": "computer_screenshot", "file_id": "file-1"}},
            {"type": "file", "modality": "image", "file_id": "file-1"},
            id="screenshot_as_file",
        ),
        pytest.param(
            {"type": "computer_call_output", "output": {"type": "other"}}, {"type": "other"}, id="no_screenshot"
        ),
        pytest.param({"type": "computer_call_output"}, "", id="nothing_of_the_computer"),
        pytest.param(
            {
                "type": "tool_search_output",
                "execution": "client",
                "tools": [{"type": "function", "name": "f", "description": "left out"}],
            },
            {"tools": [{"type": "function", "name": "f"}]},
            id="tool_search",
        ),
    ],
)
def test_an_output(item: Item, response: Any):
    expected = {"type": "tool_call_response", "id": "call_1", "response": response}
    assert only_part({"call_id": "call_1", **item}, "tool") == expected


def test_the_output_of_a_local_shell_has_the_id_of_its_call_as_its_own():
    item = {"type": "local_shell_call_output", "id": "call_1", "output": "a"}
    assert only_part(item, "tool") == {"type": "tool_call_response", "id": "call_1", "response": "a"}
