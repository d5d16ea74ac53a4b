"""Reads one field of a wire dictionary or of an SDK model, whatever is really there.

Nothing here raises for strange data: a value of another type than expected reads as None.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from types import NoneType
from typing import Any

__all__ = ["count", "field", "integer", "is_object", "items", "mapping", "number", "reader", "text"]

# A model name, an id or a reason is far shorter; a gateway may send anything.
_TEXT_MAX = 1_024
# OTLP carries signed 64-bit integers: a larger one makes the exporter drop the whole batch.
_INTEGER_LIMIT = 2**63
_INTEGER_MIN = -_INTEGER_LIMIT


class _ByClass(dict[type, bool]):
    """Whether the objects of a class are of some kinds: asked once, then looked up, for this runs 20 times a call."""

    def __init__(self, *kinds: type) -> None:
        self._kinds = kinds

    def __missing__(self, kind: type) -> bool:
        if len(self) >= _CLASSES_MAX:
            self.clear()
        found = self[kind] = issubclass(kind, self._kinds)
        return found


_CLASSES_MAX = 512
_DICT: Any = dict
_is_mapping = _ByClass(Mapping)
_is_list = _ByClass(list, tuple)
_is_bare = _ByClass(NoneType, str, bytes, int, float, list, tuple)


def is_object(source: Any) -> bool:
    """Say whether `source` can have fields: a mapping or a model, not a bare value or a list."""
    return not _is_bare[source.__class__]


def field(source: Any, name: str) -> Any:
    """Return `source[name]` of a mapping or `source.name` of a model; None where there is none."""
    try:
        if _is_mapping[source.__class__]:
            return source.get(name)
        return getattr(source, name, None)
    except Exception:  # noqa: BLE001 - a property may raise anything: httpx's `error.request` raises RuntimeError
        return None


def reader(source: Any) -> Callable[[str], Any]:
    """Return what reads a field of `source` as `field` does: for one of which many are read."""
    if type(source) is _DICT:  # a dictionary that is nobody's own class
        return source.get
    # A model of pydantic 2 has all its fields in these two. Asking it for one it has not takes as long as 40 reads.
    extra: dict[str, Any] | None
    fields: dict[str, Any]
    try:
        extra, fields = source.__pydantic_extra__, source.__dict__
    except AttributeError:
        return partial(field, source)
    return {**fields, **extra}.get if extra else fields.get


def mapping(value: Any) -> Mapping[str, Any]:
    """Return `value` if it is a mapping, else an empty one."""
    return value if _is_mapping[value.__class__] else {}


def items(value: Any) -> list[Any]:
    """Return the items of a list or a tuple as a list, else an empty one."""
    return list(value) if _is_list[value.__class__] else []


def text(value: Any) -> str | None:
    """Return `value` if it is a text that is not empty, cut to 1,024 characters and free of lone surrogates.

    A lone surrogate cannot be encoded as UTF-8, and one such attribute makes the OTLP exporter lose its batch.
    """
    if type(value) is str and len(value) <= _TEXT_MAX and value.isascii():
        return value or None
    if value is None or not isinstance(value, str) or not value:
        return None
    return value[:_TEXT_MAX].encode("utf-8", "replace").decode("utf-8")


def number(value: object) -> int | float | None:
    """Return `value` if it is a number that OTLP can carry; a boolean is none."""
    return value if isinstance(value, float) else integer(value)


def integer(value: object) -> int | None:
    """Return `value` if it is an integer of at most 64 bits; a boolean is none."""
    if not isinstance(value, int) or isinstance(value, bool):
        return None
    return value if _INTEGER_MIN <= value < _INTEGER_LIMIT else None


def count(value: object) -> int | None:
    """Return `value` if it is such an integer and not negative: counters refuse a negative one."""
    return value if type(value) is int and 0 <= value < _INTEGER_LIMIT else None
