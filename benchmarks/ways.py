"""The ways to run a workload that are compared. Each has a process of its own: patching a class on and off between two
blocks would measure how the interpreter forgets and learns again what it knew of that class.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from functools import partial
from typing import Any

from opentelemetry.metrics import NoOpMeterProvider

from benchmarks.floor import Floor
from benchmarks.telemetry import Telemetry
from benchmarks.workloads import Workload
from otel_responses import instrument, uninstrument

__all__ = ["AGAIN", "BARE", "FLOOR", "OURS", "TRACES", "WAYS", "Call", "Options", "Way"]

Call = Callable[[], object]
# What `instrument()` is given.
Options = Mapping[str, Any]
# Gives what to call over and over; None where the workload cannot be run this way.
Way = Callable[[Workload, Telemetry, Options], AbstractContextManager["Call | None"]]

BARE, AGAIN, FLOOR, OURS, TRACES = "bare", "bare again", "floor", "ours", "ours, traces alone"


@contextmanager
def _bare(workload: Workload, telemetry: Telemetry, options: Options) -> Generator[Call]:
    with workload.open() as held:
        yield partial(workload.run, held)


@contextmanager
def _by_hand(workload: Workload, telemetry: Telemetry, options: Options) -> Generator[Call | None]:
    if workload.by_hand is None:
        yield None
        return
    with workload.open() as held:
        yield partial(workload.by_hand, held, Floor(telemetry.providers, options))


@contextmanager
def _ours(workload: Workload, telemetry: Telemetry, options: Options) -> Generator[Call]:
    given: Options = {**telemetry.providers, **options}
    instrument(**given)
    try:
        with workload.open() as held:
            yield partial(workload.run, held)
    finally:
        uninstrument()


@contextmanager
def _traces(workload: Workload, telemetry: Telemetry, options: Options) -> Generator[Call]:
    """In a program that records no metrics, as several peers do not: what theirs is to be compared with."""
    traces = replace(telemetry, meter_provider=None)
    with _ours(workload, traces, {**options, "meter_provider": NoOpMeterProvider()}) as call:
        yield call


# Bare is there twice: by how much the two differ is the noise.
WAYS: dict[str, Way] = {BARE: _bare, AGAIN: _bare, FLOOR: _by_hand, OURS: _ours, TRACES: _traces}
