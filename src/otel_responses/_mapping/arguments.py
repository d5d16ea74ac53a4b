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
    if not written.startswith(_OPENING):
        return plain(value)
    try:
        found, end = _DECODER.scan_once(written, 0)  # as `raw_decode` does, which is in Python
    except (ValueError, StopIteration, RecursionError):  # a stream that was cut, or free text that begins like this
        return plain(value)
    if end != len(written):
        return plain(value)
    # What the text of most holds is plain data as it is: it is neither large nor deep, nothing in it is left out, no
    # escape hides a letter, and the text itself is clean.
    if (
        end <= BASE64_MIN
        and "null" not in written
        and "\\u" not in written
        and written.count("{") + written.count("[") <= DEPTH_MAX
        and ((written.isascii() and "64," not in written) or clean_data(written) is written)
    ):
        return found
    return plain(found)


def _integer(digits: str) -> Any:
    return int(digits) if len(digits) < _LONG else plain(int(digits))


def _float(digits: str) -> Any:
    return plain(float(digits))


# Numbers are made plain where they are read; what stands for NaN and infinities is their name.
_DECODER: Any = json.JSONDecoder(parse_int=_integer, parse_float=_float, parse_constant=str)
