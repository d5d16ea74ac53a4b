"""What the fake API sends back, and every way in which the sending can go wrong."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any, Literal, Protocol

from otel_responses.testing._errors import error_body
from otel_responses.testing._sse import encode_event

__all__ = ["Answering", "Ending", "Fault", "Reply"]

Fault = Literal["refused", "reset", "disconnected", "timeout"]
Ending = Literal["complete", "cut", "stalled"]

NO_HEADERS: Mapping[str, str] = MappingProxyType({})
JSON_TYPE = "application/json"
SSE_TYPE = "text/event-stream; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Reply:
    """One HTTP response, or the fault that comes in its place.

    The methods give changed copies, so that a reply reads as a sentence: `Reply.answer().cut(after_events=3)`.

    Attributes:
        status: The HTTP status.
        headers: Headers with lower-case names; the API adds its own, these win.
        chunks: The body as it is sent, one SSE event or one JSON document each.
        delay: Seconds before the headers.
        interval: Seconds before each chunk but the first.
        fault: What happens to the connection in place of any response.
        ending: Whether the body ends properly, is cut off, or stops without the connection being closed.
        overrides: Top-level fields of the realistic response to change; None when the reply stands by itself.
        keep_chunks: How many chunks are sent; None for all.
        keep_bytes: How many bytes of the body, before compression, are sent; None for all.
        then: Chunks that follow what is kept.
    """

    status: int = 200
    headers: Mapping[str, str] = field(default_factory=lambda: NO_HEADERS)
    chunks: tuple[bytes, ...] = ()
    delay: float = 0.0
    interval: float = 0.0
    fault: Fault | None = None
    ending: Ending = "complete"
    overrides: Mapping[str, Any] | None = None
    keep_chunks: int | None = None
    keep_bytes: int | None = None
    then: tuple[bytes, ...] = ()

    @classmethod
    def answer(cls, **overrides: object) -> Reply:
        """The realistic answer to the request, JSON or stream, with these fields of the response object changed."""
        return cls(overrides=overrides)

    @classmethod
    def failed(cls, code: str = "server_error", message: str = "The model failed to generate a response.") -> Reply:
        """A response that comes back with status 200 and `failed` inside."""
        return cls.answer(status="failed", error={"code": code, "message": message}, output=[], usage=None)

    @classmethod
    def incomplete(cls, reason: str = "max_output_tokens") -> Reply:
        """A response that ended early, for `reason`."""
        return cls.answer(status="incomplete", incomplete_details={"reason": reason})

    @classmethod
    def error(
        cls,
        status: int,
        message: str | None = None,
        *,
        code: str | None = None,
        retry_after: float | None = None,
        headers: Mapping[str, str] = NO_HEADERS,
    ) -> Reply:
        """An HTTP error with the body that the real API has for that status.

        Args:
            status: 400 to 599.
            message: In place of the usual text.
            code: In place of the usual code.
            retry_after: Seconds, sent as `retry-after` and `retry-after-ms`; the SDK waits that long before it retries.
            headers: More headers.
        """
        body = error_body(status, message=message, code=code)
        waiting = {} if retry_after is None else _retry_headers(retry_after)
        return cls.json(body, status=status, headers={**waiting, **headers})

    @classmethod
    def json(cls, body: object, *, status: int = 200, headers: Mapping[str, str] = NO_HEADERS) -> Reply:
        """This JSON document."""
        chunk = json.dumps(body, ensure_ascii=False, indent=2).encode()
        return cls(status=status, headers={"content-type": JSON_TYPE, **headers}, chunks=(chunk,))

    @classmethod
    def events(cls, events: Iterable[Mapping[str, Any]], *, headers: Mapping[str, str] = NO_HEADERS) -> Reply:
        """A stream of these server-sent events, known to the SDK or not."""
        chunks = tuple(encode_event(event) for event in events)
        return cls(headers={"content-type": SSE_TYPE, **headers}, chunks=chunks)

    @classmethod
    def text(cls, text: str, *, status: int = 200, content_type: str = "text/html; charset=utf-8") -> Reply:
        """A body that is no JSON, as gateways and captive portals send it."""
        return cls(status=status, headers={"content-type": content_type}, chunks=(text.encode(),))

    @classmethod
    def redirect(cls, location: str, *, status: int = 307) -> Reply:
        """A redirect; the next request gets the next reply."""
        return cls(status=status, headers={"location": location})

    @classmethod
    def broken(cls, fault: Fault) -> Reply:
        """No response at all: the connection is refused, reset, closed, or nothing comes until the time is up."""
        return cls(fault=fault)

    def cut(self, *, after_events: int | None = None, after_bytes: int | None = None) -> Reply:
        """Break the connection in the middle of the body."""
        return replace(self, ending="cut", keep_chunks=after_events, keep_bytes=after_bytes)

    def stall(self, *, after_events: int) -> Reply:
        """Send no more after some events, and leave the connection open."""
        return replace(self, ending="stalled", keep_chunks=after_events)

    def end(self, *, after_events: int, then: Iterable[Mapping[str, Any]] = ()) -> Reply:
        """End the stream properly after some events, or with `then`, for instance an `error` event."""
        return replace(self, keep_chunks=after_events, then=tuple(encode_event(event) for event in then))

    def slow(self, *, delay: float = 0.0, interval: float = 0.0) -> Reply:
        """Wait `delay` seconds before the headers and `interval` seconds between the events."""
        return replace(self, delay=delay, interval=interval)

    def with_headers(self, headers: Mapping[str, str]) -> Reply:
        """Send these headers too; names in lower case."""
        return replace(self, headers={**self.headers, **headers})


class Answering(Protocol):
    """What the mock transport and the server need: something that answers a request."""

    def reply(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> Reply: ...


def _retry_headers(seconds: float) -> dict[str, str]:
    return {"retry-after": f"{seconds:g}", "retry-after-ms": f"{seconds * 1000:g}"}
