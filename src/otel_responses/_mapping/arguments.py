"""The arguments of a tool call, which are JSON in a text -> plain data."""

from __future__ import annotations

import json
from typing import Any

from otel_responses._mapping.binary import BASE64_MIN
from otel_responses._mapping.plain import DEPTH_MAX, plain
from otel_responses._mapping.texts import clean_data

__all__ = ["parsed"]

_OPENING = ("{", "[")
# An integer of 64 bits has 19 digits at most.
_LONG = 19


def parsed(value: object) -> Any:
    """Return arguments as data where they are the JSON of an object or a list, else as the text they are."""
    if not isinstance(value, str):
        return plain(value)
    written = value.strip()
    if written[:1] not in _OPENING:
        return plain(value)
    try:
        found, end = _DECODER.raw_decode(written)
    except (ValueError, RecursionError):  # a stream that was cut, or free text that begins like this
        return plain(value)
    if end != len(written):
        return plain(value)
    return found if _is_plain(written) else plain(found)


def _is_plain(written: str) -> bool:
    """Say whether what a JSON text holds is plain data as it is; said of most, and quickly.

    It is where the text itself is clean, no escape hides a letter, nothing is left out, and it is neither large nor
    deep.
    """
    return (
        len(written) <= BASE64_MIN
        and "\\u" not in written
        and "null" not in written
        and written.count("{") + written.count("[") <= DEPTH_MAX
        and clean_data(written) is written
    )


def _integer(digits: str) -> Any:
    return int(digits) if len(digits) < _LONG else plain(int(digits))


def _float(digits: str) -> Any:
    return plain(float(digits))


# Numbers are made plain where they are read; what stands for NaN and infinities is their name.
_DECODER = json.JSONDecoder(parse_int=_integer, parse_float=_float, parse_constant=str)
