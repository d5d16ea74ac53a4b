"""Ids and times that are the same in every run, so that a test may compare whole spans."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from itertools import count

from opentelemetry.sdk.trace.id_generator import IdGenerator

from otel_responses import _call

__all__ = ["CountingIds", "fixed_clock"]

# 1 January 2026, 00:00:00 UTC.
START = 1_767_225_600_000_000_000
TICK = 1_000_000


class CountingIds(IdGenerator):
    """Traces 1, 2, 3 ... and spans 1, 2, 3 ..."""

    def __init__(self) -> None:
        self._traces = count(1)
        self._spans = count(1)

    def generate_trace_id(self) -> int:
        return next(self._traces)

    def generate_span_id(self) -> int:
        return next(self._spans)


@contextmanager
def fixed_clock() -> Generator[None]:
    """While the block runs, calls are measured by a clock that goes on by a millisecond each time it is read."""
    elapsed = count(0, TICK)
    usual = _call.clock.wall, _call.clock.elapsed
    _call.clock.wall, _call.clock.elapsed = (lambda: START + next(elapsed)), (lambda: next(elapsed))
    try:
        yield
    finally:
        _call.clock.wall, _call.clock.elapsed = usual
