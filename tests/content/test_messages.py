from __future__ import annotations

from typing import Any

import pytest

from otel_responses._mapping.messages import input_messages, output_messages, system_instructions
from tests.contract.schemas import INPUT, INSTRUCTIONS, OUTPUT, expect_valid

Part = dict[str, Any]


def text(content: str) -> Part:
    return {"type": "text", "content": content}


def message(role: str, *parts: Part) -> dict[str, Any]:
    return {"role": role, "parts": list(parts)}


HELLO = text("Hello!")
CALL = {"type": "function_call", "call_id": "call_1", "name": "weather", "arguments": '{"city": "Rome"}'}
CALL_PART = {"type": "tool_call", "id": "call_1", "name": "weather", "arguments": {"city": "Rome"}}
OUTPUT_ITEM = {"type": "function_call_output", "call_id": "call_1", "output": "Sunny"}
OUTPUT_PART = {"type": "tool_call_response", "id": "call_1", "response": "Sunny"}
THOUGHT = {"type": "reasoning", "summary": [{"type": "summary_text", "text": "Hm."}]}
THOUGHT_PART = {"type": "reasoning", "content": "Hm."}
ANSWER = {"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": "Sunny."}]}


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        pytest.param("Hello!", [message("user", HELLO)], id="text"),
        pytest.param("", [message("user", text(""))], id="empty_text"),
        pytest.param(None, [], id="none"),
        pytest.param([], [], id="no_items"),
        pytest.param([None], [], id="null_item"),
        pytest.param([{"role": "user", "content": "Hello!"}], [message("user", HELLO)], id="easy_message"),
        pytest.param(({"role": "user", "content": "Hello!"},), [message("user", HELLO)], id="tuple"),
        pytest.param(["Hello!"], [message("user", HELLO)], id="text_in_a_list"),
        pytest.param({"role": "user", "content": "Hello!"}, [message("user", HELLO)], id="one_message_as_object"),
        pytest.param(
            {"question": {"text": "Why?"}},
            [message("user", {"type": "generic", "value": {"question": {"text": "Why?"}}})],
            id="one_object_as_it_is",
        ),
        pytest.param(
            [{"type": "message", "role": "user", "content": [{"type": "input_text", "text": "Hello!"}]}],
            [message("user", HELLO)],
            id="message",
        ),
        pytest.param(
            [
                {"role": "system", "content": "Be kind."},
                {"role": "developer", "content": "Be brief."},
                {"role": "user", "content": "Hello!"},
                {"role": "user", "content": "Hello!"},
            ],
            [
                message("system", text("Be kind.")),
                message("developer", text("Be brief.")),
                message("user", HELLO),
                message("user", HELLO),
            ],
            id="every_message_keeps_its_role",
        ),
        pytest.param(
            [THOUGHT, CALL, CALL, OUTPUT_ITEM, OUTPUT_ITEM, THOUGHT, ANSWER, ANSWER],
            [
                message("assistant", THOUGHT_PART, CALL_PART, CALL_PART),
                message("tool", OUTPUT_PART),
                message("tool", OUTPUT_PART),
                message("assistant", THOUGHT_PART, text("Sunny."), text("Sunny.")),
            ],
            id="what_the_assistant_did_is_one_message",
        ),
        pytest.param(
            [CALL, {"type": "reasoning", "summary": []}, CALL],
            [message("assistant", CALL_PART, CALL_PART)],
            id="empty_reasoning_parts_nothing",
        ),
        pytest.param([{"type": "reasoning", "summary": []}], [], id="empty_reasoning_is_no_message"),
        pytest.param([{"role": "user", "content": []}], [message("user")], id="a_message_without_content_is_one"),
        pytest.param([{"role": "user"}], [message("user")], id="a_message_without_a_content"),
        pytest.param(
            [{"type": "message", "content": "Hello!"}], [message("user", HELLO)], id="a_message_without_a_role"
        ),
        pytest.param([{"id": "msg_1"}], [message("user", {"type": "generic", "value": {"id": "msg_1"}})], id="bare_id"),
        pytest.param(
            [{"role": "user", "content": {"type": "input_text", "text": "Hello!"}}],
            [message("user", HELLO)],
            id="one_part_in_place_of_a_list",
        ),
        pytest.param(
            [{"role": "user", "content": ["Hello!", None, 7]}],
            [message("user", HELLO, {"type": "generic", "value": {"type": "int", "value": 7}})],
            id="parts_that_are_none",
        ),
        pytest.param(
            [7, b"x"],
            [
                message("user", {"type": "generic", "value": {"type": "int", "value": 7}}),
                message(
                    "user",
                    {
                        "type": "generic",
                        "value": {
                            "type": "bytes",
                            "value": "[bytes, 1 bytes, sha256 2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881]",
                        },
                    },
                ),
            ],
            id="items_that_are_none",
        ),
    ],
)
def test_input(value: Any, expected: list[Any]):
    found = input_messages({"input": value})
    assert found == expected
    expect_valid(INPUT, found)


@pytest.mark.parametrize(
    ("item", "role"),
    [
        pytest.param({"type": "new_call"}, "assistant", id="call"),
        pytest.param({"type": "new_call_output"}, "tool", id="output"),
        pytest.param({"type": "new"}, "user", id="other"),
        pytest.param({"type": "new_call", "role": "developer"}, "developer", id="own_role"),
        pytest.param({"type": "item_reference", "id": "rs_1"}, "assistant", id="item_reference"),
        pytest.param({"type": "compaction_trigger"}, "user", id="compaction_trigger"),
        pytest.param({"type": "configuration_update"}, "developer", id="configuration_update"),
    ],
)
def test_what_has_no_part_of_its_own_is_generic(item: Part, role: str):
    assert input_messages({"input": [item]}) == [message(role, {"type": "generic", "value": item})]


def test_an_unknown_item_keeps_all_but_credentials_and_encrypted_content():
    item = {
        "type": "new_item",
        "headers": {"Authorization": "Bearer canary"},
        "nested": [{"authorization": "canary", "encrypted_content": "canary", "label": "a"}],
        "encrypted_content": {"not": "a text"},
        "nothing": None,
    }
    expected = {
        "type": "new_item",
        "nested": [{"encrypted_content": "[encrypted, 6 characters]", "label": "a"}],
        "encrypted_content": {"not": "a text"},
    }
    assert input_messages({"input": [item]}) == [message("user", {"type": "generic", "value": expected})]


def test_a_message_that_an_agent_sends_to_another():
    item = {
        "type": "agent_message",
        "author": "/root",
        "recipient": "/home/me/reader",
        "content": [{"type": "input_text", "text": "Read."}, {"type": "encrypted_content", "encrypted_content": "abc"}],
    }
    secret = {
        "type": "generic",
        "value": {"type": "encrypted_content", "encrypted_content": "[encrypted, 3 characters]"},
    }
    value = {
        "type": "agent_message",
        "author": "/root",
        "recipient": "/home/me/reader",
        "content": [text("Read."), secret],
    }
    assert input_messages({"input": [item]}) == [message("assistant", {"type": "generic", "value": value})]


@pytest.mark.parametrize(
    ("item", "content"),
    [
        pytest.param({"summary": [{"text": "One."}, {"text": "Two."}]}, "One.\n\nTwo.", id="summary"),
        pytest.param({"summary": [{"text": ""}, {"text": 7}, {"text": "One."}]}, "One.", id="of_texts_only"),
        pytest.param({"summary": [], "content": [{"text": "All."}]}, "All.", id="content"),
        pytest.param({"summary": [{"text": "One."}], "content": [{"text": "All."}]}, "One.", id="summary_first"),
        pytest.param(
            {"summary": [], "encrypted_content": "x" * 1_234}, "[encrypted reasoning, 1234 characters]", id="encrypted"
        ),
        pytest.param({"summary": [{"text": "One."}], "encrypted_content": "x"}, "One.", id="summary_and_encrypted"),
        pytest.param({"summary": None, "encrypted_content": None}, None, id="nothing"),
        pytest.param({"summary": [{"text": ""}], "encrypted_content": ""}, None, id="empty"),
        pytest.param({"summary": "?", "content": 7, "encrypted_content": 7}, None, id="other_types"),
    ],
)
def test_reasoning_is_one_part(item: Part, content: str | None):
    expected = [] if content is None else [message("assistant", {"type": "reasoning", "content": content})]
    assert input_messages({"input": [{"type": "reasoning", **item}]}) == expected


def test_compaction():
    compaction = {"type": "compaction", "id": "cmp_1", "encrypted_content": "canary"}
    assert input_messages({"input": [compaction]}) == [message("assistant", {"type": "compaction", "id": "cmp_1"})]
    assert input_messages({"input": [{"type": "compaction"}]}) == [message("assistant", {"type": "compaction"})]


@pytest.mark.parametrize(
    ("part", "expected"),
    [
        pytest.param({"type": "output_text", "text": "Hi", "logprobs": [{"token": "Hi"}]}, [text("Hi")], id="text"),
        pytest.param({"type": "text", "text": "Hi"}, [text("Hi")], id="plain_text"),
        pytest.param({"type": "refusal", "refusal": "No."}, [text("No.")], id="refusal"),
        pytest.param(
            {
                "type": "output_text",
                "text": "Hi",
                "annotations": [{"type": "url_citation", "url": "https://a.example", "title": None}],
            },
            [text("Hi"), {"type": "generic", "value": {"type": "url_citation", "url": "https://a.example"}}],
            id="annotations_follow_their_text",
        ),
        pytest.param({"type": "output_text"}, [{"type": "generic", "value": {"type": "output_text"}}], id="no_text"),
        pytest.param({"type": "refusal"}, [{"type": "generic", "value": {"type": "refusal"}}], id="no_refusal"),
        pytest.param(
            {"type": "hologram", "voxels": [1, None]},
            [{"type": "generic", "value": {"type": "hologram", "voxels": [1, "null"]}}],
            id="unknown",
        ),
    ],
)
def test_content_parts(part: Part, expected: list[Part]):
    response = {"output": [{"type": "message", "role": "assistant", "content": [part]}]}
    found = output_messages(response, "stop")
    assert found == [{"role": "assistant", "parts": expected, "finish_reason": "stop"}]
    expect_valid(OUTPUT, found)


def test_a_text_part_has_its_keys_in_the_order_the_collector_relies_on():
    (found,) = input_messages({"input": "Hello!"})
    assert [list(part) for part in found["parts"]] == [["type", "content"]]  # pyright: ignore[reportTypedDictNotRequiredAccess]


@pytest.mark.parametrize(
    ("output", "parts"),
    [
        pytest.param([THOUGHT, ANSWER, CALL], [THOUGHT_PART, text("Sunny."), CALL_PART], id="in_order"),
        pytest.param([ANSWER, ANSWER], [text("Sunny."), text("Sunny.")], id="two_messages"),
        pytest.param([CALL, OUTPUT_ITEM], [CALL_PART, OUTPUT_PART], id="outputs_too"),
        pytest.param("Sunny.", [text("Sunny.")], id="a_text"),
        pytest.param(ANSWER, [text("Sunny.")], id="one_object"),
        pytest.param([{"type": "message", "content": "Hi"}], [text("Hi")], id="without_a_role"),
        pytest.param(
            [{"type": "message", "role": "user", "content": [{"type": "input_text", "text": "Hello!"}]}, ANSWER],
            [
                {
                    "type": "generic",
                    "value": {
                        "type": "message",
                        "role": "user",
                        "content": [{"type": "input_text", "text": "Hello!"}],
                    },
                },
                text("Sunny."),
            ],
            id="what_the_user_said_is_no_answer",
        ),
    ],
)
def test_a_response_is_one_message(output: Any, parts: list[Part]):
    found = output_messages({"output": output}, "stop")
    assert found == [{"role": "assistant", "parts": parts, "finish_reason": "stop"}]
    expect_valid(OUTPUT, found)


@pytest.mark.parametrize(
    "response", [None, {}, {"output": []}, {"output": None}, {"output": [{"type": "reasoning"}]}, 7]
)
def test_a_response_without_output_has_no_message(response: object):
    assert output_messages(response, "error") == []


def test_the_finish_reason_is_never_missing():
    (found,) = output_messages({"output": [ANSWER]}, None)
    assert found == {"role": "assistant", "parts": [text("Sunny.")], "finish_reason": "unknown"}


@pytest.mark.parametrize(
    ("instructions", "expected"),
    [
        pytest.param("Be kind.", [text("Be kind.")], id="text"),
        pytest.param(None, [], id="none"),
        pytest.param("", [], id="empty"),
        pytest.param(
            [
                {"role": "developer", "content": "Be kind."},
                {"role": "user", "content": [{"type": "input_text", "text": "?"}]},
            ],
            [text("Be kind."), text("?")],
            id="items",
        ),
        pytest.param(
            [{"role": "user", "content": [{"type": "input_image", "image_url": "data:image/png;base64,iVBORw0KGgo="}]}],
            [
                {
                    "type": "generic",
                    "value": {
                        "type": "image",
                        "modality": "image",
                        "mime_type": "image/png",
                        "byte_size": 8,
                        "sha256": "4c4b6a3be1314ab86138bef4314dde022e600960d8689a2c8f8631802d20dab6",
                    },
                }
            ],
            id="data",
        ),
    ],
)
def test_instructions(instructions: Any, expected: list[Part]):
    found = system_instructions({"instructions": instructions})
    assert found == expected
    expect_valid(INSTRUCTIONS, found)
