"""What the blocks of a row cost, as the figures of the table.

What disturbs a block makes it slower, never faster, so the 10th percentile of the blocks of a process counts. Processes
differ too (where their memory happens to lie), so each run has new ones, and the median of the runs counts.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median, quantiles

from benchmarks.measuring import Blocks
from benchmarks.rows import PerEvent, Row
from benchmarks.ways import AGAIN, BARE, FLOOR, OURS

__all__ = ["Figures", "figures_of", "per_event"]


@dataclass(frozen=True, slots=True)
class Figures:
    """One row in one unit, a call.

    Attributes:
        name: Of the row.
        bare: The SDK alone.
        floor: What telemetry by hand adds to it; None where there is none.
        ours: What we add to it.
        noise: The most that two processes with the bare SDK differed by, in any run.
        target: What the row may cost.
    """

    name: str
    bare: float
    floor: float | None
    ours: float
    noise: float
    target: str

    @property
    def ratio(self) -> float | None:
        """Ours to the floor; None where the floor is lost in the noise."""
        return self.ours / self.floor if self.floor is not None and self.floor > self.noise else None


def figures_of(row: Row, runs: Sequence[Blocks], unit: str) -> Figures:
    """Return the figures of a row that was measured in some runs."""
    lows = [{way: _low([block[unit] for block in blocks]) for way, blocks in run.items() if blocks[0]} for run in runs]
    return Figures(
        row.name,
        bare=median(map(_bare, lows)),
        floor=median(low[FLOOR] - _bare(low) for low in lows) if FLOOR in lows[0] else None,
        ours=median(low[OURS] - _bare(low) for low in lows),
        noise=max(abs(low[BARE] - low[AGAIN]) for low in lows),
        target=row.target,
    )


def per_event(rows: Iterable[PerEvent], measured: Sequence[Figures]) -> list[Figures]:
    """Return what one event costs, where both rows that say so were measured."""
    by_name = {figures.name: figures for figures in measured}
    return [_slope(row, by_name[row.long], by_name[row.short]) for row in rows if {row.long, row.short} <= {*by_name}]


def _slope(row: PerEvent, long: Figures, short: Figures) -> Figures:
    return Figures(
        row.name,
        bare=(long.bare - short.bare) / row.events,
        floor=(long.floor - short.floor) / row.events if long.floor is not None and short.floor is not None else None,
        ours=(long.ours - short.ours) / row.events,
        noise=(long.noise + short.noise) / row.events,
        target=row.target,
    )


def _low(costs: Sequence[float]) -> float:
    """Return the 10th percentile."""
    return quantiles(costs, n=10, method="inclusive")[0]


def _bare(low: Mapping[str, float]) -> float:
    return (low[BARE] + low[AGAIN]) / 2
