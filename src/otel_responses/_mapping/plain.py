"""Any data of a program -> plain data of its own: dict, list, str, int, float and bool, bounded in depth and size.

What JSON cannot hold is described: NaN by its name, bytes by size and hash, other objects by their class. Nothing is
consumed: an iterator stays as it is. Models are the SDK's, or any of pydantic's.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from enum import Enum
from functools import lru_cache
from typing import Any, cast

from otel_responses._mapping.texts import clean, clean_data, data_marker

__all__ = ["DEPTH_MAX", "characters", "copied", "entries", "fields_of", "one_or_more", "plain", "plain_item"]

DEPTH_MAX = 16
# A value of this many entries is far beyond what anybody reads in a trace; data that holds itself ends here too.
ENTRIES_MAX = 20_000
TOO_DEEP = "[nested too deeply]"

_INTEGER_LIMIT = 2**63
# Keys of items whose values are credentials, such as those of an MCP server.
_CREDENTIALS = frozenset({"api_key", "authorization", "headers"})
_ENCRYPTED = "encrypted_content"


def plain(value: object) -> Any:
    """Return `value` as plain data; None for None, which is left out of objects and is `"null"` in lists."""
    return _walked(value, is_item=False)


def plain_item(value: object) -> dict[str, Any]:
    """Return a whole item as plain data, without its credentials and its encrypted content.

    What has no fields is described by its class.
    """
    found = _walked(value, is_item=True)
    if isinstance(found, dict):
        return cast("dict[str, Any]", found)
    return _described(value) if found is None else {**_described(value), "value": found}


def fields_of(value: object) -> Mapping[Any, Any] | None:
    """Return the fields of a mapping or of a pydantic model, unknown ones included; None for anything else."""
    try:
        return _fields(value)
    except Exception:  # noqa: BLE001 - a mapping of the caller's may raise anything
        return None


def entries(value: object) -> list[Any]:
    """Return the entries of a list or a tuple; none for anything else, so that no iterator is consumed."""
    try:
        return list(cast("Sequence[Any]", value)) if isinstance(value, (list, tuple)) else []
    except Exception:  # noqa: BLE001 - so may a list of the caller's
        return []


def one_or_more(value: object) -> list[Any]:
    """Return the entries of a list or a tuple, and of anything else itself; without what is None."""
    if type(value) is list:  # nobody's own class: it needs no care
        found = cast("list[Any]", value)
    else:
        found = entries(cast("object", value)) if isinstance(value, (list, tuple)) else [value]
    return [one for one in found if one is not None]


def _walked(value: object, *, is_item: bool) -> Any:
    try:
        return _Walk(is_item=is_item).plain(value, DEPTH_MAX)
    except Exception:  # noqa: BLE001 - and so may a number
        return _described(value)


def _described(value: object) -> dict[str, Any]:
    return {"type": clean(type(value).__name__)}


def _fields(value: object) -> Mapping[Any, Any] | None:
    if type(value) is dict or isinstance(value, Mapping):  # to ask for Mapping takes long
        return dict(cast("Mapping[Any, Any]", value))
    # The second is pydantic 1, which openai before 3 still takes.
    if not hasattr(type(value), "model_fields") and not hasattr(type(value), "__fields__"):
        return None
    extra = cast("Mapping[str, Any] | None", getattr(value, "__pydantic_extra__", None))
    # A field that has a keyword's name in JSON has a trailing underscore in the model: `async_`.
    return {name.rstrip("_") or name: field for name, field in {**vars(value), **(extra or {})}.items()}


def characters(value: object, most: int) -> int:
    """Return about how many characters `value` holds, each entry of it counting as one more.

    Counting ends soon after `most`.
    """
    count, left = 0, [value]
    while left and count <= most:
        one = left.pop()
        count += 1
        if isinstance(one, (str, bytes)):
            count += len(one)
        elif not isinstance(one, (int, float)):
            left.extend(entries(one) or (fields_of(one) or {}).values())
    return count


def copied(value: object) -> Any:
    """Return lists, mappings and models as new lists and dictionaries, with all that is in them as it is."""
    if isinstance(value, (list, tuple)):
        return [copied(one) for one in entries(cast("object", value))]
    fields = None if isinstance(value, (str, int, float)) else fields_of(value)
    return value if fields is None else {key: copied(field) for key, field in fields.items()}


class _Walk:
    """One walk through one value; `_left` is how many entries it may still take."""

    __slots__ = ("_is_item", "_left")

    def __init__(self, *, is_item: bool) -> None:
        self._is_item = is_item
        self._left = ENTRIES_MAX

    def plain(self, value: object, depth: int) -> Any:
        kind = type(value)
        if kind is str:
            return clean_data(cast("str", value))
        scalar = _scalar(kind)
        if scalar is not None:
            return scalar(value)
        if isinstance(value, Enum):
            return self.plain(value.value, depth)
        if depth == 0:
            return TOO_DEEP
        if isinstance(value, (list, tuple)):
            return self._list(entries(cast("object", value)), depth)
        fields = fields_of(value)
        return _described(value) if fields is None else self._dict(fields, depth)

    def _list(self, values: list[Any], depth: int) -> list[Any]:
        taken: list[Any] = []
        for value in values:
            if self._left <= 0:
                taken.append(f"[{len(values) - len(taken)} more left out]")
                break
            self._left -= 1
            kept = self.plain(value, depth - 1)
            taken.append("null" if kept is None else kept)
        return taken

    def _dict(self, fields: Mapping[Any, Any], depth: int) -> dict[str, Any]:
        taken: dict[str, Any] = {}
        for number, (key, value) in enumerate(fields.items()):
            if self._left <= 0:
                taken["..."] = f"[{len(fields) - number} more left out]"
                break
            self._left -= 1
            kept = self._field(key, value, depth) if self._is_item else self.plain(value, depth - 1)
            if kept is not None:
                taken[_key(key)] = kept
        return taken

    def _field(self, key: object, value: object, depth: int) -> Any:
        if key in _CREDENTIALS:
            return None
        if key == _ENCRYPTED and isinstance(value, str):
            return f"[encrypted, {len(value)} characters]"
        return self.plain(value, depth - 1)


@lru_cache(maxsize=512)
def _scalar(kind: type) -> Callable[[Any], Any] | None:
    """Return what makes plain data of a scalar: by its class, or the nearest of its bases."""
    return next((_SCALARS[base] for base in kind.__mro__ if base in _SCALARS), None)


def _key(key: object) -> str:
    if isinstance(key, str):
        return clean_data(key)
    return str(plain(key)) if isinstance(key, (int, float)) else clean(type(key).__name__)


def _integer(value: int) -> int | str:
    """Return an integer that OTLP can carry; a larger one as its digits, or where these are many, their count."""
    value = int(value)
    if -_INTEGER_LIMIT <= value < _INTEGER_LIMIT:
        return value
    bits = value.bit_length()
    return str(value) if bits <= 1_024 else f"[integer of {bits} bits]"


def _float(value: float) -> float | str:
    if math.isfinite(value):
        return float(value)
    return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"


def _bytes(value: bytes) -> str:
    return data_marker(bytes(value), "bytes")


# Looked up by class and its bases: a boolean before an integer, a text that is an enum as text.
_SCALARS: dict[type, Callable[[Any], Any]] = {
    type(None): lambda _: None,
    bool: bool,
    bytearray: _bytes,
    bytes: _bytes,
    date: lambda value: clean(value.isoformat()),
    float: _float,
    int: _integer,
    memoryview: _bytes,
    str: clean_data,
}
