"""What the blocks of a row cost, as the figures of the table.

A machine is now fast, now slow, for seconds on end. So a block is compared with that of the bare SDK in the same round,
and the median of the ratios counts, times what the bare SDK costs when nothing disturbs it: the 10th percentile of its
blocks. Processes differ too (where their memory happens to lie), so each run has new ones, and the median of the runs
counts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import mean, median, quantiles

__all__ = ["Blocks", "Figures", "added", "cost", "figures_of"]

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
    return Figures(
        name,
        bare=median(cost(run, unit, BARE, AGAIN) for run in runs),
        floor=median(added(run, unit, FLOOR, BARE, AGAIN) for run in runs) if runs[0][FLOOR][0] else None,
        ours=median(added(run, unit, OURS, BARE, AGAIN) for run in runs),
        noise=max(abs(added(run, unit, AGAIN, BARE)) for run in runs),
    )


def cost(run: Blocks, unit: str, *ways: str) -> float:
    """Return what a call costs in these ways, when nothing disturbs it."""
    return mean(quantiles([block[unit] for block in run[way]], n=10, method="inclusive")[0] for way in ways)


def added(run: Blocks, unit: str, way: str, *bare: str) -> float:
    """Return what a call costs in one way beyond what it costs in the bare ones."""
    rounds = zip(run[way], *(run[one] for one in bare), strict=True)
    ratios = [block[unit] / mean(one[unit] for one in others) for block, *others in rounds]
    return (median(ratios) - 1) * cost(run, unit, *bare)
