"""The events of a stream -> its output items, for the streams whose terminal event never comes; bounded.

Of a finished item all is kept; of one that was still being written, how it began and its deltas.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from io import StringIO
from typing import Any

from otel_responses._mapping.plain import characters, copied
from otel_responses._mapping.reading import field

__all__ = ["DELTAS", "IGNORED_DELTAS", "ITEM_EVENTS", "Accumulator"]

Item = dict[str, Any]

ADDED, DONE = "response.output_item.added", "response.output_item.done"
ITEM_EVENTS = frozenset({ADDED, DONE})
# What a text costs besides its characters, so that a flood of short ones is bounded too.
_TEXT_COST = 64


@dataclass(frozen=True, slots=True, eq=False)  # without eq they are told apart, and hashed, as quickly as can be
class Growth:
    """Where in an item the deltas of one event type go.

    Attributes:
        item: Type of the item, for a stream whose beginning was missed.
        name: Key of what grows: a text, or with `entry` a list.
        index: Field of the event that tells the entries of that list apart.
        entry: Makes an entry of its text.
        holder: Key of the object that has `name`, where it is not the item itself.
    """

    item: str
    name: str
    index: str | None = None
    entry: Callable[[str], Any] | None = None
    holder: str | None = None


def _typed(kind: str, name: str = "text") -> Callable[[str], Any]:
    return lambda text: {"type": kind, name: text}


DELTAS: Mapping[str, Growth] = {
    "response.code_interpreter_call_code.delta": Growth("code_interpreter_call", "code"),
    "response.custom_tool_call_input.delta": Growth("custom_tool_call", "input"),
    "response.function_call_arguments.delta": Growth("function_call", "arguments"),
    "response.mcp_call_arguments.delta": Growth("mcp_call", "arguments"),
    "response.output_text.delta": Growth("message", "content", "content_index", _typed("output_text")),
    "response.reasoning_summary_text.delta": Growth("reasoning", "summary", "summary_index", _typed("summary_text")),
    "response.reasoning_text.delta": Growth("reasoning", "content", "content_index", _typed("reasoning_text")),
    "response.refusal.delta": Growth("message", "content", "content_index", _typed("refusal", "refusal")),
    "response.shell_call_command.delta": Growth("shell_call", "commands", "command_index", str, holder="action"),
    "response.shell_call_output_content.delta": Growth("shell_call_output", "output", "command_index"),
}
# Deltas that are not kept, each with the reason.
IGNORED_DELTAS: Mapping[str, str] = {
    "response.audio.delta": "base64 of a sound; only one that is whole can be described by its size and hash",
    "response.audio.transcript.delta": "the event names no output item that it belongs to",
}
# The delta of a shell's output is an object that holds one of these texts, or both.
_SHELL_OUTPUT: Mapping[str, Growth] = {
    name: Growth("shell_call_output", "output", "command_index", lambda text, name=name: {name: text})
    for name in ("stdout", "stderr")
}


class _Text:
    """One growing text; once a delta did not fit, the later ones are only counted."""

    __slots__ = ("kept", "left_out")

    def __init__(self) -> None:
        self.kept = StringIO(newline="")
        self.left_out = 0

    def size(self) -> int:
        return self.kept.tell() + _TEXT_COST

    def whole(self) -> str:
        kept = self.kept.getvalue()
        if not self.left_out:
            return kept
        return f"{kept}... [truncated, {self.left_out} of {len(kept) + self.left_out} characters left out]"


class Accumulator:
    """Keeps the output of one stream in at most about `max_chars` characters.

    What comes beyond is counted and left out: of a growing text its end, of finished items those that do not fit.
    Events of other types, and events that cannot be read, pass unseen.
    """

    __slots__ = ("_added", "_done", "_left", "_texts")

    def __init__(self, max_chars: int) -> None:
        self._left = max_chars
        self._added: dict[int, Item] = {}
        self._done: dict[int, Item] = {}
        self._texts: dict[tuple[int, Growth, int], _Text] = {}

    def add(self, event: object, kind: str) -> None:
        """Take an event of the type `kind`."""
        try:
            growth = DELTAS.get(kind)
            if growth is not None:
                self._grow(event, growth)
            elif kind in ITEM_EVENTS:
                self._take(event, is_done=kind == DONE)
        except Exception:  # noqa: BLE001 - runs between two events of the caller's; a strange one must not end it
            return

    def output(self) -> list[Item]:
        """Return the items in order, in the shape of a response's `output`."""
        indexes = {index for index, _, _ in self._texts} | self._added.keys() | self._done.keys()
        return [copied(self._done[index]) if index in self._done else self._partial(index) for index in sorted(indexes)]

    def _grow(self, event: object, growth: Growth) -> None:
        delta = field(event, "delta")
        part = 0 if growth.index is None else field(event, growth.index)
        key = self._index(event), growth, part if type(part) is int else 0
        if type(delta) is str:
            self._keep(key, delta)
            return
        for name, stream in _SHELL_OUTPUT.items():
            text = field(delta, name)
            if isinstance(text, str):
                self._keep((key[0], stream, key[2]), text)

    def _keep(self, key: tuple[int, Growth, int], delta: str) -> None:
        text = self._texts.get(key)
        if text is None:
            if self._left < _TEXT_COST:
                return
            self._left -= _TEXT_COST
            text = self._texts[key] = _Text()
        size = len(delta)
        if size <= self._left and not text.left_out:
            self._left -= size
            text.kept.write(delta)
        else:
            text.left_out += size

    def _take(self, event: object, *, is_done: bool) -> None:
        item, index = field(event, "item"), self._index(event)
        before = self._size(index) if is_done else 0
        size = characters(item, self._left + before)
        if size > self._left + before:
            return  # its beginning and its deltas stay, as far as they fit
        kept = copied(item)
        if not isinstance(kept, dict):
            return
        (self._done if is_done else self._added)[index] = kept
        self._left -= size - before
        if is_done:
            self._added.pop(index, None)
            for key in [key for key in self._texts if key[0] == index]:
                del self._texts[key]

    def _size(self, index: int) -> int:
        """Return what the kept of an item costs, for its finished form replaces it."""
        texts = sum(text.size() for key, text in self._texts.items() if key[0] == index)
        items = [items[index] for items in (self._added, self._done) if index in items]
        return texts + sum(characters(item, sys.maxsize) for item in items)

    def _index(self, event: object) -> int:
        """Return the place of the event's item; some servers leave it out, and write one item after the other."""
        index = field(event, "output_index")
        return index if type(index) is int else len(self._done)

    def _partial(self, index: int) -> Item:
        grown = sorted(
            ((part, growth, text) for (of, growth, part), text in self._texts.items() if of == index),
            key=lambda one: one[0],
        )
        begun = self._added.get(index)
        item: Item = {"type": grown[0][1].item} if begun is None else copied(begun)
        for _, growth, _ in grown:
            item.pop(growth.holder or growth.name, None)
        for _, growth, text in grown:
            _put(item, growth, text.whole())
        return item


def _put(item: Item, growth: Growth, text: str) -> None:
    target: Item = item if growth.holder is None else item.setdefault(growth.holder, {})
    if growth.entry is None:
        target[growth.name] = text
    else:
        target.setdefault(growth.name, []).append(growth.entry(text))
