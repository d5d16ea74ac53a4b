"""The opt-in timeline of a stream: each output item as a child span, from its `added` to its `done` event.

The names are our own: the conventions have a server-side tool call as a part of a message, without times.
"""

from __future__ import annotations

from typing import Any

from opentelemetry.context import Context
from opentelemetry.trace import Span, Tracer

from otel_responses._mapping.output_item import ADDED, DONE, item_attributes, item_key
from otel_responses._recorder.spans import end_span, start_item

__all__ = ["SPANS_MAX", "Timeline"]

# A stream of more items than this shows the first ones.
SPANS_MAX = 128


class Timeline:
    """The spans of one call's output items; `context` holds the call's span."""

    __slots__ = ("_context", "_count", "_open", "_tracer")

    def __init__(self, tracer: Tracer, context: Context) -> None:
        self._tracer = tracer
        self._context = context
        self._open: dict[object, Span] = {}
        self._count = 0

    def add(self, event: Any, kind: str, now: int) -> None:
        """Take an event at `now`, in nanoseconds since 1970."""
        if kind == ADDED:
            self._start(event, now)
        elif kind == DONE:
            span = self._open.pop(item_key(event), None)
            if span is not None:
                end_span(span, item_attributes(event), None, now)

    def close(self, now: int) -> None:
        """End what is still open: the stream is over before the `done` events of these items."""
        while self._open:
            _, span = self._open.popitem()
            end_span(span, {}, None, now)

    def _start(self, event: Any, now: int) -> None:
        key = item_key(event)
        if key in self._open or self._count == SPANS_MAX:
            return
        self._count += 1
        self._open[key] = start_item(self._tracer, item_attributes(event), self._context, now)
