"""Real providers, set up as a program in production has them, but for the exporters: these drop everything."""

from __future__ import annotations

import os
import sys
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypedDict

from opentelemetry._logs import LoggerProvider
from opentelemetry.metrics import MeterProvider
from opentelemetry.sdk import _logs, metrics, trace
from opentelemetry.sdk._logs.export import BatchLogRecordProcessor, LogRecordExporter, LogRecordExportResult
from opentelemetry.sdk.metrics.export import (
    MetricExporter,
    MetricExportResult,
    MetricsData,
    PeriodicExportingMetricReader,
)
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult
from opentelemetry.sdk.trace.sampling import ALWAYS_OFF, ALWAYS_ON, Sampler
from opentelemetry.trace import TracerProvider

__all__ = ["DroppedSpans", "Providers", "Telemetry", "without_prices"]


class Providers(TypedDict):
    """The options of `instrument()`, and what the floor takes."""

    tracer_provider: TracerProvider | None
    meter_provider: MeterProvider | None
    logger_provider: LoggerProvider | None


@dataclass(frozen=True, slots=True)
class Telemetry:
    """The telemetry of a program; None where it has set no provider."""

    tracer_provider: trace.TracerProvider | None = None
    meter_provider: metrics.MeterProvider | None = None
    logger_provider: _logs.LoggerProvider | None = None

    @classmethod
    def dropped(cls, *, sampler: Sampler = ALWAYS_ON) -> Telemetry:
        """Batches of spans and logs and, once a minute, the metrics go to exporters that drop them."""
        tracer_provider = trace.TracerProvider(sampler=sampler, shutdown_on_exit=False)
        tracer_provider.add_span_processor(BatchSpanProcessor(DroppedSpans()))
        reader = PeriodicExportingMetricReader(_DroppedMetrics())
        logger_provider = _logs.LoggerProvider(shutdown_on_exit=False)
        logger_provider.add_log_record_processor(BatchLogRecordProcessor(_DroppedLogs()))
        return cls(tracer_provider, metrics.MeterProvider([reader], shutdown_on_exit=False), logger_provider)

    @classmethod
    def sampled_out(cls) -> Telemetry:
        """The same where no span is sampled; metrics are recorded all the same."""
        return cls.dropped(sampler=ALWAYS_OFF)

    @classmethod
    def disabled(cls) -> Telemetry:
        """The same in a program that was started with `OTEL_SDK_DISABLED=true`."""
        with _environment("OTEL_SDK_DISABLED", "true"):
            return cls.dropped()

    @property
    def providers(self) -> Providers:
        """The providers by the names that `instrument()` has for them."""
        return {
            "tracer_provider": self.tracer_provider,
            "meter_provider": self.meter_provider,
            "logger_provider": self.logger_provider,
        }

    def flush(self) -> None:
        """Let what waits in batches be dropped, and the metrics be collected."""
        for provider in (self.tracer_provider, self.meter_provider, self.logger_provider):
            if provider is not None:
                provider.force_flush()

    def shutdown(self) -> None:
        """Stop the threads of the providers."""
        for provider in (self.tracer_provider, self.meter_provider, self.logger_provider):
            if provider is not None:
                provider.shutdown()


class DroppedSpans(SpanExporter):
    """Counts the spans that it drops, in all of its objects together."""

    count = 0

    def export(self, spans: Sequence[trace.ReadableSpan]) -> SpanExportResult:
        DroppedSpans.count += len(spans)
        return SpanExportResult.SUCCESS


class _DroppedMetrics(MetricExporter):
    def export(self, metrics_data: MetricsData, timeout_millis: float = 10_000, **kwargs: Any) -> MetricExportResult:
        return MetricExportResult.SUCCESS

    def force_flush(self, timeout_millis: float = 10_000) -> bool:
        return True

    def shutdown(self, timeout_millis: float = 30_000, **kwargs: Any) -> None:
        """There is nothing to stop."""


class _DroppedLogs(LogRecordExporter):
    def export(self, batch: Sequence[Any]) -> LogRecordExportResult:
        return LogRecordExportResult.SUCCESS

    def force_flush(self, timeout_millis: int = 10_000) -> bool:
        return True

    def shutdown(self) -> None:
        """There is nothing to stop."""


@contextmanager
def _environment(name: str, value: str) -> Generator[None]:
    before = os.environ.get(name)
    os.environ[name] = value
    try:
        yield
    finally:
        if before is None:
            del os.environ[name]
        else:
            os.environ[name] = before


def without_prices() -> None:
    """Hide the library of the extra `cost`: it is among the tools for the tests, and the floor does not price calls."""
    modules: dict[str, Any] = sys.modules
    modules["genai_prices"] = None
