"""Reading OTLP attributes: typed, bounded and safe to print, whatever the sender put there."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping

from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue

__all__ = ["by_key", "count", "printable", "seconds", "structured", "text", "texts"]

TEXT_MAX = 200  # characters; nothing longer fits on a line of a terminal


def by_key(pairs: Iterable[KeyValue]) -> dict[str, AnyValue]:
    """The attributes as a mapping; the last of two with one key wins."""
    return {pair.key: pair.value for pair in pairs}


def printable(value: str) -> str:
    """The text as a terminal may show it: at most 200 characters, control and escape characters replaced."""
    return "".join(char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in value[:TEXT_MAX]).strip()


def text(attributes: Mapping[str, AnyValue], *keys: str) -> str:
    """The text under the first of the keys that has one, printable; empty without any."""
    found = (printable(attributes[key].string_value) for key in keys if key in attributes)
    return next(filter(None, found), "")


def texts(attributes: Mapping[str, AnyValue], key: str) -> tuple[str, ...]:
    """The texts of an array attribute, printable; empty without it."""
    values = attributes[key].array_value.values if key in attributes else ()
    return tuple(printable(value.string_value) for value in values)


def count(attributes: Mapping[str, AnyValue], key: str) -> int | None:
    """A count such as tokens; None where there is none, or something that is no count."""
    value = attributes.get(key)
    if value is None or value.WhichOneof("value") != "int_value" or value.int_value < 0:
        return None
    return value.int_value


def seconds(attributes: Mapping[str, AnyValue], key: str) -> float | None:
    """A duration in seconds; None where there is none, or something that is no duration."""
    if key not in attributes:
        return None
    value = attributes[key]
    number = {"double_value": value.double_value, "int_value": float(value.int_value)}.get(
        value.WhichOneof("value") or ""
    )
    return number if number is not None and math.isfinite(number) and number >= 0 else None


def structured(value: AnyValue) -> object:
    """A value of any kind as plain Python data; None where there is none, and bytes by their number alone."""
    kind = value.WhichOneof("value")
    if kind == "array_value":
        return [structured(one) for one in value.array_value.values]
    if kind == "kvlist_value":
        return {pair.key: structured(pair.value) for pair in value.kvlist_value.values}
    if kind == "bytes_value":
        return f"{len(value.bytes_value):,} bytes"
    return None if kind is None else getattr(value, kind)
