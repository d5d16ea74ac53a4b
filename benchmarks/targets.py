"""What a row may cost. Targets are for the table: no test fails on a time."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from benchmarks.figures import Figures

__all__ = ["NONE", "Target", "all_of", "as_much_as", "bare_share", "floor", "microseconds", "sum_of"]

# The figures of the row, those of all rows by name, and whether they are times -> what the row may cost, if that can
# be said of this unit.
Limit = Callable[[Figures, Mapping[str, Figures], bool], "float | None"]


@dataclass(frozen=True, slots=True)
class Target:
    """A target in words, and the number that follows from the other figures of the run."""

    text: str
    limit: Limit


NONE = Target("", lambda own, rows, is_time: None)


def floor(times: float) -> Target:
    """So many times the floor, where that can be told from the noise."""
    return Target(
        f"<= {times} x floor",
        lambda own, rows, is_time: times * own.floor if own.floor is not None and own.floor > own.noise else None,
    )


def microseconds(most: float) -> Target:
    """An absolute time."""
    return Target(f"< {most:g} µs", lambda own, rows, is_time: most if is_time else None)


def bare_share(share: float) -> Target:
    """A part of what the SDK itself costs."""
    return Target(f"< {share:.0%} of bare", lambda own, rows, is_time: share * own.bare)


def as_much_as(name: str) -> Target:
    """What another row costs, as far as that can be told from the noise."""

    def limit(own: Figures, rows: Mapping[str, Figures], is_time: bool) -> float | None:
        other = rows.get(name)
        return None if other is None else other.ours + other.noise + own.noise

    return Target(f"as {name}", limit)


def sum_of(times: float, work: str, call: str) -> Target:
    """So many times the bare cost of the row `work`, plus what we cost in the row `call`."""

    def limit(own: Figures, rows: Mapping[str, Figures], is_time: bool) -> float | None:
        return times * rows[work].bare + rows[call].ours if {work, call} <= {*rows} else None

    return Target(f"<= {times} x {work} + {call}", limit)


def all_of(*targets: Target) -> Target:
    """The smallest of these."""

    def limit(own: Figures, rows: Mapping[str, Figures], is_time: bool) -> float | None:
        found = [target.limit(own, rows, is_time) for target in targets]
        return min((most for most in found if most is not None), default=None)

    return Target(", ".join(target.text for target in targets), limit)
