"""The spans of earlier responses and conversations, to which later spans are linked."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence

from opentelemetry.trace import Link, SpanContext

__all__ = ["SPANS_MAX", "KnownSpans"]

SPANS_MAX = 10_000


class KnownSpans:
    """Remembers where a response came from, by its id, and the last turn of a conversation, by its id.

    The newest 10,000 are kept, about 4 MB. Only single operations of an `OrderedDict` are used, each of them atomic, so
    there is no lock that a fork could copy while it is held.
    """

    __slots__ = ("_spans",)

    def __init__(self) -> None:
        self._spans: OrderedDict[str, SpanContext] = OrderedDict()

    def remember(self, span: SpanContext, *ids: str | None) -> None:
        """Let the spans of later calls that name one of these ids be linked to this one, which is recorded."""
        for key in ids:
            if key is not None:
                self._spans.pop(key, None)  # so that it is the newest again
                self._spans[key] = span
        while len(self._spans) > SPANS_MAX:
            self._spans.popitem(last=False)

    def links(self, *ids: str | None) -> Sequence[Link]:
        """Return a link to the span of the first id that is known, or none."""
        for key in ids:
            span = self._spans.get(key) if key is not None else None
            if span is not None:
                return (Link(span),)
        return ()
