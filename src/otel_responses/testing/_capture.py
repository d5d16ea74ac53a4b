"""Spans, metrics and log records in memory, from real providers of the OpenTelemetry SDK."""

from __future__ import annotations

from collections import deque
from collections.abc import Generator
from contextlib import contextmanager, nullcontext
from typing import Any, TypedDict

from opentelemetry.sdk._logs import LoggerProvider, LogRecordProcessor
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.sdk.trace.sampling import ALWAYS_ON, Sampler

from otel_responses._call import drain
from otel_responses.testing._fixed import CountingIds, fixed_clock
from otel_responses.testing._plain import PlainObject, plain_log, plain_metrics, plain_span, subtracted

__all__ = ["Capture", "capture"]

LOG_RECORDS_MAX = 10_000
# A constructor of its own, and so free of what OTEL_RESOURCE_ATTRIBUTES of the machine says.
RESOURCE = Resource({"service.name": "captured"})


class Providers(TypedDict):
    """What `instrument()` takes."""

    tracer_provider: TracerProvider
    meter_provider: MeterProvider
    logger_provider: LoggerProvider


@contextmanager
def capture(*, fixed: bool = False, sampler: Sampler = ALWAYS_ON) -> Generator[Capture]:
    """Collect telemetry in memory.

    The providers are not made global: hand them to `instrument(**telemetry.providers)`.

    Args:
        fixed: Let ids count up and the clock of our calls go on by a millisecond a reading, so that whole spans can be
            compared. Spans that the test itself starts keep the times of the SDK.
        sampler: Which spans are recorded; all of them.
    """
    with fixed_clock() if fixed else nullcontext():
        yield Capture(fixed=fixed, sampler=sampler)
        # What was dropped inside the block ends by its clock.
        drain()


class Capture:
    """What was recorded, as plain dictionaries; reading it changes nothing, but for exemplars.

    Attributes:
        tracer_provider: A real one of the SDK.
        meter_provider: Likewise.
        logger_provider: Likewise.
    """

    def __init__(self, *, fixed: bool = False, sampler: Sampler = ALWAYS_ON) -> None:
        self._spans = InMemorySpanExporter()
        self._metrics = InMemoryMetricReader()
        self._logs = _LogRecords()
        self._cleared: list[PlainObject] = []
        self.tracer_provider = TracerProvider(
            resource=RESOURCE,
            sampler=sampler,
            id_generator=CountingIds() if fixed else None,
            shutdown_on_exit=False,
        )
        self.tracer_provider.add_span_processor(SimpleSpanProcessor(self._spans))
        self.meter_provider = MeterProvider([self._metrics], resource=RESOURCE, shutdown_on_exit=False)
        self.logger_provider = LoggerProvider(resource=RESOURCE, shutdown_on_exit=False)
        self.logger_provider.add_log_record_processor(self._logs)

    @property
    def providers(self) -> Providers:
        """The three providers, by the names of the options of `instrument()`."""
        return {
            "tracer_provider": self.tracer_provider,
            "meter_provider": self.meter_provider,
            "logger_provider": self.logger_provider,
        }

    def spans(self) -> list[PlainObject]:
        """The ended spans, in the order in which they ended."""
        drain()
        return [plain_span(span) for span in self._spans.get_finished_spans()]

    def metrics(self) -> list[PlainObject]:
        """The metrics by name; a point's exemplars are those since the last reading."""
        drain()
        return subtracted(plain_metrics(self._metrics.get_metrics_data()), self._cleared)

    def logs(self) -> list[PlainObject]:
        """The log records, in the order in which they were emitted; the newest 10,000 are kept."""
        drain()
        return [plain_log(record) for record in self._logs.records]

    def clear(self) -> None:
        """Forget what was recorded until now."""
        drain()
        self._spans.clear()
        self._logs.records.clear()
        self._cleared = plain_metrics(self._metrics.get_metrics_data())


class _LogRecords(LogRecordProcessor):
    """Keeps the records; the SDK's own exporter in memory has another name before 1.39."""

    def __init__(self) -> None:
        self.records: deque[Any] = deque(maxlen=LOG_RECORDS_MAX)

    def on_emit(self, log_record: Any) -> None:
        self.records.append(log_record)

    def shutdown(self) -> None:
        """Keep what there is."""

    def force_flush(self, timeout_millis: int = 30_000) -> bool:
        return True
