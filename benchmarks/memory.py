"""What a stream holds while it runs, and what calls leave behind: `python -m benchmarks.memory WAY ROW` in a process.

The peak is that of Python's allocator during one stream of 20,000 events, above what there was before. What is left is
counted after 10,000 calls, when the queues are flushed and the garbage collected, beyond what 1,000 calls left.
"""

from __future__ import annotations

import gc
import json
import logging
import os
import subprocess
import sys
import tracemalloc
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from benchmarks.measuring import ROOT
from benchmarks.prompts import REQUEST
from benchmarks.rows import CONTENT
from benchmarks.telemetry import Telemetry, without_prices
from benchmarks.ways import BARE, FLOOR, OURS, WAYS, Call, Options
from benchmarks.workloads import Workload, plain_call, stream_of
from otel_responses._call import drain

__all__ = ["MEMORY", "Footprint", "footprints"]

EVENTS, CALLS, WARM_UP = 20_000, 10_000, 1_000


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


def _left(count: Callable[[], int], call: Call, telemetry: Telemetry) -> float:
    _repeat(call, WARM_UP)
    before = _settled(count, telemetry)
    _repeat(call, CALLS)
    return _settled(count, telemetry) - before


def _objects() -> int:
    return len(gc.get_objects())


def _settled(count: Callable[[], int], telemetry: Telemetry) -> int:
    _settle(telemetry)
    return count()


def _settle(telemetry: Telemetry) -> None:
    drain()
    telemetry.flush()
    gc.collect()


def _repeat(call: Call, times: int) -> None:
    for _ in range(times):
        call()


NO_OPTIONS: Options = {}
LEFT = "objects"
STREAM, CALL = f"peak of a stream of {EVENTS:,} events", f"left by {CALLS:,} calls"
MEMORY: Mapping[str, Memory] = {
    row.name: row
    for row in (
        Memory(STREAM, "kB", stream_of(EVENTS), NO_OPTIONS, _peak, "bounded"),
        Memory(f"{STREAM}, content", "kB", stream_of(EVENTS), CONTENT, _peak, "bounded"),
        Memory(CALL, LEFT, plain_call(REQUEST), NO_OPTIONS, partial(_left, _objects), "0"),
        Memory(f"{CALL}, content", LEFT, plain_call(REQUEST), CONTENT, partial(_left, _objects), "0"),
    )
}


def main(way: str, name: str) -> None:
    """Print what one way took."""
    logging.disable()
    row = MEMORY[name]
    telemetry = Telemetry.dropped()
    with WAYS[way](row.workload, telemetry, row.options) as call:
        taken: Any = call and row.measure(call, telemetry)
    print(json.dumps(taken), flush=True)
    telemetry.shutdown()


if __name__ == "__main__":
    without_prices()
    main(*sys.argv[1:])
