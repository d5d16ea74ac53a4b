"""What stands in place of a `websockets` connection, and the wrappers that put it there.

The connection of the `websockets` package is the only door that everything passes, in every version of the SDK: a lane
sends past `ResponsesConnection`, and so does the queue of what was sent before the connection was there.
`_connect_ws` (openai 2.32 and up) also makes the connections after a loss; before it there is only `__init__`.
openai-agents opens connections of its own.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import wrapt

from otel_responses._mapping.reading import field, mapping
from otel_responses._patch import clients, http
from otel_responses._patch.turns import Turns
from otel_responses._records import Endpoint, SessionData
from otel_responses._safe import guard
from otel_responses._semconv import PROTOCOL_WEBSOCKET
from otel_responses.session import merge_sessions, session_from_headers

__all__ = ["AsyncConnection", "Connection", "abort", "async_connect", "async_init", "connect", "init"]

# A generic class in the stubs of wrapt 2; wrapt 1.17 has no stubs, and there it cannot be subscripted.
_Proxy = wrapt.ObjectProxy[Any] if TYPE_CHECKING else wrapt.ObjectProxy

Arguments = tuple[Any, ...]
Keywords = dict[str, Any]


class Connection(_Proxy):
    """A sync connection whose frames are shown to its turns."""

    def __init__(self, connection: Any, turns: Turns) -> None:
        super().__init__(connection)
        self._self_turns = turns

    def send(self, *args: Any, **kwargs: Any) -> Any:
        # Before it is sent: another thread may read the answer before `send` returns.
        turn = self._self_turns.sent(_message(args, kwargs))
        try:
            return self.__wrapped__.send(*args, **kwargs)
        except Exception as error:
            self._self_turns.not_sent(turn, error)
            raise

    def recv(self, *args: Any, **kwargs: Any) -> Any:
        try:
            frame = self.__wrapped__.recv(*args, **kwargs)
        except Exception as error:
            _note_end(self._self_turns, error)
            raise
        self._self_turns.received(frame)
        return frame

    def close(self, *args: Any, **kwargs: Any) -> Any:
        self._self_turns.closed()
        return self.__wrapped__.close(*args, **kwargs)


class AsyncConnection(_Proxy):
    """An async connection. A send or a receive that is cancelled ends no turn: the connection goes on."""

    def __init__(self, connection: Any, turns: Turns) -> None:
        super().__init__(connection)
        self._self_turns = turns

    async def send(self, *args: Any, **kwargs: Any) -> Any:
        turn = self._self_turns.sent(_message(args, kwargs))
        try:
            return await self.__wrapped__.send(*args, **kwargs)
        except Exception as error:
            self._self_turns.not_sent(turn, error)
            raise

    async def recv(self, *args: Any, **kwargs: Any) -> Any:
        try:
            frame = await self.__wrapped__.recv(*args, **kwargs)
        except Exception as error:
            _note_end(self._self_turns, error)
            raise
        self._self_turns.received(frame)
        return frame

    async def close(self, *args: Any, **kwargs: Any) -> Any:
        self._self_turns.closed()
        return await self.__wrapped__.close(*args, **kwargs)


def connect(wrapped: Callable[..., Any], manager: Any, args: Arguments, kwargs: Keywords) -> Any:
    """Wrap `ResponsesConnectionManager._connect_ws`."""
    return _followed(wrapped(*args, **kwargs), manager, Connection)


async def async_connect(wrapped: Callable[..., Any], owner: Any, args: Arguments, kwargs: Keywords) -> Any:
    """Wrap `AsyncResponsesConnectionManager._connect_ws`, and what openai-agents has for it."""
    return _followed(await wrapped(*args, **kwargs), owner, AsyncConnection)


def init(wrapped: Callable[..., Any], instance: Any, args: Arguments, kwargs: Keywords) -> Any:
    """Wrap `ResponsesConnection.__init__`."""
    return wrapped(*_with_followed(args, kwargs, Connection), **kwargs)


def async_init(wrapped: Callable[..., Any], instance: Any, args: Arguments, kwargs: Keywords) -> Any:
    """Wrap `AsyncResponsesConnection.__init__`."""
    return wrapped(*_with_followed(args, kwargs, AsyncConnection), **kwargs)


def abort(wrapped: Callable[..., Any], model: Any, args: Arguments, kwargs: Keywords) -> Any:
    """Wrap the method of openai-agents that aborts a connection without closing it, when its task is cancelled."""
    connection = args[0] if args else kwargs.get("connection")
    if type(connection) is AsyncConnection:
        connection._self_turns.closed()  # noqa: SLF001 # pyright: ignore[reportPrivateUsage] - our own
    return wrapped(*args, **kwargs)


def _with_followed(args: Arguments, kwargs: Keywords, proxy: type[Any]) -> Arguments:
    """Put our proxy in place of the `connection` among the arguments, unless `_connect_ws` did so."""
    if args:
        return (_followed(args[0], None, proxy), *args[1:])
    if "connection" in kwargs:
        kwargs["connection"] = _followed(kwargs["connection"], None, proxy)
    return args


def _followed(connection: Any, owner: Any, proxy: type[Any]) -> Any:
    turns = None if type(connection) is proxy else _turns(connection, owner)
    return connection if turns is None else proxy(connection, turns)


@guard
def _turns(connection: Any, owner: Any) -> Turns | None:
    observer = http.observing()
    if observer is None:
        return None
    client = _client_of(owner)
    endpoint = _endpoint(connection, client, observer.config.provider_by_host)
    return Turns(endpoint, _session(connection, client), http.observing)


def _endpoint(connection: Any, client: Any, overrides: Any) -> Endpoint:
    """Return where the connection really goes, after redirects."""
    protocol = field(connection, "protocol")
    uri = field(protocol, "uri") or field(protocol, "wsuri")  # so called before websockets 15
    host = str(field(uri, "host") or "")
    url = f"ws://[{host}]" if ":" in host else f"ws://{host}"
    endpoint = clients.endpoint(client, url, overrides)
    return replace(endpoint, port=field(uri, "port"), protocol=PROTOCOL_WEBSOCKET)


def _session(connection: Any, client: Any) -> SessionData | None:
    """Return the session of the handshake's headers, then of the client's: old SDKs do not send those."""
    headers = field(field(connection, "request"), "headers")
    sent = dict(headers.raw_items()) if hasattr(headers, "raw_items") else {}
    return merge_sessions(session_from_headers(sent), session_from_headers(clients.default_headers(client)))


def _client_of(owner: object) -> Any:
    """Return the client that a manager holds under a private name (`__client`), or a model of openai-agents."""
    held = mapping(getattr(owner, "__dict__", None))
    return next((value for name, value in held.items() if name.endswith("_client")), None)


def _message(args: Arguments, kwargs: Keywords) -> Any:
    return args[0] if args else kwargs.get("message")


def _note_end(turns: Turns, error: BaseException) -> None:
    """Tell the end of the connection from a time that is up; `websockets` is not imported for it."""
    names = {kind.__name__ for kind in type(error).__mro__}
    if "ConnectionClosed" in names:
        turns.broken(error, is_regular="ConnectionClosedOK" in names)
