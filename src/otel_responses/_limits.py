"""How large content may be: its longest texts are cut, never the JSON around them, and what was cut says so. Pure."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterable, Sequence
from itertools import accumulate, takewhile
from typing import Any, Final, cast

from otel_responses._json import to_json
from otel_responses._records import record

__all__ = ["DEFAULT_LIMITS", "Limits", "cut_text", "fit", "require_plain"]

# No note of what was cut is longer, so a text of this length is not worth cutting to make room.
NOTE_MAX = 64

# Of the room for an attribute, what cutting aims at.
_AIM = 0.98
# Before a text is cut to less than this, older messages go.
_BEGINNING = 1_024

# The fields of messages and parts that say what they are; as long as the mapping makes them, they are no content.
_NAMES = frozenset({"file_id", "finish_reason", "id", "mime_type", "modality", "name", "role", "type"})
_NAME_MAX = 1_024

_INTEGER_LIMIT = 2**63


@record
class Limits:
    """How large content may be.

    Attributes:
        part_chars: Characters of the texts of one part, the notes of what was cut not counted.
        attribute_bytes: Bytes of one attribute, as JSON in UTF-8.
        attribute_chars: Characters of one attribute, where the SDK would cut it; None for no such limit.
    """

    part_chars: int = 16_384
    attribute_bytes: int = 131_072
    attribute_chars: int | None = None

    @property
    def chars(self) -> int:
        """How many characters an attribute has at most, which is when each of them is one byte."""
        return self.attribute_bytes if self.attribute_chars is None else min(self.attribute_bytes, self.attribute_chars)

    def share(self, text: str) -> float:
        """Return how much of an attribute a JSON text takes; 1.0 is all of it."""
        size = len(text) if text.isascii() else len(text.encode())
        taken = _share(size, self.attribute_bytes)
        return taken if self.attribute_chars is None else max(taken, _share(len(text), self.attribute_chars))

    def admit(self, text: str) -> bool:
        """Say whether a JSON text may be an attribute."""
        # No character takes more than 4 bytes: most texts need not be encoded to be counted.
        if 4 * len(text) <= self.attribute_bytes and self.attribute_chars is None:
            return True
        return self.share(text) <= 1


def _share(size: int, limit: int) -> float:
    return size / limit if limit > 0 else math.inf


DEFAULT_LIMITS: Final = Limits()


def cut_text(text: str, chars: int) -> str:
    """Return the first `chars` characters of `text` with a note of how many are left out, or a shorter text whole."""
    left_out = len(text) - chars
    return text if left_out <= 0 else f"{text[:chars]}... [truncated, {left_out} of {len(text)} characters left out]"


def require_plain(value: object) -> None:
    """Pass what JSON and OTLP can carry: objects with text keys, lists, UTF-8 texts, finite and 64-bit numbers, None.

    Raises:
        TypeError: For any other type.
        ValueError: For NaN and infinities, longer integers, and lone surrogates.
        RecursionError: For data that holds itself, or is nested beyond what Python can follow.
    """
    if isinstance(value, str):
        value.encode()  # a lone surrogate raises UnicodeEncodeError
    elif isinstance(value, dict):
        for key, item in cast("dict[object, object]", value).items():
            if not isinstance(key, str):
                raise TypeError(f"a key of type {type(key).__name__}; allowed are texts")
            require_plain(key)
            require_plain(item)
    elif isinstance(value, (list, tuple)):
        for item in cast("Sequence[object]", value):
            require_plain(item)
    elif isinstance(value, float):
        if not math.isfinite(value):
            raise ValueError("a float that is not finite")
    elif isinstance(value, int):
        if not -_INTEGER_LIMIT <= value < _INTEGER_LIMIT:
            raise ValueError("an integer of more than 64 bits")
    elif value is not None:
        raise TypeError(f"a value of type {type(value).__name__}; allowed is what JSON has")


def fit(content: Sequence[Any], limits: Limits) -> tuple[list[Any], str]:
    """Return messages, parts or definitions cut to the limits, and their compact JSON text, which is always whole.

    The longest texts are cut first. Where that is not enough, the oldest messages are left out, and of a single one the
    first parts. Where nothing fits, nothing is left: `[]`. It takes the time of writing the JSON a few times.
    """
    most = limits.part_chars
    if not _has_long_text(content, most):
        written = to_json(content)
        # In a JSON that is short enough as a whole no part is too long.
        if (len(written) <= most or not _may_be_cut(content, most)) and limits.admit(written):
            return [*content], written
    marked = [_marked(one, most) for one in content]
    written = _filled(marked, limits) or _filled(_newest(marked, limits), limits) or "[]"
    return json.loads(written), written


def _has_long_text(content: Sequence[Any], most: int) -> bool:
    """Say whether a message has a text, or an output of a tool, longer than `most`; it is then not written in vain."""
    for one in content:
        for part in () if "type" in one else one.get("parts") or ():
            text = part.get("content") or part.get("response")
            if type(text) is str and len(text) > most:
                return True
    return False


def _may_be_cut(content: Sequence[Any], most: int) -> bool:
    """Say whether a part, or what a message has besides its parts, is longer than `most` with all that is in it."""
    for one in content:
        parts = () if "type" in one else one.get("parts") or ()
        for fields in (one, *parts):
            size = 0
            for value in fields.values():
                if value is not parts:
                    size += len(value) if type(value) is str else _size(value)
            if size > most:
                return True
    return False


def _size(value: Any) -> int:
    """Return about how long the JSON of a value is: not less than its texts, nor than what is around them."""
    if isinstance(value, str):
        return len(value) + 2
    size = 0
    if isinstance(value, dict):
        for key, item in cast("dict[str, Any]", value).items():
            size += len(key) + 4 + _size(item)
    elif isinstance(value, (list, tuple)):
        for item in cast("Sequence[Any]", value):
            size += 1 + _size(item)
    else:
        size = len(str(value))
    return size


def _filled(marked: list[Any], limits: Limits) -> str:
    """Return the JSON with the longest texts as long as there is room for; empty where there is none."""
    lengths = [text.length for text in _texts(marked)]
    least, total = sum(min(length, NOTE_MAX) for length in lengths), sum(lengths)
    bare = limits.share(_json(marked, NOTE_MAX))
    if bare > 1:
        return ""
    share, written = bare + (total - least) / limits.chars, ""
    if share <= 1:  # or more: there are characters of more than one byte
        written = _json(marked, total)
        share = limits.share(written)
    while share > 1:
        # What the texts took for their length tells what length they may have. Somewhat less, so that it ends soon
        # where their beginnings are longer in JSON than the rest.
        total = least + int((total - least) * max(_AIM - bare, 0) / (share - bare))
        written = _json(marked, max(_level(lengths, total), NOTE_MAX))
        share = limits.share(written)
    return written


def _newest(marked: list[Any], limits: Limits) -> list[Any]:
    """Return a note of how many are left out, and the last ones for whose beginnings there is room."""
    if not marked:
        return []
    room = 1 - limits.share(_json([_note(marked[0], len(marked), len(marked))], NOTE_MAX))
    kept = _last(marked, limits, room)
    if not kept and _is_message(marked[-1]):
        kept = [{**marked[-1], "parts": _newest_parts(marked[-1], limits, room)}]
    left_out = len(marked) - len(kept)
    return [_note(marked[0], left_out, len(marked)), *kept] if left_out else kept


def _newest_parts(message: Any, limits: Limits, room: float) -> list[Any]:
    parts = message["parts"]
    kept = _last(parts, limits, room - _share_of({**message, "parts": [_text_note(len(parts), len(parts))]}, limits))
    left_out = len(parts) - len(kept)
    return [_text_note(left_out, len(parts)), *kept]


def _last(marked: list[Any], limits: Limits, room: float) -> list[Any]:
    """Return as many as there is room for, in order."""
    length = max(NOTE_MAX, min(_BEGINNING, limits.chars // 8))
    taken = accumulate(_share_of(one, limits, length) for one in reversed(marked))
    return marked[len(marked) - sum(1 for _ in takewhile(lambda share: share <= room, taken)) :]


def _share_of(one: Any, limits: Limits, length: int = NOTE_MAX) -> float:
    """Return what a message or part takes, and what separates it from the next, with its texts cut to `length`."""
    return limits.share(_json(one, length) + ",")


def _note(first: Any, left_out: int, count: int) -> Any:
    """Return what stands for what is left out, in the shape of the first of it: message, tool definition or part."""
    if _is_message(first):
        return {**first, "parts": [_text_note(left_out, count)]}
    text = _text_note(left_out, count)
    return {"type": "generic", "name": text["content"]} if "name" in first else text


def _text_note(left_out: int, count: int) -> Any:
    return {"type": "text", "content": f"[{left_out} of {count} left out]"}


class _Text:
    """A text that may be cut. Its part leaves it `chars` characters, with which it is at most `length` long."""

    __slots__ = ("chars", "length", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        self.chars = self.length = len(text)

    def keep(self, chars: int) -> None:
        if chars < self.chars:
            self.chars, self.length = chars, chars + NOTE_MAX

    def cut(self, length: int) -> str:
        """Return the text at most `length` characters long, which is not less than `NOTE_MAX`."""
        return cut_text(self.text, self.chars if self.length <= length else length - NOTE_MAX)


class _Field:
    """A field of a part, with its texts found, and about how many characters are around them."""

    __slots__ = ("bulk", "content", "texts")

    def __init__(self, value: Any, chars: int) -> None:
        self.texts: list[_Text] = []
        self.bulk = 0
        self.content = self._marked(value)
        if self.bulk > chars and isinstance(value, (dict, list, tuple)):
            # Too much around the texts: all of it as JSON text can be cut, in an object of the same type.
            self.texts = [_Text(to_json(cast("object", value)))]
            self.content = _typed(value, self.texts[0])

    def _marked(self, value: Any) -> Any:
        if isinstance(value, str):
            text = _Text(value)
            self.texts.append(text)
            self.bulk += 2
            return text
        if isinstance(value, dict):
            return {key: self._entry(key, item) for key, item in cast("dict[str, Any]", value).items()}
        if isinstance(value, (list, tuple)):
            items = cast("Sequence[Any]", value)
            self.bulk += len(items)
            return [self._marked(item) for item in items]
        self.bulk += len(str(value))
        return value

    def _entry(self, key: str, value: Any) -> Any:
        self.bulk += len(key) + 4
        if key == "type" and _is_name(value):
            self.bulk += len(value)
            return value
        return self._marked(value)


def _typed(value: Any, text: _Text) -> Any:
    kind = cast("dict[str, Any]", value).get("type") if isinstance(value, dict) else None
    return {"type": kind, "truncated": text} if _is_name(kind) else text


def _is_message(one: Any) -> bool:
    return "type" not in one and "parts" in one


def _is_name(value: object) -> bool:
    return isinstance(value, str) and len(value) <= _NAME_MAX


def _marked(one: Any, chars: int) -> Any:
    """Return a message or part with a `_Text` in place of each of its texts, of which `chars` characters are kept."""
    texts: list[_Text] = []
    marked: dict[str, Any] = {}
    for name, value in one.items():
        if name == "parts" and _is_message(one):
            marked[name] = [_marked(part, chars) for part in value]
        elif name in _NAMES and _is_name(value):
            marked[name] = value
        else:
            field = _Field(value, chars)
            marked[name] = field.content
            texts += field.texts
    level = _level([text.length for text in texts], chars)
    for text in texts:
        text.keep(level)
    return marked


def _level(lengths: Iterable[int], total: int) -> int:
    """Return the length to which the longest must be cut so that all together are `total` at most."""
    ordered = sorted(lengths)
    for index, length in enumerate(ordered):
        others = len(ordered) - index
        if length * others > total:
            return max(total, 0) // others
        total -= length
    return ordered[-1] if ordered else 0


def _texts(marked: Any) -> list[_Text]:
    """Return the texts of what is marked."""
    texts: list[_Text] = []
    _encoder(texts.append).encode(marked)
    return texts


def _json(marked: Any, length: int) -> str:
    """Return the JSON of what is marked, with its texts cut to `length`."""
    return _encoder(lambda text: text.cut(length)).encode(marked)


def _encoder(default: Callable[[_Text], str | None]) -> json.JSONEncoder:
    return json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":"), default=default)
