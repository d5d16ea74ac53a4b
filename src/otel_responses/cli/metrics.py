"""The metrics that arrived, added up: one total for a name, and for a token type where there is one.

A cumulative point replaces the one before it in its series, a delta point adds to it (OTLP's aggregation temporality).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import KeyValue
from opentelemetry.proto.metrics.v1.metrics_pb2 import (
    AGGREGATION_TEMPORALITY_DELTA,
    ExponentialHistogramDataPoint,
    HistogramDataPoint,
    Metric,
    NumberDataPoint,
)

from otel_responses import _semconv as names
from otel_responses.cli import attributes as read

__all__ = ["MetricTotal", "MetricTotals"]

SERIES_MAX = 10_000
Point = NumberDataPoint | HistogramDataPoint | ExponentialHistogramDataPoint


@dataclass(frozen=True, slots=True)
class MetricTotal:
    """What all series of one metric came to; `records` is None for a counter, which does not count its records."""

    name: str
    kind: str
    unit: str
    token_type: str
    records: int | None
    total: float


@dataclass(slots=True)
class _Series:
    name: str
    kind: str
    unit: str
    token_type: str
    records: int = 0
    total: float = 0.0
    time: int = 0


class MetricTotals:
    """Adds up what is exported to it. Keeps at most 10,000 series; `left_out` counts the points of further ones."""

    def __init__(self) -> None:
        self._series: dict[tuple[object, ...], _Series] = {}
        self.left_out = 0

    def add(self, request: ExportMetricsServiceRequest) -> None:
        """Take the points of sums and histograms; a gauge or a summary has nothing to add up."""
        for resource in request.resource_metrics:
            process = _identity(resource.resource.attributes)
            for scope in resource.scope_metrics:
                for metric in scope.metrics:
                    self._add_metric((process, scope.scope.name), metric)

    def totals(self) -> tuple[MetricTotal, ...]:
        """The totals, by name and token type."""
        found: dict[tuple[str, str, str, str], MetricTotal] = {}
        for series in self._series.values():
            key = (series.name, series.token_type, series.kind, series.unit)
            found[key] = _sum(found.get(key), series)
        return tuple(found[key] for key in sorted(found))

    def _add_metric(self, owner: tuple[object, ...], metric: Metric) -> None:
        kind, is_delta, points = _points(metric)
        for point in points:
            key = (*owner, metric.name, kind, point.start_time_unix_nano * (not is_delta), _identity(point.attributes))
            series = self._series.get(key) or self._new_series(key, metric, kind, point)
            if series is None:
                self.left_out += 1
            else:
                _add_point(series, point, is_delta=is_delta)

    def _new_series(self, key: tuple[object, ...], metric: Metric, kind: str, point: Point) -> _Series | None:
        if len(self._series) >= SERIES_MAX:
            return None
        token_type = read.text(read.by_key(point.attributes), names.TOKEN_TYPE)
        series = _Series(read.printable(metric.name), kind, read.printable(metric.unit), token_type)
        self._series[key] = series
        return series


def _points(metric: Metric) -> tuple[str, bool, Iterable[Point]]:
    if metric.HasField("sum"):
        return "counter", metric.sum.aggregation_temporality == AGGREGATION_TEMPORALITY_DELTA, metric.sum.data_points
    for histogram in (metric.histogram, metric.exponential_histogram):
        if histogram.data_points:
            is_delta = histogram.aggregation_temporality == AGGREGATION_TEMPORALITY_DELTA
            return "histogram", is_delta, histogram.data_points
    return "", False, ()


def _identity(attributes: Iterable[KeyValue]) -> int:
    """A series is told by its attributes in any order; their hash keeps what is stored of them small."""
    return hash(frozenset(pair.SerializeToString(deterministic=True) for pair in attributes))


def _add_point(series: _Series, point: Point, *, is_delta: bool) -> None:
    records, total = _figures(point)
    if is_delta:
        series.records += records
        series.total += total
    elif point.time_unix_nano >= series.time:  # batches can overtake each other
        series.records, series.total, series.time = records, total, point.time_unix_nano


def _figures(point: Point) -> tuple[int, float]:
    if not isinstance(point, NumberDataPoint):
        return point.count, point.sum
    return 0, point.as_double if point.HasField("as_double") else float(point.as_int)


def _sum(before: MetricTotal | None, series: _Series) -> MetricTotal:
    records = None if series.kind == "counter" else series.records + ((before and before.records) or 0)
    total = series.total + (before.total if before else 0.0)
    return MetricTotal(series.name, series.kind, series.unit, series.token_type, records, total)
