"""What the blocks of a row cost, as the figures of the table.

What disturbs a block makes it slower, never faster, so the 10th percentile of the blocks of a process counts. Processes
differ too (where their memory happens to lie), so each run has new ones, and the median of the runs counts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median, quantiles

__all__ = ["Blocks", "Figures", "figures_of", "low"]

# What a call cost in each block, by way and by unit.
Blocks = Mapping[str, Sequence[Mapping[str, float]]]

BARE, AGAIN, FLOOR, OURS = "bare", "bare again", "floor", "ours"


@dataclass(frozen=True, slots=True)
class Figures:
    """One row in one unit, a call.

    Attributes:
        name: Of the row.
        bare: The SDK alone.
        floor: What telemetry by hand adds to it; None where there is none.
        ours: What we add to it.
        noise: The most that two processes with the bare SDK differed by, in any run.
        target: What the row may cost, in words.
        limit: The same as a number; None where there is none in this unit.
    """

    name: str
    bare: float
    floor: float | None
    ours: float
    noise: float
    target: str = ""
    limit: float | None = None

    @property
    def ratio(self) -> float | None:
        """Ours to the floor; None where the floor is lost in the noise."""
        return self.ours / self.floor if self.floor is not None and self.floor > self.noise else None

    @property
    def is_met(self) -> bool | None:
        """Whether the target is met; None where there is none."""
        return None if self.limit is None else self.ours <= self.limit


def figures_of(name: str, runs: Sequence[Blocks], unit: str) -> Figures:
    """Return the figures of a row that was measured in some runs."""
    lows = [{way: low([block[unit] for block in blocks]) for way, blocks in run.items() if blocks[0]} for run in runs]
    return Figures(
        name,
        bare=median(map(_bare, lows)),
        floor=median(low[FLOOR] - _bare(low) for low in lows) if FLOOR in lows[0] else None,
        ours=median(low[OURS] - _bare(low) for low in lows),
        noise=max(abs(low[BARE] - low[AGAIN]) for low in lows),
    )


def low(costs: Sequence[float]) -> float:
    """Return the 10th percentile."""
    return quantiles(costs, n=10, method="inclusive")[0]


def _bare(low: Mapping[str, float]) -> float:
    return (low[BARE] + low[AGAIN]) / 2
