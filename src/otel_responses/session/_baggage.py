"""The session in W3C baggage, which carries it between services; both directions are off until configured."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final
from urllib.parse import quote_plus

from opentelemetry.baggage import get_all, remove_baggage, set_baggage
from opentelemetry.context import Context

from otel_responses._records import SessionData
from otel_responses._safe import warn_once
from otel_responses._semconv import (
    HELICONE_PROPERTY,
    HELICONE_SESSION_ID,
    HELICONE_SESSION_NAME,
    HELICONE_SESSION_PATH,
    HELICONE_USER_ID,
)
from otel_responses.session._values import received

__all__ = ["configure_baggage", "session_from_baggage", "usage", "with_session_baggage", "without_session_baggage"]

_KEYS: Final = {
    "id": HELICONE_SESSION_ID,
    "name": HELICONE_SESSION_NAME,
    "path": HELICONE_SESSION_PATH,
    "user": HELICONE_USER_ID,
}
_FIELDS: Final = {key: field for field, key in _KEYS.items()}

# https://www.w3.org/TR/baggage/#limits: what every receiver keeps
MEMBERS_MAX: Final = 64
SIZE_MAX: Final = 8_192  # bytes of the whole header
MEMBER_SIZE_MAX: Final = 4_096  # OpenTelemetry's propagator drops longer ones, and logs their names


class BaggageUsage:
    """Whether sessions are read from baggage and written to it."""

    read = False
    write = False


usage = BaggageUsage()


def configure_baggage(*, read: bool, write: bool) -> None:
    """Switch on or off that sessions are read from baggage and written to it, for the whole process."""
    usage.read, usage.write = read, write


def session_from_baggage(context: Context | None) -> SessionData | None:
    """Return the session that the baggage of `context` carries, cleaned and bounded, or None."""
    ours = {key: value for key, value in get_all(context).items() if _is_ours(key) and isinstance(value, str)}
    fields = {_FIELDS[key]: value for key, value in ours.items() if key in _FIELDS}
    properties = [(key.removeprefix(HELICONE_PROPERTY), value) for key, value in ours.items() if key not in _FIELDS]
    return received(fields, properties)


def with_session_baggage(data: SessionData, context: Context) -> Context:
    """Return `context` with `data` in its baggage in place of another session, within the limits of W3C."""
    written = without_session_baggage(context)
    others = get_all(written)
    members, size = len(others), sum(_size(key, value) for key, value in others.items())
    for key, value in _pairs(data):
        added = _size(key, value)
        if members == MEMBERS_MAX or added > MEMBER_SIZE_MAX or size + added > SIZE_MAX:
            warn_once("session-baggage", "a session is too long for W3C baggage; what does not fit is left out")
            continue
        members, size = members + 1, size + added
        written = set_baggage(key, value, written)
    return written


def without_session_baggage(context: Context) -> Context:
    """Return `context` without our keys in its baggage; `context` itself where there are none."""
    for key in get_all(context) if context else ():
        if _is_ours(key):
            context = remove_baggage(key, context)
    return context


def _is_ours(key: str) -> bool:
    return key in _FIELDS or key.startswith(HELICONE_PROPERTY)


def _pairs(data: SessionData) -> Iterator[tuple[str, str]]:
    for field, key in _KEYS.items():
        if value := getattr(data, field):
            yield key, value
    for name, value in data.properties.items():
        yield HELICONE_PROPERTY + name, value


def _size(key: str, value: object) -> int:
    return len(quote_plus(key, errors="replace")) + len(quote_plus(str(value), errors="replace")) + 2  # "=" and ","
