"""The events of one stream -> Outcome, with the little that must be kept until its end.

An event of an unknown type passes unseen. What is kept is bounded: one Outcome, replaced as the stream goes on.
"""

from __future__ import annotations

from dataclasses import replace

from otel_responses._mapping.reading import field, text
from otel_responses._mapping.response import TERMINAL_EVENTS, read_response
from otel_responses._records import NO_OUTCOME, Outcome

__all__ = ["LIFECYCLE_EVENTS", "OUTPUT_EVENTS", "Lifecycle", "is_output"]

OUTPUT_EVENTS = frozenset({"response.output_item.added", "response.output_item.done"})
_STARTING = frozenset({"response.created", "response.queued", "response.in_progress"})
# All that the loop over a stream has to look at, besides the first output: one look-up an event.
LIFECYCLE_EVENTS = _STARTING | {*TERMINAL_EVENTS, "error"}


def is_output(kind: str) -> bool:
    """Say whether an event of this type carries output: a delta of any kind, or an output item."""
    return kind.endswith(".delta") or kind in OUTPUT_EVENTS


class Lifecycle:
    """Follows a response from `response.created` to its terminal event."""

    __slots__ = ("_last", "has_ended", "outcome")

    def __init__(self) -> None:
        self.outcome: Outcome = NO_OUTCOME
        self.has_ended = False
        self._last: object = None

    def add(self, event: object, kind: str) -> bool:
        """Take a lifecycle event; return True when it ends the stream."""
        if kind == "error":
            inner = field(event, "error")
            self.outcome = replace(
                self.partial(),
                has_failed=True,
                error_code=text(field(event, "code")) or text(field(inner, "code")),
                error_message=field(event, "message") or field(inner, "message"),
            )
            self.has_ended = True
        elif kind in TERMINAL_EVENTS:
            self.outcome = read_response(field(event, "response"), ended_as=TERMINAL_EVENTS[kind])
            self.has_ended = True
        elif self._last is None:
            self._last = field(event, "response")
        return self.has_ended

    def partial(self) -> Outcome:
        """Return what is known of a response whose terminal event never came: its id and model, ended as an error."""
        return replace(read_response(self._last), finish_reason="error", source=None)
