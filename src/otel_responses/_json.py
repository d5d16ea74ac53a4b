"""Plain data -> compact JSON text, as attributes have it."""

from __future__ import annotations

from collections.abc import Callable
from json import JSONEncoder, encoder
from typing import Any, Final

__all__ = ["encode_with", "to_json"]

# What is written is plain data, which cannot hold itself; to look whether it does takes a tenth of the time.
_ENCODER: Final = JSONEncoder(ensure_ascii=False, allow_nan=False, check_circular=False, separators=(",", ":"))


def encode_with(make: Any) -> Callable[[object], str]:
    """Return what writes JSON, by the encoder in C that `make` gives, or else by `JSONEncoder`.

    `JSONEncoder.encode` makes that encoder anew for every text, which takes as long as to write a short one. From
    Python 3.10 to 3.13 it is made of these arguments; PyPy has none.
    """
    try:
        write = make(None, _ENCODER.default, encoder.encode_basestring, None, ":", ",", False, False, False)
    except TypeError:
        return _ENCODER.encode
    return lambda content: "".join(write(content, 0))


to_json: Final = encode_with(getattr(encoder, "c_make_encoder", None))
"""Return compact JSON; keys keep their order, other letters than ASCII stay as they are.

Raises:
    TypeError: For what JSON does not have.
    ValueError: For NaN and infinities.
"""
