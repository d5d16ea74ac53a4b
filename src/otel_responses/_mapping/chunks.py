"""The times between output events of a stream, in bounded memory."""

from __future__ import annotations

__all__ = ["ChunkGaps"]

GAPS_MAX = 1_024


class ChunkGaps:
    """Keeps at most 1,024 gaps, evenly taken: when it is full, every second one goes and half as many come in."""

    __slots__ = ("_every", "_last", "_seen", "gaps")

    def __init__(self) -> None:
        self.gaps: list[float] = []
        self._every = 1
        self._seen = 0
        self._last: int | None = None

    def add(self, now: int) -> None:
        """Note an output event at `now`, in nanoseconds of a monotonic clock."""
        last, self._last = self._last, now
        if last is None:
            return
        if self._seen % self._every == 0:
            self._keep((now - last) / 1e9)
        self._seen += 1

    def _keep(self, gap: float) -> None:
        if len(self.gaps) == GAPS_MAX:
            del self.gaps[1::2]
            self._every *= 2  # the one that comes in now, the 1,024th of those kept, is one of every second too
        self.gaps.append(gap)
