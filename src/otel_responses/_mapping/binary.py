"""Binary data that stands in a text, as base64 or as a data URL -> its bytes, and what may be said of them.

Nothing here raises: base64 that is broken counts as the bytes of its text.
"""

from __future__ import annotations

import binascii
import hashlib
import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote_to_bytes

__all__ = ["BASE64_MIN", "DataURL", "decoded", "is_base64", "mime_type", "read_data_url", "size_and_hash"]

# A text of this length without a blank, in the alphabet of base64, is data; a key, an id or a word is shorter.
BASE64_MIN = 1_024

_BASE64 = re.compile(rf"[A-Za-z0-9+/_-]{{{BASE64_MIN + 1},}}={{0,3}}")
_MIME_TYPE = re.compile(r"[A-Za-z0-9!#$&^_.+-]{1,127}/[A-Za-z0-9!#$&^_.+-]{1,127}")


@dataclass(frozen=True, slots=True)
class DataURL:
    """What a data URL holds; its MIME type is None where it names none."""

    mime_type: str | None
    data: bytes


def read_data_url(url: str) -> DataURL | None:
    """Read a data URL, base64 or percent-encoded; None for any other text."""
    if url[:5].lower() != "data:":
        return None
    header, _, payload = url[5:].partition(",")
    is_encoded = header[-7:].lower() == ";base64" or not payload
    data = decoded(payload) if is_encoded else unquote_to_bytes(payload.encode("utf-8", "replace"))
    return DataURL(mime_type(header), data)


def mime_type(header: str) -> str | None:
    """Return the MIME type that the header of a data URL begins with; in JSON inside JSON its slash is escaped."""
    found = _MIME_TYPE.match(header[:260].replace("\\/", "/"))
    return found.group().lower() if found else None


def is_base64(text: str) -> bool:
    """Say whether a text is clearly base64: more than 1,024 characters of its alphabet, and nothing else."""
    return len(text) > BASE64_MIN and _BASE64.fullmatch(text) is not None


def decoded(text: str) -> bytes:
    """Return the bytes that base64, also the URL-safe one, stands for."""
    try:
        return binascii.a2b_base64(text.replace("-", "+").replace("_", "/") + "==")
    except ValueError:  # binascii.Error is one: not ASCII, or a character too many
        return text.encode("utf-8", "replace")


def size_and_hash(data: bytes) -> dict[str, Any]:
    """Return what is said of data in place of itself."""
    return {"byte_size": len(data), "sha256": hashlib.sha256(data).hexdigest()}
