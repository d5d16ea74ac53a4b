from __future__ import annotations

from dataclasses import fields, replace
from typing import Any

import pytest
from hypothesis import given, strategies as st
from inline_snapshot import snapshot

from otel_responses._mapping.attributes import (
    add_response,
    fetch_attributes,
    fetch_start_attributes,
    metric_attributes,
    request_attributes,
    start_attributes,
)
from otel_responses._mapping.request import read_parameters, read_request
from otel_responses._mapping.response import read_response
from otel_responses._records import Endpoint, FetchRequest, MetricAttributes, Outcome, Request, SessionData, Usage
from otel_responses._semconv import MAIN, RELEASED, Profile
from tests.encoding import as_exported
from tests.strategies import bodies, junk, mangled, patiently, responses

ENDPOINT = Endpoint("openai", "api.openai.com", 443)
WHOLE_REQUEST = Request(
    endpoint=ENDPOINT,
    model="gpt-4.1",
    is_streaming=True,
    conversation_id="conv_1",
    previous_response_id="resp_0",
    service_tier="flex",
)
PARAMETERS = {"gen_ai.output.type": "json", "gen_ai.request.max_tokens": 100, "gen_ai.request.temperature": 0.2}
WHOLE_OUTCOME = Outcome(
    response_id="resp_1",
    model="gpt-4.1-2025-04-14",
    finish_reason="stop",
    service_tier="default",
    conversation_id="conv_1",
    usage=Usage(36, 87, 8, 4, 64),
    is_compacted=True,
    has_failed=True,
    error_code="server_error",
)
SESSION = SessionData(
    id="s-1", name="Trip", path="/plan", user="ada", properties={"City": "Rome"}, conversation="conv_2"
)


def response_attributes(outcome: Outcome, profile: Profile) -> dict[str, Any]:
    attributes: dict[str, Any] = {}
    add_response(attributes, outcome, profile)
    return attributes


def test_what_a_sampler_may_look_at():
    assert start_attributes(WHOLE_REQUEST, SESSION) == snapshot(
        {
            "gen_ai.operation.name": "chat",
            "gen_ai.provider.name": "openai",
            "gen_ai.request.model": "gpt-4.1",
            "server.address": "api.openai.com",
            "server.port": 443,
            "helicone.session.id": "s-1",
            "helicone.session.name": "Trip",
            "helicone.session.path": "/plan",
            "helicone.user.id": "ada",
            "session.id": "s-1",
            "user.id": "ada",
            "helicone.property.City": "Rome",
        }
    )


def test_a_start_without_model_server_and_session():
    assert start_attributes(Request(Endpoint("azure.ai.openai")), None) == snapshot(
        {"gen_ai.operation.name": "chat", "gen_ai.provider.name": "azure.ai.openai"}
    )


def test_the_rest_of_a_request():
    assert request_attributes(WHOLE_REQUEST, PARAMETERS) == snapshot(
        {
            "openai.api.type": "responses",
            "gen_ai.request.stream": True,
            "gen_ai.output.type": "json",
            "gen_ai.request.max_tokens": 100,
            "gen_ai.request.temperature": 0.2,
            "gen_ai.request.previous_response.id": "resp_0",
            "openai.request.service_tier": "flex",
        }
    )


def test_a_request_that_says_nothing():
    assert request_attributes(Request(ENDPOINT)) == {"openai.api.type": "responses"}


def test_a_protocol_is_named_that_is_not_http():
    found = request_attributes(Request(Endpoint("openai", protocol="websocket")))
    assert found == {"openai.api.type": "responses", "network.protocol.name": "websocket"}


def test_the_cost_of_a_response():
    assert response_attributes(Outcome(cost=0.25), RELEASED) == {"gen_ai.usage.cost": 0.25}


def test_a_response_in_the_released_names():
    assert response_attributes(WHOLE_OUTCOME, RELEASED) == snapshot(
        {
            "gen_ai.response.id": "resp_1",
            "gen_ai.response.model": "gpt-4.1-2025-04-14",
            "gen_ai.response.finish_reasons": ("stop",),
            "openai.response.service_tier": "default",
            "gen_ai.conversation.compacted": True,
            "gen_ai.usage.input_tokens": 36,
            "gen_ai.usage.output_tokens": 87,
            "gen_ai.usage.cache_read.input_tokens": 8,
            "gen_ai.usage.cache_creation.input_tokens": 4,
            "gen_ai.usage.reasoning.output_tokens": 64,
        }
    )


def test_a_response_in_the_names_of_main():
    released, main = (response_attributes(WHOLE_OUTCOME, profile) for profile in (RELEASED, MAIN))
    assert {name: value for name, value in main.items() if name not in released} == snapshot(
        {"gen_ai.usage.cache_write.input_tokens": 4}
    )
    assert {name: value for name, value in released.items() if name not in main} == snapshot(
        {"gen_ai.usage.cache_creation.input_tokens": 4}
    )


@pytest.mark.parametrize("profile", [RELEASED, MAIN], ids=["released", "main"])
@pytest.mark.parametrize(
    ("usage", "expected"),
    [
        pytest.param(Usage(), {}, id="not_reported"),
        pytest.param(
            Usage(0, 0, 0, 0, 0),
            {"gen_ai.usage.input_tokens": 0, "gen_ai.usage.output_tokens": 0},
            id="details_that_are_0",
        ),
        pytest.param(Usage(output_tokens=3), {"gen_ai.usage.output_tokens": 3}, id="output_only"),
    ],
)
def test_tokens_that_are_left_out(usage: Usage, expected: dict[str, Any], profile: Profile):
    assert response_attributes(Outcome(usage=usage), profile) == expected


def test_the_attribute_sets_of_the_metrics():
    sets = metric_attributes("gpt-4.1", "openai", "api.openai.com", 443, "gpt-4.1-2025-04-14", "default", "429")
    assert {field.name: dict(getattr(sets, field.name)) for field in fields(MetricAttributes)} == snapshot(
        {
            "plain": {
                "gen_ai.operation.name": "chat",
                "gen_ai.provider.name": "openai",
                "gen_ai.request.model": "gpt-4.1",
                "gen_ai.response.model": "gpt-4.1-2025-04-14",
                "server.address": "api.openai.com",
                "server.port": 443,
                "openai.response.service_tier": "default",
            },
            "with_error": {
                "gen_ai.operation.name": "chat",
                "gen_ai.provider.name": "openai",
                "gen_ai.request.model": "gpt-4.1",
                "gen_ai.response.model": "gpt-4.1-2025-04-14",
                "server.address": "api.openai.com",
                "server.port": 443,
                "openai.response.service_tier": "default",
                "error.type": "429",
            },
            "input_tokens": {
                "gen_ai.operation.name": "chat",
                "gen_ai.provider.name": "openai",
                "gen_ai.request.model": "gpt-4.1",
                "gen_ai.response.model": "gpt-4.1-2025-04-14",
                "server.address": "api.openai.com",
                "server.port": 443,
                "openai.response.service_tier": "default",
                "gen_ai.token.type": "input",
            },
            "output_tokens": {
                "gen_ai.operation.name": "chat",
                "gen_ai.provider.name": "openai",
                "gen_ai.request.model": "gpt-4.1",
                "gen_ai.response.model": "gpt-4.1-2025-04-14",
                "server.address": "api.openai.com",
                "server.port": 443,
                "openai.response.service_tier": "default",
                "gen_ai.token.type": "output",
            },
            "by_modality": {
                "gen_ai.operation.name": "chat",
                "gen_ai.provider.name": "openai",
                "gen_ai.request.model": "gpt-4.1",
                "gen_ai.response.model": "gpt-4.1-2025-04-14",
                "server.address": "api.openai.com",
                "server.port": 443,
                "openai.response.service_tier": "default",
                "gen_ai.token.modality": "unknown",
            },
        }
    )


def test_the_attribute_sets_of_a_call_of_which_little_is_known():
    sets = metric_attributes(None, "openai", None, None, None, None, None)
    assert sets.plain == {"gen_ai.operation.name": "chat", "gen_ai.provider.name": "openai"}
    assert sets.with_error == sets.plain


def test_calls_of_one_kind_share_their_attribute_sets():
    arguments = ("gpt-4.1", "openai", "api.openai.com", 443, None, None, None)
    assert metric_attributes(*arguments) is metric_attributes(*arguments)


def test_what_a_sampler_may_look_at_of_a_fetch():
    request = FetchRequest(ENDPOINT, "resp_1", is_streaming=True, stream_cursor="7")
    assert fetch_start_attributes(request, SessionData(id="s-1")) == {
        "gen_ai.operation.name": "fetch_response",
        "gen_ai.provider.name": "openai",
        "server.address": "api.openai.com",
        "server.port": 443,
        "gen_ai.response.id": "resp_1",
        "helicone.session.id": "s-1",
        "session.id": "s-1",
    }


@pytest.mark.parametrize(
    ("request_", "outcome", "expected"),
    [
        pytest.param(
            FetchRequest(ENDPOINT, "resp_1", is_streaming=True, stream_cursor="7"),
            Outcome(
                "resp_1", "gpt-4.1", "stop", "flex", status="completed", usage=Usage(11, 20), conversation_id="conv_1"
            ),
            {
                "gen_ai.request.stream": True,
                "gen_ai.request.stream_cursor": "7",
                "gen_ai.response.model": "gpt-4.1",
                "gen_ai.response.status": "completed",
                "gen_ai.response.finish_reasons": ("stop",),
            },
            id="whole",
        ),
        pytest.param(
            FetchRequest(ENDPOINT, "resp_1"),
            Outcome("resp_1", "gpt-4.1", "stop", status="in_progress"),
            {"gen_ai.response.model": "gpt-4.1", "gen_ai.response.status": "in_progress"},
            id="unfinished",
        ),
        pytest.param(
            FetchRequest(ENDPOINT, "resp_1"),
            Outcome(status="completed"),
            {"gen_ai.response.status": "completed"},
            id="no_finish_reason",
        ),
        pytest.param(FetchRequest(ENDPOINT, "resp_1"), Outcome(), {}, id="nothing"),
    ],
)
def test_a_fetch_tells_no_tokens(request_: FetchRequest, outcome: Outcome, expected: dict[str, Any]):
    assert fetch_attributes(request_, outcome) == {"openai.api.type": "responses", **expected}


@patiently
@given(mangled(bodies()), mangled(responses()) | junk(), st.sampled_from((RELEASED, MAIN)))
def test_every_attribute_can_be_encoded(body: Any, response: Any, profile: Profile):
    body = body if isinstance(body, dict) else {}
    request = read_request(body, ENDPOINT)
    outcome = read_response(response)
    attributes = {
        **start_attributes(request, None),
        **request_attributes(request, read_parameters(body)),
        **response_attributes(outcome, profile),
    }
    assert as_exported(attributes).keys() == attributes.keys()


def test_the_attributes_of_metrics_stand_in_the_order_in_which_the_sdk_wants_them():
    metric_attributes.cache_clear()
    found = metric_attributes("gpt-4.1", "openai", "api.openai.com", 443, "gpt-4.1", "flex", "429")
    for one in fields(found):
        names = list(getattr(found, one.name))
        assert len(names) >= 7
        assert names == sorted(names)


def test_no_field_of_a_record_is_forgotten():
    """Whatever field changes, attributes change; what is said of an error and the content are the call's matter."""
    other: dict[type, Any] = {int: 7, float: 0.7, bool: False, dict: {"a": 1}, Usage: Usage(1), Endpoint: Endpoint("x")}
    of_the_call = {"conversation_id", "has_failed", "error_code", "error_message", "source", "status", "is_background"}

    def attributes(record: Any) -> dict[str, Any]:
        if isinstance(record, Outcome):
            return response_attributes(record, RELEASED)
        return {**start_attributes(record, None), **request_attributes(record)}

    for record in (WHOLE_REQUEST, WHOLE_OUTCOME):
        unchanged = {
            field.name
            for field in fields(record)
            if attributes(replace(record, **{field.name: other.get(type(getattr(record, field.name)), "other")}))
            == attributes(record)
        }
        assert unchanged == of_the_call & {field.name for field in fields(record)}
