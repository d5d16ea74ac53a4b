"""The fake Responses API: a request goes in, a reply comes out; it opens no socket and waits for nothing."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from otel_responses.testing._delivery import compressed, shortened, with_api_headers
from otel_responses.testing._endpoints import Endpoints
from otel_responses.testing._identifiers import Identifiers
from otel_responses.testing._items import PLAIN_TEXT
from otel_responses.testing._received import ReceivedRequest
from otel_responses.testing._reply import Reply
from otel_responses.testing._server import serve
from otel_responses.testing._usage import PromptCache

if TYPE_CHECKING:
    from openai import AsyncOpenAI, OpenAI

    from otel_responses.testing._transport import FakeTransport

__all__ = ["FakeResponsesAPI"]

REQUESTS_MAX = 1_000


class FakeResponsesAPI:
    """Answers as the OpenAI Responses API does, without a model and without a key.

    Each request gets the realistic answer: text, a function call, a web search, structured output, a stream of events,
    an error for a request that the real API refuses. `enqueue()` puts other replies in front of it, one a request.
    Ids count up and nothing is random, so the same requests get the same answers.

    Args:
        text: What the model says when nothing else fits.
        gzip: Whether bodies are compressed for a client that accepts it, as the real ones are.
        background_polls: How many times a background run is seen unfinished before it is completed.
        cache_minimum: Tokens that two prompts must share before any of them counts as cached; 1024 as the real one.
        delay: Seconds before an answer begins; scripted replies have their own.
        interval: Seconds between the events of a stream, likewise.
        clock: Seconds since 1970, for `created_at`.
    """

    def __init__(
        self,
        *,
        text: str = PLAIN_TEXT,
        gzip: bool = True,
        background_polls: int = 1,
        cache_minimum: int = 1024,
        delay: float = 0.0,
        interval: float = 0.0,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._gzip = gzip
        self._usual = Reply.answer().slow(delay=delay, interval=interval)
        self._ids = Identifiers()
        self._endpoints = Endpoints(
            text=text,
            background_polls=background_polls,
            cache=PromptCache(cache_minimum),
            clock=clock,
            ids=self._ids,
        )
        self._script: deque[Reply] = deque()
        self._requests: deque[ReceivedRequest] = deque(maxlen=REQUESTS_MAX)
        # The server answers from many threads.
        self._lock = threading.Lock()

    @property
    def requests(self) -> list[ReceivedRequest]:
        """The requests received so far, oldest first; the newest 1,000 are kept."""
        with self._lock:
            return list(self._requests)

    def enqueue(self, *replies: Reply) -> None:
        """Give these replies to the next requests, one each, whatever they ask for."""
        with self._lock:
            self._script.extend(replies)

    def reply(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> Reply:
        """Answer one request, whose `path` may hold a query; never raises for what a client sends."""
        received = ReceivedRequest.of(method, path, headers, body)
        with self._lock:
            self._requests.append(received)
            reply = self._next_reply(received)
            request_id = self._ids.new("req")
        reply = shortened(with_api_headers(reply, request_id))
        accepts_gzip = "gzip" in received.headers.get("accept-encoding", "")
        return compressed(reply) if self._gzip and accepts_gzip else reply

    def _next_reply(self, received: ReceivedRequest) -> Reply:
        scripted = self._script.popleft() if self._script else self._usual
        if scripted.overrides is None:
            return scripted
        answer = self._endpoints.answer(received, scripted.overrides)
        headers = {**answer.headers, **scripted.headers}
        return replace(scripted, status=answer.status, chunks=answer.chunks, headers=headers)

    def transport(self) -> FakeTransport:
        """A transport for the HTTP library that the installed openai uses, for sync and async clients alike."""
        from otel_responses.testing._transport import FakeTransport  # noqa: PLC0415 - imports openai, about a second

        return FakeTransport(self)

    def client(self, **options: Any) -> OpenAI:
        """An `OpenAI` client that reaches this API and nothing else; `options` are those of `OpenAI`."""
        return self.transport().client(**options)

    def async_client(self, **options: Any) -> AsyncOpenAI:
        """The same, asynchronous."""
        return self.transport().async_client(**options)

    def serve(self) -> AbstractContextManager[str]:
        """Run a real HTTP server on a free port of 127.0.0.1; gives its base URL, `http://127.0.0.1:PORT/v1`."""
        return serve(self)
