"""The table of the API's routes: which requests get a span, by method and path, whatever resource they come from."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from urllib.parse import unquote

from otel_responses._semconv import OPERATION_CHAT, OPERATION_COMPACTION, OPERATION_FETCH

__all__ = ["RESPONSE_ID", "ROUTES", "operation_of", "response_id"]

RESPONSE_ID = "{response_id}"
_RESPONSES = "/responses"

# (method, what follows /responses in the path): the operation of its span. None is a route that gets none: the GenAI
# conventions have no operation for it, no model runs, and instrumentations of the HTTP client show it as it is.
ROUTES: Mapping[tuple[str, str], str | None] = {
    ("post", ""): OPERATION_CHAT,
    ("post", "compact"): OPERATION_COMPACTION,
    ("get", RESPONSE_ID): OPERATION_FETCH,
    ("post", "input_tokens"): None,
    ("post", f"{RESPONSE_ID}/cancel"): None,
    ("delete", RESPONSE_ID): None,
    ("get", f"{RESPONSE_ID}/input_items"): None,
}


def operation_of(method: str, url: str) -> str | None:
    """Return the operation of a request, or None where it gets no span. This runs for every request of the SDK."""
    return _operation(method, url) if _RESPONSES in url else None


@lru_cache(maxsize=64)
def _operation(method: str, url: str) -> str | None:
    rest = _rest(url)
    if rest is None:
        return None
    route = (method.lower(), rest)
    if route in ROUTES or not rest or "/" in rest:
        return ROUTES.get(route)
    return ROUTES.get((route[0], RESPONSE_ID))


def response_id(url: str) -> str:
    """Return the id in the path of a request for one response."""
    return unquote(_rest(url) or "")


def _rest(url: str) -> str | None:
    """Return what follows the last `/responses` in the path, without slashes; None where that is no segment of it."""
    path = url.partition("?")[0] if "?" in url else url
    _, found, rest = path.rpartition(_RESPONSES)
    return rest.strip("/") if found and (not rest or rest[0] == "/") else None
