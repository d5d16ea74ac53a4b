"""The bytes that the real OTLP encoders make of everything that was recorded, and what we logged."""

from __future__ import annotations

import logging
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
from opentelemetry.exporter.otlp.proto.common import _log_encoder
from opentelemetry.exporter.otlp.proto.common.metrics_encoder import encode_metrics
from opentelemetry.exporter.otlp.proto.common.trace_encoder import encode_spans
from opentelemetry.sdk._logs import LoggerProvider, LogRecordProcessor
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor, SpanExporter, SpanExportResult

import otel_responses
from otel_responses._call import drain

__all__ = ["Exported", "exported"]


@dataclass
class Exported:
    """What left, by signal; `log` is what our logger and those of OpenTelemetry wrote."""

    span: bytes = b""
    event: bytes = b""
    metric: bytes = b""
    log: bytes = b""
    spans: int = field(default=0)


class _Spans(SpanExporter):
    def __init__(self, to: Exported) -> None:
        self._to = to

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        self._to.span += encode_spans(spans).SerializeToString()
        self._to.spans += len(spans)
        return SpanExportResult.SUCCESS


class _Events(LogRecordProcessor):
    def __init__(self, to: Exported) -> None:
        self._to = to

    def on_emit(self, log_record: Any) -> None:
        self._to.event += _log_encoder.encode_logs([log_record]).SerializeToString()

    def shutdown(self) -> None:
        """Keep what there is."""

    def force_flush(self, timeout_millis: int = 30_000) -> bool:
        return True


@contextmanager
def exported(caplog: pytest.LogCaptureFixture, **options: Any) -> Generator[Exported]:
    """Trace the calls inside with real providers; what is given is complete when the block is left."""
    result, reader, resource = Exported(), InMemoryMetricReader(), Resource({})
    tracer_provider = TracerProvider(resource=resource, shutdown_on_exit=False)
    tracer_provider.add_span_processor(SimpleSpanProcessor(_Spans(result)))
    logger_provider = LoggerProvider(resource=resource, shutdown_on_exit=False)
    logger_provider.add_log_record_processor(_Events(result))
    meter_provider = MeterProvider([reader], resource=resource, shutdown_on_exit=False)
    providers = {
        "tracer_provider": tracer_provider,
        "meter_provider": meter_provider,
        "logger_provider": logger_provider,
    }
    with caplog.at_level(logging.DEBUG, "otel_responses"):
        otel_responses.instrument(**providers, **options)
        try:
            yield result
        finally:
            drain()
            otel_responses.uninstrument()
    data = reader.get_metrics_data()
    result.metric = encode_metrics(data).SerializeToString() if data else b""
    # The SDK's own loggers, openai and the HTTP library, are the program's to configure.
    ours = [record for record in caplog.records if record.name.startswith(("otel_responses", "opentelemetry"))]
    result.log = "\n".join(f"{record.getMessage()} {record.exc_text or ''}" for record in ours).encode()
