"""What stands in place of `Stream._iterator`: sees every event, every error and the end of the stream.

Its close is seen by the body (`bodies`), its drop by a weak reference (`_open_calls`).
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import Any

from otel_responses._call import Call
from otel_responses._fetch import Fetch
from otel_responses._safe import guard

__all__ = ["AsyncEvents", "Events", "follow_stream", "is_stream", "note_cursor"]


class Events:
    """The events of a sync stream, each shown to the call before the caller gets it."""

    __slots__ = ("_events", "call")

    def __init__(self, events: Any, call: Call) -> None:
        self._events = events
        self.call = call

    def __iter__(self) -> Iterator[Any]:
        return self

    def __next__(self) -> Any:
        try:
            event = next(self._events)
        except StopIteration:
            self.call.truncated()
            raise
        except BaseException as error:
            self.call.failed(error)
            raise
        self.call.event(event)
        return event

    def __getattr__(self, name: str) -> Any:
        return getattr(self._events, name)


class AsyncEvents:
    """The events of an async stream; an iterator, not a generator, so that no event loop hook meets it."""

    __slots__ = ("_events", "call")

    def __init__(self, events: Any, call: Call) -> None:
        self._events = events
        self.call = call

    def __aiter__(self) -> AsyncIterator[Any]:
        return self

    async def __anext__(self) -> Any:
        try:
            event = await self._events.__anext__()
        except StopAsyncIteration:
            self.call.truncated()
            raise
        except BaseException as error:
            self.call.failed(error)
            raise
        self.call.event(event)
        return event

    def __getattr__(self, name: str) -> Any:
        return getattr(self._events, name)


def is_stream(parsed: object) -> bool:
    """Say whether the SDK made a `Stream` or `AsyncStream` of the reply."""
    # Not `hasattr`: a pydantic model takes long to say that it has no such attribute.
    return "_iterator" in getattr(parsed, "__dict__", ()) and hasattr(parsed, "response")


def follow_stream(stream: Any, call: Call) -> Any:
    """Put our iterator in place of the stream's own, which is returned; the stream stays the SDK's object."""
    events = stream._iterator  # noqa: SLF001 - the same attribute from openai 1.66.0 to 3.54.0
    call.streams()
    stream._iterator = (AsyncEvents if hasattr(events, "__anext__") else Events)(events, call)  # noqa: SLF001
    call.watch(stream)
    return events


@guard
def note_cursor(stream: Any, cursor: object) -> None:
    """Tell the fetch behind a stream after which event the SDK's helper begins to show it."""
    events = getattr(stream, "_iterator", None)
    if isinstance(events, (Events, AsyncEvents)) and isinstance(events.call, Fetch) and isinstance(cursor, int):
        events.call.begins_after(cursor)
