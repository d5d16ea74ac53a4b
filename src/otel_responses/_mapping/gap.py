"""A reply of which only the head and the tail were kept -> Outcome.

The texts in a reply are JSON strings, in which a quote is escaped: `"usage":{` never stands inside of one.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from otel_responses._mapping.body import is_json, leading_fields, read_body
from otel_responses._mapping.reading import field, text
from otel_responses._mapping.response import FINISHED, TERMINAL_EVENTS, read_response
from otel_responses._records import Outcome

__all__ = ["read_gapped"]

_RESPONSE = re.compile(r'"response"\s*:\s*(?=\{)')
_TERMINAL = re.compile(rf'"type"\s*:\s*"({"|".join(map(re.escape, TERMINAL_EVENTS))})"')
_USAGE = re.compile(r'"usage"\s*:\s*(?=\{)')
_WORDS = {name: re.compile(rf'"{name}"\s*:\s*"(\w+)"') for name in ("service_tier", "status")}
_OUTPUT = re.compile(r'"output"\s*:\s*\[')
_OBJECT = re.compile(r"[\[,]\s*(?=\{)")
_ITEM_TYPE = re.compile(r"message|reasoning|compaction|mcp_\w+|\w+_call|\w+_call_output")
_DECODER = json.JSONDecoder()
# A strange reply may have very many beginnings of objects that never end.
_OBJECTS_MAX = 256


def read_gapped(head: str, line: str, tail: str) -> Outcome:
    """Read a reply; `line` is how the line begins of which `tail` is a later piece."""
    if is_json(head):
        return _read_response(head, tail, None)
    piece, _, rest = tail.partition("\n")
    outcome = read_body(f"{head}\n\n{rest}", is_whole=False)
    begins = _RESPONSE.search(line)
    if outcome.status in FINISHED or outcome.has_failed or begins is None:
        return outcome
    kind = _TERMINAL.search(line[: begins.start()]) or _TERMINAL.search(piece)
    return outcome if kind is None else _read_response(line[begins.end() :], piece, TERMINAL_EVENTS[kind[1]])


def _read_response(head: str, tail: str, ended_as: str | None) -> Outcome:
    known, rest = leading_fields(head)
    first, last = _output(rest, tail)
    found = {**_trailing_fields(tail), **known}
    if ended_as is None and found.get("status") is None:
        found["status"] = _last_word("status", tail)
    # What the output ends with is known only if it stands in the tail.
    outcome = read_response({**found, "output": [*first, *last] if last else []}, ended_as=ended_as)
    return replace(outcome, source={"output": [*first, *last]})


def _trailing_fields(tail: str) -> dict[str, Any]:
    usages = list(_USAGE.finditer(tail))
    usage = _decoded(tail, usages[-1].end()) if usages else None
    return {"usage": usage and usage[0], "service_tier": _last_word("service_tier", tail)}


def _last_word(name: str, tail: str) -> str | None:
    words: list[str] = _WORDS[name].findall(tail)
    return words[-1] if words else None


def _output(rest: str, tail: str) -> tuple[list[Any], list[Any]]:
    """Return the output items that are whole: those before the gap, those after it."""
    if (begins := _OUTPUT.match(rest)) is not None:
        return _items(rest[begins.end() - 1 :]), _items(tail)
    begins = _OUTPUT.search(tail)
    return [], [] if begins is None else _items(tail[begins.end() - 1 :])


def _items(data: str) -> list[Any]:
    items: list[Any] = []
    at = 0
    for _ in range(_OBJECTS_MAX):
        begins = _OBJECT.search(data, at)
        if begins is None:
            break
        decoded = _decoded(data, begins.end())
        if decoded is None:
            at = begins.end()
            continue
        item, at = decoded
        if _ITEM_TYPE.fullmatch(text(field(item, "type")) or ""):
            items.append(item)
    return items


def _decoded(data: str, at: int) -> tuple[Mapping[str, Any], int] | None:
    try:
        return _DECODER.raw_decode(data, at)
    except (ValueError, RecursionError):
        return None
