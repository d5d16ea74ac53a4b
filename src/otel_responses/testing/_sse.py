"""Server-sent events as bytes."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

__all__ = ["encode_event"]


def encode_event(event: Mapping[str, Any]) -> bytes:
    """One event in the API's layout: its type as the event's name, its JSON on one line."""
    data = json.dumps(event, ensure_ascii=False, separators=(",", ":"))
    return f"event: {event.get('type', 'message')}\ndata: {data}\n\n".encode()
