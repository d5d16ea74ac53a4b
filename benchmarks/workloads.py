"""What a program does with the SDK, and the same with telemetry made by hand."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Generator, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import openai
from openai.types.responses import Response, ResponseStreamEvent

from benchmarks import replies
from benchmarks.floor import Floor, Json
from benchmarks.prompts import CHAT_COMPLETION, REQUEST, STREAM
from benchmarks.wrappers import wrap
from otel_responses import session
from otel_responses.testing import FakeResponsesAPI, Reply

__all__ = [
    "Workload",
    "concurrent_calls",
    "decoded_stream",
    "foreign_call",
    "helper_stream",
    "plain_call",
    "session_call",
    "stream_of",
    "turn",
    "wrapped_call",
    "writing",
]

# created, in_progress, item.added, content_part.added ... text.done, content_part.done, item.done, completed
EVENTS_WITHOUT_TEXT = 8
CONCURRENT = 50

SESSION: dict[str, str] = {"id": "3f0c1c52-1b6e-4d4e-9f63-0b4f6c1d2a77", "path": "/plan/sights", "user": "maria"}
SESSION_ATTRIBUTES = {
    "helicone.session.id": SESSION["id"],
    "helicone.session.name": "City trip",
    "helicone.session.path": SESSION["path"],
    "helicone.user.id": SESSION["user"],
    "helicone.property.plan": "pro",
    "session.id": SESSION["id"],
    "user.id": SESSION["user"],
}


@dataclass(frozen=True, slots=True)
class Workload:
    """One thing that a program does over and over.

    Attributes:
        open: What it holds meanwhile: a client, a connection.
        run: Does it, knowing nothing of telemetry.
        by_hand: Does it with telemetry made by hand; None where there is no way of doing less.
        size: How many calls, or events, one run is.
    """

    open: Callable[[], AbstractContextManager[Any]]
    run: Callable[[Any], object]
    by_hand: Callable[[Any, Floor], object] | None = None
    size: int = 1


def plain_call(request: Json, *, is_comparable: bool = True) -> Workload:
    """One call, answered at once; not comparable where ours bounds what it keeps, which by hand nobody does."""

    def run(client: openai.OpenAI) -> None:
        client.responses.create(**request)

    def by_hand(client: openai.OpenAI, floor: Floor) -> None:
        floor.create(client, request, {})

    return Workload(_client, run, by_hand if is_comparable else None)


def wrapped_call(request: Json) -> Workload:
    """The same, but by hand too the program knows nothing of telemetry."""

    def by_hand(client: openai.OpenAI, floor: Floor) -> None:
        if "request" not in vars(client):
            wrap(client, floor)
        client.responses.create(**request)

    return replace(plain_call(request), by_hand=by_hand)


def session_call() -> Workload:
    """A call inside a session; both ways enter it, by hand its attributes are known beforehand."""

    def run(client: openai.OpenAI) -> None:
        with session("City trip", properties={"plan": "pro"}, **SESSION):
            client.responses.create(**REQUEST)

    def by_hand(client: openai.OpenAI, floor: Floor) -> None:
        with session("City trip", properties={"plan": "pro"}, **SESSION):
            floor.create(client, REQUEST, SESSION_ATTRIBUTES)

    return Workload(_client, run, by_hand)


def concurrent_calls() -> Workload:
    """50 calls of an async client at once."""

    def run(program: _AsyncProgram) -> None:
        program.gather(lambda client: client.responses.create(**REQUEST))

    def by_hand(program: _AsyncProgram, floor: Floor) -> None:
        program.gather(lambda client: floor.acreate(client, REQUEST))

    return Workload(_async_program, run, by_hand, CONCURRENT)


def stream_of(events: int, *, size: int = 1) -> Workload:
    """A stream of so many events, read to its end."""

    def run(client: openai.OpenAI) -> None:
        _exhaust(client.responses.create(**STREAM, stream=True), events)

    return Workload(_writing_client(events), run, lambda client, floor: floor.stream(client, STREAM), size)


def helper_stream(events: int) -> Workload:
    """The same through the helper `.stream()`, and the response that it puts together."""

    def run(client: openai.OpenAI) -> None:
        with client.responses.stream(**STREAM) as stream:
            for _ in stream:
                pass
            stream.get_final_response()

    return Workload(_writing_client(events), run, lambda client, floor: floor.helper_stream(client, STREAM))


def decoded_stream(events: int, *, is_comparable: bool = True) -> Workload:
    """Events that the SDK has decoded beforehand: decoding takes far longer than what is measured here."""

    @contextmanager
    def opened() -> Generator[_Decoded]:
        with _writing_client(events)() as client:
            yield _Decoded(client, [*client.responses.create(**STREAM, stream=True)])

    def run(program: _Decoded) -> None:
        _exhaust(program.stream(), events)

    def by_hand(program: _Decoded, floor: Floor) -> None:
        floor.follow(program.stream, STREAM)

    return Workload(opened, run, by_hand if is_comparable else None, events)


def turn(events: int) -> Workload:
    """One request and its events on a WebSocket that stays open."""

    def run(connection: Any) -> None:
        connection.response.create(**STREAM)
        while connection.recv().type != "response.completed":
            pass

    def by_hand(connection: Any, floor: Floor) -> None:
        floor.turn(connection, STREAM)

    return Workload(lambda: replies.connection(writing(events)), run, by_hand)


def foreign_call() -> Workload:
    """A POST to another API of OpenAI, which is none of our business."""
    messages: Any = [{"role": "user", "content": "Hello!"}]

    def run(client: openai.OpenAI) -> None:
        client.chat.completions.create(model="gpt-4.1", messages=messages)

    return Workload(lambda: replies.client(_chat_api), run)


def writing(events: int) -> replies.API:
    """Return an API whose answer makes a stream of so many events."""
    return partial(FakeResponsesAPI, gzip=False, text=" ".join(["Lisbon"] * (events - EVENTS_WITHOUT_TEXT)))


class _AsyncProgram:
    def __init__(self, client: openai.AsyncOpenAI, loop: asyncio.AbstractEventLoop) -> None:
        self._client = client
        self._loop = loop

    def gather(self, call: Callable[[Any], Any]) -> None:
        self._loop.run_until_complete(self._gather(call))

    async def _gather(self, call: Callable[[Any], Any]) -> None:
        await asyncio.gather(*(call(self._client) for _ in range(CONCURRENT)))


class _Replayed(openai.Stream[ResponseStreamEvent]):
    """A stream of the SDK whose events are there already."""

    events: tuple[ResponseStreamEvent, ...] = ()

    def __stream__(self) -> Iterator[ResponseStreamEvent]:
        yield from self.events
        self.response.close()


class _Decoded:
    def __init__(self, client: openai.OpenAI, events: list[ResponseStreamEvent]) -> None:
        self._client = client
        _Replayed.events = tuple(events)

    def stream(self) -> openai.Stream[ResponseStreamEvent]:
        body = {**STREAM, "stream": True}
        return self._client.post("/responses", cast_to=Response, body=body, stream=True, stream_cls=_Replayed)


def _client() -> openai.OpenAI:
    return replies.client(_api)


def _writing_client(events: int) -> Callable[[], openai.OpenAI]:
    return lambda: replies.client(writing(events))


@contextmanager
def _async_program() -> Generator[_AsyncProgram]:
    loop = asyncio.new_event_loop()
    client = replies.async_client(_api)
    try:
        yield _AsyncProgram(client, loop)
    finally:
        loop.run_until_complete(client.close())
        loop.close()


def _exhaust(stream: openai.Stream[Any], events: int) -> None:
    for _ in stream:
        events -= 1
    assert events == 0


def _api() -> FakeResponsesAPI:
    return FakeResponsesAPI(gzip=False)


def _chat_api() -> FakeResponsesAPI:
    api = _api()
    api.enqueue(Reply.json(CHAT_COMPLETION))
    return api
