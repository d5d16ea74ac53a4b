"""How numbers are written: tokens, seconds, counts of things."""

from __future__ import annotations

__all__ = ["amount", "counted", "seconds", "tokens"]


def tokens(count: int | None) -> str:
    """`1,234`; empty where none was reported."""
    return "" if count is None else f"{count:,}"


def seconds(duration: float | None) -> str:
    """`1.34 s`, from 100 s on without decimals; empty where none was reported."""
    if duration is None:
        return ""
    return f"{duration:,.2f} s" if duration < 100 else f"{duration:,.0f} s"


def counted(count: int, one: str, many: str = "") -> str:
    """`1 call`, `2 calls`; `many` is for words that do not just take an s."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def amount(total: float, unit: str) -> str:
    """A metric's total with its unit: `1.34 s`, `20 By`; UCUM's annotations are nouns, `{token}` makes `2 tokens`."""
    if unit == "s":
        return seconds(total)
    written = f"{total:,.0f}" if float(total).is_integer() else f"{total:,.2f}"
    if unit.startswith("{"):
        noun = unit.strip("{}")
        return f"{written} {noun}" + "s" * (total != 1 and noun.islower())
    return f"{written} {unit}".rstrip()
