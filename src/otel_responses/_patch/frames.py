"""One frame of a WebSocket, text or bytes -> what it says. Its JSON is parsed only where somebody looks into it."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from otel_responses._mapping.reading import mapping

__all__ = ["CREATE", "STEER", "Frame", "command", "kind_of", "lane_of", "load"]

Frame = str | bytes

CREATE, STEER = "response.create", "response.steer"
# The API puts the type of an event first. A quote inside a JSON string is escaped, so neither pattern matches in one.
_KIND = r'\s*\{\s*"type"\s*:\s*"([^"\\]{1,256})"'
_LANE = r'"stream_id"\s*:\s*"([^"\\]{1,1024})"'
_KEY = '"stream_id"'  # looked for first: an image comes in frames of megabytes
_TEXT = re.compile(_KIND), re.compile(_LANE)
_BYTES = re.compile(_KIND.encode()), re.compile(_LANE.encode())


def kind_of(frame: Frame) -> str | None:
    """Return the type of an event; None for what is no event."""
    found = _TEXT[0].match(frame) if isinstance(frame, str) else _BYTES[0].match(frame)
    kind: object = _text(found[1]) if found is not None else load(frame).get("type")
    return kind if isinstance(kind, str) else None


def lane_of(frame: Frame) -> str | None:
    """Return the `stream_id` of an event; None on the default lane."""
    if isinstance(frame, str):
        found = _TEXT[1].search(frame) if _KEY in frame else None
    else:
        found = _BYTES[1].search(frame) if _KEY.encode() in frame else None
    return _text(found[1]) if found is not None else None


def command(message: object) -> Mapping[str, Any]:
    """Return what a client sends to create or to steer a response; an empty mapping for everything else."""
    if isinstance(message, str):
        is_ours = CREATE in message or STEER in message
    else:
        is_ours = isinstance(message, bytes) and (CREATE.encode() in message or STEER.encode() in message)
    return load(message) if is_ours else {}


def load(frame: Any) -> Mapping[str, Any]:
    """Return the JSON object of a frame; an empty mapping where there is none."""
    try:
        return mapping(json.loads(frame))
    except (ValueError, RecursionError):
        return {}


def _text(value: str | bytes) -> str:
    return value if isinstance(value, str) else value.decode("utf-8", "replace")
