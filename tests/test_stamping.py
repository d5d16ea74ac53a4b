"""SessionSpanProcessor: the session on every span that starts inside one."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from opentelemetry import trace
from opentelemetry.context import Context, get_current
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from otel_responses.session import session, step
from otel_responses.stamping import SessionSpanProcessor


@pytest.fixture
def spans() -> InMemorySpanExporter:
    return InMemorySpanExporter()


@pytest.fixture
def tracer(spans: InMemorySpanExporter) -> trace.Tracer:
    provider = TracerProvider(shutdown_on_exit=False)
    provider.add_span_processor(SessionSpanProcessor())
    provider.add_span_processor(SimpleSpanProcessor(spans))
    return provider.get_tracer("test")


def attributes(spans: InMemorySpanExporter) -> dict[str, Mapping[str, object]]:
    return {span.name: dict(span.attributes or {}) for span in spans.get_finished_spans()}


def test_every_span_that_starts_inside_a_session_is_stamped(tracer: trace.Tracer, spans: InMemorySpanExporter):
    with tracer.start_as_current_span("before"), session("Trip", id="abc", user="ada", properties={"City": "Rome"}):
        with tracer.start_as_current_span("outer"), step("flights"), tracer.start_as_current_span("inner"):
            pass
    stamp = {
        "helicone.session.id": "abc",
        "helicone.session.name": "Trip",
        "helicone.session.path": "/",
        "helicone.user.id": "ada",
        "session.id": "abc",
        "user.id": "ada",
        "helicone.property.City": "Rome",
    }
    assert attributes(spans) == {
        "inner": stamp | {"helicone.session.path": "/flights"},
        "outer": stamp,
        "before": {},
    }


def test_the_session_of_the_parents_context_counts(tracer: trace.Tracer, spans: InMemorySpanExporter):
    with session("Trip", id="abc"):
        inside = get_current()
        tracer.start_span("elsewhere", context=Context()).end()
    tracer.start_span("carried", context=inside).end()
    assert [seen.get("session.id") for seen in attributes(spans).values()] == [None, "abc"]


def test_attributes_that_the_span_has_stay(tracer: trace.Tracer, spans: InMemorySpanExporter):
    with session("Trip", id="abc", user="ada"):
        tracer.start_span("mine", attributes={"session.id": "browser", "user.id": 7}).end()
    mine = attributes(spans)["mine"]
    assert (mine["session.id"], mine["user.id"], mine["helicone.session.id"]) == ("browser", 7, "abc")


def test_a_fault_of_ours_does_not_reach_the_program(
    monkeypatch: pytest.MonkeyPatch, tracer: trace.Tracer, spans: InMemorySpanExporter, caplog: pytest.LogCaptureFixture
):
    def fail(data: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("otel_responses.stamping.session_attributes", fail)
    with session("Trip"):
        tracer.start_span("first").end()
        tracer.start_span("second").end()
    assert attributes(spans) == {"first": {}, "second": {}}
    assert len(caplog.records) == 1


def test_a_flush_reaches_the_processors_after_it():
    """SDK 1.38 stops at the first processor whose flush is not true, and the base class's is None."""
    exported = InMemorySpanExporter()
    provider = TracerProvider(shutdown_on_exit=False)
    provider.add_span_processor(SessionSpanProcessor())
    provider.add_span_processor(BatchSpanProcessor(exported))
    provider.get_tracer("test").start_span("batched").end()
    assert provider.force_flush() is True
    assert [span.name for span in exported.get_finished_spans()] == ["batched"]
    provider.shutdown()
