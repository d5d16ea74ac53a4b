"""What stands in place of a connection, over a scripted one: it changes nothing for the caller."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Iterator
from types import ModuleType, SimpleNamespace
from typing import Any

import openai
import pytest
from websockets.asyncio.client import connect
from websockets.datastructures import Headers
from websockets.exceptions import ConnectionClosedError, ConnectionClosedOK
from websockets.frames import Close

import otel_responses
from otel_responses._patch.websocket import AsyncConnection, Connection
from otel_responses.testing import Capture
from tests.websocket.talk import CREATE, HAS_CONNECT, settled
from tests.websocket.test_connections import completed, created, ends, seen

pytestmark = [pytest.mark.anyio, HAS_CONNECT]

FRAME = json.dumps(CREATE)


class Scripted:
    """A connection of the `websockets` package, as far as we look at one. What it receives is given, errors raised."""

    def __init__(self, *received: Any, host: str = "api.openai.com", headers: Any = None) -> None:
        self.protocol = SimpleNamespace(uri=SimpleNamespace(secure=True, host=host, port=443))
        self.request = SimpleNamespace(headers=headers or Headers())
        self.received = list(received)
        self.calls: list[Any] = []

    def send(self, message: Any, text: bool | None = None) -> Any:
        self.calls.append(("send", message, text))

    def recv(self, timeout: float | None = None, decode: bool | None = None) -> Any:
        self.calls.append(("recv", timeout, decode))
        value = self.received.pop(0)
        if isinstance(value, BaseException):
            raise value
        return value

    def close(self, code: int = 1000, reason: str = "") -> Any:
        self.calls.append(("close", code, reason))


class AsyncScripted(Scripted):
    async def send(self, message: Any, text: bool | None = None) -> None:
        super().send(message, text)

    async def recv(self, timeout: float | None = None, decode: bool | None = None) -> Any:
        return super().recv(timeout, decode)

    async def close(self, code: int = 1000, reason: str = "") -> None:
        super().close(code, reason)


@pytest.fixture(params=["sync", "async"])
def is_async(request: pytest.FixtureRequest) -> bool:
    return request.param == "async"


def proxied(is_async: bool, *received: Any, by_name: bool = False, **options: Any) -> Any:
    """A connection made of a scripted one by the SDK's own class."""
    from openai.resources.responses import responses

    scripted: Any = (AsyncScripted if is_async else Scripted)(*received, **options)
    make: Any = responses.AsyncResponsesConnection if is_async else responses.ResponsesConnection
    return make(connection=scripted) if by_name else make(scripted)


@pytest.mark.parametrize("by_name", [False, True])
async def test_a_connection_of_somebody_s_own_is_followed(is_async: bool, by_name: bool, telemetry: Capture) -> None:
    connection = proxied(is_async, json.dumps(created("resp_1")), json.dumps(completed("resp_1")), by_name=by_name)
    assert type(connection._connection) is (AsyncConnection if is_async else Connection)
    await settled(connection.send(CREATE))
    for _ in range(2):
        await settled(connection.recv())
    names = ("gen_ai.response.id", "gen_ai.provider.name", "server.address", "server.port")
    assert seen(telemetry, *names) == [("resp_1", "openai", "api.openai.com", 443)]


async def test_arguments_and_results_are_the_connection_s_own(is_async: bool, telemetry: Capture) -> None:
    given = b"\x00binary"
    connection = proxied(is_async, given, "text", "[]")
    socket = connection._connection
    await settled(socket.send(message=FRAME, text=True))
    await settled(socket.send(b"\x00", None))
    assert await settled(socket.recv(3, decode=False)) is given
    assert await settled(socket.recv()) == "text"
    assert await settled(socket.recv(timeout=1)) == "[]"
    await settled(socket.close(1001, reason="bye"))
    assert socket.calls == [
        ("send", FRAME, True),
        ("send", b"\x00", None),
        ("recv", 3, False),
        ("recv", None, None),
        ("recv", 1, None),
        ("close", 1001, "bye"),
    ]
    assert ends(telemetry) == [(None, "error", None, "closed")]


@pytest.mark.parametrize("error", [TimeoutError(), asyncio.CancelledError(), KeyboardInterrupt(), RuntimeError()])
async def test_a_wait_that_is_given_up_ends_no_turn(is_async: bool, error: BaseException, telemetry: Capture) -> None:
    connection = proxied(is_async, error, json.dumps(completed("resp_1")))
    await settled(connection._connection.send(FRAME))
    with pytest.raises(type(error)) as caught:
        await settled(connection._connection.recv())
    assert caught.value is error
    assert telemetry.spans() == []
    await settled(connection._connection.recv())
    assert ends(telemetry) == [("resp_1", "stop", None, None)]


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        pytest.param(
            ConnectionClosedOK(Close(1000, ""), Close(1000, ""), rcvd_then_sent=True),
            "stream_truncated",
            id="in_good_order",
        ),
        pytest.param(ConnectionClosedError(Close(1011, "secret"), None), "ConnectionClosedError", id="broken"),
    ],
)
async def test_the_end_of_the_connection_ends_every_turn(
    is_async: bool, error: Exception, kind: str, telemetry: Capture
) -> None:
    connection = proxied(is_async, error, error)
    await settled(connection._connection.send(FRAME))
    await settled(connection._connection.send(FRAME))
    for _ in range(2):
        with pytest.raises(type(error)) as caught:
            await settled(connection._connection.recv())
        assert caught.value is error
    assert ends(telemetry) == [(None, "error", kind, None)] * 2


@pytest.mark.parametrize(
    ("host", "provider", "address"),
    [
        pytest.param("my.openai.azure.com", "azure.ai.openai", "my.openai.azure.com", id="azure"),
        pytest.param("::1", "openai", "::1", id="ipv6"),
        pytest.param("", "openai", None, id="none"),
    ],
)
async def test_where_a_connection_goes(
    is_async: bool, host: str, provider: str, address: str | None, telemetry: Capture
) -> None:
    connection = proxied(is_async, host=host)
    await settled(connection._connection.send(FRAME))
    await settled(connection.close())
    assert seen(telemetry, "gen_ai.provider.name", "server.address") == [(provider, address)]


async def test_where_a_connection_of_websockets_14_goes(is_async: bool, telemetry: Capture) -> None:
    from openai.resources.responses import responses

    scripted: Any = (AsyncScripted if is_async else Scripted)()
    scripted.protocol = SimpleNamespace(wsuri=scripted.protocol.uri)
    make: Any = responses.AsyncResponsesConnection if is_async else responses.ResponsesConnection
    connection = make(scripted)
    await settled(connection.send(CREATE))
    await settled(connection.close())
    assert seen(telemetry, "server.address", "server.port") == [("api.openai.com", 443)]


async def test_headers_given_twice(is_async: bool, telemetry: Capture) -> None:
    headers = Headers([("Helicone-User-Id", "ada"), ("X", "1"), ("X", "2")])
    connection = proxied(is_async, headers=headers)
    await settled(connection._connection.send(FRAME))
    await settled(connection.close())
    assert seen(telemetry, "helicone.user.id") == [("ada",)]


async def test_a_connection_that_tells_nothing_of_itself(is_async: bool, telemetry: Capture) -> None:
    scripted: Any = (AsyncScripted if is_async else Scripted)()
    del scripted.protocol, scripted.request
    from openai.resources.responses import responses

    make: Any = responses.AsyncResponsesConnection if is_async else responses.ResponsesConnection
    connection = make(scripted)
    await settled(connection._connection.send(FRAME))
    await settled(connection.close())
    assert seen(telemetry, "server.address", "server.port") == [(None, None)]


async def test_nothing_is_followed_while_we_are_off(is_async: bool, telemetry: Capture) -> None:
    from openai.resources.responses import responses

    scripted = Scripted()
    kind: Any = responses.AsyncResponsesConnection if is_async else responses.ResponsesConnection
    connection = kind.__new__(kind)
    held = connection.__init__
    otel_responses.uninstrument()
    held(scripted)
    assert connection._connection is scripted
    assert type(proxied(is_async)._connection) is (AsyncScripted if is_async else Scripted)


async def test_arguments_that_the_sdk_refuses_are_refused_by_the_sdk(is_async: bool, telemetry: Capture) -> None:
    from openai.resources.responses import responses

    kind: Any = responses.AsyncResponsesConnection if is_async else responses.ResponsesConnection
    with pytest.raises(TypeError, match="missing 1 required positional argument: 'connection'"):
        kind()


# -- openai-agents ---------------------------------------------------------------------------------------------------


class OpenAIResponsesWSModel:
    """As in openai-agents 0.24: opens connections of its own, and aborts them without closing."""

    def __init__(self, client: openai.AsyncOpenAI) -> None:
        self._client = client

    async def _open_websocket_connection(self, ws_url: str, headers: Any, *, connect_timeout: float | None) -> Any:
        return await connect(ws_url, additional_headers=headers, open_timeout=connect_timeout)

    def _force_abort_websocket_connection(self, connection: Any) -> None:
        connection.transport.abort()


@pytest.fixture
def model(monkeypatch: pytest.MonkeyPatch, telemetry: Capture) -> Iterator[Any]:
    module = ModuleType("agents.models.openai_responses")

    class Model(OpenAIResponsesWSModel):
        _open_websocket_connection = OpenAIResponsesWSModel._open_websocket_connection
        _force_abort_websocket_connection = OpenAIResponsesWSModel._force_abort_websocket_connection

    module.OpenAIResponsesWSModel = Model  # pyright: ignore[reportAttributeAccessIssue]
    monkeypatch.setitem(sys.modules, module.__name__, module)
    otel_responses.instrument(**telemetry.providers)
    yield Model(openai.AsyncOpenAI(api_key="sk-fake", default_headers={"Helicone-User-Id": "ada"}))
    otel_responses.uninstrument()
    assert vars(Model)["_open_websocket_connection"] is OpenAIResponsesWSModel._open_websocket_connection


async def test_the_websocket_model_of_openai_agents(model: Any, url: str, telemetry: Capture) -> None:
    headers = {"Authorization": "Bearer sk-fake"}
    target = f"{url.replace('http', 'ws')}/responses"
    connection = await model._open_websocket_connection(target, headers, connect_timeout=30)
    await connection.send(FRAME)
    while json.loads(await connection.recv())["type"] != "response.completed":
        pass
    await connection.send(FRAME)
    model._force_abort_websocket_connection(connection)
    await connection.send(FRAME)
    model._force_abort_websocket_connection(connection=connection)
    model._force_abort_websocket_connection(connection.__wrapped__)
    assert [end[0] for end in ends(telemetry)] == ["resp_0001", None, None]
    assert seen(telemetry, "helicone.user.id", "openai.call.ended_by")[:2] == [("ada", None), ("ada", "closed")]
