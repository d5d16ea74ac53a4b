from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from inline_snapshot import snapshot
from opentelemetry.context import Context
from opentelemetry.sdk.trace.sampling import ALWAYS_OFF
from opentelemetry.trace import set_span_in_context

from otel_responses._mapping.attributes import metric_attributes
from otel_responses._recorder.metrics import Metrics
from otel_responses._records import NO_USAGE, MetricAttributes, Usage
from otel_responses._semconv import MAIN, RELEASED, Profile
from otel_responses.testing import Capture, capture

DURATIONS = [0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92]
TOKENS = [1, 4, 16, 64, 256, 1024, 4096, 16384, 65536, 262144, 1048576, 4194304, 16777216, 67108864]

PROFILES = pytest.mark.parametrize("profile", [pytest.param(RELEASED, id="released"), pytest.param(MAIN, id="main")])


@pytest.fixture
def telemetry() -> Iterator[Capture]:
    with capture(fixed=True) as telemetry:
        yield telemetry


def labels(error_type: str | None = None) -> MetricAttributes:
    return metric_attributes("gpt-4.1", "openai", None, None, None, None, error_type)


def instruments(telemetry: Capture, profile: Profile) -> Metrics:
    provider = telemetry.meter_provider
    return Metrics(provider.get_meter("test"), profile, provider)


def record(
    telemetry: Capture, usage: Usage, profile: Profile = RELEASED, *, first_chunk: float | None = None
) -> list[dict[str, Any]]:
    metrics = instruments(telemetry, profile)
    metrics.record_times(2.5, first_chunk, labels("429"), Context())
    metrics.record_usage(usage, None, labels("429"), Context())
    return telemetry.metrics()


def record_all(telemetry: Capture, profile: Profile, labels: MetricAttributes, context: Context) -> None:
    metrics = instruments(telemetry, profile)
    metrics.record_times(2.5, 0.5, labels, context)
    metrics.record_gaps((0.25, 0.5), labels, context)
    metrics.record_usage(WHOLE, None, labels, context)


def recorded(telemetry: Capture, profile: Profile = RELEASED) -> list[dict[str, Any]]:
    record_all(telemetry, profile, labels("429"), Context())
    return telemetry.metrics()


def summary(metrics: list[dict[str, Any]]) -> dict[str, Any]:
    """Name -> unit, then of each point what it counts and the attributes that not all have."""
    common = labels().plain
    return {
        metric["name"]: [
            metric["unit"],
            *(
                [
                    point.get("sum", point.get("value")),
                    {name: value for name, value in point["attributes"].items() if name not in common},
                ]
                for point in metric["points"]
            ),
        ]
        for metric in metrics
    }


WHOLE = Usage(36, 87, 8, 4, 64)


def test_all_metrics_in_the_released_names(telemetry: Capture):
    assert summary(recorded(telemetry)) == snapshot(
        {
            "gen_ai.client.inference.usage.cache_read.input_tokens": [
                "{token}",
                [8, {"gen_ai.token.modality": "unknown"}],
            ],
            "gen_ai.client.inference.usage.cache_write.input_tokens": [
                "{token}",
                [4, {"gen_ai.token.modality": "unknown"}],
            ],
            "gen_ai.client.inference.usage.reasoning.output_tokens": [
                "{token}",
                [64, {"gen_ai.token.modality": "unknown"}],
            ],
            "gen_ai.client.operation.duration": ["s", [2.5, {"error.type": "429"}]],
            "gen_ai.client.operation.time_per_output_chunk": ["s", [0.75, {}]],
            "gen_ai.client.operation.time_to_first_chunk": ["s", [0.5, {}]],
            "gen_ai.client.token.usage": [
                "{token}",
                [36, {"gen_ai.token.type": "input"}],
                [87, {"gen_ai.token.type": "output"}],
            ],
        }
    )


def test_all_metrics_in_the_names_of_main(telemetry: Capture):
    assert summary(recorded(telemetry, MAIN)) == snapshot(
        {
            "gen_ai.client.inference.duration": ["s", [2.5, {"error.type": "429"}]],
            "gen_ai.client.inference.operation.input_tokens": ["{token}", [36, {}]],
            "gen_ai.client.inference.operation.output_tokens": ["{token}", [87, {}]],
            "gen_ai.client.inference.time_per_output_chunk": ["s", [0.75, {}]],
            "gen_ai.client.inference.time_to_first_chunk": ["s", [0.5, {}]],
            "gen_ai.client.inference.usage.cache_read.input_tokens": [
                "{token}",
                [8, {"gen_ai.token.modality": "unknown"}],
            ],
            "gen_ai.client.inference.usage.cache_write.input_tokens": [
                "{token}",
                [4, {"gen_ai.token.modality": "unknown"}],
            ],
            "gen_ai.client.inference.usage.input_tokens": ["{token}", [36, {"gen_ai.token.modality": "unknown"}]],
            "gen_ai.client.inference.usage.output_tokens": ["{token}", [87, {"gen_ai.token.modality": "unknown"}]],
            "gen_ai.client.inference.usage.reasoning.output_tokens": [
                "{token}",
                [64, {"gen_ai.token.modality": "unknown"}],
            ],
        }
    )


def test_a_whole_metric(telemetry: Capture):
    (duration, _) = record(telemetry, Usage(input_tokens=36))
    assert duration == snapshot(
        {
            "name": "gen_ai.client.operation.duration",
            "kind": "histogram",
            "unit": "s",
            "description": "Duration of a call, from the request to its last byte.",
            "scope": {"name": "test", "version": None, "schema_url": ""},
            "points": [
                {
                    "attributes": {
                        "error.type": "429",
                        "gen_ai.operation.name": "chat",
                        "gen_ai.provider.name": "openai",
                        "gen_ai.request.model": "gpt-4.1",
                    },
                    "count": 1,
                    "sum": 2.5,
                    "bounds": [0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92],
                    "buckets": [0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0],
                    "exemplars": [],
                }
            ],
        }
    )


@PROFILES
def test_every_point_has_the_attributes_of_the_call(profile: Profile, telemetry: Capture):
    points = [point for metric in recorded(telemetry, profile) for point in metric["points"]]
    assert points
    assert all(point["attributes"].items() >= labels().plain.items() for point in points)


@PROFILES
def test_the_boundaries_are_those_of_the_conventions(profile: Profile, telemetry: Capture):
    boundaries = {"s": DURATIONS, "{token}": TOKENS}
    metrics = [metric for metric in recorded(telemetry, profile) if metric["kind"] == "histogram"]
    assert {metric["unit"] for metric in metrics} == boundaries.keys()
    for metric in metrics:
        assert [point["bounds"] for point in metric["points"]] == [boundaries[metric["unit"]]] * len(metric["points"])


@PROFILES
def test_a_call_that_reports_nothing_has_a_duration(profile: Profile, telemetry: Capture):
    assert summary(record(telemetry, NO_USAGE, profile)) == {profile.duration: ["s", [2.5, {"error.type": "429"}]]}


@PROFILES
def test_zero_tokens_are_recorded_in_histograms_and_not_counted(profile: Profile, telemetry: Capture):
    metrics = record(telemetry, Usage(0, 0, 0, 0, 0), profile)
    assert {metric["kind"] for metric in metrics} == {"histogram"}
    tokens = [point for metric in metrics if metric["unit"] == "{token}" for point in metric["points"]]
    assert [(point["count"], point["sum"]) for point in tokens] == [(1, 0), (1, 0)]


def test_the_time_to_the_first_chunk_may_be_0(telemetry: Capture):
    names = [metric["name"] for metric in record(telemetry, NO_USAGE, first_chunk=0.0)]
    assert "gen_ai.client.operation.time_to_first_chunk" in names


def test_exemplars_point_to_the_span_of_the_call(telemetry: Capture):
    span = telemetry.tracer_provider.get_tracer("test").start_span("call")
    record_all(telemetry, RELEASED, labels(), set_span_in_context(span))
    histograms = [metric for metric in telemetry.metrics() if metric["kind"] == "histogram"]
    identity = {
        "trace_id": f"{span.get_span_context().trace_id:032x}",
        "span_id": f"{span.get_span_context().span_id:016x}",
    }
    points = [point for metric in histograms for point in metric["points"]]
    assert len(points) == 5
    for point in points:
        assert point["exemplars"]
        assert all(exemplar.items() >= identity.items() for exemplar in point["exemplars"])


def test_a_span_that_is_not_sampled_leaves_metrics_without_exemplars():
    with capture(fixed=True, sampler=ALWAYS_OFF) as telemetry:
        span = telemetry.tracer_provider.get_tracer("test").start_span("call")
        record_all(telemetry, RELEASED, labels(), set_span_in_context(span))
        points = [point for metric in telemetry.metrics() for point in metric["points"]]
        assert len(points) == 8
        assert not any(point["exemplars"] for point in points)
