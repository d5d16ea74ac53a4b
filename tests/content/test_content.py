"""The content of a call by attribute: what the redactor is asked, and what is left of it within the limits."""

from __future__ import annotations

import json
from typing import Any

import pytest

from otel_responses._mapping.content import error_text, fitted_content, redacted_content, redacted_variables
from otel_responses.policy import Limits, Part, Policy, Where

BODY: dict[str, Any] = {
    "model": "gpt-4.1",
    "instructions": "Be brief.",
    "input": "Say hello.",
    "tools": [{"type": "function", "name": "add", "description": "Adds."}],
    "prompt": {"id": "pmpt_1", "variables": {"city": "Rome", "photo": {"type": "input_image", "file_id": "file-1"}}},
}
RESPONSE = {
    "output": [{"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": "Hello!"}]}]
}
ASKED = [
    (Where("system", "system_instructions", 0), {"type": "text", "content": "Be brief."}),
    (Where("user", "input", 0), {"type": "text", "content": "Say hello."}),
    (Where("assistant", "output", 0), {"type": "text", "content": "Hello!"}),
    (Where("", "tool_definition", 0), {"type": "function", "name": "add"}),
]


class Asked:
    """A redactor that remembers what it was asked, and returns what it is told to, or else the part."""

    def __init__(self, *answers: Part | None) -> None:
        self.parts: list[tuple[Where, Part]] = []
        self._answers = answers

    def __call__(self, part: Part, where: Where) -> Part | None:
        self.parts.append((where, part))
        return self._answers[0] if self._answers else part


def test_the_redactor_is_asked_about_each_part_where_it_stands():
    asked = Asked()
    assert list(redacted_content(BODY, RESPONSE, "stop", Policy(redact=asked))) == [
        "gen_ai.system_instructions",
        "gen_ai.input.messages",
        "gen_ai.output.messages",
        "gen_ai.tool.definitions",
    ]
    assert asked.parts == ASKED


def test_what_the_redactor_leaves_nothing_of_is_no_attribute():
    assert redacted_content(BODY, RESPONSE, "stop", Policy(redact=Asked(None))) == {}


def test_an_output_has_its_finish_reason():
    found = redacted_content({}, RESPONSE, "length", Policy())
    assert [message["finish_reason"] for message in found["gen_ai.output.messages"]] == ["length"]


def test_definitions_have_their_schemas_where_they_are_asked_for():
    (definition,) = redacted_content(BODY, None, None, Policy(tool_schemas=True))["gen_ai.tool.definitions"]
    assert definition == {"type": "function", "name": "add", "description": "Adds."}


@pytest.mark.parametrize("blobs", [True, False])
def test_data_is_in_it_where_blobs_are_asked_for(blobs: bool):
    picture = "data:image/png;base64,iVBORw0KGgo="
    body = {"input": [{"role": "user", "content": [{"type": "input_image", "image_url": picture}]}]}
    response = {"output": [{"type": "image_generation_call", "result": "iVBORw0KGgo="}]}
    found = redacted_content(body, response, "stop", Policy(blobs=blobs))
    assert ["iVBORw0KGgo=" in json.dumps(content) for content in found.values()] == [blobs, blobs]


def test_a_variable_of_the_prompt_is_redacted_and_is_text():
    asked = Asked()
    file = {"type": "file", "modality": "image", "file_id": "file-1"}
    assert redacted_variables(BODY, Policy(redact=asked)) == {
        "gen_ai.prompt.variable.city": "Rome",
        "gen_ai.prompt.variable.photo": '{"type":"file","modality":"image","file_id":"file-1"}',
    }
    where = Where("", "prompt_variable", 0)
    assert asked.parts == [(where, {"type": "text", "content": "Rome"}), (where, file)]
    assert redacted_variables(BODY, Policy(redact=Asked(None))) == {}


def test_a_variable_of_the_prompt_is_cut():
    body = {"prompt": {"variables": {"city": "x" * 20}}}
    assert redacted_variables(body, Policy(limits=Limits(part_chars=5))) == {
        "gen_ai.prompt.variable.city": "xxxxx... [truncated, 15 of 20 characters left out]"
    }


def test_content_is_cut_and_variables_stay_as_they_are():
    found: dict[str, list[Any]] = {"gen_ai.system_instructions": [{"type": "text", "content": "x" * 20}]}
    content = fitted_content(
        {**found, "gen_ai.input.messages": []}, {"v": "y" * 20}, Policy(limits=Limits(part_chars=5))
    )
    cut = [{"type": "text", "content": "xxxxx... [truncated, 15 of 20 characters left out]"}]
    assert content.structured == {"gen_ai.system_instructions": cut, "v": "y" * 20}
    assert content.texts == {"gen_ai.system_instructions": json.dumps(cut, separators=(",", ":")), "v": "y" * 20}


def test_the_message_of_an_error_is_redacted_and_cut():
    asked = Asked()
    assert error_text("x" * 20, Policy(redact=asked, limits=Limits(part_chars=5))) == (
        "xxxxx... [truncated, 15 of 20 characters left out]"
    )
    assert asked.parts == [(Where("", "error", 0), {"type": "text", "content": "x" * 20})]


def test_an_error_of_which_the_redactor_leaves_nothing_has_no_message():
    assert error_text("It was Rome.", Policy(redact=Asked(None))) is None


@pytest.mark.parametrize("left", [{"type": "generic", "value": 7}, {"type": "text", "content": 7}])
def test_what_the_redactor_leaves_of_an_error_may_be_no_text(left: Part):
    assert error_text("It was Rome.", Policy(redact=Asked(left))) == json.dumps(left, separators=(",", ":"))
