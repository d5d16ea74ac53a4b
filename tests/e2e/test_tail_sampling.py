"""Tail sampling: Tempo gets the traces that matter and a share of the others, Helicone gets every call."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from tests.e2e.pipeline import Pipeline, pipeline, spans_of
from tests.e2e.spans import Recording, call

ORDINARY = 40
SECOND = 1_000_000_000


def traffic() -> ExportTraceServiceRequest:
    """Traces of one span each, but for the failed one: its root is no call."""
    recording = Recording()
    for number in range(ORDINARY):
        recording.add(call(f"ordinary-{number}"))
    recording.add(call("slow"))
    with recording.tracer.start_as_current_span("root"):
        recording.add(call("failed", error__type="429"), error="429")
    request = recording.request()
    for span in spans_of(request.resource_spans):
        if case_of(span) == "slow":
            span.end_time_unix_nano = span.start_time_unix_nano + 11 * SECOND
    return request


def case_of(span: Span) -> str:
    """Which case it is; the root of a trace by its name."""
    cases = [each.value.string_value for each in span.attributes if each.key == "helicone.property.case"]
    return cases[0].partition("-")[0] if cases else span.name


def kept(sides: Pipeline) -> Counter[str]:
    return Counter(map(case_of, sides.tempo_spans()))


@pytest.mark.parametrize(("percent", "share"), [("0", 0), ("100", ORDINARY)])
def test_errors_and_slow_calls_are_kept_with_a_share_and_helicone_gets_all(
    otelcol: Path, tmp_path: Path, percent: str, share: int
):
    environ = {"OTEL_RESPONSES_TAIL_SAMPLING_PERCENT": percent, "OTEL_RESPONSES_TAIL_SAMPLING_WAIT": "500ms"}
    with pipeline(otelcol, tmp_path, "tail-sampling", environ=environ) as sides:
        assert sides.post(traffic()) == 200
        sides.wait(lambda: len(sides.helicone.requests) == ORDINARY + 2)
        sides.wait(lambda: sum(kept(sides).values()) >= share + 3)
        late = Recording()
        late.add(call("late", error__type="500"), error="500")
        assert sides.post(late.request()) == 200
        sides.wait(lambda: kept(sides)["late"])
    expected = Counter({"failed": 1, "root": 1, "slow": 1, "late": 1, "ordinary": share})
    assert kept(sides) == expected
