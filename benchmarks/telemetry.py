"""Real providers, set up as a program in production has them, but for the exporters: these drop everything."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypedDict

from opentelemetry.metrics import MeterProvider
from opentelemetry.sdk import metrics, trace
from opentelemetry.sdk.metrics.export import (
    MetricExporter,
    MetricExportResult,
    MetricsData,
    PeriodicExportingMetricReader,
)
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult
from opentelemetry.sdk.trace.sampling import ALWAYS_OFF, ALWAYS_ON, Sampler
from opentelemetry.trace import TracerProvider

__all__ = ["ABSENT", "Providers", "Telemetry", "without_prices"]


class Providers(TypedDict):
    """The options of `instrument()`, and what the floor takes."""

    tracer_provider: TracerProvider | None
    meter_provider: MeterProvider | None


@dataclass(frozen=True, slots=True)
class Telemetry:
    """The telemetry of a program; None where it has set no provider."""

    tracer_provider: trace.TracerProvider | None = None
    meter_provider: metrics.MeterProvider | None = None

    @classmethod
    def dropped(cls, *, sampler: Sampler = ALWAYS_ON) -> Telemetry:
        """Batches of spans and, once a minute, the metrics go to exporters that drop them."""
        tracer_provider = trace.TracerProvider(sampler=sampler, shutdown_on_exit=False)
        tracer_provider.add_span_processor(BatchSpanProcessor(_DroppedSpans()))
        reader = PeriodicExportingMetricReader(_DroppedMetrics())
        return cls(tracer_provider, metrics.MeterProvider([reader], shutdown_on_exit=False))

    @classmethod
    def sampled_out(cls) -> Telemetry:
        """The same where no span is sampled; metrics are recorded all the same."""
        return cls.dropped(sampler=ALWAYS_OFF)

    @property
    def providers(self) -> Providers:
        """The providers by the names that `instrument()` has for them."""
        return {"tracer_provider": self.tracer_provider, "meter_provider": self.meter_provider}

    def shutdown(self) -> None:
        """Stop the threads of the providers."""
        for provider in (self.tracer_provider, self.meter_provider):
            if provider is not None:
                provider.shutdown()


ABSENT = Telemetry()


class _DroppedSpans(SpanExporter):
    def export(self, spans: Sequence[trace.ReadableSpan]) -> SpanExportResult:
        return SpanExportResult.SUCCESS


class _DroppedMetrics(MetricExporter):
    def export(self, metrics_data: MetricsData, timeout_millis: float = 10_000, **kwargs: Any) -> MetricExportResult:
        return MetricExportResult.SUCCESS

    def force_flush(self, timeout_millis: float = 10_000) -> bool:
        return True

    def shutdown(self, timeout_millis: float = 30_000, **kwargs: Any) -> None:
        """There is nothing to stop."""


def without_prices() -> None:
    """Hide the library of the extra `cost`: it is among the tools for the tests, and the floor does not price calls."""
    modules: dict[str, Any] = sys.modules
    modules["genai_prices"] = None
