"""The end of a background run, as the span and the tokens of a call.

The call that created the run ended when it was queued, without tokens. Who sees the run finished emits one more span,
for the time from its creation to its completion, in the trace of the creating call and linked to it.
"""

from __future__ import annotations

from typing import Any

from opentelemetry.context import Context, get_current
from opentelemetry.trace import Link, NonRecordingSpan, SpanContext, set_span_in_context

import otel_responses._semconv as semconv
from otel_responses import _open_calls
from otel_responses._call import Call
from otel_responses._clock import clock
from otel_responses._mapping.reading import field
from otel_responses._mapping.response import run_times
from otel_responses._records import NO_PARAMETERS, FetchRequest, Outcome, Request, SessionData
from otel_responses._runs import Run
from otel_responses._safe import guard
from otel_responses._shared import Shared

__all__ = ["complete"]


@guard
def complete(
    shared: Shared, fetched: FetchRequest, outcome: Outcome, session: SessionData | None
) -> SpanContext | None:
    """Emit the span of a run that a fetch shows finished; None where somebody else does, or did, or nobody should."""
    run = shared.runs.claim(fetched.response_id, clock.elapsed()) or _foreign(shared, fetched, outcome, session)
    return None if run is None else Completion(shared, run, outcome).emit(outcome)


class Completion(Call):
    """The span of a finished run: it is over when it begins."""

    __slots__ = ("_ended",)

    def __init__(self, shared: Shared, run: Run, outcome: Outcome) -> None:
        created, completed = run_times(outcome.source)
        started = clock.wall() if created is None else created
        self._ended = max(started, clock.wall() if completed is None else completed)
        creating = run.span if run.span is not None and run.span.is_valid else None
        super().__init__(
            shared,
            run.request,
            run.session,
            get_current() if creating is None else set_span_in_context(NonRecordingSpan(creating), Context()),
            () if creating is None else (Link(creating),),
            started=started,
        )
        self.parameters = run.parameters
        # What the creating call or this one may not show stays out; its input is on the span of the creating call.
        if run.is_captured and shared.captures(self.is_recording, get_current()):
            self.capture({})

    def emit(self, outcome: Outcome) -> SpanContext:
        """Begin and end the span."""
        _open_calls.add(self)
        error = self._shared.labels.error_of(outcome)
        self._end(outcome, error=error, at=self._started + self._ended - self._started_wall)
        return self.span.get_span_context()

    def _settled(self, outcome: Outcome) -> Outcome:
        if self.is_recording:
            self._shared.known_spans.remember(self.span.get_span_context(), outcome.response_id)
        return outcome

    def _described(self, outcome: Outcome) -> dict[str, Any]:
        return {**super()._described(outcome), semconv.RESPONSE_BACKGROUND: True}

    def _find_request_id(self, outcome: Outcome) -> None:
        """Return nothing: the id that the response has is that of the fetch."""

    def _measure(self, outcome: Outcome, error: str | None, elapsed: int) -> None:
        """Record the tokens only: the creating call was counted, with the time it took."""
        labels = self._shared.labels.of(self._request, outcome, error)
        self._shared.recorder.metrics.record_usage(outcome.usage, outcome.cost, labels, self.context)


def _foreign(shared: Shared, fetched: FetchRequest, outcome: Outcome, session: SessionData | None) -> Run | None:
    """Return a run that another process created, where the operator wants it counted here; once."""
    is_wanted = shared.config.count_foreign_background and field(outcome.source, "background") is True
    if not is_wanted or not shared.runs.mark(fetched.response_id):
        return None
    request = Request(fetched.endpoint, model=outcome.model, is_background=True)
    return Run(request, NO_PARAMETERS, session, span=None, is_captured=True, created=clock.elapsed())
