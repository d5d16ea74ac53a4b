"""The ways to make a call, and the ways a stream of it can end; each once sync and once async, with the same names."""

from __future__ import annotations

import gc
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import (
    AbstractAsyncContextManager,
    AbstractContextManager,
    asynccontextmanager,
    contextmanager,
    suppress,
)
from typing import Any

import anyio
import openai
from openai import AsyncStream, Stream
from pydantic import BaseModel

BODY: dict[str, Any] = {"model": "gpt-4.1", "input": "Say hello."}
VERSION = tuple(int(part) for part in openai.__version__.split(".")[:2])


class Answer(BaseModel):
    answer: int


class UserError(Exception):
    """What a program raises inside its own loop."""


# -- without a stream: each makes the call and reads the reply -------------------------------------------------------


def create(client: Any) -> Any:
    return client.responses.create(**BODY)


def parse(client: Any) -> Any:
    return client.responses.parse(**BODY, text_format=Answer)


def raw(client: Any) -> Any:
    return client.responses.with_raw_response.create(**BODY).parse()


def raw_unparsed(client: Any) -> Any:
    return client.responses.with_raw_response.create(**BODY).http_response.json()


def streaming_response_parsed(client: Any) -> Any:
    with client.responses.with_streaming_response.create(**BODY) as response:
        return response.parse()


def streaming_response_read(client: Any) -> Any:
    with client.responses.with_streaming_response.create(**BODY) as response:
        return response.read()


def streaming_response_json(client: Any) -> Any:
    with client.responses.with_streaming_response.create(**BODY) as response:
        return response.json()


def post(client: Any) -> Any:
    return client.post("/responses", cast_to=object, body=BODY)


def post_for_text(client: Any) -> Any:
    return client.post("/responses", cast_to=str, body=BODY)


def post_absolute(client: Any) -> Any:
    return client.post(f"{client.base_url}responses?trace=1", cast_to=object, body=BODY)


def beta(client: Any) -> Any:
    return client.beta.responses.create(**BODY)


async def acreate(client: Any) -> Any:
    return await client.responses.create(**BODY)


async def aparse(client: Any) -> Any:
    return await client.responses.parse(**BODY, text_format=Answer)


async def araw(client: Any) -> Any:
    return (await client.responses.with_raw_response.create(**BODY)).parse()


async def araw_unparsed(client: Any) -> Any:
    return (await client.responses.with_raw_response.create(**BODY)).http_response.json()


async def astreaming_response_parsed(client: Any) -> Any:
    async with client.responses.with_streaming_response.create(**BODY) as response:
        return await response.parse()


async def astreaming_response_read(client: Any) -> Any:
    async with client.responses.with_streaming_response.create(**BODY) as response:
        return await response.read()


async def astreaming_response_json(client: Any) -> Any:
    async with client.responses.with_streaming_response.create(**BODY) as response:
        return await response.json()


async def apost(client: Any) -> Any:
    return await client.post("/responses", cast_to=object, body=BODY)


async def apost_for_text(client: Any) -> Any:
    return await client.post("/responses", cast_to=str, body=BODY)


async def apost_absolute(client: Any) -> Any:
    return await client.post(f"{client.base_url}responses?trace=1", cast_to=object, body=BODY)


async def abeta(client: Any) -> Any:
    return await client.beta.responses.create(**BODY)


Call = Callable[[Any], Any]
AsyncCall = Callable[[Any], Awaitable[Any]]

# name: (sync, async, first version of the SDK that has it)
CALLS: dict[str, tuple[Call, AsyncCall, tuple[int, int]]] = {
    "create": (create, acreate, (1, 66)),
    "parse": (parse, aparse, (1, 66)),
    "raw": (raw, araw, (1, 66)),
    "raw_unparsed": (raw_unparsed, araw_unparsed, (1, 66)),
    "streaming_response_parsed": (streaming_response_parsed, astreaming_response_parsed, (1, 66)),
    "streaming_response_read": (streaming_response_read, astreaming_response_read, (1, 66)),
    "streaming_response_json": (streaming_response_json, astreaming_response_json, (1, 66)),
    "post": (post, apost, (1, 66)),
    "post_for_text": (post_for_text, apost_for_text, (1, 66)),
    "post_absolute": (post_absolute, apost_absolute, (1, 66)),
    "beta": (beta, abeta, (2, 45)),
}


# -- with a stream: each is a context in which the events can be read ------------------------------------------------


@contextmanager
def created(client: Any) -> Iterator[Any]:
    yield client.responses.create(**BODY, stream=True)


@contextmanager
def created_with(client: Any) -> Iterator[Any]:
    with client.responses.create(**BODY, stream=True) as stream:
        yield stream


@contextmanager
def raw_stream(client: Any) -> Iterator[Any]:
    yield client.responses.with_raw_response.create(**BODY, stream=True).parse()


@contextmanager
def streaming_response_stream(client: Any) -> Iterator[Any]:
    with client.responses.with_streaming_response.create(**BODY, stream=True) as response:
        yield response.parse()


@contextmanager
def helper(client: Any) -> Iterator[Any]:
    with client.responses.stream(**BODY) as stream:
        yield stream


@contextmanager
def posted(client: Any) -> Iterator[Any]:
    body = {**BODY, "stream": True}
    yield client.post("/responses", cast_to=object, body=body, stream=True, stream_cls=Stream[object])


@asynccontextmanager
async def acreated(client: Any) -> AsyncIterator[Any]:
    yield await client.responses.create(**BODY, stream=True)


@asynccontextmanager
async def acreated_with(client: Any) -> AsyncIterator[Any]:
    async with await client.responses.create(**BODY, stream=True) as stream:
        yield stream


@asynccontextmanager
async def araw_stream(client: Any) -> AsyncIterator[Any]:
    yield (await client.responses.with_raw_response.create(**BODY, stream=True)).parse()


@asynccontextmanager
async def astreaming_response_stream(client: Any) -> AsyncIterator[Any]:
    async with client.responses.with_streaming_response.create(**BODY, stream=True) as response:
        yield await response.parse()


@asynccontextmanager
async def ahelper(client: Any) -> AsyncIterator[Any]:
    async with client.responses.stream(**BODY) as stream:
        yield stream


@asynccontextmanager
async def aposted(client: Any) -> AsyncIterator[Any]:
    body = {**BODY, "stream": True}
    yield await client.post("/responses", cast_to=object, body=body, stream=True, stream_cls=AsyncStream[object])


Streaming = Callable[[Any], AbstractContextManager[Any]]
AsyncStreaming = Callable[[Any], AbstractAsyncContextManager[Any]]

# name: (sync, async, whether leaving the context closes the stream)
STREAMS: dict[str, tuple[Streaming, AsyncStreaming, bool]] = {
    "created": (created, acreated, False),
    "created_with": (created_with, acreated_with, True),
    "raw_stream": (raw_stream, araw_stream, False),
    "streaming_response_stream": (streaming_response_stream, astreaming_response_stream, True),
    "helper": (helper, ahelper, True),
    "posted": (posted, aposted, False),
}


# -- how the caller leaves a stream -----------------------------------------------------------------------------------


def consumed(way: Streaming, client: Any) -> None:
    with way(client) as stream:
        for _ in stream:
            pass


def broken_out(way: Streaming, client: Any) -> None:
    with way(client) as stream:
        for _ in stream:
            break
    del stream
    gc.collect()


def never_iterated(way: Streaming, client: Any) -> None:
    with way(client) as stream:
        del stream
    gc.collect()


def closed(way: Streaming, client: Any) -> None:
    with way(client) as stream:
        next(iter(stream))
        stream.close()


def closed_unread(way: Streaming, client: Any) -> None:
    with way(client) as stream:
        stream.close()


def raised_inside(way: Streaming, client: Any) -> None:
    with suppress(UserError), way(client) as stream:
        for _ in stream:
            raise UserError
    stream = None
    gc.collect()


async def aconsumed(way: AsyncStreaming, client: Any) -> None:
    async with way(client) as stream:
        async for _ in stream:
            pass


async def abroken_out(way: AsyncStreaming, client: Any) -> None:
    async with way(client) as stream:
        async for _ in stream:
            break
    del stream
    await _collect()


async def anever_iterated(way: AsyncStreaming, client: Any) -> None:
    async with way(client) as stream:
        del stream
    await _collect()


async def aclosed(way: AsyncStreaming, client: Any) -> None:
    async with way(client) as stream:
        await anext(aiter(stream))
        await stream.close()


async def aclosed_unread(way: AsyncStreaming, client: Any) -> None:
    async with way(client) as stream:
        await stream.close()


async def araised_inside(way: AsyncStreaming, client: Any) -> None:
    with suppress(UserError):
        async with way(client) as stream:
            async for _ in stream:
                raise UserError
    stream = None
    await _collect()


async def _collect() -> None:
    """Collect, and let the event loop close the async generators that were found."""
    for _ in range(3):
        gc.collect()
        await anyio.sleep(0)


Leave = Callable[[Streaming, Any], None]
AsyncLeave = Callable[[AsyncStreaming, Any], Awaitable[None]]

LEAVES: dict[str, tuple[Leave, AsyncLeave]] = {
    "consumed": (consumed, aconsumed),
    "broken_out": (broken_out, abroken_out),
    "never_iterated": (never_iterated, anever_iterated),
    "closed": (closed, aclosed),
    "closed_unread": (closed_unread, aclosed_unread),
    "raised_inside": (raised_inside, araised_inside),
}
