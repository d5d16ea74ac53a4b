"""Every way a call ends: once, and with what is known of it."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Callable
from dataclasses import replace
from threading import Thread
from typing import Any

import httpx2
import openai
import pytest
from hypothesis import given, strategies as st
from inline_snapshot import snapshot
from opentelemetry.sdk.trace.sampling import ALWAYS_OFF
from opentelemetry.trace import NonRecordingSpan

from otel_responses import _call, _open_calls
from otel_responses._call import Call, drain, end_open_calls
from otel_responses._observer import Observer
from otel_responses.testing import Capture, capture
from tests.calls import (
    COMPLETED,
    CREATED,
    DELTA,
    DONE,
    labels,
    observing,
    only_span,
    opened,
    points,
    streamed,
)
from tests.strategies import patiently

MILLISECOND = 1_000_000
HTTP_REQUEST = httpx2.Request("POST", "https://api.openai.com/v1/responses")

STREAM_CUT = {
    "gen_ai.response.id": "resp_1",
    "gen_ai.response.model": "gpt-4.1-2025-04-14",
    "gen_ai.response.finish_reasons": ["error"],
}
ENDINGS: dict[str, tuple[Callable[[Call], None], dict[str, Any]]] = {
    "terminal_event": (
        lambda call: call.event(COMPLETED),
        {"gen_ai.response.finish_reasons": ["stop"], "gen_ai.usage.input_tokens": 36},
    ),
    "failed_event": (
        lambda call: call.event({"type": "response.failed", "response": {"error": {"code": "bio_policy"}}}),
        {"error.type": "bio_policy", "gen_ai.response.finish_reasons": ["error"]},
    ),
    "error_event": (
        lambda call: call.event({"type": "error", "code": "server_error"}),
        {"error.type": "server_error", **STREAM_CUT},
    ),
    "error_event_without_code": (lambda call: call.event({"type": "error"}), {"error.type": "_OTHER", **STREAM_CUT}),
    "exhausted": (lambda call: call.truncated(), {"error.type": "stream_truncated", **STREAM_CUT}),
    "closed": (lambda call: call.closed(), {"openai.call.ended_by": "closed", **STREAM_CUT}),
    "dropped": (lambda call: call.drop(), {"openai.call.ended_by": "dropped", **STREAM_CUT}),
    "generator_exit": (
        lambda call: call.failed(GeneratorExit()),
        {"openai.call.ended_by": "closed", **STREAM_CUT},
    ),
    "task_cancelled": (
        lambda call: call.failed(asyncio.CancelledError()),
        {"openai.call.ended_by": "cancelled", **STREAM_CUT},
    ),
    "keyboard_interrupt": (
        lambda call: call.failed(KeyboardInterrupt()),
        {"openai.call.ended_by": "cancelled", **STREAM_CUT},
    ),
    "timeout": (
        lambda call: call.failed(openai.APITimeoutError(HTTP_REQUEST)),
        {"error.type": "APITimeoutError", **STREAM_CUT},
    ),
    "connection_cut": (
        lambda call: call.failed(httpx2.RemoteProtocolError("secret")),  # its `request` raises
        {"error.type": "RemoteProtocolError", **STREAM_CUT},
    ),
    "exit": (lambda call: end_open_calls(), {"openai.call.ended_by": "dropped", **STREAM_CUT}),
}


@pytest.mark.parametrize("ending", ENDINGS)
def test_a_stream_ends(ending: str, observer: Observer, telemetry: Capture):
    end, expected = ENDINGS[ending]
    call = streamed(observer, CREATED, DELTA)
    assert call.is_open
    end(call)
    assert not call.is_open
    span = only_span(telemetry)
    assert span["attributes"].items() >= expected.items()
    assert ("error.type" in span["attributes"]) == ("error.type" in expected)
    assert ("openai.call.ended_by" in span["attributes"]) == ("openai.call.ended_by" in expected)
    error = expected.get("error.type")
    assert span["status"] == {"code": "ERROR" if error else "UNSET", "description": error}
    assert span["events"] == []
    assert labels_of_errors(telemetry) == [error]


def labels_of_errors(telemetry: Capture) -> list[Any]:
    """What `error.type` is on the duration; no other metric has one."""
    others = [metric for metric in telemetry.metrics() if metric["name"] != "gen_ai.client.operation.duration"]
    assert not any("error.type" in point["attributes"] for metric in others for point in metric["points"])
    return [point["attributes"].get("error.type") for point in points(telemetry, "gen_ai.client.operation.duration")]


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        pytest.param("server_error", "server_error", id="known"),
        pytest.param("a_code_of_tomorrow", "a_code_of_tomorrow", id="new"),
        pytest.param("my prompt is: hello", "_OTHER", id="a_sentence"),
        pytest.param(None, "_OTHER", id="none"),
    ],
)
def test_a_response_that_came_back_failed(code: str | None, kind: str, observer: Observer, telemetry: Capture):
    opened(observer).completed(replace(DONE, finish_reason="error", has_failed=True, error_code=code))
    span = only_span(telemetry)
    assert span["attributes"]["error.type"] == span["status"]["description"] == kind
    assert span["attributes"]["gen_ai.usage.input_tokens"] == 36


def test_the_code_of_a_response_that_did_not_fail_is_no_error(observer: Observer, telemetry: Capture):
    opened(observer).completed(replace(DONE, error_code="server_error"))
    assert only_span(telemetry)["status"]["code"] == "UNSET"


def test_an_http_error_names_its_request_and_its_resends(observer: Observer, telemetry: Capture):
    request = httpx2.Request("POST", HTTP_REQUEST.url, headers={"x-stainless-retry-count": "2"})
    response = httpx2.Response(429, request=request, headers={"x-request-id": "req_1"})
    opened(observer).failed(openai.RateLimitError("secret", response=response, body={"code": "a"}))
    assert only_span(telemetry)["attributes"] == snapshot(
        {
            "error.type": "429",
            "gen_ai.operation.name": "chat",
            "gen_ai.provider.name": "openai",
            "gen_ai.request.model": "gpt-4.1",
            "gen_ai.response.finish_reasons": ["error"],
            "http.request.resend_count": 2,
            "openai.api.type": "responses",
            "openai.request.id": "req_1",
            "server.address": "api.openai.com",
            "server.port": 443,
        }
    )


def test_a_reply_that_was_read_before_its_error_is_kept(observer: Observer, telemetry: Capture):
    """A structured output that does not validate was billed all the same."""
    opened(observer).failed(ValueError("secret"), DONE)
    attributes = only_span(telemetry)["attributes"]
    assert attributes["error.type"] == "ValueError"
    assert attributes["gen_ai.response.id"] == "resp_1"
    assert [point["sum"] for point in points(telemetry, "gen_ai.client.token.usage")] == [36, 87]


def test_a_reply_s_headers_stay_when_it_fails_later(observer: Observer, telemetry: Capture):
    call = opened(observer)
    call.replied({"x-request-id": "req_1"}, 1)
    call.failed(openai.APITimeoutError(HTTP_REQUEST))
    attributes = only_span(telemetry)["attributes"]
    assert (attributes["openai.request.id"], attributes["http.request.resend_count"]) == ("req_1", 1)


@pytest.mark.parametrize(
    ("request_id", "resends"),
    [
        pytest.param(None, 0, id="none"),
        pytest.param("", None, id="empty"),
        pytest.param(7, "2", id="wrong_types"),
    ],
)
def test_headers_that_say_nothing(request_id: object, resends: object, observer: Observer, telemetry: Capture):
    call = opened(observer)
    call.replied({"x-request-id": request_id}, resends)
    call.completed(DONE)
    assert not {"openai.request.id", "http.request.resend_count"} & only_span(telemetry)["attributes"].keys()


def test_a_dropped_stream_ends_at_its_last_event(observer: Observer, telemetry: Capture):
    call = streamed(observer, CREATED, DELTA)
    for _ in range(1_000):
        _call.clock.elapsed()  # a second goes by until somebody notices
    call.drop()
    span = only_span(telemetry)
    # The clock goes on by a millisecond a reading, and was read at the start and at each of the two events.
    assert span["end"] - span["start"] == 2 * MILLISECOND
    assert points(telemetry, "gen_ai.client.operation.duration")[0]["sum"] == 0.002


def test_a_reply_that_is_dropped_unread_ends_when_it_came(observer: Observer, telemetry: Capture):
    call = opened(observer)
    call.replied({"x-request-id": "req_1"}, 0)
    for _ in range(1_000):
        _call.clock.elapsed()
    call.drop()
    span = only_span(telemetry)
    assert span["end"] - span["start"] == MILLISECOND
    assert span["attributes"]["gen_ai.response.finish_reasons"] == ["error"]


def test_a_fault_of_ours_at_the_end_costs_only_what_it_was_about(
    observer: Observer, telemetry: Capture, caplog: pytest.LogCaptureFixture
):
    def price(*_: object) -> float:
        raise ValueError("a prompt")

    observer.price = price
    opened(observer).completed(DONE)
    assert only_span(telemetry)["attributes"]["gen_ai.usage.output_tokens"] == 87
    assert points(telemetry, "gen_ai.client.operation.duration")
    assert "failed with ValueError in Call._settled" in caplog.text
    assert "a prompt" not in caplog.text


def test_a_forgotten_call_leaves_nothing(observer: Observer, telemetry: Capture):
    call = streamed(observer, CREATED)
    stream = Stream()
    call.watch(stream)
    _open_calls.remove(call)  # as the child of a fork does
    call.forget()
    assert call._watches == []
    call.event(COMPLETED)
    call.drop()
    assert not call.is_open
    assert telemetry.spans() == telemetry.metrics() == []


@patiently
@given(st.lists(st.sampled_from(list(ENDINGS)), min_size=1, max_size=6))
def test_the_first_ending_counts_and_there_is_one_span(endings: list[str]):
    with capture(fixed=True) as telemetry:
        call = streamed(observing(telemetry), CREATED, DELTA)
        for ending in endings:
            ENDINGS[ending][0](call)
        _, expected = ENDINGS[endings[0]]
        assert only_span(telemetry)["attributes"].items() >= expected.items()
        assert [point["count"] for point in points(telemetry, "gen_ai.client.operation.duration")] == [1]


def test_two_threads_that_end_a_call_end_it_once(observer: Observer, telemetry: Capture):
    for _ in range(50):
        call = streamed(observer, CREATED)
        threads = [Thread(target=end) for end in (call.closed, call.drop, call.truncated)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert len(telemetry.spans()) == 50
    assert len(labels(telemetry, "gen_ai.operation.name")) == 50


# What watches a call


class Stream:
    """Something that can be watched, and closes its call where the collector finds it."""

    def __init__(self, close: Callable[[], None] | None = None) -> None:
        self.itself: Stream | None = None
        self.close = close

    def __del__(self) -> None:
        if self.close is not None:
            self.close()


def test_a_call_is_dropped_when_its_stream_is_gone(observer: Observer, telemetry: Capture):
    call = streamed(observer, CREATED)
    stream = Stream()
    call.watch(stream)
    assert telemetry.spans() == []
    del stream
    drain()
    assert only_span(telemetry)["attributes"]["openai.call.ended_by"] == "dropped"


def test_a_call_that_has_ended_is_not_watched(observer: Observer):
    call = streamed(observer, COMPLETED)
    call.watch(Stream())
    assert call._watches == []


def test_the_end_lets_go_of_what_was_watched(observer: Observer, telemetry: Capture):
    call = streamed(observer)
    stream = Stream()
    call.watch(stream)
    call.closed()
    del stream
    drain()
    assert only_span(telemetry)["attributes"]["openai.call.ended_by"] == "closed"


def test_a_close_in_the_garbage_collector_is_left_to_another_thread(observer: Observer, telemetry: Capture):
    call = streamed(observer, CREATED)
    response = Stream()
    call.watch(response)
    stream = Stream(call.closed)
    stream.itself = stream
    del stream
    gc.collect()
    drain()
    assert only_span(telemetry)["attributes"]["openai.call.ended_by"] == "dropped"


def test_a_close_in_the_garbage_collector_without_anything_watched_does_nothing(observer: Observer, telemetry: Capture):
    watching = streamed(observer)
    held = Stream()
    watching.watch(held)  # so that collections are noted
    call = streamed(observer, CREATED)
    stream = Stream(call.closed)
    stream.itself = stream
    del stream
    gc.collect()
    drain()
    assert call.is_open
    assert telemetry.spans() == []
    end_open_calls()


def test_an_event_that_an_old_sdk_wrapped_is_unwrapped(observer: Observer, telemetry: Capture):
    call = opened(observer)
    call.streams()
    call.event({"event": "error", "data": {"type": "error", "code": "rate_limit_exceeded"}})
    assert telemetry.spans()[0]["attributes"]["error.type"] == "rate_limit_exceeded"


def test_a_span_that_does_not_record_is_ended_once_too(monkeypatch: pytest.MonkeyPatch):
    ended: list[object] = []
    monkeypatch.setattr(NonRecordingSpan, "end", lambda span, end_time=None: ended.append(span))
    with capture(fixed=True, sampler=ALWAYS_OFF) as telemetry:
        observer = observing(telemetry)
        succeeded, failed = opened(observer), opened(observer)
        succeeded.completed(DONE)
        failed.failed(ValueError("a prompt"))
        succeeded.closed()
        failed.drop()
    assert ended == [succeeded.span, failed.span]
