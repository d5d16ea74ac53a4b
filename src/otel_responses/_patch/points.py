"""The table of patch points. `install` walks it, `remove` undoes it; nothing else of the SDK is touched."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping
from types import ModuleType
from typing import Any, NamedTuple, cast

import wrapt

from otel_responses import _open_calls
from otel_responses._observer import Observer
from otel_responses._patch import http
from otel_responses._safe import guard, warn_once

__all__ = ["POINTS", "Point", "install", "remove"]


class Point(NamedTuple):
    """One method of the SDK and the wrapper that goes around it, by names: the SDK is not imported for it.

    An optional one is not in every version that we support, so nothing is said where it is missing.
    """

    module: str
    owner: str
    method: str
    wrapper: Callable[..., Any]
    is_optional: bool = False


def _websocket(name: str) -> Callable[..., Any]:
    """Return a wrapper of `_patch.websocket`, which is imported when the first connection is made: few programs do."""

    def wrapper(wrapped: Callable[..., Any], instance: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        from otel_responses._patch import websocket  # noqa: PLC0415 - see above

        return getattr(websocket, name)(wrapped, instance, args, kwargs)

    return wrapper


_RESPONSES = ("openai.resources.responses.responses", "openai.resources.beta.responses.responses")
_STREAMS = "openai.lib.streaming.responses._responses"
_AGENTS = ("agents.models.openai_responses", "OpenAIResponsesWSModel")
_WEBSOCKET = (
    ("ResponsesConnectionManager", "_connect_ws", _websocket("connect")),
    ("AsyncResponsesConnectionManager", "_connect_ws", _websocket("async_connect")),
    ("ResponsesConnection", "__init__", _websocket("init")),
    ("AsyncResponsesConnection", "__init__", _websocket("async_init")),
)
POINTS = (
    Point("openai._base_client", "SyncAPIClient", "request", http.request),
    Point("openai._base_client", "SyncAPIClient", "_process_response", http.process_response),
    Point("openai._base_client", "AsyncAPIClient", "request", http.async_request),
    Point("openai._base_client", "AsyncAPIClient", "_process_response", http.process_response),
    Point(_STREAMS, "ResponseStream", "__init__", http.resumed, is_optional=True),
    Point(_STREAMS, "AsyncResponseStream", "__init__", http.resumed, is_optional=True),
    *(Point(module, *found, is_optional=True) for module in _RESPONSES for found in _WEBSOCKET),
    Point(*_AGENTS, "_open_websocket_connection", _websocket("async_connect"), is_optional=True),
    Point(*_AGENTS, "_force_abort_websocket_connection", _websocket("abort"), is_optional=True),
)

# wrapt cannot take a post-import hook back, so one a module and process; it does nothing while we are off.
_hooked: set[str] = set()


class _State:
    is_installed = False


@guard
def install(observer: Observer) -> None:
    """Patch what is imported of the SDK now, and the rest when it is; a second call only changes the observer.

    A class that was made anew since (a notebook's reload of the SDK) is patched again.
    """
    _State.is_installed = True
    http.observe_with(observer)
    for name in {point.module: None for point in POINTS}:
        module = sys.modules.get(name)
        if module is not None:
            _patch(module)
        if name not in _hooked:
            _hooked.add(name)
            wrapt.register_post_import_hook(_patch, name)


@guard
def remove() -> None:
    """Take every wrapper off again; a stream that is still open goes on to its proper end."""
    _State.is_installed = False
    http.observe_with(None)
    for point in POINTS:
        owner = getattr(sys.modules.get(point.module), point.owner, None)
        method = _own(owner, point.method)
        # Where another package wrapped after us, its wrapper stays, and ours below it passes every call through.
        if _is_ours(method):
            setattr(owner, point.method, method.__wrapped__)
    _open_calls.stop_watching()


@guard
def _patch(module: ModuleType) -> None:
    if not _State.is_installed:
        return
    for point in POINTS:
        if point.module == module.__name__:
            _patch_method(getattr(module, point.owner, None), point)


def _patch_method(owner: Any, point: Point) -> None:
    method = _own(owner, point.method)
    if method is None and point.is_optional:
        return
    if method is None:
        warn_once(
            f"missing:{point.owner}.{point.method}",
            "%s.%s.%s is not there in the installed openai package: calls that need it are not traced",
            point.module,
            point.owner,
            point.method,
        )
    elif not any(map(_is_ours, _layers(method))):
        setattr(owner, point.method, wrapt.FunctionWrapper(method, point.wrapper))


def _own(owner: Any, name: str) -> Any:
    """Return the method as the class holds it, not bound: only that can be put back."""
    return cast("Mapping[str, Any]", vars(owner)).get(name) if owner is not None else None


def _layers(method: Any) -> Iterator[Any]:
    """Yield the method as it stands and what it wraps, down to the SDK's own: others may have wrapped after us."""
    while method is not None:
        yield method
        method = getattr(method, "__wrapped__", None)


def _is_ours(method: Any) -> bool:
    """Say so by name, not by identity: a notebook's reload makes our functions anew."""
    wrapper = getattr(method, "_self_wrapper", None)
    return getattr(wrapper, "__module__", None) in (http.__name__, __name__)
