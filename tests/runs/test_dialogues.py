"""The turns of a dialogue are linked to each other, as far as this process knows them."""

from __future__ import annotations

import pytest
from opentelemetry.sdk.trace.sampling import ALWAYS_OFF
from opentelemetry.trace import SpanContext, TraceFlags

import otel_responses
from otel_responses._known_spans import SPANS_MAX, KnownSpans
from otel_responses._records import Endpoint, Request
from otel_responses._runs import RUNS_MAX, SECONDS_MAX, Run, Runs
from otel_responses.testing import Capture, FakeResponsesAPI, capture
from tests.patch.ways import VERSION
from tests.runs.clients import BODY, Calls

pytestmark = [
    pytest.mark.matrix,
    pytest.mark.skipif(
        VERSION < (2, 9), reason="fetches as streams, background runs, conversations and compact() are younger"
    ),
]


def linked(telemetry: Capture) -> list[list[str]]:
    """For each span, in their order, the spans that it is linked to."""
    return [[link["span_id"][-1] for link in span["links"]] for span in telemetry.spans()]


def test_each_turn_is_linked_to_the_one_before_it(calls: Calls, telemetry: Capture) -> None:
    first = calls.call("create", **BODY).id
    second = calls.read("create", **BODY, previous_response_id=first, stream=True)[0].response.id
    calls.call("create", **BODY, previous_response_id=second)
    calls.call("create", **BODY, previous_response_id=first)
    assert linked(telemetry) == [[], ["1"], ["2"], ["1"]]


def test_a_conversation_is_linked_turn_by_turn(calls: Calls, telemetry: Capture) -> None:
    for conversation in ("conv_1", {"id": "conv_1"}, "conv_2", "conv_1"):
        calls.call("create", **BODY, conversation=conversation)
    assert linked(telemetry) == [[], ["1"], [], ["2"]]


def test_the_conversation_of_a_session_counts(calls: Calls, telemetry: Capture) -> None:
    with otel_responses.session("Chat", conversation="conv_1"):
        calls.call("create", **BODY)
        calls.call("create", **BODY)
    assert linked(telemetry) == [[], ["1"]]


def test_the_turn_after_a_background_run_is_linked_to_its_completion(calls: Calls, telemetry: Capture) -> None:
    run = calls.call("create", **BODY, background=True).id
    while calls.call("retrieve", run).status != "completed":
        pass
    calls.call("create", **BODY, previous_response_id=run)
    completion = next(s for s in telemetry.spans() if s["attributes"].get("openai.response.background"))
    assert linked(telemetry)[-1] == [completion["span_id"][-1]]


def test_a_fetch_of_an_ordinary_response_is_linked_to_its_call(calls: Calls, telemetry: Capture) -> None:
    calls.call("retrieve", calls.call("create", **BODY).id)
    assert linked(telemetry) == [[], ["1"]]


@pytest.mark.parametrize("is_background", [False, True], ids=["call", "background_run"])
def test_nothing_is_linked_to_a_span_that_is_not_there(api: FakeResponsesAPI, is_background: bool) -> None:
    with capture(sampler=ALWAYS_OFF) as telemetry:
        otel_responses.instrument(**telemetry.providers)
        responses = api.client().responses
        first = responses.create(**BODY, background=is_background).id
        while responses.retrieve(first).status != "completed":
            pass
        with capture(fixed=True) as later:
            otel_responses.instrument(**later.providers)
            api.client().responses.create(**BODY, previous_response_id=first)
            assert linked(later) == [[]]
        otel_responses.uninstrument()


def span(number: int) -> SpanContext:
    return SpanContext(number, number, is_remote=False, trace_flags=TraceFlags(1))


def test_the_newest_ids_are_remembered() -> None:
    known = KnownSpans()
    known.remember(span(1), "old")
    known.remember(span(2), "conversation")
    for number in range(3, SPANS_MAX + 2):
        known.remember(span(number), f"resp_{number}", None, "conversation")
    assert known.links("old") == ()
    (link,) = known.links("of nobody", None, "conversation")
    assert link.context.span_id == SPANS_MAX + 1


def run(*, created: int = 0) -> Run:
    return Run(Request(Endpoint("openai")), {}, None, span=None, is_captured=False, created=created)


def test_a_run_is_claimed_once() -> None:
    runs = Runs()
    runs.follow("resp_1", run(created=1))
    runs.follow("resp_1", run(created=2))
    claimed = runs.claim("resp_1", now=3)
    assert claimed is not None
    assert claimed.created == 1
    runs.follow("resp_1", run(created=3))
    assert runs.claim("resp_1", now=4) is None
    assert not runs.finish("resp_1")
    assert not runs.mark("resp_1")


@pytest.mark.parametrize(("age", "is_known"), [(SECONDS_MAX, True), (SECONDS_MAX + 1, False)], ids=["day", "more"])
def test_a_run_is_known_for_a_day(age: int, is_known: bool) -> None:
    runs = Runs()
    runs.follow("resp_1", run())
    assert (runs.claim("resp_1", now=age * 1_000_000_000) is not None) is is_known


def test_the_newest_runs_are_known() -> None:
    runs = Runs()
    for number in range(RUNS_MAX + 1):
        runs.follow(f"resp_{number}", run())
        runs.mark(f"done_{number}")
    assert runs.claim("resp_0", now=0) is None
    assert runs.claim("resp_1", now=0) is not None
    assert runs.mark("done_0")
    assert not runs.mark(f"done_{RUNS_MAX}")
