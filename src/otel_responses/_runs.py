"""The background runs that this process created and has not yet seen finished.

Whoever first sees one finished (its own stream, a poll, a resumed stream, in any thread) claims it and counts its
tokens; everybody else comes too late. A run of another process is counted there, or by nobody.
"""

from __future__ import annotations

import os
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import field
from typing import Any

from opentelemetry.trace import SpanContext

from otel_responses._records import Request, SessionData, record

__all__ = ["RUNS_MAX", "SECONDS_MAX", "Run", "Runs"]

RUNS_MAX = 10_000
SECONDS_MAX = 24 * 60 * 60


@record
class Run:
    """How a run was created; `created` in nanoseconds of the clock of calls.

    Attributes:
        span: That of the creating call; None where another process made it.
        is_captured: Whether the content of the creating call was let out.
    """

    request: Request
    parameters: Mapping[str, Any]
    session: SessionData | None
    span: SpanContext | None
    is_captured: bool
    created: int
    process: int = field(default_factory=os.getpid)  # a forked child inherits the table, but its parent counts


class Runs:
    """Holds at most 10,000 runs, each for 24 hours; of those that were claimed, the newest 10,000 ids."""

    __slots__ = ("_claimed", "_unfinished")

    def __init__(self) -> None:
        self._unfinished: OrderedDict[str, Run] = OrderedDict()
        self._claimed: OrderedDict[str, object] = OrderedDict()

    def follow(self, response_id: str, run: Run) -> None:
        """Expect the end of a run; one that was claimed has ended already."""
        if response_id not in self._claimed:
            self._unfinished.setdefault(response_id, run)
            _trim(self._unfinished)

    def claim(self, response_id: str, now: int) -> Run | None:
        """Take the run, for good; None where it is not ours, or older than a day, or claimed already."""
        run = self._unfinished.pop(response_id, None)
        if run is None or run.process != os.getpid():
            return None
        is_new, is_young = self.mark(response_id), now - run.created <= SECONDS_MAX * 1_000_000_000
        return run if is_new and is_young else None

    def finish(self, response_id: str) -> bool:
        """Claim a run whose own stream has shown its end; False where somebody else was first."""
        self._unfinished.pop(response_id, None)
        return self.mark(response_id)

    def mark(self, response_id: str) -> bool:
        """Note that a run is claimed, in one atomic step; False where it was before."""
        mark = object()
        is_new = self._claimed.setdefault(response_id, mark) is mark
        _trim(self._claimed)
        return is_new


def _trim(table: OrderedDict[str, Run] | OrderedDict[str, object]) -> None:
    while len(table) > RUNS_MAX:
        table.popitem(last=False)
