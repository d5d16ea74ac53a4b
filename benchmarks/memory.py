"""What a stream holds while it runs, and what calls leave behind: `python -m benchmarks.memory WAY ROW` in a process.

The peak is that of Python's allocator during one stream of 20,000 events, above what there was before. The spans of the
newest 10,000 calls are known, so that later ones can be linked to them. When that table is full, 10,000 calls more
leave nothing: objects are counted when the queues are flushed and the garbage is collected.
"""

from __future__ import annotations

import gc
import json
import os
import subprocess
import sys
import tracemalloc
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from benchmarks.measuring import ROOT
from benchmarks.prompts import REQUEST
from benchmarks.rows import CONTENT
from benchmarks.telemetry import Telemetry, without_prices
from benchmarks.ways import BARE, FLOOR, OURS, WAYS, Call, Options
from benchmarks.workloads import Workload, plain_call, stream_of
from otel_responses._call import drain

__all__ = ["MEMORY", "Footprint", "footprints"]

EVENTS, CALLS = 20_000, 10_000


@dataclass(frozen=True, slots=True)
class Memory:
    """A row: a workload, what is measured of it, and what that may be."""

    name: str
    unit: str
    workload: Workload
    options: Options
    measure: Callable[[Call, Telemetry], float]
    target: str


@dataclass(frozen=True, slots=True)
class Footprint:
    """What was measured: in all by the SDK alone, and beyond that."""

    name: str
    unit: str
    bare: float
    floor: float
    ours: float
    target: str


def footprints() -> list[Footprint]:
    """Measure every row, each way in a process of its own."""
    return [_footprint(row) for row in MEMORY.values()]


def _footprint(row: Memory) -> Footprint:
    bare, floor, ours = (_in_process(way, row.name) for way in (BARE, FLOOR, OURS))
    return Footprint(row.name, row.unit, bare, floor - bare, ours - bare, row.target)


def _in_process(way: str, row: str) -> float:
    command = (sys.executable, "-m", "benchmarks.memory", way, row)
    environment = {**os.environ, "PYTHONHASHSEED": "0"}
    done = subprocess.run(command, cwd=ROOT, env=environment, check=True, stdout=subprocess.PIPE)  # noqa: S603 - ourselves
    return json.loads(done.stdout)


def _peak(call: Call, telemetry: Telemetry) -> float:
    call()
    _settle(telemetry)
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    call()
    return (tracemalloc.get_traced_memory()[1] - before) / 1024


def _held(call: Call, telemetry: Telemetry) -> float:
    call()
    _settle(telemetry)
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    _repeat(call, CALLS)
    _settle(telemetry)
    return (tracemalloc.get_traced_memory()[0] - before) / 1024


def _left(call: Call, telemetry: Telemetry) -> float:
    _repeat(call, CALLS + 100)
    _settle(telemetry)
    before = len(gc.get_objects())
    _repeat(call, CALLS)
    _settle(telemetry)
    return len(gc.get_objects()) - before


def _settle(telemetry: Telemetry) -> None:
    drain()
    telemetry.flush()
    gc.collect()


def _repeat(call: Call, times: int) -> None:
    for _ in range(times):
        call()


NO_OPTIONS: Options = {}
STREAM, HELD, LEFT = f"peak of a stream of {EVENTS:,} events", f"held after {CALLS:,} calls", f"left by {CALLS:,} more"
MEMORY: Mapping[str, Memory] = {
    row.name: row
    for row in (
        Memory(STREAM, "kB", stream_of(EVENTS), NO_OPTIONS, _peak, "bounded"),
        Memory(f"{STREAM}, content", "kB", stream_of(EVENTS), CONTENT, _peak, "bounded"),
        Memory(HELD, "kB", plain_call(REQUEST), NO_OPTIONS, _held, "bounded"),
        Memory(LEFT, "objects", plain_call(REQUEST), NO_OPTIONS, _left, "0"),
        Memory(f"{LEFT}, content", "objects", plain_call(REQUEST), CONTENT, _left, "0"),
    )
}


def main(way: str, name: str) -> None:
    """Print what one way took."""
    row = MEMORY[name]
    telemetry = Telemetry.dropped()
    with WAYS[way](row.workload, telemetry, row.options) as call:
        taken: Any = call and row.measure(call, telemetry)
    print(json.dumps(taken), flush=True)
    telemetry.shutdown()


if __name__ == "__main__":
    without_prices()
    main(*sys.argv[1:])
