"""What we read of an openai client and of the options of one request; nothing here is ever written to."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from otel_responses._mapping.provider import provider_name
from otel_responses._mapping.reading import mapping
from otel_responses._records import Endpoint

__all__ = ["copy_options", "default_headers", "endpoint", "query", "request_headers"]

_PORTS: Mapping[str, int] = {"https": 443, "http": 80}

# To take a URL apart takes as long as all else that we read of a client. A program has few clients, or many alike.
KNOWN_MAX = 100
_known: dict[tuple[type[Any], str | None, int, int], tuple[Endpoint, Any, Mapping[str, str]]] = {}


def endpoint(client: Any, url: str, overrides: Mapping[str, str]) -> Endpoint:
    """Return where the request really goes: an absolute `url` of `client.post` beats the client's base URL."""
    kind: type[object] = client.__class__
    runtime = getattr(client, "_provider_runtime", None)
    runtime = None if runtime is None else getattr(runtime, "name", None)
    if "://" in url and "://" in url.partition("?")[0]:
        return _endpoint(kind, runtime, urlsplit(url), overrides)
    # openai 3.54 runs an import each time the property of that name is read.
    base_url = getattr(client, "_base_url", None) or client.base_url
    key = (kind, runtime, id(base_url), id(overrides))
    known = _known.get(key)
    if known is None:
        if len(_known) >= KNOWN_MAX:
            _known.clear()
        found = _endpoint(kind, runtime, base_url, overrides)
        known = _known[key] = (found, base_url, overrides)  # with what the ids are of: no other object can get them
    return known[0]


def request_headers(options: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the headers of this request (`extra_headers`); the SDK leaves a sentinel where there are none."""
    return mapping(options.get("headers"))


def query(options: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the query of this request: what the SDK adds, and what a caller of `client.get` wrote into the URL."""
    written = dict(parse_qsl(options["url"].partition("?")[2]))
    return {**written, **mapping(options.get("params"))}


def default_headers(client: Any) -> Mapping[str, Any]:
    """Return the headers that the user gave the client; the property of that name also builds the key's header."""
    return mapping(getattr(client, "_custom_headers", None))


def copy_options(options: Any) -> Any:
    """Return a shallow copy: the same options object may be used for two requests."""
    copy = getattr(options, "__copy__", None) or options.copy  # pydantic 1 has only `copy`
    return copy()


def _endpoint(kind: type[object], runtime: str | None, target: Any, overrides: Mapping[str, str]) -> Endpoint:
    host, scheme = _host(target), target.scheme
    provider = overrides.get(host or "") or provider_name(kind, runtime, host)
    return Endpoint(provider, host, target.port or _PORTS.get(scheme))


def _host(target: Any) -> str | None:
    host = getattr(target, "hostname", None) or getattr(target, "host", None)
    return host.lower() if isinstance(host, str) and host else None
