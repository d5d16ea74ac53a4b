"""The life of one fetch of a stored response: a span, but no inference, so neither tokens nor metrics."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, ClassVar

from opentelemetry.context import Context

from otel_responses._background import complete
from otel_responses._call import Call
from otel_responses._mapping.attributes import fetch_attributes, fetch_start_attributes
from otel_responses._mapping.response import FINISHED
from otel_responses._mapping.stream import Lifecycle
from otel_responses._observer import Observer
from otel_responses._records import FetchRequest, Outcome, Request, SessionData
from otel_responses._safe import guard
from otel_responses._semconv import OPERATION_FETCH

__all__ = ["Fetch", "open_fetch"]


class Fetch(Call):
    """A fetch, linked to the span of the call whose response it gets, where this process knows it."""

    is_inference: ClassVar[bool] = False

    __slots__ = ("_fetched",)

    def __init__(self, observer: Observer, fetched: FetchRequest, session: SessionData | None, parent: Context) -> None:
        self._fetched = fetched
        super().__init__(
            observer,
            Request(fetched.endpoint, operation=OPERATION_FETCH),
            session,
            parent,
            observer.known_spans.links(fetched.response_id),
            attributes=fetch_start_attributes(fetched, session),
        )
        self.is_detailed = True  # the span of the run that it shows finished may be recorded where its own is not

    def capture(self, body: Mapping[str, Any]) -> None:
        """Keep nothing: the content belongs to the call that made it."""

    def streams(self) -> None:
        """Expect events."""
        self._lifecycle = Lifecycle()

    def begins_after(self, cursor: int) -> None:
        """Note the last event that the caller has already, where the request does not say it."""
        self._fetched = replace(self._fetched, stream_cursor=str(cursor))

    @guard
    def completed(self, outcome: Outcome) -> None:
        """End the fetch; that the response it got is a failed one is no error of the fetch."""
        error = None if outcome.status == "failed" else self._shared.labels.error_of(outcome)
        self._end(outcome, error=error)

    def _settled(self, outcome: Outcome) -> Outcome:
        if outcome.status in FINISHED:
            span = complete(self._shared, self._fetched, outcome, self._session)
            if span is not None:
                self.span.add_link(span)
        return outcome

    def _described(self, outcome: Outcome) -> dict[str, Any]:
        return fetch_attributes(self._fetched, outcome)

    def _time_to_first_chunk(self) -> None:
        """Return nothing: no chunk is made for a fetch."""

    def _measure(self, outcome: Outcome, error: str | None, elapsed: int) -> None:
        """Record nothing: no model ran."""


def open_fetch(observer: Observer, fetched: FetchRequest, session: SessionData | None, context: Context) -> Fetch:
    """Start the span of a fetch as a child of that of `context`."""
    return observer.start(Fetch(observer, fetched, session, context), {})
