"""What content may leave: where it goes, what the redactor says of each part, and how large it may be. Pure."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any, TypedDict

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

    @property
    def on_span(self) -> bool:
        """Whether content goes on spans, as JSON text."""
        return self in {CaptureMode.SPAN_ONLY, CaptureMode.SPAN_AND_EVENT}

    @property
    def on_event(self) -> bool:
        """Whether content goes on events, structured."""
        return self in {CaptureMode.EVENT_ONLY, CaptureMode.SPAN_AND_EVENT}


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
    return [kept for index, part in enumerate(parts) if (kept := _redacted(part, redact, Where(role, kind, index)))]


def redacted_messages(messages: Iterable[Message], redact: Redactor | None, kind: str) -> list[Message]:
    """Return what the redactor leaves of messages; one of which nothing is left goes too.

    Raises:
        TypeError: The redactor returned something that is no part.
        Exception: Whatever the redactor raises.
    """
    kept: list[Message] = []
    for index, message in enumerate(messages):
        where = Where(message.get("role", ""), kind, index)
        parts = [left for part in message.get("parts", ()) if (left := _redacted(part, redact, where))]
        if parts:
            kept.append({**message, "parts": parts})
    return kept


def _redacted(part: Part, redact: Redactor | None, where: Where) -> Part | None:
    if redact is None:
        return part
    kept: object = redact(part, where)
    if kept is None or (isinstance(kept, dict) and isinstance(kept.get("type"), str)):
        return kept
    raise TypeError(f"the redactor returned a {type(kept).__name__} that is no part; allowed are a part or None")


@dataclass(frozen=True, slots=True)
class Limits:
    """How large content may be.

    Attributes:
        part_chars: Characters of the text of one part.
        attribute_bytes: Bytes of one attribute, as JSON in UTF-8.
        attribute_chars: Characters of one attribute, where the SDK would cut it; None for no such limit.
    """

    part_chars: int = 16_384
    attribute_bytes: int = 131_072
    attribute_chars: int | None = None

    def admit(self, text: str) -> bool:
        """Say whether a JSON text may be an attribute."""
        if self.attribute_chars is not None and len(text) > self.attribute_chars:
            return False
        return len(text if text.isascii() else text.encode()) <= self.attribute_bytes


@dataclass(frozen=True, slots=True)
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
    limits: Limits = Limits()
    blobs: bool = False
    tool_schemas: bool = False


# Below this a part says nothing any more; then whole messages go.
_PART_CHARS_MIN = 64


def fit(content: Sequence[Any], limits: Limits) -> tuple[list[Any], str]:
    """Return messages or parts cut to the limits, and their compact JSON text, which is always whole.

    First the texts are cut, the longest first; where that is not enough the oldest messages are left out. What was cut
    says how much.
    """
    chars = limits.part_chars
    while True:
        kept = [_cut(one, chars) for one in content]
        text = to_json(kept)
        if limits.admit(text):
            return kept, text
        if chars <= _PART_CHARS_MIN:
            return _newest(kept, limits)
        chars = max(chars // 2, _PART_CHARS_MIN)


def _newest(content: Sequence[Any], limits: Limits) -> tuple[list[Any], str]:
    count = len(content)
    while count:
        count //= 2
        kept = [_note(content[0], len(content) - count), *content[len(content) - count :]]
        text = to_json(kept)
        if limits.admit(text):
            return kept, text
    return [], "[]"


def _note(first: Any, count: int) -> Any:
    """Return what stands for what is left out, in the shape of its neighbours: message, tool definition or part."""
    text = f"[{count} left out]"
    part = {"type": "text", "content": text}
    if "parts" in first:
        return {"role": "system", "parts": [part]}
    return {"type": "generic", "name": text} if "content" not in first and "name" in first else part


def to_json(content: object) -> str:
    """Return compact JSON; keys keep their order, other letters than ASCII stay as they are."""
    return json.dumps(content, ensure_ascii=False, allow_nan=False, separators=(",", ":"))


def cut_text(text: str, chars: int) -> str:
    """Return `text`, cut to `chars` characters with a note of how many are left out."""
    if len(text) <= chars:
        return text
    total = len(text)
    note = f"... [truncated, {total} of {total} characters left out]"
    kept = max(chars - len(note), 0)
    return f"{text[:kept]}... [truncated, {total - kept} of {total} characters left out]"


def _cut(one: Any, chars: int) -> Any:
    if "parts" in one:
        return {**one, "parts": [_cut_part(part, chars) for part in one["parts"]]}
    return _cut_part(one, chars)


# The fields of a part that hold content; some must stay objects with a type.
_TEXTS = ("content", "arguments", "response", "uri", "description")
_OBJECTS = ("server_tool_call", "server_tool_call_response", "value", "parameters")


def _cut_part(part: Part, chars: int) -> Part:
    changed: Part = {}
    for name in _TEXTS:
        if name in part:
            changed[name] = _cut_value(part[name], chars)
    for name in _OBJECTS:
        if name in part:
            changed[name] = _cut_object(part[name], chars)
    return {**part, **changed}


def _cut_value(value: Any, chars: int) -> Any:
    text = value if isinstance(value, str) else to_json(value)
    return value if len(text) <= chars else cut_text(text, chars)


def _cut_object(value: Any, chars: int) -> Any:
    text = to_json(value)
    if len(text) <= chars or not isinstance(value, dict):
        return _cut_value(value, chars)
    kind = value.get("type")
    return {"type": kind if isinstance(kind, str) else "object", "truncated": cut_text(text, chars)}
