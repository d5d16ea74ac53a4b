"""The parts of messages, as the GenAI conventions have them or in any other shape -> a label and a text to show."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import cast

from otel_responses.cli.attributes import printable
from otel_responses.cli.figures import counted
from otel_responses.cli.texts import shown

__all__ = ["Part", "entries_of", "fields_of", "read_part"]

LABEL_MAX = 48
ID_MAX = 12  # enough to tell the calls of one conversation apart
HASH_MAX = 12
Fields = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Part:
    """What is shown of a part; a plain text has no label. Both are safe to print."""

    label: str
    text: str


def read_part(part: object) -> Part:
    """Describe any part; one that is no object is shown as it is."""
    fields = fields_of(part)
    if fields is None:
        return Part("", shown(_written(part)))
    return READERS.get(_word(fields, "type"), _other)(fields)


def fields_of(value: object) -> Fields | None:
    """The fields of an object; None for anything else."""
    return cast("Fields", value) if isinstance(value, dict) else None


def entries_of(value: object) -> list[object]:
    """The entries of a list; anything else is one entry itself."""
    return cast("list[object]", value) if isinstance(value, list) else [value]


def _text(fields: Fields) -> Part:
    return Part("", shown(_written(fields.get("content"))))


def _reasoning(fields: Fields) -> Part:
    return Part("reasoning", shown(_written(fields.get("content"))))


def _tool_call(fields: Fields) -> Part:
    label = _label("tool call", _word(fields, "name"), _word(fields, "id")[:ID_MAX])
    return Part(label, shown(_written(fields.get("arguments"))))


def _tool_call_response(fields: Fields) -> Part:
    response = fields.get("response", fields.get("result"))
    return Part(_label("tool response", _word(fields, "id")[:ID_MAX]), shown(_described(response)))


def _server_tool_call(fields: Fields) -> Part:
    call = fields_of(fields.get("server_tool_call")) or {}
    return Part(_label("server tool call", _word(fields, "name")), shown(_rest(call)))


def _server_tool_call_response(fields: Fields) -> Part:
    response = fields_of(fields.get("server_tool_call_response")) or {}
    return Part("server tool response", shown(_rest(response)))


def _uri(fields: Fields) -> Part:
    return _medium(fields, _word(fields, "uri"))


def _file(fields: Fields) -> Part:
    return _medium(fields, _word(fields, "file_id"))


def _blob(fields: Fields) -> Part:
    return _medium(fields, f"{counted(len(_written(fields.get('content'))), 'character')} of base64")


def _generic(fields: Fields) -> Part:
    """Something else, with its own type inside: often the description of a file in place of its data."""
    value = fields_of(fields.get("value"))
    if value is None:
        return _other(fields)
    size, digest = value.get("byte_size"), _word(value, "sha256")
    if isinstance(size, int) and digest:
        return _medium(value, counted(size, "byte"), f"sha256 {digest[:HASH_MAX]}")
    return _other(value)


def _other(fields: Fields) -> Part:
    return Part(_label(_word(fields, "type")), shown(_rest(fields)))


def _medium(fields: Fields, *facts: str) -> Part:
    """An image, a recording or a document: what is said of it."""
    known = (_word(fields, "filename"), _word(fields, "mime_type"), *facts)
    return Part(_label(_word(fields, "modality") or "file"), shown(", ".join(filter(None, known))))


READERS: Mapping[str, Callable[[Fields], Part]] = {
    "blob": _blob,
    "file": _file,
    "generic": _generic,
    "reasoning": _reasoning,
    "server_tool_call": _server_tool_call,
    "server_tool_call_response": _server_tool_call_response,
    "text": _text,
    "tool_call": _tool_call,
    "tool_call_response": _tool_call_response,
    "uri": _uri,
}
# Parts that a tool's response may consist of, which say more than their JSON.
CONTENT = frozenset({"blob", "file", "generic", "text", "uri"})


def _described(response: object) -> str:
    """A tool's response: the parts that it consists of, else as it is written."""
    parts = entries_of(response)
    if not parts or any(_word(fields_of(part) or {}, "type") not in CONTENT for part in parts):
        return _written(response)
    return "\n".join(f"{part.label}  {part.text}".strip() for part in map(read_part, parts))


def _rest(fields: Fields) -> str:
    """Every field but the type, which is said before them."""
    rest = {name: value for name, value in fields.items() if name != "type"}
    return _written(rest) if rest else ""


def _written(value: object) -> str:
    """A text as it is, anything else as JSON."""
    if value is None or isinstance(value, str):
        return value or ""
    try:
        return json.dumps(value, ensure_ascii=False)
    except RecursionError:
        return "(nested too deeply to be shown)"


def _word(fields: Fields, name: str) -> str:
    value = fields.get(name)
    return printable(value) if isinstance(value, str) else ""


def _label(*words: str) -> str:
    return " ".join(word[:LABEL_MAX] for word in words if word)
