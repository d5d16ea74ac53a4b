"""The wrappers of the four methods that every HTTP call of the SDK passes, exactly once.

`request` is one logical call, retries included. `_process_response` shows its HTTP response. The two are tied together
by the `post_parser` of the options, so neither needs a context variable.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from opentelemetry.context import Context, attach, get_current
from opentelemetry.instrumentation.utils import is_instrumentation_enabled

from otel_responses._call import Call
from otel_responses._fetch import open_fetch
from otel_responses._mapping.request import effective_body, read_fetch, read_parameters, read_request
from otel_responses._observer import Observer
from otel_responses._patch import clients, routes
from otel_responses._patch.exchange import AsyncExchange, Exchange
from otel_responses._patch.streams import note_cursor
from otel_responses._records import Endpoint, SessionData
from otel_responses._safe import detach, log_once
from otel_responses._semconv import OPERATION_FETCH
from otel_responses.session import helicone_headers, session_from_headers

__all__ = ["async_request", "observe_with", "observing", "process_response", "request", "resumed"]

Arguments = tuple[Any, ...]
Keywords = dict[str, Any]


# What carries the call, and the arguments in which it does so.
Begun = tuple["Exchange", Arguments, Keywords]


# Who observes now; nobody after `uninstrument()`, though a pre-bound method may still hold a wrapper.
_active: Observer | None = None


def observe_with(observer: Observer | None) -> None:
    """Let the wrappers show their calls to `observer`, or pass every call through for None."""
    global _active  # noqa: PLW0603 - one a process
    if observer is not None and _active is not None:
        observer.continues(_active)
    _active = observer


def observing() -> Observer | None:
    """Return who observes now, if anybody does."""
    return _active


def request(wrapped: Callable[..., Any], client: Any, args: Arguments, kwargs: Keywords) -> Any:
    """Wrap `SyncAPIClient.request`."""
    begun = _begun(client, args, kwargs, Exchange)
    if begun is None:
        return wrapped(*args, **kwargs)
    exchange, args, kwargs = begun
    token = attach(exchange.call.context)
    try:
        result = wrapped(*args, **kwargs)
    except BaseException as error:
        exchange.failed(error)
        raise
    finally:
        detach(token)
    exchange.returned()
    return result


async def async_request(wrapped: Callable[..., Any], client: Any, args: Arguments, kwargs: Keywords) -> Any:
    """Wrap `AsyncAPIClient.request`."""
    begun = _begun(client, args, kwargs, AsyncExchange)
    if begun is None:
        return await wrapped(*args, **kwargs)
    exchange, args, kwargs = begun
    token = attach(exchange.call.context)
    try:
        result = await wrapped(*args, **kwargs)
    except BaseException as error:
        exchange.failed(error)
        raise
    finally:
        detach(token)
    exchange.returned()
    return result


def process_response(wrapped: Callable[..., Any], client: Any, args: Arguments, kwargs: Keywords) -> Any:
    """Wrap `_process_response`, sync or async: it only looks at arguments, so one plain function serves both."""
    exchange = getattr(kwargs.get("options"), "post_parser", None)
    if isinstance(exchange, Exchange):
        exchange.replied(kwargs.get("response"), kwargs.get("retries_taken"))
    return wrapped(*args, **kwargs)


def resumed(wrapped: Callable[..., Any], stream: Any, args: Arguments, kwargs: Keywords) -> Any:
    """Wrap `ResponseStream.__init__`: `.stream(starting_after=)` sends no cursor, it leaves out events by itself."""
    result = wrapped(*args, **kwargs)
    note_cursor(kwargs.get("raw_stream"), kwargs.get("starting_after"))
    return result


def _begun(client: Any, args: Arguments, kwargs: Keywords, make: type[Exchange]) -> Begun | None:
    try:
        return _begin(client, args, kwargs, make)
    except Exception as error:  # noqa: BLE001 - as in guard(), which takes longer
        log_once("http._begin", error)
        return None


def _begin(client: Any, args: Arguments, kwargs: Keywords, make: type[Exchange]) -> Begun | None:
    """Open a call and return the arguments that carry it, or None where there is nothing to observe."""
    observer = _active
    if observer is None:
        return None
    options: Any = args[1] if len(args) > 1 else kwargs["options"]
    # A model of pydantic: to look a field up as its attribute takes six times as long.
    fields: dict[str, Any] = options.__dict__
    url = fields["url"]
    operation = routes.operation_of(fields["method"], url)
    context = get_current()
    # An empty context suppresses nothing: the two look-ups of OpenTelemetry are for a program's own context.
    if operation is None or (context and not is_instrumentation_enabled()):
        return None
    endpoint = clients.endpoint(client, url, observer.config.provider_by_host)
    if not observer.is_heard() and endpoint.address not in observer.config.helicone_hosts:
        observer.announce()
        return None
    copy = clients.copy_options(options)
    fields = copy.__dict__
    call = _open(observer, client, fields, operation, endpoint, context, kwargs.get("stream") is True)
    fields["post_parser"] = exchange = make(call, fields.get("post_parser"))
    if len(args) > 1:
        return exchange, (args[0], copy, *args[2:]), kwargs
    return exchange, args, {**kwargs, "options": copy}


def _open(
    observer: Observer,
    client: Any,
    options: dict[str, Any],
    operation: str,
    endpoint: Endpoint,
    context: Context,
    is_streaming: bool,
) -> Call:
    given, defaults = clients.request_headers(options), clients.default_headers(client)
    # As the SDK merges them: a header of the call, also one that it omits, stands before the client's of that name.
    headers = {**defaults, **given} if defaults and given else given or defaults
    session = observer.session(session_from_headers(headers) if headers else None, context)
    if session is not None and endpoint.address in observer.config.helicone_hosts:
        options["headers"] = _with_session(session, given, headers)
    if operation == OPERATION_FETCH:
        query = clients.query(options)
        fetched = read_fetch(routes.response_id(options["url"]), query, endpoint, is_streaming=is_streaming)
        return open_fetch(observer, fetched, session, context)
    body = effective_body(options.get("json_data"), options.get("extra_json"))
    request = read_request(body, endpoint, is_streaming=is_streaming, operation=operation)
    call = observer.open(request, session, body, context)
    if call.is_detailed:
        try:
            call.parameters = read_parameters(body)
        except Exception as error:  # noqa: BLE001 - the call is open, and goes on without them
            log_once("read_parameters", error)
    return call


def _with_session(session: SessionData, given: Mapping[str, Any], users_own: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the request's headers with the session's, never in place of one that the user set."""
    users = {name.lower() for name in users_own}
    ours = {name: value for name, value in helicone_headers(session).items() if name.lower() not in users}
    return {**ours, **given}
