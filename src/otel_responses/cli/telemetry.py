"""What has arrived: the one place that the receiver's threads write to and the screen reads from. Bounded."""

from __future__ import annotations

import threading
from dataclasses import dataclass, replace

from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.logs.v1.logs_pb2 import LogRecord
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from otel_responses.cli.calls import Call, read_call
from otel_responses.cli.conversation import (
    NOTHING_SAID,
    Conversation,
    conversation_of_event,
    conversation_of_span,
)
from otel_responses.cli.metrics import MetricTotal, MetricTotals

__all__ = ["CALLS_MAX", "CONVERSATIONS_MAX", "Arrived", "Telemetry", "Unseen"]

CALLS_MAX = 5_000
CONVERSATIONS_MAX = 1_000


@dataclass(frozen=True, slots=True)
class Arrived:
    """All of it at one moment. What was dropped is the oldest, which made room for what is newer."""

    calls: tuple[Call, ...] = ()
    dropped_calls: int = 0
    dropped_conversations: int = 0
    other_spans: int = 0
    log_records: int = 0
    metrics: tuple[MetricTotal, ...] = ()


@dataclass(frozen=True, slots=True)
class Unseen:
    """A call that was not shown yet; or one that was, without the conversation that came `late`."""

    call: Call
    is_late: bool


class Telemetry:
    """Keeps the newest 5,000 calls, each once however often an exporter repeats it, and counts everything else.

    The conversations of the newest 1,000 are kept too, unless it is made without `content`. They come with the span of
    their call, or as an event before or after it; trace and span id bring them together.
    """

    def __init__(
        self, *, content: bool = True, calls_max: int = CALLS_MAX, conversations_max: int = CONVERSATIONS_MAX
    ) -> None:
        self._calls_max = calls_max
        self._keeps_content = content
        self._conversations_max = conversations_max
        self._calls: dict[bytes, Call] = {}
        self._conversations: dict[bytes, Conversation] = {}
        self._unseen: dict[bytes, bool] = {}  # whether it is late
        self._metrics = MetricTotals()
        self._dropped_calls = self._dropped_conversations = self._other_spans = self._log_records = 0
        self._lock = threading.Lock()
        self._news = threading.Event()

    def add_traces(self, request: ExportTraceServiceRequest) -> None:
        """Take the spans of an export."""
        with self._lock:
            for resource in request.resource_spans:
                for scope in resource.scope_spans:
                    for span in scope.spans:
                        self._add_span(span)
        self._news.set()

    def add_metrics(self, request: ExportMetricsServiceRequest) -> None:
        """Take the points of an export."""
        with self._lock:
            self._metrics.add(request)
        self._news.set()

    def add_logs(self, request: ExportLogsServiceRequest) -> None:
        """Count the records of an export, and take the conversations of the events among them."""
        with self._lock:
            for resource in request.resource_logs:
                for scope in resource.scope_logs:
                    for record in scope.log_records:
                        self._add_record(record)
        self._news.set()

    def wait(self, seconds: float) -> bool:
        """Wait for something new; false when nothing came in that time."""
        arrived = self._news.wait(seconds)
        self._news.clear()
        return arrived

    def unseen_calls(self) -> tuple[Unseen, ...]:
        """The calls that came since this was last asked, in the order of their arrival."""
        with self._lock:
            unseen = tuple(Unseen(self._with_conversation(key), is_late) for key, is_late in self._unseen.items())
            self._unseen.clear()
        return unseen

    def arrived(self, *, conversations: int = CONVERSATIONS_MAX) -> Arrived:
        """Everything that is kept, as it is now, with the conversations of so many of the newest calls."""
        with self._lock:
            older = len(self._calls) - conversations
            return Arrived(
                calls=tuple(
                    call if number < older else self._with_conversation(key)
                    for number, (key, call) in enumerate(self._calls.items())
                ),
                dropped_calls=self._dropped_calls,
                dropped_conversations=self._dropped_conversations,
                other_spans=self._other_spans,
                log_records=self._log_records,
                metrics=self._metrics.totals(),
            )

    def _add_span(self, span: Span) -> None:
        call = read_call(span)
        if call is None:
            self._other_spans += 1
        elif call.key not in self._calls:
            self._add_call(call)
            if self._keeps_content:
                self._add_conversation(call.key, conversation_of_span(span))

    def _add_call(self, call: Call) -> None:
        if len(self._calls) >= self._calls_max:
            oldest = next(iter(self._calls))
            del self._calls[oldest]
            self._unseen.pop(oldest, None)
            self._conversations.pop(oldest, None)
            self._dropped_calls += 1
        self._calls[call.key] = call
        self._unseen[call.key] = False

    def _add_record(self, record: LogRecord) -> None:
        self._log_records += 1
        if self._keeps_content:
            self._add_conversation(record.trace_id + record.span_id, conversation_of_event(record))

    def _add_conversation(self, key: bytes, found: Conversation) -> None:
        known = self._conversations.get(key, NOTHING_SAID)
        whole = known.or_else(found)
        if whole == known:
            return
        if key not in self._conversations and len(self._conversations) >= self._conversations_max:
            del self._conversations[next(iter(self._conversations))]
            self._dropped_conversations += 1
        self._conversations[key] = whole
        if key in self._calls:
            self._unseen.setdefault(key, True)

    def _with_conversation(self, key: bytes) -> Call:
        call, conversation = self._calls[key], self._conversations.get(key)
        return replace(call, conversation=conversation) if conversation else call
