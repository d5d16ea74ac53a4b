"""An API that costs next to nothing: the fake one answers once, then its reply is sent again and again."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from importlib import import_module
from typing import TYPE_CHECKING

import openai
from openai import _base_client  # pyright: ignore[reportPrivateUsage] - it alone knows which HTTP library it uses

from otel_responses.testing import FakeResponsesAPI, Reply

if TYPE_CHECKING:
    import httpx2 as http
else:
    # The library that the installed SDK itself uses: httpx before openai 3, httpx2 since.
    http = import_module(_base_client.URL.__module__.partition(".")[0])

__all__ = ["client_of"]


def client_of(api: FakeResponsesAPI) -> openai.OpenAI:
    """Return a client for which every request has the reply that `api` gives to the first."""
    transport = http.MockTransport(_Replay(api))
    http_client = openai.DefaultHttpxClient(transport=transport)
    return openai.OpenAI(api_key="sk-fake", base_url="https://api.openai.com/v1", http_client=http_client)


class _Replay:
    def __init__(self, api: FakeResponsesAPI) -> None:
        self._api = api
        self._reply: Reply | None = None

    def __call__(self, request: http.Request) -> http.Response:
        reply = self._reply or self._ask(request)
        return http.Response(reply.status, headers=reply.headers, stream=_Body(reply.chunks))

    def _ask(self, request: http.Request) -> Reply:
        path = request.url.raw_path.decode("ascii")
        self._reply = self._api.reply(request.method, path, dict(request.headers), request.content)
        return self._reply


class _Body(http.SyncByteStream, http.AsyncByteStream):
    """A body that is still to be read when the response is there, as from a network."""

    def __init__(self, chunks: tuple[bytes, ...]) -> None:
        self._chunks = chunks

    def __iter__(self) -> Iterator[bytes]:
        yield from self._chunks

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for chunk in self._chunks:
            yield chunk
