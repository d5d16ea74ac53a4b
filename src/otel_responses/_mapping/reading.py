"""Reads one field of a wire dictionary or of an SDK model, whatever is really there.

Nothing here raises for strange data: a value of another type than expected reads as None.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, cast

__all__ = ["field", "integer", "is_object", "items", "mapping", "number", "text"]

# A model name, an id or a reason is far shorter; a gateway may send anything.
_TEXT_MAX = 1_024
# OTLP carries signed 64-bit integers: a larger one makes the exporter drop the whole batch.
_INTEGER_LIMIT = 2**63


def is_object(source: object) -> bool:
    """Say whether `source` can have fields: a mapping or a model, not a bare value or a list."""
    return source is not None and not isinstance(source, (str, bytes, int, float, list, tuple))


def field(source: object, name: str) -> Any:
    """Return `source[name]` of a mapping or `source.name` of a model; None where there is none."""
    try:
        if _is_mapping(type(source)):
            return cast("Mapping[str, Any]", source).get(name)
        return getattr(source, name, None)
    except Exception:  # noqa: BLE001 - a property may raise anything: httpx's `error.request` raises RuntimeError
        return None


@lru_cache(maxsize=512)
def _is_mapping(kind: type) -> bool:
    """Say so by class: `isinstance` against an abstract class is slow, and this runs 20 times a call."""
    return issubclass(kind, Mapping)


def mapping(value: object) -> Mapping[str, Any]:
    """Return `value` if it is a mapping, else an empty one."""
    return cast("Mapping[str, Any]", value) if _is_mapping(type(value)) else {}


def items(value: object) -> list[Any]:
    """Return `value` if it is a list or a tuple, else an empty list."""
    return list(cast("list[Any]", value)) if isinstance(value, (list, tuple)) else []


def text(value: object) -> str | None:
    """Return `value` if it is a text that is not empty, cut to 1,024 characters and free of lone surrogates.

    A lone surrogate cannot be encoded as UTF-8, and one such attribute makes the OTLP exporter lose its batch.
    """
    if not isinstance(value, str) or not value:
        return None
    value = value[:_TEXT_MAX]
    return value if value.isascii() else value.encode("utf-8", "replace").decode("utf-8")


def number(value: object) -> int | float | None:
    """Return `value` if it is a number that OTLP can carry; a boolean is none."""
    if isinstance(value, float):
        return value
    return integer(value)


def integer(value: object) -> int | None:
    """Return `value` if it is an integer of at most 64 bits; a boolean is none."""
    if isinstance(value, bool) or not isinstance(value, int) or not -_INTEGER_LIMIT <= value < _INTEGER_LIMIT:
        return None
    return value
