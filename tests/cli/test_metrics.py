from __future__ import annotations

from collections.abc import Iterator

import pytest
from inline_snapshot import snapshot
from opentelemetry.exporter.otlp.proto.common.metrics_encoder import encode_metrics
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.metrics.v1.metrics_pb2 import (
    AGGREGATION_TEMPORALITY_CUMULATIVE,
    Metric,
    NumberDataPoint,
    ResourceMetrics,
    ScopeMetrics,
    Sum,
)
from opentelemetry.sdk.metrics import Counter, Histogram, MeterProvider
from opentelemetry.sdk.metrics.export import AggregationTemporality, InMemoryMetricReader
from opentelemetry.sdk.metrics.view import ExponentialBucketHistogramAggregation, View

from otel_responses.cli import metrics as module
from otel_responses.cli.metrics import MetricTotal, MetricTotals

CUMULATIVE, DELTA = AggregationTemporality.CUMULATIVE, AggregationTemporality.DELTA


class Program:
    """A program with the SDK, whose exports come as messages."""

    def __init__(self, temporality: AggregationTemporality, *views: View) -> None:
        self._reader = InMemoryMetricReader(preferred_temporality={Counter: temporality, Histogram: temporality})
        self.provider = MeterProvider([self._reader], views=views, shutdown_on_exit=False)
        meter = self.provider.get_meter("otel_responses")
        self.duration = meter.create_histogram("gen_ai.client.operation.duration", "s")
        self.usage = meter.create_histogram("gen_ai.client.token.usage", "{token}")
        self.calls = meter.create_counter("calls", "{call}")
        self.price = meter.create_counter("price", "USD")
        self.load = meter.create_gauge("load")

    def export(self) -> ExportMetricsServiceRequest:
        data = self._reader.get_metrics_data()
        assert data is not None
        return encode_metrics(data)


@pytest.fixture(params=[CUMULATIVE, DELTA], ids=["cumulative", "delta"])
def program(request: pytest.FixtureRequest) -> Iterator[Program]:
    program = Program(request.param)
    yield program
    program.provider.shutdown()


def test_exports_add_up_in_either_temporality(program: Program):
    totals = MetricTotals()
    for tokens in (100, 20):
        program.duration.record(0.5, {"gen_ai.request.model": f"gpt-{tokens}"})
        program.usage.record(tokens, {"gen_ai.token.type": "input"})
        program.usage.record(7, {"gen_ai.token.type": "output"})
        program.calls.add(1)
        program.price.add(0.25)
        program.load.set(3)
        totals.add(program.export())

    assert totals.totals() == snapshot(
        (
            MetricTotal(name="calls", kind="counter", unit="{call}", token_type="", records=None, total=2.0),
            MetricTotal(
                name="gen_ai.client.operation.duration",
                kind="histogram",
                unit="s",
                token_type="",
                records=2,
                total=1.0,
            ),
            MetricTotal(
                name="gen_ai.client.token.usage",
                kind="histogram",
                unit="{token}",
                token_type="input",
                records=2,
                total=120.0,
            ),
            MetricTotal(
                name="gen_ai.client.token.usage",
                kind="histogram",
                unit="{token}",
                token_type="output",
                records=2,
                total=14.0,
            ),
            MetricTotal(name="price", kind="counter", unit="USD", token_type="", records=None, total=0.5),
        )
    )


def test_exponential_histograms_count_too():
    view = View(instrument_name="gen_ai.client.operation.duration", aggregation=ExponentialBucketHistogramAggregation())
    program, totals = Program(DELTA, view), MetricTotals()
    program.duration.record(2)
    totals.add(program.export())
    program.provider.shutdown()
    assert [(total.records, total.total) for total in totals.totals()] == [(1, 2.0)]


def points(*points: NumberDataPoint) -> ExportMetricsServiceRequest:
    metric = Metric(
        name="calls", sum=Sum(data_points=points, aggregation_temporality=AGGREGATION_TEMPORALITY_CUMULATIVE)
    )
    return ExportMetricsServiceRequest(
        resource_metrics=[ResourceMetrics(scope_metrics=[ScopeMetrics(metrics=[metric])])]
    )


def test_an_older_batch_that_comes_later_changes_nothing():
    totals = MetricTotals()
    totals.add(points(NumberDataPoint(time_unix_nano=2, as_int=5)))
    totals.add(points(NumberDataPoint(time_unix_nano=1, as_int=3)))
    assert [total.total for total in totals.totals()] == [5.0]


def test_a_program_that_is_started_again_counts_on():
    totals = MetricTotals()
    totals.add(points(NumberDataPoint(start_time_unix_nano=1, time_unix_nano=2, as_int=5)))
    totals.add(points(NumberDataPoint(start_time_unix_nano=3, time_unix_nano=4, as_int=3)))
    assert [total.total for total in totals.totals()] == [8.0]


def test_further_series_are_counted_and_not_kept(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(module, "SERIES_MAX", 2)
    totals = MetricTotals()
    totals.add(points(*(NumberDataPoint(start_time_unix_nano=number, as_int=1) for number in range(5))))
    assert (totals.totals()[0].total, totals.left_out) == (2.0, 3)
