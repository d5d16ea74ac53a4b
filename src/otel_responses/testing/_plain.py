"""Spans, metrics and log records as plain dictionaries, as one would write them down in a test."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any, cast

from opentelemetry.sdk.metrics.export import DataPointT, HistogramDataPoint, MetricsData, NumberDataPoint
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.util.instrumentation import InstrumentationScope
from opentelemetry.trace import SpanContext

__all__ = ["PlainObject", "plain_log", "plain_metrics", "plain_span", "subtracted"]

PlainObject = dict[str, Any]
NANOSECONDS = 1_000_000_000


def plain_span(span: ReadableSpan) -> PlainObject:
    """One ended span; ids in hexadecimal, times in nanoseconds since 1970, the duration in seconds."""
    start, end = span.start_time or 0, span.end_time or 0
    return {
        "name": span.name,
        "kind": span.kind.name,
        "status": {"code": span.status.status_code.name, "description": span.status.description},
        **_ids(span.context),
        "parent": span.parent and f"{span.parent.span_id:016x}",
        "start": start,
        "end": end,
        "duration": (end - start) / NANOSECONDS,
        "attributes": _plain(span.attributes),
        "events": [
            {"name": event.name, "time": event.timestamp, "attributes": _plain(event.attributes)}
            for event in span.events
        ],
        "links": [{**_ids(link.context), "attributes": _plain(link.attributes)} for link in span.links],
        "scope": _scope(span.instrumentation_scope),
    }


def plain_metrics(data: MetricsData | None) -> list[PlainObject]:
    """The metrics by name, with a point for each set of attributes."""
    metrics = [
        {
            "name": metric.name,
            "kind": type(metric.data).__name__.lower(),
            "unit": metric.unit,
            "description": metric.description,
            "scope": _scope(scope.scope),
            "points": sorted((_plain_point(point) for point in metric.data.data_points), key=_key),
        }
        for resource in (data.resource_metrics if data else ())
        for scope in resource.scope_metrics
        for metric in scope.metrics
    ]
    return sorted(metrics, key=lambda metric: metric["name"])


def _plain_point(point: DataPointT) -> PlainObject:
    read = {"attributes": _plain(point.attributes), **POINTS[type(point)](point)}
    exemplars = [
        {"value": exemplar.value, "trace_id": _hex(exemplar.trace_id, 32), "span_id": _hex(exemplar.span_id, 16)}
        for exemplar in point.exemplars
    ]
    return {**read, "exemplars": exemplars}


def _number(point: Any) -> PlainObject:
    return {"value": point.value}


def _histogram(point: Any) -> PlainObject:
    distribution = {"bounds": list(point.explicit_bounds), "buckets": list(point.bucket_counts)}
    return {"count": point.count, "sum": point.sum, **distribution}


POINTS: dict[type, Callable[[Any], PlainObject]] = {NumberDataPoint: _number, HistogramDataPoint: _histogram}


def subtracted(metrics: list[PlainObject], before: list[PlainObject]) -> list[PlainObject]:
    """The metrics without what they already held `before`; points and metrics with nothing new are left out."""
    old = {(metric["name"], _key(point)): point for metric in before for point in metric["points"]}
    left = ({**metric, "points": _new_points(metric, old)} for metric in metrics)
    return [metric for metric in left if metric["points"]]


def _new_points(metric: PlainObject, old: Mapping[tuple[str, str], PlainObject]) -> list[PlainObject]:
    if metric["kind"] == "gauge":
        return metric["points"]
    points = [_difference(point, old.get((metric["name"], _key(point)))) for point in metric["points"]]
    return [point for point in points if point.get("count") or point.get("value")]


def _difference(point: PlainObject, before: PlainObject | None) -> PlainObject:
    if before is None:
        return point
    changed = {name: point[name] - before[name] for name in ("value", "count", "sum") if name in point}
    buckets = [now - then for now, then in zip(point.get("buckets", ()), before.get("buckets", ()), strict=True)]
    return {**point, **changed, **({"buckets": buckets} if buckets else {})}


def _key(point: PlainObject) -> str:
    return json.dumps(point["attributes"])


def plain_log(emitted: Any) -> PlainObject:
    """One log record, as a processor is given it; the class has another name in each SDK before 1.39."""
    record = emitted.log_record
    return {
        "event_name": record.event_name,
        "severity": record.severity_number and record.severity_number.name,
        "body": _plain_value(record.body),
        "attributes": _plain(record.attributes),
        "time": record.timestamp,
        "trace_id": _hex(record.trace_id, 32),
        "span_id": _hex(record.span_id, 16),
        "scope": _scope(emitted.instrumentation_scope),
    }


def _ids(context: SpanContext | None) -> PlainObject:
    trace_id, span_id = (context.trace_id, context.span_id) if context else (None, None)
    return {"trace_id": _hex(trace_id, 32), "span_id": _hex(span_id, 16)}


def _hex(number: int | None, digits: int) -> str | None:
    return f"{number:0{digits}x}" if number else None


def _scope(scope: InstrumentationScope | None) -> PlainObject | None:
    return scope and {"name": scope.name, "version": scope.version, "schema_url": scope.schema_url}


def _plain(attributes: Mapping[str, Any] | None) -> PlainObject:
    return {key: _plain_value(value) for key, value in sorted((attributes or {}).items())}


def _plain_value(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _plain_value(item) for key, item in cast("Mapping[object, object]", value).items()}
    if isinstance(value, (list, tuple)):
        return [_plain_value(item) for item in cast("Sequence[object]", value)]
    return value
