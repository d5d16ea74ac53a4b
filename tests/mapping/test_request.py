from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from inline_snapshot import snapshot

from otel_responses._mapping.request import conversation_id, effective_body, read_fetch, read_parameters, read_request
from otel_responses._records import Endpoint, FetchRequest, Request
from tests.strategies import bodies, junk, mangled, patiently

ENDPOINT = Endpoint("openai", "api.openai.com", 443)


class Guarded(Mapping[str, object]):
    """A body whose content may not be touched."""

    def __init__(self, fields: Mapping[str, object], forbidden: frozenset[str]) -> None:
        self._fields = fields
        self._forbidden = forbidden

    def __getitem__(self, key: str) -> object:
        assert key not in self._forbidden
        return self._fields[key]

    def __iter__(self) -> Iterator[str]:
        raise AssertionError

    def __len__(self) -> int:
        return len(self._fields)


def read(**body: object) -> Request:
    return read_request(body, ENDPOINT)


WHOLE: dict[str, object] = {
    "model": "gpt-4.1",
    "input": "Where to?",
    "instructions": "Be brief.",
    "stream": True,
    "conversation": {"id": "conv_1"},
    "text": {"format": {"type": "json_schema", "name": "trip", "schema": {}}, "verbosity": "low"},
    "prompt": {"id": "pmpt_1", "version": "2", "variables": {"city": "Rome"}},
    "max_output_tokens": 100,
    "temperature": 0.2,
    "top_p": 0.9,
    "reasoning": {"effort": "high", "summary": "auto"},
    "previous_response_id": "resp_0",
    "service_tier": "flex",
    "store": False,
    "truncation": "auto",
    "metadata": {"a": "b"},
    "tool_choice": "auto",
    "safety_identifier": "user-1",
}


def test_a_whole_request():
    assert read(**WHOLE) == snapshot(
        Request(
            endpoint=Endpoint(provider="openai", address="api.openai.com", port=443),
            model="gpt-4.1",
            is_streaming=True,
            conversation_id="conv_1",
            previous_response_id="resp_0",
            service_tier="flex",
        )
    )


def test_all_parameters_of_a_request():
    assert read_parameters(WHOLE) == snapshot(
        {
            "gen_ai.output.type": "json",
            "gen_ai.prompt.name": "pmpt_1",
            "gen_ai.prompt.version": "2",
            "gen_ai.request.max_tokens": 100,
            "gen_ai.request.temperature": 0.2,
            "gen_ai.request.top_p": 0.9,
            "gen_ai.request.reasoning.level": "high",
        }
    )


def test_a_request_that_says_nothing():
    assert read() == Request(ENDPOINT)


def test_a_json_object_as_input_is_a_request_like_any_other():
    assert read(model="gpt-4.1", input={"question": "Where to?"}) == Request(ENDPOINT, model="gpt-4.1")


def test_the_content_is_not_looked_at():
    content = frozenset({"input", "instructions", "metadata", "tools", "user"})
    body = Guarded({"model": "gpt-4.1", **dict.fromkeys(content, "secret")}, content)
    assert read_request(body, ENDPOINT) == Request(ENDPOINT, model="gpt-4.1")
    assert read_parameters(body) == {}


@pytest.mark.parametrize(
    ("body", "known"),
    [
        pytest.param({"temperature": 0}, {"gen_ai.request.temperature": 0}, id="temperature_zero"),
        pytest.param({"temperature": 0.0}, {"gen_ai.request.temperature": 0.0}, id="temperature_zero_as_float"),
        pytest.param({"top_p": 0}, {"gen_ai.request.top_p": 0}, id="top_p_zero"),
        pytest.param({"max_output_tokens": 2**70}, {}, id="more_tokens_than_64_bits"),
        pytest.param({"max_output_tokens": True}, {}, id="tokens_no_number"),
        pytest.param({"max_output_tokens": None}, {}, id="tokens_null"),
        pytest.param({"reasoning": {"effort": "none"}}, {"gen_ai.request.reasoning.level": "none"}, id="effort_none"),
        pytest.param({"reasoning": {"summary": "auto"}}, {}, id="effort_left_out"),
        pytest.param({"reasoning": "high"}, {}, id="effort_no_object"),
        pytest.param({"prompt": {"id": "pmpt_1"}}, {"gen_ai.prompt.name": "pmpt_1"}, id="prompt"),
        pytest.param({"prompt": {"version": "2"}}, {"gen_ai.prompt.version": "2"}, id="prompt_without_id"),
        pytest.param({"prompt": "pmpt_1"}, {}, id="prompt_no_object"),
        pytest.param({"text": {"format": {"type": "text"}}}, {"gen_ai.output.type": "text"}, id="output_text"),
        pytest.param(
            {"text": {"format": {"type": "json_object"}}}, {"gen_ai.output.type": "json"}, id="output_json_object"
        ),
        pytest.param(
            {"text": {"format": {"type": "json_schema"}}}, {"gen_ai.output.type": "json"}, id="output_json_schema"
        ),
        pytest.param({"text": {"format": {"type": "grammar"}}}, {}, id="output_of_tomorrow"),
        pytest.param({"text": {"format": {"type": ["text"]}}}, {}, id="output_no_text"),
        pytest.param({"text": {"verbosity": "low"}}, {}, id="output_not_requested"),
        pytest.param({"text": "json"}, {}, id="output_no_object"),
    ],
)
def test_a_parameter(body: dict[str, object], known: dict[str, Any]):
    assert read_parameters(body) == known


@pytest.mark.parametrize(
    ("body", "known"),
    [
        pytest.param({"service_tier": "auto"}, {}, id="tier_auto"),
        pytest.param({"service_tier": "default"}, {"service_tier": "default"}, id="tier_default"),
        pytest.param({"service_tier": "priority"}, {"service_tier": "priority"}, id="tier_priority"),
        pytest.param({"conversation": "conv_1"}, {"conversation_id": "conv_1"}, id="conversation_text"),
        pytest.param({"conversation": {"id": "conv_1"}}, {"conversation_id": "conv_1"}, id="conversation_object"),
        pytest.param({"conversation": None}, {}, id="conversation_null"),
        pytest.param(
            {"previous_response_id": "resp_0"}, {"previous_response_id": "resp_0"}, id="conversation_not_made_up"
        ),
        pytest.param({"stream": True}, {"is_streaming": True}, id="stream"),
        pytest.param({"stream": False}, {}, id="no_stream"),
        pytest.param({"stream": None}, {}, id="stream_null"),
        pytest.param({"stream": "true"}, {}, id="stream_no_boolean"),
        pytest.param({"model": "ft:gpt-4.1:acme::8Ab"}, {"model": "ft:gpt-4.1:acme::8Ab"}, id="fine_tuned_model"),
        pytest.param({"model": 4}, {}, id="model_no_text"),
        pytest.param({"background": True}, {"is_background": True}, id="background"),
        pytest.param({"background": False}, {}, id="no_background"),
        pytest.param({"background": "true"}, {}, id="background_no_boolean"),
    ],
)
def test_a_field(body: dict[str, object], known: dict[str, Any]):
    assert read(**body) == Request(ENDPOINT, **known)


def test_the_operation_is_known_by_the_method():
    assert read().operation == "chat"
    assert read_request({}, ENDPOINT, operation="compact").operation == "compact"


def test_a_stream_that_the_body_does_not_mention():
    assert read_request({"model": "gpt-4.1"}, ENDPOINT, is_streaming=True).is_streaming


@pytest.mark.parametrize(
    ("arguments", "extra", "body"),
    [
        pytest.param({"model": "a", "input": "Hi"}, {"model": "b"}, {"model": "b", "input": "Hi"}, id="extra_wins"),
        pytest.param({"model": "a"}, None, {"model": "a"}, id="no_extra"),
        pytest.param({"model": "a"}, {}, {"model": "a"}, id="empty_extra"),
        pytest.param(None, {"model": "b"}, {"model": "b"}, id="only_extra"),
        pytest.param([1, 2], "model", {}, id="no_mappings"),
    ],
)
def test_the_effective_body(arguments: object, extra: object, body: dict[str, object]):
    assert effective_body(arguments, extra) == body


@pytest.mark.parametrize(
    ("query", "known"),
    [
        pytest.param({}, {}, id="nothing"),
        pytest.param({"stream": True}, {"is_streaming": True}, id="stream"),
        pytest.param({"stream": "true"}, {"is_streaming": True}, id="stream_as_text"),
        pytest.param({"stream": "false"}, {}, id="no_stream"),
        pytest.param({"starting_after": 7}, {"stream_cursor": "7"}, id="cursor"),
        pytest.param({"starting_after": "7"}, {"stream_cursor": "7"}, id="cursor_as_text"),
        pytest.param({"starting_after": None}, {}, id="cursor_null"),
        pytest.param({"starting_after": [7]}, {}, id="cursor_of_another_type"),
        pytest.param({"include": ["x"]}, {}, id="something_else"),
    ],
)
def test_a_fetch(query: dict[str, object], known: dict[str, Any]):
    assert read_fetch("resp_1", query, ENDPOINT) == FetchRequest(ENDPOINT, "resp_1", **known)


def test_a_fetch_that_streams_without_saying_so_in_its_query():
    assert read_fetch("resp_1", {}, ENDPOINT, is_streaming=True).is_streaming


def test_a_fetch_of_no_id():
    assert read_fetch("", {}, ENDPOINT).response_id == ""


def test_merging_does_not_change_what_the_caller_gave():
    arguments, extra = {"model": "a"}, {"model": "b"}
    effective_body(arguments, extra)
    assert (arguments, extra) == ({"model": "a"}, {"model": "b"})


def test_the_conversation_of_a_model():
    assert conversation_id(SimpleNamespace(id="conv_1")) == "conv_1"


@patiently
@given(mangled(bodies()), junk())
def test_no_body_makes_reading_raise(body: Any, extra: Any):
    assert read_request(effective_body(body, extra), ENDPOINT).endpoint is ENDPOINT
