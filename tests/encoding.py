"""Attributes through the SDK and the real OTLP encoder, to bytes and back: one that cannot be encoded costs a batch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from opentelemetry.exporter.otlp.proto.common.trace_encoder import encode_spans
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

__all__ = ["as_exported", "encoded_attributes"]

Attributes = dict[str, Any]


def as_exported(attributes: Mapping[str, Any]) -> Attributes:
    """The attributes of a span that was given these, as they arrive at an OTLP receiver."""
    spans = InMemorySpanExporter()
    provider = TracerProvider(resource=Resource({}), shutdown_on_exit=False)
    provider.add_span_processor(SimpleSpanProcessor(spans))
    provider.get_tracer("test").start_span("span", attributes=attributes).end()
    (arrived,) = encoded_attributes(spans.get_finished_spans())
    return arrived


def encoded_attributes(spans: Sequence[ReadableSpan]) -> list[Attributes]:
    """The attributes of each span after OTLP encoding, to bytes and back."""
    request = ExportTraceServiceRequest.FromString(encode_spans(spans).SerializeToString())
    return [
        {item.key: _value(item.value) for item in span.attributes}
        for resource in request.resource_spans
        for scope in resource.scope_spans
        for span in scope.spans
    ]


def _value(value: Any) -> Any:
    kind = value.WhichOneof("value")
    read = getattr(value, kind)
    return [_value(item) for item in read.values] if kind == "array_value" else read
