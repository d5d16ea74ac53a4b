"""Helicone's request headers: a session read from them, and a session written as headers that are safe to send."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final
from urllib.parse import quote

from otel_responses._records import SessionData
from otel_responses._safe import guard, warn_once
from otel_responses.session._values import received

__all__ = ["helicone_headers", "session_from_headers"]

# docs.helicone.ai: "Sessions", "User metrics", "Custom properties"
_NAMES: Final = {
    "id": "Helicone-Session-Id",
    "name": "Helicone-Session-Name",
    "path": "Helicone-Session-Path",
    "user": "Helicone-User-Id",
}
_PROPERTY: Final = "Helicone-Property-"
_FIELDS: Final = {name.lower(): field for field, name in _NAMES.items()}

_HEADER_NAME = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"  # RFC 9110: what a header's name may be made of
_PRINTABLE: Final = "".join(map(chr, range(0x20, 0x7F))).replace("%", "")

SIZE_MAX: Final = 8_192  # bytes of all our headers: servers refuse a request whose head is much longer


@guard
def session_from_headers(headers: Mapping[str, object]) -> SessionData | None:
    """Return the session in Helicone's `headers`, or None; names in any case, values that are no text do not count.

    Values are taken as they are, without percent-decoding: a header does not say whether it was encoded.
    """
    # Every API call passes here, nearly always without such a header: one search beats a look at each name.
    return _session_from(headers) if "helicone-" in " ".join(headers).lower() else None


def _session_from(headers: Mapping[str, object]) -> SessionData | None:
    fields: dict[str, str] = {}
    properties: dict[str, str] = {}
    for name, given in headers.items():
        value = given.decode("utf-8", "replace") if isinstance(given, bytes) else given
        if not isinstance(value, str):  # the SDK's Omit and NotGiven among others
            continue
        if field := _FIELDS.get(name.lower()):
            fields[field] = value
        elif name[: len(_PROPERTY)].lower() == _PROPERTY.lower():
            properties[name[len(_PROPERTY) :]] = value
    return received(fields, properties.items())


def helicone_headers(data: SessionData) -> dict[str, str]:
    """Return `data` as Helicone's headers, 8 KiB at most, which no HTTP client refuses to send.

    A value with other characters than printable ASCII is percent-encoded UTF-8, its percent signs too. A property whose
    name is no HTTP token, and what does not fit into 8 KiB, is left out and logged once.
    """
    headers: dict[str, str] = {}
    size = 0
    for name, value in _pairs(data):
        encoded = _encode(value)
        added = len(name) + len(encoded) + 4  # ": " and the line's end
        if size + added > SIZE_MAX:
            warn_once("session-headers", "a session's headers exceed %d bytes; what does not fit is left out", SIZE_MAX)
            continue
        size += added
        headers[name] = encoded
    return headers


def _pairs(data: SessionData) -> Iterator[tuple[str, str]]:
    for field, name in _NAMES.items():
        if value := getattr(data, field):
            yield name, value
    for name, value in data.properties.items():
        if re.fullmatch(_HEADER_NAME, name):
            yield _PROPERTY + name, value
        else:
            warn_once(
                "session-header-name",
                "a session has a property whose name cannot be part of an HTTP header's name; it is not sent to "
                "Helicone's proxy (allowed are letters, digits and %s)",
                "!#$%&'*+.^_`|~-",
            )


def _encode(value: str) -> str:
    """Return `value` as a header may carry it; clients refuse blanks around it and other characters than ASCII."""
    trimmed = value.strip()
    is_plain = trimmed.isascii() and trimmed.isprintable()
    return trimmed if is_plain else quote(trimmed, safe=_PRINTABLE, errors="replace")
