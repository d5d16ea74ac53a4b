"""A fake API, and clients for it over both of its ways: the mock transport and the server."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from openai import AsyncOpenAI, OpenAI

from otel_responses.testing import FakeResponsesAPI

CREATED_AT = 1_767_225_600.9

WAYS = ("transport", "server")
# The SDK's own pause between two tries is half a second or more; a header of the fake API says how long instead.
DEFAULTS: dict[str, Any] = {"api_key": "sk-fake", "max_retries": 0, "timeout": 10}


@pytest.fixture
def api() -> FakeResponsesAPI:
    return FakeResponsesAPI(clock=lambda: CREATED_AT)


@pytest.fixture(params=WAYS)
def connect(request: pytest.FixtureRequest, api: FakeResponsesAPI) -> Iterator[Callable[..., OpenAI]]:
    """Make `OpenAI` clients that reach the API over its transport, or over a socket."""
    opened: list[OpenAI] = []

    def client(*, url: str | None = None, **options: Any) -> OpenAI:
        given = {**DEFAULTS, **options}
        opened.append(api.client(**given) if url is None else OpenAI(base_url=url, **given))
        return opened[-1]

    if request.param == "transport":
        yield client
    else:
        with api.serve() as url:
            yield lambda **options: client(url=url, **options)
    for one in opened:
        one.close()


@pytest.fixture(params=WAYS)
def connect_async(request: pytest.FixtureRequest, api: FakeResponsesAPI) -> Iterator[Callable[..., AsyncOpenAI]]:
    """The same, asynchronous; the test closes its client, because that belongs into its event loop."""
    if request.param == "transport":
        yield lambda **options: api.async_client(**{**DEFAULTS, **options})
    else:
        with api.serve() as url:

            def client(**options: Any) -> AsyncOpenAI:
                given = {**DEFAULTS, **options}
                return AsyncOpenAI(base_url=url, **given)

            yield client
