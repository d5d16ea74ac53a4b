"""An API that costs next to nothing: the fake one answers once, then its reply is sent again and again.

Only the id of the response is another one each time: some keep what they know of a response by its id.
"""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator, Callable, Generator, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from importlib import import_module
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

import openai
from openai import _base_client  # pyright: ignore[reportPrivateUsage] - it alone knows which HTTP library it uses

from otel_responses.testing import FakeResponsesAPI, Reply

if TYPE_CHECKING:
    import httpx2 as http
else:
    # The library that the installed SDK itself uses: httpx before openai 3, httpx2 since.
    http = import_module(_base_client.URL.__module__.partition(".")[0])

__all__ = ["API", "async_client", "client", "connection"]

API = Callable[[], FakeResponsesAPI]
BASE_URL = "https://api.openai.com/v1"
RESPONSE_ID = re.compile(rb"resp_[^\"]+")


def client(api: API) -> openai.OpenAI:
    """Return a client for which every request has the reply that `api` gives to the first."""
    http_client = openai.DefaultHttpxClient(transport=http.MockTransport(_Replay(api())))
    return openai.OpenAI(api_key="sk-fake", base_url=BASE_URL, http_client=http_client)


def async_client(api: API) -> openai.AsyncOpenAI:
    """The same, asynchronous."""
    http_client = openai.DefaultAsyncHttpxClient(transport=http.MockTransport(_Replay(api())))
    return openai.AsyncOpenAI(api_key="sk-fake", base_url=BASE_URL, http_client=http_client)


@contextmanager
def connection(api: API) -> Generator[Any]:
    """Give a connection of the SDK over a WebSocket that answers every message as `api` does the first."""
    with client(api) as openai_client, ExitStack() as cleanup:
        with patch("websockets.sync.client.connect", return_value=_Socket(api())):
            opened = cleanup.enter_context(openai_client.responses.connect())
        yield opened


class _Chunks:
    """The chunks of a reply, with a new id of the response whenever they are asked for."""

    def __init__(self, chunks: Sequence[bytes]) -> None:
        found = RESPONSE_ID.search(b"".join(chunks))
        self._id = found[0] if found else b""
        self._split = [chunk.split(self._id) if self._id else [chunk] for chunk in chunks]
        self._asked = 0

    def again(self) -> list[bytes]:
        """Return them; the ids are of the same length."""
        self._asked += 1
        new = b"resp_%0*d" % (len(self._id) - 5, self._asked) if self._id else b""
        return [new.join(parts) if len(parts) > 1 else parts[0] for parts in self._split]


class _Replay:
    def __init__(self, api: FakeResponsesAPI) -> None:
        self._api = api
        self._reply: Reply | None = None
        self._chunks = _Chunks(())

    def __call__(self, request: http.Request) -> http.Response:
        reply = self._reply or self._ask(request)
        return http.Response(reply.status, headers=reply.headers, stream=_Body(self._chunks.again()))

    def _ask(self, request: http.Request) -> Reply:
        path = request.url.raw_path.decode("ascii")
        self._reply = reply = self._api.reply(request.method, path, dict(request.headers), request.content)
        self._chunks = _Chunks(reply.chunks)
        return reply


class _Body(http.SyncByteStream, http.AsyncByteStream):
    """A body that is still to be read when the response is there, as from a network."""

    def __init__(self, chunks: list[bytes]) -> None:
        self._chunks = chunks

    def __iter__(self) -> Iterator[bytes]:
        yield from self._chunks

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for chunk in self._chunks:
            yield chunk


class _Socket:
    """What the SDK uses of a connection of `websockets`."""

    def __init__(self, api: FakeResponsesAPI) -> None:
        self._api = api
        self._frames: _Chunks | None = None
        self._next = iter([b""])
        self.protocol = SimpleNamespace(uri=SimpleNamespace(host="api.openai.com", port=443))
        self.request = SimpleNamespace(headers={})

    def send(self, message: str) -> None:
        self._frames = self._frames or _Chunks([*self._answer(message)])
        self._next = iter(self._frames.again())

    def recv(self, **options: object) -> bytes:
        return next(self._next)

    def close(self, **options: object) -> None:
        """There is nothing to close."""

    def _answer(self, message: str) -> Iterator[bytes]:
        reply = self._api.reply("POST", "/v1/responses", {"authorization": "Bearer sk-fake"}, message.encode())
        for chunk in reply.chunks:
            event = json.loads(chunk.partition(b"data: ")[2])
            yield json.dumps(event, separators=(",", ":")).encode()
