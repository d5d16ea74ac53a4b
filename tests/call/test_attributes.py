"""What a call leaves: whole spans and metrics, chunks, bounded labels."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from inline_snapshot import Is, snapshot

from otel_responses import __version__
from otel_responses._mapping.response import read_response
from otel_responses._observer import Observer
from otel_responses._records import NO_OUTCOME, Endpoint, Request, SessionData
from otel_responses.testing import Capture
from tests.calls import (
    COMPLETED,
    CREATED,
    DELTA,
    DONE,
    REQUEST,
    WHOLE_REQUEST,
    WHOLE_RESPONSE,
    labels,
    observing,
    only_span,
    opened,
    points,
    record_whole_call,
    streamed,
)
from tests.strategies import as_model


def test_a_whole_streamed_call_in_the_released_names(telemetry: Capture):
    record_whole_call(observing(telemetry, chunk_metric=True))
    assert telemetry.spans() == snapshot(
        [
            {
                "name": "chat gpt-4.1",
                "kind": "CLIENT",
                "status": {"code": "UNSET", "description": None},
                "trace_id": "00000000000000000000000000000001",
                "span_id": "0000000000000001",
                "parent": None,
                "start": 1767225600000000000,
                "end": 1767225600007000000,
                "duration": 0.007,
                "attributes": {
                    "gen_ai.conversation.compacted": True,
                    "gen_ai.conversation.id": "conv_1",
                    "gen_ai.operation.name": "chat",
                    "gen_ai.output.type": "json",
                    "gen_ai.prompt.name": "pmpt_1",
                    "gen_ai.prompt.version": "2",
                    "gen_ai.provider.name": "openai",
                    "gen_ai.request.max_tokens": 100,
                    "gen_ai.request.model": "gpt-4.1",
                    "gen_ai.request.previous_response.id": "resp_0",
                    "gen_ai.request.reasoning.level": "high",
                    "gen_ai.request.stream": True,
                    "gen_ai.request.temperature": 0.2,
                    "gen_ai.request.top_p": 0.9,
                    "gen_ai.response.finish_reasons": ["stop"],
                    "gen_ai.response.id": "resp_1",
                    "gen_ai.response.model": "gpt-4.1-2025-04-14",
                    "gen_ai.response.time_to_first_chunk": 0.003,
                    "gen_ai.usage.cache_creation.input_tokens": 4,
                    "gen_ai.usage.cache_read.input_tokens": 8,
                    "gen_ai.usage.input_tokens": 36,
                    "gen_ai.usage.output_tokens": 87,
                    "gen_ai.usage.reasoning.output_tokens": 64,
                    "helicone.property.City": "Rome",
                    "helicone.session.id": "s-1",
                    "helicone.session.name": "Trip",
                    "helicone.session.path": "/plan",
                    "helicone.user.id": "ada",
                    "http.request.resend_count": 2,
                    "openai.api.type": "responses",
                    "openai.request.id": "req_1",
                    "openai.request.service_tier": "flex",
                    "openai.response.service_tier": "default",
                    "server.address": "api.openai.com",
                    "server.port": 443,
                    "session.id": "s-1",
                    "user.id": "ada",
                },
                "events": [],
                "links": [],
                "scope": {
                    "name": "otel_responses",
                    "version": Is(__version__),
                    "schema_url": "https://opentelemetry.io/schemas/1.41.0",
                },
            }
        ]
    )
    assert {metric["name"]: [point.get("count") for point in metric["points"]] for metric in telemetry.metrics()} == (
        snapshot(
            {
                "gen_ai.client.inference.usage.cache_read.input_tokens": [None],
                "gen_ai.client.inference.usage.cache_write.input_tokens": [None],
                "gen_ai.client.inference.usage.reasoning.output_tokens": [None],
                "gen_ai.client.operation.duration": [1],
                "gen_ai.client.operation.time_per_output_chunk": [2],
                "gen_ai.client.operation.time_to_first_chunk": [1],
                "gen_ai.client.token.usage": [1, 1],
            }
        )
    )


def test_the_names_of_main_that_are_other_ones(telemetry: Capture):
    record_whole_call(observing(telemetry))
    record_whole_call(observing(telemetry, latest_experimental=True))
    released, main = (span["attributes"] for span in telemetry.spans())
    assert {name: main[name] for name in main.keys() - released.keys()} == snapshot(
        {"gen_ai.usage.cache_write.input_tokens": 4}
    )
    assert {metric["name"] for metric in telemetry.metrics() if metric["scope"]["schema_url"] == ""} == snapshot(
        {
            "gen_ai.client.inference.duration",
            "gen_ai.client.inference.operation.input_tokens",
            "gen_ai.client.inference.operation.output_tokens",
            "gen_ai.client.inference.time_to_first_chunk",
            "gen_ai.client.inference.usage.cache_read.input_tokens",
            "gen_ai.client.inference.usage.cache_write.input_tokens",
            "gen_ai.client.inference.usage.input_tokens",
            "gen_ai.client.inference.usage.output_tokens",
            "gen_ai.client.inference.usage.reasoning.output_tokens",
        }
    )
    assert [span["scope"]["schema_url"] for span in telemetry.spans()] == snapshot(
        ["https://opentelemetry.io/schemas/1.41.0", ""]
    )


def test_a_call_of_which_nothing_is_known(observer: Observer, telemetry: Capture):
    opened(observer, Request(Endpoint("openai"))).completed(NO_OUTCOME)
    span = only_span(telemetry)
    assert (span["name"], span["kind"], span["status"]["code"]) == ("chat", "CLIENT", "UNSET")
    assert span["attributes"] == {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": "openai",
        "openai.api.type": "responses",
    }
    assert [metric["name"] for metric in telemetry.metrics()] == ["gen_ai.client.operation.duration"]


def test_the_duration_is_that_of_the_span(observer: Observer, telemetry: Capture):
    opened(observer).completed(DONE)
    (point,) = points(telemetry, "gen_ai.client.operation.duration")
    assert point["sum"] == only_span(telemetry)["duration"] > 0


# Chunks


@pytest.mark.parametrize(
    ("events", "expected"),
    [
        pytest.param([CREATED, DELTA, COMPLETED], 0.002, id="delta"),
        pytest.param([DELTA, DELTA, COMPLETED], 0.001, id="the_first_one_counts"),
        pytest.param([CREATED, {"type": "response.output_item.added"}, DELTA, COMPLETED], 0.002, id="item"),
        pytest.param([CREATED, {"type": "response.tomorrow.delta"}, COMPLETED], 0.002, id="unknown_delta"),
        pytest.param([as_model(CREATED), as_model(DELTA), as_model(COMPLETED)], 0.002, id="models"),
        pytest.param([CREATED, {"type": "response.in_progress"}, COMPLETED], None, id="no_output"),
        pytest.param([CREATED, {"delta": "Rome"}, {"type": 7}, COMPLETED], None, id="no_type"),
    ],
)
def test_the_time_to_the_first_chunk(events: list[Any], expected: float | None, observer: Observer, telemetry: Capture):
    streamed(observer, *events)
    assert only_span(telemetry)["attributes"].get("gen_ai.response.time_to_first_chunk") == expected
    recorded = points(telemetry, "gen_ai.client.operation.time_to_first_chunk")
    assert [point["sum"] for point in recorded] == [expected] * (expected is not None)


def test_a_call_without_a_stream_has_no_first_chunk(observer: Observer, telemetry: Capture):
    opened(observer).completed(DONE)
    assert "gen_ai.response.time_to_first_chunk" not in only_span(telemetry)["attributes"]
    assert points(telemetry, "gen_ai.client.operation.time_to_first_chunk") == []


@pytest.mark.parametrize(("chunk_metric", "count"), [pytest.param(True, 4, id="on"), pytest.param(False, 0, id="off")])
def test_the_time_between_chunks_is_a_choice(chunk_metric: bool, count: int, telemetry: Capture):
    streamed(observing(telemetry, chunk_metric=chunk_metric), CREATED, *[DELTA] * 5, COMPLETED)
    recorded = points(telemetry, "gen_ai.client.operation.time_per_output_chunk")
    assert sum(point["count"] for point in recorded) == count


def test_a_long_stream_has_at_most_1024_gaps(telemetry: Capture):
    streamed(observing(telemetry, chunk_metric=True), CREATED, *[DELTA] * 3_000, COMPLETED)
    (point,) = points(telemetry, "gen_ai.client.operation.time_per_output_chunk")
    assert point["count"] == 750  # every fourth of 2,999
    assert point["sum"] == pytest.approx(0.75)


# Attributes and labels


def test_no_call_has_more_than_110_attributes_and_none_is_lost(observer: Observer, telemetry: Capture):
    properties = {f"Property-{number}": "value" for number in range(40)}
    ambient = SessionData("s-1", "Trip", "/plan", "ada", properties, "conv_2")
    call = opened(observer, WHOLE_REQUEST, ambient)
    call.replied({"x-request-id": "req_1"}, 2)
    call.streams()
    call.event(CREATED)
    call.event(DELTA)
    failed = read_response({**WHOLE_RESPONSE, "status": "failed", "error": {"code": "server_error"}})
    call.completed(failed)
    attributes = only_span(telemetry)["attributes"]
    assert len(attributes) <= 110
    assert attributes["gen_ai.operation.name"] == "chat"
    assert sum(name.startswith("helicone.property.") for name in attributes) == 32
    assert "error.type" in attributes


@pytest.mark.parametrize(
    ("of_request", "of_response", "of_session", "expected"),
    [
        pytest.param("conv_1", "conv_2", "conv_3", "conv_1", id="request_first"),
        pytest.param(None, "conv_2", "conv_3", "conv_2", id="then_the_response"),
        pytest.param(None, None, "conv_3", "conv_3", id="then_the_session"),
        pytest.param(None, None, None, None, id="none"),
    ],
)
def test_the_conversation(
    of_request: str | None,
    of_response: str | None,
    of_session: str | None,
    expected: str | None,
    observer: Observer,
    telemetry: Capture,
):
    ambient = SessionData(id="s-1", conversation=of_session)
    call = opened(observer, replace(REQUEST, conversation_id=of_request), ambient)
    call.completed(replace(DONE, conversation_id=of_response))
    assert only_span(telemetry)["attributes"].get("gen_ai.conversation.id") == expected


def test_no_metric_has_a_session_a_user_or_an_id(telemetry: Capture):
    record_whole_call(observing(telemetry, chunk_metric=True))
    names = {name for metric in telemetry.metrics() for point in metric["points"] for name in point["attributes"]}
    assert names == snapshot(
        {
            "gen_ai.operation.name",
            "gen_ai.provider.name",
            "gen_ai.request.model",
            "gen_ai.response.model",
            "gen_ai.token.modality",
            "gen_ai.token.type",
            "openai.response.service_tier",
            "server.address",
            "server.port",
        }
    )


def test_the_models_of_responses_are_bounded_on_metrics(observer: Observer, telemetry: Capture):
    models = [f"model-{number:02}" for number in range(60)]
    for model in models:
        opened(observer).completed(replace(DONE, model=model))
    assert labels(telemetry, "gen_ai.response.model") == ["_OTHER"] * 10 + models[:50]
    assert [span["attributes"]["gen_ai.response.model"] for span in telemetry.spans()] == models


def test_the_model_that_was_asked_for_is_always_a_label(observer: Observer, telemetry: Capture):
    models = [f"model-{number:02}" for number in range(60)]
    for model in models:
        opened(observer, replace(REQUEST, model=model)).completed(replace(DONE, model=model))
    assert labels(telemetry, "gen_ai.response.model") == models


def test_a_model_that_is_no_name_is_no_label(observer: Observer, telemetry: Capture):
    opened(observer).completed(replace(DONE, model="my prompt is: hello"))
    assert labels(telemetry, "gen_ai.response.model") == ["_OTHER"]


@pytest.mark.parametrize(
    ("field", "attribute"),
    [
        pytest.param("finish_reason", "gen_ai.response.finish_reasons", id="finish_reason"),
        pytest.param("service_tier", "openai.response.service_tier", id="service_tier"),
    ],
)
def test_reasons_and_tiers_are_bounded(field: str, attribute: str, observer: Observer, telemetry: Capture):
    values = [f"value_{number:02}" for number in range(60)]
    for value in values:
        opened(observer).completed(replace(DONE, **{field: value}))
    assert flat(span["attributes"][attribute] for span in telemetry.spans()) == values[:50] + ["_OTHER"] * 10


def test_error_codes_are_bounded(observer: Observer, telemetry: Capture):
    codes = [f"code_{number:02}" for number in range(60)]
    for code in codes:
        opened(observer).completed(replace(DONE, has_failed=True, error_code=code))
    opened(observer).completed(replace(DONE, has_failed=True, error_code="bio_policy"))
    streamed(observer).truncated()
    assert labels(telemetry, "error.type") == sorted([*codes[:50], *["_OTHER"] * 10, "bio_policy", "stream_truncated"])


def flat(values: Iterator[Any]) -> list[Any]:
    return [item for value in values for item in (value if isinstance(value, list) else [value])]
