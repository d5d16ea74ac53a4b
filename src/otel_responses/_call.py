"""The life of one call: opened, perhaps streamed, ended exactly once. Joins mapping, session and recorder.

A call ends at the first of: its outcome; an error; the end of its stream; a close; the drop of its stream; fork; exit.
Whoever takes it out of the table of open calls ends it; everybody else comes too late and does nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar

from opentelemetry.context import Context
from opentelemetry.trace import Link, Span, set_span_in_context

import otel_responses._semconv as semconv
from otel_responses import _open_calls
from otel_responses._clock import Clock, clock
from otel_responses._mapping.attributes import add_ending, add_response, put, request_attributes, start_attributes
from otel_responses._mapping.chunks import ChunkGaps
from otel_responses._mapping.failure import CLOSED, DROPPED, ended_by, resend_count
from otel_responses._mapping.reading import field, text
from otel_responses._mapping.response import FINISHED, noted_request_id
from otel_responses._mapping.stream import LIFECYCLE_EVENTS, Lifecycle, is_output
from otel_responses._open_calls import drain, end_all as end_open_calls
from otel_responses._recorder import measurements
from otel_responses._recorder.spans import start_span
from otel_responses._records import NO_HEADERS, NO_PARAMETERS, NO_USAGE, Outcome, Request, SessionData
from otel_responses._report import Ending, report
from otel_responses._runs import Run
from otel_responses._safe import guard, log_once
from otel_responses._shared import Shared
from otel_responses._timeline import Timeline
from otel_responses.session import without_session_baggage

if TYPE_CHECKING:
    from otel_responses._captured import CapturedContent

__all__ = ["Call", "Clock", "clock", "drain", "end_open_calls"]


class Call:
    """One call under way. Its methods may be called in any order and any number of times; one of them ends it."""

    is_inference: ClassVar[bool] = True
    """Whether a model runs for it, so that it has metrics and the event of an inference."""

    __slots__ = (
        "__weakref__",
        "_captured",
        "_first_output",
        "_gaps",
        "_headers",
        "_last",
        "_lifecycle",
        "_read_body",
        "_request",
        "_request_id",
        "_resend_count",
        "_session",
        "_shared",
        "_started",
        "_started_wall",
        "_timeline",
        "_watches",
        "context",
        "is_detailed",
        "is_open",
        "is_recording",
        "parameters",
        "span",
        "start_attributes",
    )

    def __init__(
        self,
        shared: Shared,
        request: Request,
        session: SessionData | None,
        parent: Context,
        links: Sequence[Link] = (),
        *,
        attributes: dict[str, Any] | None = None,
        started: int | None = None,
    ) -> None:
        self._shared = shared
        self._request = request
        self._session = session
        self._lifecycle: Lifecycle | None = None
        self._gaps: ChunkGaps | None = None
        self._first_output: int | None = None
        self._headers: Mapping[str, Any] = NO_HEADERS
        self._request_id: str | None = None
        self._resend_count = 0
        self._watches: list[_open_calls.Watch] = []
        self._timeline: Timeline | None = None
        self._read_body: Callable[[], Outcome] | None = None
        self._started_wall = clock.wall() if started is None else started
        self._started = self._last = clock.elapsed()
        self.parameters = NO_PARAMETERS  # what the request says of the model's settings
        parent = without_session_baggage(parent)
        self.start_attributes = start_attributes(request, session) if attributes is None else attributes
        self.span: Span = start_span(shared.recorder.tracer, self.start_attributes, parent, self._started_wall, links)
        # Current while the SDK's `request` runs, and what the metrics are recorded in: no token is held across a yield.
        self.context: Context = set_span_in_context(self.span, parent)
        self.is_recording = self.span.is_recording()
        # Whether anybody may get more of it than its metrics.
        self.is_detailed = self.is_recording or shared.may_capture or request.is_background
        self._captured: CapturedContent | None = None
        self.is_open = True

    @guard
    def capture(self, body: Mapping[str, Any]) -> None:
        """Keep the content of the call, where somebody would get it."""
        if self._shared.captures(self.is_recording, self.context):
            self._captured = self._shared.captured(body)

    @property
    def wants_output(self) -> bool:
        """Say whether anybody looks into the events between the first and the terminal one; their types are enough."""
        return self._captured is not None or self._timeline is not None

    def watch(self, target: object) -> None:
        """End the call as dropped when `target`, a stream or a response, is gone."""
        if self.is_open:
            self._watches.append(_open_calls.watch(target, self))

    def replied(self, headers: Mapping[str, Any], resends: object) -> None:
        """Note the headers of the reply, whose names are looked up in lower case."""
        self._headers = headers
        self._resend_count = resends if isinstance(resends, int) else 0
        self._last = clock.elapsed()

    def streams(self) -> None:
        """Expect events."""
        self._lifecycle = Lifecycle()
        if self._shared.config.chunk_metric:
            self._gaps = ChunkGaps()
        if self._captured is not None:
            self._captured.streams()
        if self._shared.config.output_item_spans and self.is_recording:
            self._timeline = Timeline(self._shared.recorder.tracer, self.context)

    def reads(self, partial: Callable[[], Outcome]) -> None:
        """Expect a body that nobody parses, of which `partial` knows what has passed."""
        self._read_body = partial

    def event(self, event: Any) -> None:
        """Take one event of the stream; the terminal one ends the call. This is the hot path: once for every event."""
        self._last = clock.elapsed()
        try:
            kind = getattr(event, "type", None) or field(event, "type")
            if kind.__class__ is not str:
                # openai 1.66 to 1.76 wraps an event whose name does not begin with "response.": that of an error.
                event = field(event, "data")
                kind = field(event, "type")
                if kind.__class__ is not str:
                    return
            if kind in LIFECYCLE_EVENTS:
                self._follow(event, kind)
                return
            if self._first_output is None or self._gaps is not None:
                self._note_output(kind)
            if self._captured is not None:
                self._captured.add(event, kind)
            if self._timeline is not None:
                self._timeline.add(event, kind, self._started_wall + self._last - self._started)
        except Exception as error:  # noqa: BLE001 - as in guard(), without its frame for every event
            log_once("Call.event", error)

    def completed(self, outcome: Outcome) -> None:
        """End the call with what came back."""
        try:
            self._end(outcome, error=self._shared.labels.error_of(outcome) if outcome.has_failed else None)
        except Exception as failure:  # noqa: BLE001 - as in guard(), without its frame
            log_once("Call.completed", failure)

    @guard
    def failed(self, error: BaseException, outcome: Outcome | None = None) -> None:
        """End the call with an exception, after `outcome` where a reply had been read."""
        self._request_id = text(field(error, "request_id"))
        self._resend_count = self._resend_count or resend_count(error)
        how = ended_by(error)
        kind = None if how else self._shared.labels.error_type(error)
        self._end(outcome or self._partial(), error=kind, by=how, exception=error)

    @guard
    def truncated(self) -> None:
        """End the call: its stream was exhausted without a terminal event."""
        self._end(self._partial(), error=semconv.STREAM_TRUNCATED)

    @guard
    def closed(self) -> None:
        """End the call: the caller closed its stream early. In a finalizer that is left to another thread."""
        if not _open_calls.is_collecting():
            self._end(self._partial(), by=CLOSED)
        elif self._watches:
            _open_calls.hand_over(self._watches[0])

    @guard
    def drop(self) -> None:
        """End the call at its last event: its stream is gone, or the interpreter exits."""
        self._end(self._partial(), by=DROPPED, at=self._last)

    def forget(self) -> None:
        """Let go of everything without ending the span."""
        self.is_open = False
        self._watches.clear()
        self._captured = None

    def _follow(self, event: Any, kind: str) -> None:
        lifecycle = self._lifecycle
        if lifecycle is None:
            return
        if lifecycle.add(event, kind):
            self.completed(lifecycle.outcome)
        elif self._request.is_background:
            self._expect(lifecycle.partial().response_id)

    def _note_output(self, kind: str) -> None:
        if not is_output(kind):
            return
        if self._first_output is None:
            self._first_output = self._last
        if self._gaps is not None:
            self._gaps.add(self._last)

    def _partial(self) -> Outcome:
        if self._read_body is None:
            return (self._lifecycle or Lifecycle()).partial()
        outcome = self._read_body()
        return outcome if outcome.status in FINISHED else replace(outcome, finish_reason="error")

    def _end(
        self,
        outcome: Outcome,
        *,
        error: str | None = None,
        by: str | None = None,
        at: int | None = None,
        exception: BaseException | None = None,
    ) -> None:
        if not _open_calls.remove(self):
            return
        self.is_open = False
        self._watches.clear()
        elapsed = (clock.elapsed() if at is None else at) - self._started
        outcome = self._shared.labels.bounded(outcome)
        try:
            outcome = self._settled(outcome)
        except Exception as failure:  # noqa: BLE001 - as in guard(), without its frame
            log_once("Call._settled", failure)
        if self._timeline is not None:
            guard(self._timeline.close)(self._started_wall + elapsed)
        captured, self._captured = self._captured, None
        try:
            ended = self._started_wall + elapsed
            if self.is_detailed or exception is not None:
                report(self._shared, self, Ending(outcome, ended, error, by, exception), captured)
            else:
                self.span.end(ended)
        finally:
            self._measure(outcome, error, elapsed)

    def _settled(self, outcome: Outcome) -> Outcome:
        """Let later calls find this one; return the outcome with its price, without tokens already counted."""
        if self.is_recording:
            span, conversation = self.span.get_span_context(), self._conversation(outcome)
            self._shared.known_spans.remember(span, outcome.response_id, conversation)
        if self._request.is_background:
            outcome = self._run_settled(outcome)
        price = self._shared.price
        return outcome if price is None else replace(outcome, cost=price(self._request, outcome))

    def _run_settled(self, outcome: Outcome) -> Outcome:
        response_id = outcome.response_id
        if response_id is None or outcome.status not in FINISHED:
            self._expect(response_id)
        elif not self._shared.runs.finish(response_id):
            return replace(outcome, usage=NO_USAGE)
        return outcome

    def _expect(self, response_id: str | None) -> None:
        """Let whoever fetches the response later count its tokens."""
        if response_id is not None:
            is_captured = self._captured is not None
            span = self.span.get_span_context()
            run = Run(self._request, self.parameters, self._session, span, is_captured, self._started)
            self._shared.runs.follow(response_id, run)

    def _conversation(self, outcome: Outcome) -> str | None:
        session = self._session
        return self._request.conversation_id or outcome.conversation_id or (session and session.conversation)

    def attributes(self, ending: Ending) -> dict[str, Any]:
        """Return all attributes but those that the span began with."""
        outcome = ending.outcome
        attributes = self._described(outcome)
        conversation, request_id = self._conversation(outcome), self._find_request_id(outcome)
        if conversation is not None:
            attributes[semconv.CONVERSATION_ID] = conversation
        if self._first_output is not None:
            put(attributes, semconv.RESPONSE_TIME_TO_FIRST_CHUNK, self._time_to_first_chunk())
        if request_id is not None:
            attributes[semconv.REQUEST_ID] = request_id
        add_ending(attributes, ending.error_type, ending.ended_by, self._resend_count)
        return attributes

    def _find_request_id(self, outcome: Outcome) -> str | None:
        return noted_request_id(outcome.source) or text(self._headers.get("x-request-id")) or self._request_id

    def _described(self, outcome: Outcome) -> dict[str, Any]:
        attributes = request_attributes(self._request, self.parameters)
        add_response(attributes, outcome, self._shared.recorder.profile)
        return attributes

    def _time_to_first_chunk(self) -> float | None:
        return None if self._first_output is None else (self._first_output - self._started) / 1e9

    def _measure(self, outcome: Outcome, error: str | None, elapsed: int) -> None:
        labels = self._shared.labels.of(self._request, outcome, error)
        metrics, context = self._shared.recorder.metrics, self.context
        first_chunk, usage, cost = self._time_to_first_chunk(), outcome.usage, outcome.cost
        measurements.add(partial(metrics.record_call, elapsed / 1e9, first_chunk, usage, cost, labels, context))
        if self._gaps is not None:  # up to 1,024 records, which the caller's last event does not wait for
            gaps = self._gaps.gaps
            _open_calls.later(lambda: metrics.record_gaps(gaps, labels, context))
