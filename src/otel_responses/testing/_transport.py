"""The fake API as a transport: the real client and HTTP library, and no network."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Iterator
from importlib import import_module
from typing import TYPE_CHECKING, Any

import anyio
import openai
from openai import _base_client  # pyright: ignore[reportPrivateUsage] - it alone knows which HTTP library it uses

from otel_responses.testing._reply import Answering, Ending, Fault, Reply

if TYPE_CHECKING:
    import httpx2 as http
else:
    # The library that the installed SDK itself uses: httpx before openai 3, httpx2 since.
    http = import_module(_base_client.URL.__module__.partition(".")[0])

__all__ = ["FakeTransport"]

# The real address, whatever OPENAI_BASE_URL says: the transport reaches nothing but the fake API.
DEFAULTS = {"api_key": "sk-fake", "base_url": "https://api.openai.com/v1"}


Failure = tuple[type[http.TransportError], str]

TIMED_OUT: Failure = (http.ReadTimeout, "The read operation timed out")
FAULTS: dict[Fault, Failure] = {
    "refused": (http.ConnectError, "[Errno 111] Connection refused"),
    "reset": (http.ReadError, "[Errno 104] Connection reset by peer"),
    "disconnected": (http.RemoteProtocolError, "Server disconnected without sending a response."),
    "timeout": TIMED_OUT,
}
ENDINGS: dict[Ending, Failure] = {
    "cut": (
        http.RemoteProtocolError,
        "peer closed connection without sending complete message body (incomplete chunked read)",
    ),
    "stalled": TIMED_OUT,
}


class FakeTransport(http.BaseTransport, http.AsyncBaseTransport):
    """Answers the requests of a client of the SDK's HTTP library.

    A timeout is raised at once: a test does not wait for it. Bodies are iterated, not loaded beforehand, so closing a
    stream early is what it is with a network.
    """

    def __init__(self, api: Answering) -> None:
        self._api = api

    def client(self, **options: Any) -> openai.OpenAI:
        """An `OpenAI` client over this transport."""
        defaults: dict[str, Any] = {**DEFAULTS, "http_client": openai.DefaultHttpxClient(transport=self)}
        return openai.OpenAI(**{**defaults, **options})

    def async_client(self, **options: Any) -> openai.AsyncOpenAI:
        """An `AsyncOpenAI` client over this transport."""
        defaults: dict[str, Any] = {**DEFAULTS, "http_client": openai.DefaultAsyncHttpxClient(transport=self)}
        return openai.AsyncOpenAI(**{**defaults, **options})

    def handle_request(self, request: http.Request) -> http.Response:
        request.read()
        reply = self._reply(request)
        time.sleep(reply.delay)
        return _response(reply)

    async def handle_async_request(self, request: http.Request) -> http.Response:
        await request.aread()
        reply = self._reply(request)
        await anyio.sleep(reply.delay)
        return _response(reply)

    def _reply(self, request: http.Request) -> Reply:
        target = request.url.raw_path.decode("ascii")
        return self._api.reply(request.method, target, dict(request.headers), request.content)


def _response(reply: Reply) -> http.Response:
    if reply.fault is not None:
        kind, message = FAULTS[reply.fault]
        raise kind(message)
    return http.Response(reply.status, headers=dict(reply.headers), stream=_Body(reply))


class _Body(http.SyncByteStream, http.AsyncByteStream):
    """The body as it arrives, chunk by chunk, with its delays and the way it ends."""

    def __init__(self, reply: Reply) -> None:
        self._reply = reply

    def __iter__(self) -> Iterator[bytes]:
        for number, chunk in enumerate(self._reply.chunks):
            time.sleep(self._reply.interval if number else 0)
            yield chunk
        self._end()

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for number, chunk in enumerate(self._reply.chunks):
            await anyio.sleep(self._reply.interval if number else 0)
            yield chunk
        self._end()

    def _end(self) -> None:
        if self._reply.ending in ENDINGS:
            kind, message = ENDINGS[self._reply.ending]
            raise kind(message)
