"""Ready redactors for `instrument(redact=...)` and `OTEL_RESPONSES_REDACT`: by pattern, by role, and hashes.

A redactor gets each part of the content with where it stands, before anything is stored, and returns the part, a
changed one, or None to leave it out. Those here reach every text of a part, however deep, and leave the given one as it
is.

    instrument(redact=redaction.chain(redaction.by_role("system"), redaction.patterns))
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Callable
from importlib import import_module
from operator import attrgetter
from typing import Any, Final, cast

from otel_responses._patterns import CARD, EMAIL, IBAN, KEY, PHONE, Pattern
from otel_responses.policy import Part, Redactor, Where

__all__ = [
    "CARD",
    "EMAIL",
    "GROUP",
    "IBAN",
    "KEY",
    "PHONE",
    "Part",
    "Pattern",
    "Redactor",
    "Where",
    "by_pattern",
    "by_role",
    "chain",
    "hashed",
    "hashes",
    "load",
    "no_instructions",
    "patterns",
]

GROUP: Final = "otel_responses_redactor"
"""The group of the entry points that `OTEL_RESPONSES_REDACT` may name."""

# What says of a part which kind it is and to what it belongs. A name may hold more: a pattern looks at it.
_KIND = frozenset({"id", "mime_type", "modality", "type"})
_LABELS = _KIND | {"file_id", "name"}
_LEFT_OUT = "[left out]"


def by_pattern(*patterns: Pattern) -> Redactor:
    """Return a redactor that replaces what the patterns find, each in turn, by their names: `[email]`, `[card]`.

    It looks at texts, at the keys of objects and at numbers, but not at base64 data (parts of type `blob`).
    """

    def redact(part: Part, where: Where) -> Part | None:
        if part.get("type") == "blob":
            return part
        return {name: value if name in _KIND else _searched(value, patterns) for name, value in part.items()}

    return redact


def by_role(*roles: str, blank: bool = False) -> Redactor:
    """Return a redactor that leaves out the parts of messages with one of these roles, or with `blank` their content.

    Roles are `system`, also of the instructions, `developer`, `user`, `assistant` and `tool`. Content that is blank is
    `[left out]`; type, id and name of the part stay, so that one sees that there was something.
    """

    def redact(part: Part, where: Where) -> Part | None:
        if where.role not in roles:
            return part
        return _replaced(part, lambda _: _LEFT_OUT) if blank else None

    return redact


def hashed(salt: str = "") -> Redactor:
    """Return a redactor that puts a hash in place of all content: `sha256:` and 64 hexadecimal digits.

    Equal texts have equal hashes, so they can be compared and counted. Without a salt, anybody can find out a short
    text by trying; with one (HMAC-SHA-256), only who knows it. Objects, such as arguments, are hashed as a whole.
    """

    def digest(text: str) -> str:
        data = text.encode()
        made = hmac.new(salt.encode(), data, hashlib.sha256) if salt else hashlib.sha256(data)
        return f"sha256:{made.hexdigest()}"

    def redact(part: Part, where: Where) -> Part | None:
        return _replaced(part, digest)

    return redact


def chain(*redactors: Redactor) -> Redactor:
    """Return a redactor that asks these one after the other, each about what the one before it left."""

    def redact(part: Part, where: Where) -> Part | None:
        left: Part | None = part
        for redactor in redactors:
            left = None if left is None else redactor(left, where)
        return left

    return redact


patterns: Final = by_pattern(KEY, EMAIL, IBAN, CARD, PHONE)
"""Replaces keys and tokens, e-mail addresses, account numbers, card numbers and telephone numbers."""

hashes: Final = hashed()
"""Puts hashes in place of all content, without a salt."""

no_instructions: Final = by_role("system", "developer")
"""Leaves out the instructions and the messages of the roles `system` and `developer`."""


def load(name: str) -> Redactor:
    """Return the redactor that a setting names: `package.module:attribute`, or an entry point of the group `GROUP`.

    Raises:
        ValueError: There is none, it cannot be imported, or it cannot be called. The message quotes nothing but `name`.
    """
    try:
        found = _attribute(name) if ":" in name else _entry_point(name)
    except Exception as error:
        raise ValueError(f"the redactor {name!r} cannot be loaded ({type(error).__name__}); {_ALLOWED}") from error
    if not callable(found):
        raise ValueError(f"the redactor {name!r} is a {type(found).__name__}, which cannot be called; {_ALLOWED}")  # noqa: TRY004
    return cast("Redactor", found)


_ALLOWED = f"allowed are package.module:attribute, or the name of an entry point of the group {GROUP}"


def _attribute(name: str) -> object:
    module, _, attribute = name.partition(":")
    return cast("object", attrgetter(attribute)(import_module(module)))


def _entry_point(name: str) -> object:
    from importlib.metadata import entry_points  # noqa: PLC0415 - reads the metadata of all packages, so only if needed

    return next(iter(entry_points(group=GROUP, name=name))).load()


def _searched(value: Any, patterns: tuple[Pattern, ...]) -> Any:
    if isinstance(value, str):
        for pattern in patterns:
            value = pattern.replaced(value)
        return value
    if isinstance(value, dict):
        items = cast("dict[str, Any]", value).items()
        return {_searched(key, patterns): _searched(item, patterns) for key, item in items}
    if isinstance(value, (list, tuple)):
        return [_searched(item, patterns) for item in cast("list[Any]", value)]
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        digits = str(value)
        found = _searched(digits, patterns)
        return value if found == digits else found
    return value


def _replaced(part: Part, replace: Callable[[str], str]) -> Part:
    """Return the part with each of its fields that hold content replaced; an object with a type keeps that."""
    return {name: value if name in _LABELS else _in_place(value, replace) for name, value in part.items()}


def _in_place(value: Any, replace: Callable[[str], str]) -> Any:
    text = replace(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, sort_keys=True))
    kind = cast("dict[str, Any]", value).get("type") if isinstance(value, dict) else None
    return {"type": kind, "content": text} if isinstance(kind, str) else text
