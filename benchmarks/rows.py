"""The table: each row is a workload with the telemetry of a program, and what it may cost."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from benchmarks.telemetry import Telemetry
from benchmarks.workloads import Workload, foreign_call, session_call, small_call, stream_of

__all__ = ["PER_EVENT", "ROWS", "PerEvent", "Row"]


@dataclass(frozen=True, slots=True)
class Row:
    """What is measured.

    Attributes:
        name: As it stands in the table.
        workload: What is done.
        telemetry: Makes the telemetry of the program that does it.
        target: What it may cost, for the table alone: no test fails on a time.
        calls: In one block.
    """

    name: str
    workload: Workload
    telemetry: Callable[[], Telemetry] = Telemetry.dropped
    target: str = ""
    calls: int = 10


@dataclass(frozen=True, slots=True)
class PerEvent:
    """A row made of two others: what one event more of a stream costs."""

    name: str
    long: str
    short: str
    events: int
    target: str


ROWS = (
    Row("small call", small_call(), target="<= 1.35 floor"),
    Row("small call in a session", session_call(), target="<= 1.35 floor"),
    Row("stream of 200 events", stream_of(200), calls=2),
    Row("stream of 10 events", stream_of(10)),
    Row("small call, sampled out", small_call(), Telemetry.sampled_out, "<= 1.2 floor"),
    Row("small call, no provider", small_call(), Telemetry, "< 15 µs"),
    Row("foreign call", foreign_call(), target="about 1 µs"),
)
PER_EVENT = (PerEvent("one event of a stream", "stream of 200 events", "stream of 10 events", 190, "< 1 µs"),)
