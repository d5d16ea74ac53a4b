"""One face for the sync and the async client, so that each test runs on both."""

from __future__ import annotations

import gc
from collections.abc import Callable
from functools import partial
from typing import Any

import anyio
from anyio.from_thread import BlockingPortal

BODY: dict[str, Any] = {"model": "gpt-4.1", "input": "Say hello."}


class SyncCalls:
    """The calls of a sync client."""

    def __init__(self, client: Any) -> None:
        self._client = client

    def call(self, path: str, *args: Any, **kwargs: Any) -> Any:
        """Call a method of `client.responses`, by its path."""
        return method(self._client.responses, path)(*args, **kwargs)

    def read(self, path: str, *args: Any, events: int | None = None, **kwargs: Any) -> list[Any]:
        """Call a method that streams, read so many events or all, and close the stream."""
        with method(self._client.responses, path)(*args, **kwargs) as stream:
            return [event for _, event in zip(range(10**9 if events is None else events), stream, strict=False)]

    def bytes(self, *, chunks: int | None = None, **kwargs: Any) -> int:
        """Read so many chunks of a raw body, or all; return their size."""
        with self._client.responses.with_streaming_response.create(**BODY, **kwargs) as response:
            counted = zip(range(10**9 if chunks is None else chunks), response.iter_bytes(), strict=False)
            return sum(len(chunk) for _, chunk in counted)

    def drop(self, path: str, *args: Any, **kwargs: Any) -> None:
        """Call a method that streams, read one event, and let go of the stream."""
        next(iter(method(self._client.responses, path)(*args, **kwargs)))
        gc.collect()


class AsyncCalls:
    """The same for an async client, in an event loop in another thread."""

    def __init__(self, client: Any, portal: BlockingPortal) -> None:
        self._client = client
        self._portal = portal

    def call(self, path: str, *args: Any, **kwargs: Any) -> Any:
        return self._portal.call(partial(method(self._client.responses, path), *args, **kwargs))

    def read(self, path: str, *args: Any, events: int | None = None, **kwargs: Any) -> list[Any]:
        async def read() -> list[Any]:
            made = method(self._client.responses, path)(*args, **kwargs)
            found: list[Any] = []
            async with made if hasattr(made, "__aenter__") else await made as stream:
                async for event in stream:
                    found.append(event)
                    if len(found) == events:
                        break
            return found

        return self._portal.call(read)

    def bytes(self, *, chunks: int | None = None, **kwargs: Any) -> int:
        async def read() -> int:
            sizes: list[int] = []
            async with self._client.responses.with_streaming_response.create(**BODY, **kwargs) as response:
                async for chunk in response.iter_bytes():
                    sizes.append(len(chunk))
                    if len(sizes) == chunks:
                        break
            return sum(sizes)

        return self._portal.call(read)

    def drop(self, path: str, *args: Any, **kwargs: Any) -> None:
        async def read() -> None:
            await anext(aiter(await method(self._client.responses, path)(*args, **kwargs)))
            for _ in range(3):
                gc.collect()
                await anyio.sleep(0)

        self._portal.call(read)


Calls = SyncCalls | AsyncCalls


def method(owner: Any, path: str) -> Callable[..., Any]:
    for name in path.split("."):
        owner = getattr(owner, name)
    return owner
