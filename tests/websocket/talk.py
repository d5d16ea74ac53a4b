"""One way to talk over a WebSocket for sync and async clients alike, so that every scenario is written once."""

from __future__ import annotations

import inspect
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import openai
import pytest
from websockets.exceptions import ConnectionClosed

VERSION = tuple(int(part) for part in openai.__version__.split(".")[:2])
HAS_CONNECT = pytest.mark.skipif(VERSION < (2, 22), reason="responses.connect() is younger")
RECONNECTS = pytest.mark.skipif(VERSION < (2, 32), reason="queued sends and reconnects are younger")
STEERS = pytest.mark.skipif(VERSION < (3, 11), reason="steering is younger")
HAS_LANES = pytest.mark.skipif(VERSION < (3, 15), reason="lanes are younger")

BODY: dict[str, Any] = {"model": "gpt-4.1", "input": "Where is the Colosseum?"}
CREATE: dict[str, Any] = {"type": "response.create", **BODY}
TERMINAL = {"response.completed", "response.failed", "response.incomplete", "error"}


@dataclass(frozen=True)
class Kind:
    """A client, sync or async, and the resource whose `connect` is called."""

    name: str
    is_async: bool = False
    is_beta: bool = False


# Each with the first version that has it.
KINDS = {
    Kind("sync"): (2, 22),
    Kind("async", is_async=True): (2, 22),
    Kind("beta_sync", is_beta=True): (2, 45),
    Kind("beta_async", is_async=True, is_beta=True): (2, 45),
}


async def settled(value: Any) -> Any:
    """What a method of either client gives in the end."""
    return await value if inspect.isawaitable(value) else value


class Talk:
    """Opens connections of one kind; the server is on loopback and in other threads, so a sync client may block."""

    def __init__(self, kind: Kind, url: str) -> None:
        self.kind = kind
        self._url = url

    def client(self, **options: Any) -> Any:
        make: Any = openai.AsyncOpenAI if self.kind.is_async else openai.OpenAI
        options = {"base_url": self._url, "websocket_base_url": self._url.replace("http", "ws"), **options}
        return make(api_key="sk-fake", **options)

    def manager(self, client: Any = None, **options: Any) -> Any:
        client = client or self.client()
        return (client.beta if self.kind.is_beta else client).responses.connect(**options)

    @asynccontextmanager
    async def connection(self, client: Any = None, **options: Any) -> AsyncIterator[Connection]:
        manager = self.manager(client, **options)
        if self.kind.is_async:
            async with manager as connection:
                yield Connection(connection)
        else:
            with manager as connection:
                yield Connection(connection)


class Connection:
    """The methods of the SDK's connection, each awaited."""

    def __init__(self, sdk: Any) -> None:
        self.sdk = sdk

    async def create(self, **body: Any) -> None:
        await settled(self.sdk.response.create(**{**BODY, **body}))

    async def send(self, event: Any) -> None:
        await settled(self.sdk.send(event))

    async def recv(self) -> Any:
        return await settled(self.sdk.recv())

    async def until(self, *kinds: str) -> Any:
        """Receive up to the next event of one of these types, else of a terminal one, which is returned."""
        while True:
            event = await self.recv()
            if event.type in (kinds or TERMINAL):
                return event

    async def ends(self) -> type[Exception]:
        """Receive until the connection ends; say how."""
        try:
            while True:
                await self.recv()
        except ConnectionClosed as error:
            return type(error)

    async def events(self) -> AsyncIterator[Any]:
        """Iterate over the connection up to the first terminal event."""
        iterator = aiter(self.sdk) if hasattr(self.sdk, "__aiter__") else iter(self.sdk)
        while True:
            event = await settled(next(iterator) if isinstance(iterator, Iterator) else anext(iterator))
            yield event
            if event.type in TERMINAL:
                return

    async def close(self) -> None:
        await settled(self.sdk.close())
