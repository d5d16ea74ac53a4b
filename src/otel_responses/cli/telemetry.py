"""What has arrived: the one place that the receiver's threads write to and the screen reads from. Bounded."""

from __future__ import annotations

import threading
from collections import deque
from dataclasses import dataclass

from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from otel_responses.cli.calls import Call, read_call
from otel_responses.cli.metrics import MetricTotal, MetricTotals

__all__ = ["CALLS_MAX", "Arrived", "Telemetry"]

CALLS_MAX = 5_000


@dataclass(frozen=True, slots=True)
class Arrived:
    """All of it at one moment. `dropped_calls` are the oldest, which made room for newer ones."""

    calls: tuple[Call, ...] = ()
    dropped_calls: int = 0
    other_spans: int = 0
    log_records: int = 0
    metrics: tuple[MetricTotal, ...] = ()


class Telemetry:
    """Keeps the newest 5,000 calls, each once however often an exporter repeats it, and counts everything else."""

    def __init__(self, *, calls_max: int = CALLS_MAX) -> None:
        self._calls_max = calls_max
        self._calls: dict[bytes, Call] = {}
        self._unseen: deque[Call] = deque(maxlen=calls_max)
        self._metrics = MetricTotals()
        self._dropped_calls = self._other_spans = self._log_records = 0
        self._lock = threading.Lock()
        self._news = threading.Event()

    def add_traces(self, request: ExportTraceServiceRequest) -> None:
        """Take the spans of an export."""
        with self._lock:
            for resource in request.resource_spans:
                for scope in resource.scope_spans:
                    for span in scope.spans:
                        self._add_call(read_call(span))
        self._news.set()

    def add_metrics(self, request: ExportMetricsServiceRequest) -> None:
        """Take the points of an export."""
        with self._lock:
            self._metrics.add(request)
        self._news.set()

    def add_logs(self, request: ExportLogsServiceRequest) -> None:
        """Count the records of an export."""
        with self._lock:
            for resource in request.resource_logs:
                self._log_records += sum(len(scope.log_records) for scope in resource.scope_logs)
        self._news.set()

    def wait(self, seconds: float) -> bool:
        """Wait for something new; false when nothing came in that time."""
        arrived = self._news.wait(seconds)
        self._news.clear()
        return arrived

    def unseen_calls(self) -> tuple[Call, ...]:
        """The calls that came since this was last asked, in the order of their arrival."""
        with self._lock:
            calls = tuple(self._unseen)
            self._unseen.clear()
        return calls

    def arrived(self) -> Arrived:
        """Everything that is kept, as it is now."""
        with self._lock:
            return Arrived(
                calls=tuple(self._calls.values()),
                dropped_calls=self._dropped_calls,
                other_spans=self._other_spans,
                log_records=self._log_records,
                metrics=self._metrics.totals(),
            )

    def _add_call(self, call: Call | None) -> None:
        if call is None:
            self._other_spans += 1
            return
        if call.key in self._calls:
            return
        if len(self._calls) >= self._calls_max:
            del self._calls[next(iter(self._calls))]
            self._dropped_calls += 1
        self._calls[call.key] = call
        self._unseen.append(call)
