"""Content as a terminal may show it: a text of few lines, in which nothing can steer the terminal."""

from __future__ import annotations

__all__ = ["CHARS_MAX", "LINES_MAX", "shown"]

CHARS_MAX = 600
LINES_MAX = 12
TAB_SIZE = 4
JOINERS = "\u200c\u200d"  # invisible, but Persian words and many emoji are spelt with them


def shown(text: str) -> str:
    """The beginning of a text, at most 600 characters and 12 lines, and how much more there is.

    Line breaks are kept. Other control characters, escapes, overrides of the writing direction and everything else that
    cannot be seen are replaced; what looks like markup is left alone, as it is never read as such.
    """
    text = text.strip()
    beginning = "".join(text[:CHARS_MAX].splitlines(keepends=True)[:LINES_MAX])
    lines = ["".join(map(_visible, line.expandtabs(TAB_SIZE))).rstrip() for line in beginning.splitlines()]
    left_out = len(text) - len(beginning)
    return "\n".join(lines).rstrip() + (f"... [{left_out:,} more characters]" if left_out else "")


def _visible(char: str) -> str:
    if char.isprintable() or char in JOINERS:
        return char
    return " " if char.isspace() else "\N{REPLACEMENT CHARACTER}"
