"""The figures of all rows: those that were measured, those that follow from others, and what all of them may cost."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from benchmarks.figures import Blocks, Figures, figures_of
from benchmarks.rows import EVENTS, ROWS, Event, Row
from benchmarks.targets import Target

__all__ = ["table"]

TARGETS: Mapping[str, Target] = {row.name: row.target for row in (*ROWS, *EVENTS)}


def table(rows: Sequence[Row], runs: Sequence[Mapping[str, Blocks]], unit: str, *, is_time: bool) -> list[Figures]:
    """Return the figures of `rows` in one unit."""
    measured = [figures_of(row.name, [run[row.name] for run in runs], unit) for row in rows]
    by_name = {figures.name: figures for figures in measured}
    events = [_event(event, by_name) for event in EVENTS if {event.long, event.short, event.decoded} <= {*by_name}]
    return [_with_target(figures, by_name, is_time) for figures in (*measured, *events)]


def _event(event: Event, rows: Mapping[str, Figures]) -> Figures:
    long, short, decoded = rows[event.long], rows[event.short], rows[event.decoded]
    return replace(decoded, name=event.name, bare=(long.bare - short.bare) / event.events)


def _with_target(own: Figures, rows: Mapping[str, Figures], is_time: bool) -> Figures:
    target = TARGETS[own.name]
    return replace(own, target=target.text, limit=target.limit(own, rows, is_time))
