"""OTLP messages and calls for these tests, made by hand."""

from __future__ import annotations

import itertools
from typing import Any

from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, ArrayValue, KeyValue, KeyValueList
from opentelemetry.proto.logs.v1.logs_pb2 import LogRecord, ResourceLogs, ScopeLogs
from opentelemetry.proto.trace.v1.trace_pb2 import ResourceSpans, ScopeSpans, Span

from otel_responses.cli.calls import NANOSECONDS, Call

_numbers = itertools.count(1)

TRIP: dict[str, Any] = {"session_id": "3f2a91c0-0000-4000-8000-000000000001", "session_name": "Trip"}
PHOTOS: dict[str, Any] = {"session_id": "photos-2", "session_name": "Photos"}


def any_value(value: object) -> AnyValue:
    match value:
        case bool():
            return AnyValue(bool_value=value)
        case int():
            return AnyValue(int_value=value)
        case float():
            return AnyValue(double_value=value)
        case None:
            return AnyValue()
        case bytes():
            return AnyValue(bytes_value=value)
        case list():
            return AnyValue(array_value=ArrayValue(values=[any_value(item) for item in value]))
        case dict():
            return AnyValue(kvlist_value=KeyValueList(values=pairs(value)))
        case _:
            return AnyValue(string_value=str(value))


def pairs(attributes: dict[str, object]) -> list[KeyValue]:
    return [KeyValue(key=key, value=any_value(value)) for key, value in attributes.items()]


def span(name: str = "chat gpt-4.1", *, start: float = 0, seconds: float = 1.5, **attributes: object) -> Span:
    """A span of a call; an attribute's name is written with __ for each dot."""
    number = next(_numbers)
    begin = int(start * NANOSECONDS)
    return Span(
        trace_id=number.to_bytes(16, "big"),
        span_id=number.to_bytes(8, "big"),
        name=name,
        start_time_unix_nano=begin,
        end_time_unix_nano=begin + int(seconds * NANOSECONDS),
        attributes=pairs(
            {"gen_ai.operation.name": "chat", **{key.replace("__", "."): value for key, value in attributes.items()}}
        ),
    )


def traces(*spans: Span) -> ExportTraceServiceRequest:
    return ExportTraceServiceRequest(resource_spans=[ResourceSpans(scope_spans=[ScopeSpans(spans=spans)])])


def logs(*records: LogRecord) -> ExportLogsServiceRequest:
    return ExportLogsServiceRequest(resource_logs=[ResourceLogs(scope_logs=[ScopeLogs(log_records=records)])])


def event(of: Span, name: str, **attributes: object) -> LogRecord:
    """An event of a span; an attribute's name is written with __ for each dot."""
    values = pairs({key.replace("__", "."): value for key, value in attributes.items()})
    return LogRecord(trace_id=of.trace_id, span_id=of.span_id, event_name=name, attributes=values)


def call(label: str = "chat gpt-4.1", *, start: float = 0, duration: float = 1.5, **fields: Any) -> Call:
    key = str(next(_numbers)).encode()
    return Call(key=key, label=label, start=int(start * NANOSECONDS), duration=duration, **fields)


def a_trip() -> list[Call]:
    """Two sessions, one call outside of any, and every way that a call can end."""
    return [
        call(start=0, duration=0.61, **TRIP, path="/", input_tokens=36, output_tokens=87, finish="stop"),
        call(
            start=1, duration=2.61, **TRIP, path="/research", input_tokens=1328, output_tokens=356, cached_tokens=1024
        ),
        call(start=4, duration=0.91, **TRIP, path="/research", input_tokens=18307, output_tokens=55, resends=1),
        call(start=5, **TRIP, path="/research/flights", input_tokens=291, output_tokens=23, finish="tool_call"),
        call("chat o4-mini", start=6, **TRIP, path="/plan", input_tokens=81, output_tokens=1035, reasoning_tokens=832),
        call(start=11, duration=0.41, **TRIP, path="/plan", error="rate_limit_exceeded", finish="error", resends=2),
        call(start=12, duration=0.71, **TRIP, path="/plan", ended_by="closed", finish="error", first_chunk=0.21),
        call(start=11.2, duration=0.71, **PHOTOS, path="/", input_tokens=328, output_tokens=12, first_chunk=0.4),
        call("embeddings small", start=30, duration=120, input_tokens=4),
    ]
