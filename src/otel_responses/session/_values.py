"""What users and requests give for a session, made into bounded text: bad shapes raise, awkward values are cleaned."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from itertools import islice
from numbers import Number
from reprlib import repr as bounded_repr
from typing import Final, cast

from otel_responses._records import NO_PROPERTIES, SessionData
from otel_responses._safe import warn_once
from otel_responses._semconv import PROPERTIES_MAX

__all__ = ["bounded", "clean", "extended", "path", "properties", "received", "text"]

LENGTH_MAX: Final = 256  # characters of one value or of a property's name

# Lone surrogates are here because they cannot be encoded: an exporter would fail with the whole batch.
_CONTROL = r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]+"


def clean(value: str) -> str:
    """Return `value` without surrounding blanks and control characters, cut to 256 characters; the change is logged."""
    trimmed = value.strip()
    if len(trimmed) <= LENGTH_MAX and trimmed.isprintable():
        return trimmed
    cleaned = re.sub(_CONTROL, " ", trimmed).strip()[:LENGTH_MAX].rstrip()
    if cleaned != trimmed:
        warn_once(
            "session-value",
            "a value of a session had more than %d characters or held control characters; it was cut or cleaned",
            LENGTH_MAX,
        )
    return cleaned


def text(value: object, where: str) -> str:
    """Return `value`, which was given as `where`, as clean text.

    Raises:
        TypeError: `value` is neither text nor a number nor a boolean.
    """
    if isinstance(value, str):
        return clean(str.__str__(value))  # an enum's value, not its name
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, Number):
        return clean(str(value))
    kind = type(value).__name__
    raise TypeError(
        f"{where} is {bounded_repr(value)} of type {kind}; allowed are text, numbers and booleans, "
        "anything else goes through str() first"
    )


def path(value: object, where: str) -> str:
    """Return `value` as a session's path: it begins with a slash and does not end in one.

    Raises:
        TypeError: `value` is no text.
        ValueError: `value` does not begin with a slash.
    """
    cleaned = text(value, where)
    if not cleaned.startswith("/"):
        raise ValueError(f"{where} is {bounded_repr(cleaned)}; a path begins with a slash, such as '/plan/flights'")
    return _from_root(cleaned)


def extended(base: str | None, name: str) -> str:
    """Return the path `base` with `name` after it."""
    return clean(_from_root(f"{base or ''}/{name.strip('/')}"))


def properties(given: object, where: str) -> Mapping[str, str]:
    """Return `given` as names and texts; what is None or empty is left out, and so is what is beyond 32.

    Raises:
        TypeError: `given` is no mapping, or one of its names or values is neither text nor a number nor a boolean.
    """
    if given is None:
        return NO_PROPERTIES
    if not isinstance(given, Mapping):
        raise TypeError(f"{where} is {bounded_repr(given)}; allowed is a mapping of names to text, numbers or booleans")
    pairs = (
        (text(name, f"a name in {where}"), text(value, f"{where}[{bounded_repr(name)}]"))
        for name, value in cast("Mapping[object, object]", given).items()
        if value is not None
    )
    return bounded(pairs)


def bounded(pairs: Iterable[tuple[str, str]]) -> Mapping[str, str]:
    """Return the first 32 pairs that have a name and a value; that there were more is logged once."""
    filled = ((name, value) for name, value in pairs if name and value)
    kept = dict(islice(filled, PROPERTIES_MAX + 1))
    if len(kept) > PROPERTIES_MAX:
        kept.popitem()
        warn_once("session-properties", "a session had more than %d properties; the rest was left out", PROPERTIES_MAX)
    return kept


def received(fields: Mapping[str, str], pairs: Iterable[tuple[str, str]]) -> SessionData | None:
    """Return the session that came with a request, by field of `SessionData`; None where nothing is in it."""
    cleaned = {field: value for field, given in fields.items() if (value := clean(given))}
    if "path" in cleaned:
        cleaned["path"] = _from_root(cleaned["path"])
    found = bounded((clean(name), clean(value)) for name, value in pairs)
    return SessionData(**cleaned, properties=found) if cleaned or found else None


def _from_root(value: str) -> str:
    return "/" + value.strip("/")
