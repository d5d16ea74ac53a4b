"""How calls are opened, in which context and session, and that nothing they are shown costs a span."""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import Any, cast

import pytest
from hypothesis import given, strategies as st
from opentelemetry import baggage, context, trace
from opentelemetry.context import get_current
from opentelemetry.sdk.trace.sampling import ALWAYS_OFF

from otel_responses._mapping.response import read_response
from otel_responses._observer import Observer
from otel_responses._recorder.recorder import Recorder
from otel_responses._records import Outcome, SessionData, Usage
from otel_responses.config import Config
from otel_responses.session import session
from otel_responses.testing import Capture, capture
from tests.calls import (
    COMPLETED,
    CREATED,
    DELTA,
    DONE,
    REQUEST,
    labels,
    observing,
    only_span,
    opened,
    points,
    streamed,
)
from tests.encoding import encoded_attributes
from tests.providers import unset_providers
from tests.strategies import Raising, event_sequences, junk, mangled, patiently, responses, texts

# Sampling


class Looked(Outcome):
    """An outcome that notes which of its fields were looked at."""

    seen: set[str] = set()  # noqa: RUF012 - one a test, set anew there

    def __getattribute__(self, name: str) -> Any:
        Looked.seen.add(name)
        return super().__getattribute__(name)


@pytest.mark.parametrize("sampled", [True, False], ids=["sampled", "not_sampled"])
def test_a_span_that_is_not_recording_gets_no_attributes_but_metrics_are_recorded(sampled: bool):
    with capture(fixed=True, **({} if sampled else {"sampler": ALWAYS_OFF})) as telemetry:
        call = opened(observing(telemetry))
        Looked.seen = set()
        call.completed(Looked("resp_1", "gpt-4.1-2025-04-14", "stop", usage=Usage(36, 87)))
        assert ("response_id" in Looked.seen) is sampled
        assert len(telemetry.spans()) == sampled
        assert [point["sum"] for point in points(telemetry, "gen_ai.client.token.usage")] == [36, 87]
        assert labels(telemetry, "gen_ai.response.model") == ["gpt-4.1-2025-04-14"]


# The observer


def test_the_first_call_is_announced_once(telemetry: Capture):
    announced: list[str] = []
    observer = observing(telemetry, first_call=lambda: announced.append("now"))
    assert announced == []
    for _ in range(3):
        opened(observer).completed(DONE)
    assert announced == ["now"]


def test_a_fault_in_the_announcement_does_not_cost_the_call(telemetry: Capture, caplog: pytest.LogCaptureFixture):
    def fail() -> None:
        raise LookupError("secret")

    observer = observing(telemetry, first_call=fail)
    for _ in range(2):
        opened(observer).completed(DONE)
    assert len(telemetry.spans()) == 2
    assert len(caplog.messages) == 1
    assert "LookupError" in caplog.text
    assert "secret" not in caplog.text


def test_the_session_of_a_call_is_what_it_gives_over_the_ambient_one(observer: Observer):
    with session("Trip", id="s-1", user="ada"):
        merged = observer.session(SessionData(id="s-2"), get_current())
    assert merged is not None
    assert (merged.id, merged.user) == ("s-2", "ada")
    assert observer.session(None, get_current()) is None


def test_a_call_is_a_child_of_the_current_span_and_current_in_its_own_context(observer: Observer, telemetry: Capture):
    with telemetry.tracer_provider.get_tracer("test").start_as_current_span("program") as program:
        call = opened(observer)
        assert trace.get_current_span() is program
        assert trace.get_current_span(call.context) is not program
    call.completed(DONE)
    recorded = {span["name"]: span for span in telemetry.spans()}
    assert recorded["chat gpt-4.1"]["parent"] == recorded["program"]["span_id"]


def test_what_the_program_put_into_its_baggage_stays_in_the_context_of_the_call(observer: Observer):
    token = context.attach(baggage.set_baggage("of-the-program", "1"))
    try:
        call = opened(observer)
    finally:
        context.detach(token)
    call.completed(DONE)
    assert baggage.get_all(call.context) == {"of-the-program": "1"}


# Whatever comes


def test_an_event_that_cannot_be_read_is_logged_once_and_the_stream_goes_on(
    observer: Observer, telemetry: Capture, caplog: pytest.LogCaptureFixture
):
    caplog.set_level(logging.WARNING)
    streamed(observer, CREATED, Raising(), Raising(), DELTA, COMPLETED)
    assert only_span(telemetry)["attributes"]["gen_ai.response.finish_reasons"] == ["stop"]
    assert len(caplog.messages) == 1
    assert "RuntimeError" in caplog.text


def test_an_event_before_a_stream_is_expected_is_no_end(observer: Observer, telemetry: Capture):
    call = opened(observer)
    call.event(COMPLETED)
    assert call.is_open
    call.completed(DONE)
    assert len(telemetry.spans()) == 1


@patiently
@given(event_sequences(), st.booleans())
def test_no_sequence_of_events_costs_a_span_or_an_attribute(sequence: list[Any], chunk_metric: bool):
    with capture(fixed=True) as telemetry:
        call = streamed(observing(telemetry, chunk_metric=chunk_metric), *sequence)
        call.truncated()
        assert_whole(telemetry)


@patiently
@given(mangled(responses()) | junk(), texts(), texts())
def test_no_response_costs_a_span_or_an_attribute(response: Any, request_id: str, model: str):
    with capture(fixed=True) as telemetry:
        call = opened(observing(telemetry), replace(REQUEST, model=model.encode("utf-8", "replace").decode()))
        call.replied({"x-request-id": request_id}, 1)
        call.completed(read_response(response))
        assert_whole(telemetry)


def assert_whole(telemetry: Capture) -> None:
    """There is one span, whose attributes all survive their way through OTLP, and one duration."""
    assert len(telemetry.spans()) == 1
    (attributes,) = encoded_attributes(telemetry._spans.get_finished_spans())
    assert attributes.keys() == only_span(telemetry)["attributes"].keys()
    assert attributes["gen_ai.operation.name"] == "chat"
    assert [point["count"] for point in points(telemetry, "gen_ai.client.operation.duration")] == [1]


class Hook:
    """A completion hook that takes everything."""

    def apply(self, found: Any, **_: object) -> Any:
        return found


def test_a_completion_hook_is_a_listener_too() -> None:
    with unset_providers():
        observer = Observer(Config(), Recorder())
        assert not observer.is_heard()
        observer.hook = cast("Any", Hook())
        assert observer.is_heard()
