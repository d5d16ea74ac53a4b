"""What was said in a call, read from the attributes of its span or of its events: bounded, and safe to print."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from opentelemetry.proto.common.v1.common_pb2 import AnyValue
from opentelemetry.proto.logs.v1.logs_pb2 import LogRecord
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from otel_responses import _semconv as names
from otel_responses.cli import attributes as read
from otel_responses.cli.figures import counted
from otel_responses.cli.parts import Part, entries_of, fields_of, read_part
from otel_responses.cli.texts import shown

__all__ = ["NOTHING_SAID", "Conversation", "Message", "conversation_of_event", "conversation_of_span"]

PARTS_MAX = 16  # of an attribute; with 600 characters each that is all that is kept of one
# A word alone is the type of an error, which is told without content too.
ERROR_TYPE = re.compile(r"[\w.-]{0,64}")
# Who speaks, where a message does not say it.
ROLES: Mapping[str, str] = {
    names.SYSTEM_INSTRUCTIONS: "system",
    names.INPUT_MESSAGES: "input",
    names.OUTPUT_MESSAGES: "output",
}
Draft = tuple[str, "list[object]"]  # a role and parts that are not read yet


@dataclass(frozen=True, slots=True)
class Message:
    """One message: who says it, and its parts."""

    role: str
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Conversation:
    """The messages of a call in their order, and the message of its error; without either it is false."""

    messages: tuple[Message, ...] = ()
    error: str = ""

    def __bool__(self) -> bool:
        return bool(self.messages or self.error)

    def or_else(self, other: Conversation) -> Conversation:
        """This conversation, with what it lacks taken from another."""
        return Conversation(self.messages or other.messages, self.error or other.error)


NOTHING_SAID = Conversation()


def conversation_of_span(span: Span) -> Conversation:
    """What a span tells: messages in its attributes, the error in the description of its status."""
    messages = _all_messages(read.by_key(span.attributes))
    return Conversation(tuple(messages), _error_text(span.status.message))


def conversation_of_event(record: LogRecord) -> Conversation:
    """What a log record tells, if it is one of the events of the GenAI conventions."""
    if record.event_name not in {names.DETAILS_EVENT, names.EXCEPTION_EVENT}:
        return NOTHING_SAID
    values = read.by_key(record.attributes)
    message = values[names.EXCEPTION_MESSAGE].string_value if names.EXCEPTION_MESSAGE in values else ""
    return Conversation(tuple(_all_messages(values)), _error_text(message))


def _error_text(message: str) -> str:
    return "" if ERROR_TYPE.fullmatch(message) else shown(message)


def _all_messages(values: Mapping[str, AnyValue]) -> Iterator[Message]:
    yield from _variables(values)
    for name, role in ROLES.items():
        if name in values:
            yield from _messages(read.structured(values[name]), role)


def _variables(values: Mapping[str, AnyValue]) -> Iterator[Message]:
    """The variables of a prompt template, which may be all that the caller says."""
    prefix = names.PROMPT_VARIABLE
    found = sorted(
        (name[len(prefix) :], value.string_value) for name, value in values.items() if name.startswith(prefix)
    )
    if found:
        yield Message("prompt", tuple(Part(read.printable(key), shown(text)) for key, text in found[:PARTS_MAX]))


def _messages(content: object, role: str) -> Iterator[Message]:
    """The newest of some messages; a text that was cut or broken on its way is shown as it came.

    One in which nothing is said is left out.
    """
    if isinstance(content, str):
        try:
            content = json.loads(content)
        except (ValueError, RecursionError):
            yield Message(role, (Part("raw text", shown(content)),))
            return
    drafts = _drafts(entries_of(content), role)
    newest = [Message(speaker, tuple(map(read_part, parts))) for speaker, parts in _newest(drafts) if parts]
    left_out = sum(len(parts) for _, parts in drafts) - sum(len(message.parts) for message in newest)
    if left_out:
        yield Message(role, (Part(f"{counted(left_out, 'earlier part')} not shown", ""),))
    yield from newest


def _drafts(content: list[object], role: str) -> list[Draft]:
    """Messages say their role; system instructions are parts without any."""
    if any("role" in (fields_of(one) or {}) for one in content):
        return [_draft(one, role) for one in content]
    return [(role, content)]


def _draft(message: object, role: str) -> Draft:
    """A message of the conventions; where it has `content` in place of parts, as other instrumentations write it."""
    fields = fields_of(message) or {}
    speaker = fields.get("role")
    parts = fields.get("parts", fields.get("content", message))
    said_by = read.printable(speaker) if isinstance(speaker, str) else role
    return said_by, entries_of(parts)


def _newest(drafts: list[Draft]) -> list[Draft]:
    newest: list[Draft] = []
    room = PARTS_MAX
    for speaker, parts in reversed(drafts):
        newest.insert(0, (speaker, parts[-room:]))
        room -= max(1, len(parts))
        if room <= 0:
            break
    return newest
