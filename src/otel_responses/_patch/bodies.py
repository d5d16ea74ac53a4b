"""What stands in place of a response's body: sees its close, and keeps what is read past the SDK's parser.

Every way to close a stream ends here: `Stream.close()`, `with`, `ResponseStream.close()`, `response.close()`.
Overriding `response.close` instead would break the SDK, whose generator calls it while the response is collected.
"""

from __future__ import annotations

import zlib
from collections.abc import AsyncIterator, Callable, Iterator
from typing import TYPE_CHECKING, Any, Protocol

import wrapt

from otel_responses._mapping.body import read_body
from otel_responses._records import Outcome
from otel_responses._safe import guard

__all__ = ["AsyncBody", "Body", "BodyReader", "Tee"]

# A generic class in the stubs of wrapt 2; wrapt 1.17 has no stubs, and there it cannot be subscripted.
_Proxy = wrapt.ObjectProxy[Any] if TYPE_CHECKING else wrapt.ObjectProxy

# `response.created` stands at the head of an event stream, usage at the end of every reply.
HEAD_BYTES = 64 * 1024
TAIL_BYTES = 256 * 1024


class BodyReader(Protocol):
    """What a body tells of."""

    def starts(self) -> Tee | None:
        """Say, when the body is first read, whether to keep what passes: where the SDK's parser will not see it."""

    def broken(self, error: Exception) -> None:
        """Take the error that a read of the body ended with."""

    def closed(self, tee: Tee | None, *, is_read: bool) -> None:
        """Take what passed, when the body is closed; `is_read` where that was its end."""


class Tee:
    """The head and the tail of a body, inflated as it passes, and how the line begins that the tail is a piece of.

    What lies between is not kept. The terminal event of a stream is one line, which may be longer than the tail.
    """

    __slots__ = ("_head", "_inflate", "_line", "_tail", "is_whole")

    def __init__(self, encoding: str | None) -> None:
        self._head = bytearray()
        self._line = b""
        self._tail = bytearray()
        self._inflate = _inflater(encoding)
        self.is_whole = True

    @guard
    def add(self, chunk: bytes) -> None:
        """Take the next raw bytes of the body."""
        data = self._inflate(chunk)
        room = HEAD_BYTES - len(self._head)
        self._head += data[:room]
        self._tail += data[room:]
        if len(self._tail) > 2 * TAIL_BYTES:
            self._cut(len(self._tail) - TAIL_BYTES)

    def content(self) -> bytes:
        """Return what was kept; the head and the tail are lines of their own where something lies between."""
        return bytes(self._head + (b"" if self.is_whole else b"\n\n") + self._tail)

    def outcome(self, *, is_read: bool) -> Outcome:
        """Return what the body tells so far; `is_read` where that was all of it."""
        if self.is_whole:
            return read_body(self.content(), is_whole=is_read)
        # A body is seldom so long: what reads one with a gap is imported when it is.
        from otel_responses._mapping.gap import read_gapped  # noqa: PLC0415

        return read_gapped(*(part.decode("utf-8", "replace") for part in (self._head, self._line, self._tail)))

    def _cut(self, size: int) -> None:
        """Let go of the beginning of the tail."""
        passed = (self._head if self.is_whole else self._line) + self._tail[:size]
        self._line = bytes(passed[passed.rfind(b"\n") + 1 :][:HEAD_BYTES])
        self.is_whole = False
        del self._tail[:size]


class Body(_Proxy):
    """The body of a sync response, still a byte stream of the HTTP library."""

    def __init__(self, body: Any, reader: BodyReader) -> None:
        super().__init__(body)
        self._self_reader = reader
        self._self_tee: Tee | None = None
        self._self_is_read = False

    def __iter__(self) -> Iterator[bytes]:
        self._self_tee = tee = self._self_reader.starts()
        try:
            for chunk in self.__wrapped__:
                if tee is not None:
                    tee.add(chunk)
                yield chunk
        except Exception as error:
            self._self_reader.broken(error)
            raise
        self._self_is_read = True

    def close(self) -> None:
        try:
            self.__wrapped__.close()
        finally:
            self._self_reader.closed(self._self_tee, is_read=self._self_is_read)


class AsyncBody(_Proxy):
    """The body of an async response."""

    def __init__(self, body: Any, reader: BodyReader) -> None:
        super().__init__(body)
        self._self_reader = reader
        self._self_tee: Tee | None = None
        self._self_is_read = False

    async def __aiter__(self) -> AsyncIterator[bytes]:
        self._self_tee = tee = self._self_reader.starts()
        try:
            async for chunk in self.__wrapped__:
                if tee is not None:
                    tee.add(chunk)
                yield chunk
        except Exception as error:
            self._self_reader.broken(error)
            raise
        self._self_is_read = True

    async def aclose(self) -> None:
        try:
            await self.__wrapped__.aclose()
        finally:
            self._self_reader.closed(self._self_tee, is_read=self._self_is_read)


def _inflater(encoding: str | None) -> Callable[[bytes], bytes]:
    """Return what undoes the content encodings that the SDK asks for: gzip, deflate."""
    if encoding in ("gzip", "deflate"):
        return zlib.decompressobj(zlib.MAX_WBITS | 32).decompress  # 32: finds out by the header which of the two it is
    return bytes
