"""Telemetry in memory: what is read, what a reading looks like, and what `fixed` makes of ids and times."""

from __future__ import annotations

from typing import Any

import pytest
from inline_snapshot import snapshot
from opentelemetry import metrics, trace
from opentelemetry._logs import LogRecord, SeverityNumber
from opentelemetry.sdk.trace.sampling import ALWAYS_OFF
from opentelemetry.trace import Link, SpanKind, Status, StatusCode

from otel_responses import _call
from otel_responses.testing import Capture, capture

START = 1_767_225_600_000_000_000


def record(telemetry: Capture) -> None:
    """One of everything."""
    tracer = telemetry.tracer_provider.get_tracer("mine", "1.0", "https://opentelemetry.io/schemas/1.41.0")
    meter = telemetry.meter_provider.get_meter("mine")
    logger = telemetry.logger_provider.get_logger("mine")
    with tracer.start_as_current_span("outer", start_time=START, end_on_exit=False) as outer:
        inner = tracer.start_span(
            "inner",
            kind=SpanKind.CLIENT,
            attributes={"z": 1, "a": ("x", "y")},
            links=[Link(outer.get_span_context(), {"why": "it was there"})],
            start_time=START + 1,
        )
        inner.add_event("happened", {"times": 2}, timestamp=START + 2)
        inner.set_status(Status(StatusCode.ERROR, "broken"))
        inner.end(START + 2_500_000_000)
        meter.create_histogram("duration", "s", "How long", explicit_bucket_boundaries_advisory=[1.0, 2.0]).record(
            1.5, {"model": "gpt-4.1"}
        )
        meter.create_counter("calls").add(2)
        logger.emit(
            LogRecord(
                event_name="details",
                timestamp=START,
                severity_number=SeverityNumber.WARN,
                body={"list": (1, 2)},
                attributes={"nested": {"list": [1]}, "a": "b"},
            )
        )
    outer.end(START + 3_000_000_000)


def test_spans_are_plain_data() -> None:
    with capture(fixed=True) as telemetry:
        record(telemetry)
    assert telemetry.spans() == snapshot(
        [
            {
                "name": "inner",
                "kind": "CLIENT",
                "status": {"code": "ERROR", "description": "broken"},
                "trace_id": "00000000000000000000000000000001",
                "span_id": "0000000000000002",
                "parent": "0000000000000001",
                "start": 1767225600000000001,
                "end": 1767225602500000000,
                "duration": 2.499999999,
                "attributes": {"a": ["x", "y"], "z": 1},
                "events": [{"name": "happened", "time": 1767225600000000002, "attributes": {"times": 2}}],
                "links": [
                    {
                        "trace_id": "00000000000000000000000000000001",
                        "span_id": "0000000000000001",
                        "attributes": {"why": "it was there"},
                    }
                ],
                "scope": {"name": "mine", "version": "1.0", "schema_url": "https://opentelemetry.io/schemas/1.41.0"},
            },
            {
                "name": "outer",
                "kind": "INTERNAL",
                "status": {"code": "UNSET", "description": None},
                "trace_id": "00000000000000000000000000000001",
                "span_id": "0000000000000001",
                "parent": None,
                "start": 1767225600000000000,
                "end": 1767225603000000000,
                "duration": 3.0,
                "attributes": {},
                "events": [],
                "links": [],
                "scope": {"name": "mine", "version": "1.0", "schema_url": "https://opentelemetry.io/schemas/1.41.0"},
            },
        ]
    )


def test_metrics_are_plain_data() -> None:
    with capture(fixed=True) as telemetry:
        record(telemetry)
    assert telemetry.metrics() == snapshot(
        [
            {
                "name": "calls",
                "kind": "sum",
                "unit": "",
                "description": "",
                "scope": {"name": "mine", "version": None, "schema_url": ""},
                "points": [
                    {
                        "attributes": {},
                        "value": 2,
                        "exemplars": [
                            {"value": 2, "trace_id": "00000000000000000000000000000001", "span_id": "0000000000000001"}
                        ],
                    }
                ],
            },
            {
                "name": "duration",
                "kind": "histogram",
                "unit": "s",
                "description": "How long",
                "scope": {"name": "mine", "version": None, "schema_url": ""},
                "points": [
                    {
                        "attributes": {"model": "gpt-4.1"},
                        "count": 1,
                        "sum": 1.5,
                        "bounds": [1.0, 2.0],
                        "buckets": [0, 1, 0],
                        "exemplars": [
                            {
                                "value": 1.5,
                                "trace_id": "00000000000000000000000000000001",
                                "span_id": "0000000000000001",
                            }
                        ],
                    }
                ],
            },
        ]
    )


def test_logs_are_plain_data() -> None:
    with capture(fixed=True) as telemetry:
        record(telemetry)
    assert telemetry.logs() == snapshot(
        [
            {
                "event_name": "details",
                "severity": "WARN",
                "body": {"list": [1, 2]},
                "attributes": {"a": "b", "nested": {"list": [1]}},
                "time": 1767225600000000000,
                "trace_id": "00000000000000000000000000000001",
                "span_id": "0000000000000001",
                "scope": {"name": "mine", "version": None, "schema_url": ""},
            }
        ]
    )


def test_nothing_recorded_is_nothing_read() -> None:
    with capture() as telemetry:
        assert (telemetry.spans(), telemetry.metrics(), telemetry.logs()) == ([], [], [])


def test_a_log_record_may_say_very_little() -> None:
    with capture() as telemetry:
        telemetry.logger_provider.get_logger("mine").emit(LogRecord(body="text"))
    [log] = telemetry.logs()
    assert (log["body"], log["severity"], log["trace_id"], log["span_id"]) == ("text", None, None, None)


def test_reading_twice_gives_the_same() -> None:
    with capture() as telemetry:
        record(telemetry)
        assert telemetry.spans() == telemetry.spans()
        assert telemetry.logs() == telemetry.logs()
        counts = [[metric["points"][0].get("count") for metric in telemetry.metrics()] for _ in range(2)]
        assert counts == [[None, 1], [None, 1]]


def values(telemetry: Capture) -> dict[str, list[dict[str, Any]]]:
    return {metric["name"]: metric["points"] for metric in telemetry.metrics()}


def test_clear_forgets_what_was_recorded() -> None:
    with capture() as telemetry:
        record(telemetry)
        telemetry.clear()
        assert (telemetry.spans(), telemetry.metrics(), telemetry.logs()) == ([], [], [])
        histogram = telemetry.meter_provider.get_meter("mine").create_histogram(
            "duration", "s", "How long", explicit_bucket_boundaries_advisory=[1.0, 2.0]
        )
        histogram.record(3.0, {"model": "gpt-4.1"})
        histogram.record(0.5, {"model": "o3"})
        telemetry.meter_provider.get_meter("mine").create_counter("calls").add(5)
        points = values(telemetry)
    assert [(point["attributes"], point["count"], point["sum"], point["buckets"]) for point in points["duration"]] == [
        ({"model": "gpt-4.1"}, 1, 3.0, [0, 0, 1]),
        ({"model": "o3"}, 1, 0.5, [1, 0, 0]),
    ]
    assert [point["value"] for point in points["calls"]] == [5]


def test_a_gauge_has_its_last_value_whatever_was_cleared() -> None:
    with capture() as telemetry:
        gauge = telemetry.meter_provider.get_meter("mine").create_gauge("open")
        gauge.set(3)
        telemetry.clear()
        gauge.set(2)
        assert [point["value"] for point in values(telemetry)["open"]] == [2]


def test_a_sampler_can_be_given() -> None:
    with capture(sampler=ALWAYS_OFF) as telemetry:
        record(telemetry)
        assert telemetry.spans() == []
        assert telemetry.metrics()


def test_the_providers_are_named_as_instrument_takes_them() -> None:
    with capture() as telemetry:
        assert telemetry.providers == {
            "tracer_provider": telemetry.tracer_provider,
            "meter_provider": telemetry.meter_provider,
            "logger_provider": telemetry.logger_provider,
        }


def test_the_providers_are_not_made_global() -> None:
    with capture() as telemetry:
        assert trace.get_tracer_provider() is not telemetry.tracer_provider
        assert metrics.get_meter_provider() is not telemetry.meter_provider


def test_flushing_and_shutting_down_lose_nothing() -> None:
    with capture() as telemetry:
        record(telemetry)
        assert telemetry.tracer_provider.force_flush()
        assert telemetry.logger_provider.force_flush()
        telemetry.tracer_provider.shutdown()
        telemetry.logger_provider.shutdown()
        assert [len(telemetry.spans()), len(telemetry.logs())] == [2, 1]


def test_random_ids_and_the_real_clock_are_the_default(monkeypatch: pytest.MonkeyPatch) -> None:
    before = _call.clock.wall, _call.clock.elapsed
    with capture() as one, capture() as other:
        assert (_call.clock.wall, _call.clock.elapsed) == before
        for telemetry in (one, other):
            telemetry.tracer_provider.get_tracer("mine").start_span("span").end()
    assert one.spans()[0]["trace_id"] != other.spans()[0]["trace_id"]


def test_the_fixed_clock_goes_on_by_a_millisecond_and_is_taken_back() -> None:
    before = _call.clock.wall, _call.clock.elapsed
    with pytest.raises(RuntimeError, match="stop"), capture(fixed=True):
        wall, elapsed, later = _call.clock.wall(), _call.clock.elapsed(), _call.clock.elapsed()
        assert (wall, elapsed, later) == (START, 1_000_000, 2_000_000)
        raise RuntimeError("stop")
    assert (_call.clock.wall, _call.clock.elapsed) == before
