"""What content may leave: where it goes, what the redactor says of each part, and how large it may be. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, TypedDict, cast

from otel_responses._json import to_json
from otel_responses._limits import DEFAULT_LIMITS, Limits, cut_text, fit, require_plain
from otel_responses._records import record
from otel_responses._safe import warn_once

__all__ = [
    "CaptureMode",
    "Limits",
    "Message",
    "Part",
    "Policy",
    "Redactor",
    "Where",
    "cut_text",
    "fit",
    "redacted_messages",
    "redacted_parts",
    "require_plain",
    "to_json",
]

Part = dict[str, Any]


class Message(TypedDict, total=False):
    """A message of the GenAI conventions; outputs have a finish reason too."""

    role: str
    parts: list[Part]
    finish_reason: str


class CaptureMode(Enum):
    """Where messages are recorded, by the values of `OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT`."""

    NO_CONTENT = "NO_CONTENT"
    SPAN_ONLY = "SPAN_ONLY"
    EVENT_ONLY = "EVENT_ONLY"
    SPAN_AND_EVENT = "SPAN_AND_EVENT"

    on_span: bool
    """Whether content goes on spans, as JSON text."""
    on_event: bool
    """Whether content goes on events, structured."""

    def __init__(self, name: str) -> None:
        self.on_span = name in {"SPAN_ONLY", "SPAN_AND_EVENT"}
        self.on_event = name in {"EVENT_ONLY", "SPAN_AND_EVENT"}


@dataclass(frozen=True, slots=True)
class Where:
    """Where a part stands, as the redactor is told.

    Attributes:
        role: Of its message: `user`, `assistant`, `system`, `developer`, `tool`; empty where there is no message.
        kind: `system_instructions`, `input`, `output`, `tool_definition`, `prompt_variable` or `error`.
        index: Of its message, or of the part where there is no message.
    """

    role: str
    kind: str
    index: int


Redactor = Callable[[Part, Where], "Part | None"]
"""Gets each part before anything is stored; returns it, a changed one, or None to leave it out.

A part is one of the GenAI conventions: `{"type": "text", "content": ...}`, `{"type": "tool_call", ...}` and so on.
"""


def redacted_parts(parts: Iterable[Part], redact: Redactor | None, role: str, kind: str) -> list[Part]:
    """Return what the redactor leaves of parts that stand in no message.

    Raises:
        TypeError: The redactor returned something that is no part.
        Exception: Whatever the redactor raises.
    """
    if redact is None:
        return [*parts]
    return [kept for index, part in enumerate(parts) if (kept := _redacted(part, redact, Where(role, kind, index)))]


def redacted_messages(messages: Iterable[Message], redact: Redactor | None, kind: str) -> list[Message]:
    """Return what the redactor leaves of messages; one of which nothing is left goes too.

    Raises:
        TypeError: The redactor returned something that is no part.
        Exception: Whatever the redactor raises.
    """
    if redact is None:
        return [message for message in messages if message.get("parts")]
    kept: list[Message] = []
    for index, message in enumerate(messages):
        where = Where(message.get("role", ""), kind, index)
        parts = [left for part in message.get("parts", ()) if (left := _redacted(part, redact, where))]
        if parts:
            kept.append({**message, "parts": parts})
    return kept


def _redacted(part: Part, redact: Redactor, where: Where) -> Part | None:
    kept = redact(part, where)
    if kept is None:
        return None
    if not _is_part(kept):
        warn_once("redactor result", _NO_PART, type(kept).__name__)
        raise TypeError(_NO_PART % type(kept).__name__)
    require_plain(kept)
    return kept


def _is_part(value: object) -> bool:
    return isinstance(value, dict) and isinstance(cast("Part", value).get("type"), str)


@record
class Policy:
    """All that decides on content; the default lets none out.

    Attributes:
        mode: Where messages are recorded.
        redact: Asked about every part before it is stored.
        limits: How large content may be.
        blobs: Whether inline images, audio and files are recorded, in place of their size and hash.
        tool_schemas: Whether tool definitions have their descriptions and parameters.
    """

    mode: CaptureMode = CaptureMode.NO_CONTENT
    redact: Redactor | None = None
    limits: Limits = field(default_factory=lambda: DEFAULT_LIMITS)
    blobs: bool = False
    tool_schemas: bool = False


_NO_PART = (
    "The redactor returned a value of type %s that is no part. "
    "Allowed are a part, which is a dict with a `type`, or None. The content of the call is left out"
)
