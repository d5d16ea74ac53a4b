"""How a call is told: the end of its span and its events, with as much content as the policy lets out."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar, Protocol

from opentelemetry._logs import LogRecord
from opentelemetry.context import Context
from opentelemetry.trace import Span

from otel_responses._mapping.exception import exception_attributes
from otel_responses._recorder.events import make_event
from otel_responses._recorder.spans import end_span
from otel_responses._records import NO_CONTENT, Content, Outcome, record
from otel_responses._safe import log_once
from otel_responses._semconv import DETAILS_EVENT, EXCEPTION_EVENT
from otel_responses._shared import Shared

if TYPE_CHECKING:
    from otel_responses._captured import CapturedContent

__all__ = ["Ending", "Told", "report"]


class Told(Protocol):
    """What is told of a call: its span, the context that holds it, and the attributes that samplers saw."""

    is_inference: ClassVar[bool]
    is_recording: bool
    span: Span
    context: Context
    start_attributes: dict[str, Any]

    def attributes(self, ending: Ending) -> dict[str, Any]:
        """Return all other attributes; asked only where somebody gets them."""
        ...


@record
class Ending:
    """How a call ended, and when, in nanoseconds since 1970."""

    outcome: Outcome
    time: int
    error_type: str | None = None
    ended_by: str | None = None
    exception: BaseException | None = None


def report(shared: Shared, call: Told, ending: Ending, captured: CapturedContent | None) -> None:
    """End the span and emit the events that are wanted."""
    recorder, mode = shared.recorder, shared.policy.mode
    context, error = call.context, ending.error_type
    attributes: dict[str, Any] = {}
    content, message, details = NO_CONTENT, None, None
    try:
        wants_details = mode.on_event and call.is_inference and recorder.wants(DETAILS_EVENT, context)
        if wants_details or call.is_recording:
            attributes = call.attributes(ending)
        if wants_details:
            details = make_event(DETAILS_EVENT, {**call.start_attributes, **attributes}, context, ending.time)
        if captured is not None:
            content, message = _said(shared, call.span, ending, captured, details)
    finally:  # a span ends, whatever is wrong with its attributes
        on_span = {**attributes, **content.texts} if mode.on_span else attributes
        described = error and ((mode.on_span and message) or error)
        end_span(call.span, on_span, described, ending.time)
    if details is not None:
        details.attributes = {**(details.attributes or {}), **content.structured}
        recorder.emit(details)
    if ending.exception is not None and error is not None and recorder.wants(EXCEPTION_EVENT, context):
        shown = exception_attributes(ending.exception, (mode.on_event and message) or error)
        recorder.emit(make_event(EXCEPTION_EVENT, shown, context, ending.time))


def _said(
    shared: Shared, span: Span, ending: Ending, captured: CapturedContent, details: LogRecord | None
) -> tuple[Content, str | None]:
    """Return the content and the error's message as far as they may be recorded: nothing, if the redactor fails."""
    seen_by = None if shared.hook is None else partial(shared.hook.apply, span=span, record=details)
    outcome = ending.outcome
    try:
        return captured.content(outcome, seen_by), captured.error_text(ending.exception or outcome.error_message)
    except Exception as failure:  # noqa: BLE001 - the redactor is the program's own code
        log_once("redaction", failure)
        shared.recorder.count_left_out()
        return NO_CONTENT, None
