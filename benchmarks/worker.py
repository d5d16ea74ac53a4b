"""A process that runs the rows in one way: `python -m benchmarks.worker WAY`.

A line on its input names a row; the line it answers with is what one call cost in a block of calls, as JSON. The time
is CPU time of the process: other programs count less in it, and background threads of the SDK count too.
"""

from __future__ import annotations

import gc
import json
import logging
import sys
from collections.abc import Mapping
from time import process_time_ns

from benchmarks.instructions import counter
from benchmarks.replies import client_of
from benchmarks.rows import ROWS, Row
from benchmarks.telemetry import without_prices
from benchmarks.ways import WAYS, Call, Way

__all__ = ["INSTRUCTIONS", "TIME"]

TIME, INSTRUCTIONS = "µs of CPU", "1000 instructions"
# Calls before the first block of a row, as a multiple of a block: the interpreter specialises what it runs often.
WARM_UP = 5

_instructions = counter()


def main(way: str) -> None:
    """Answer until the input ends."""
    logging.disable()  # one row has no provider, and we say so
    rows = {row.name: row for row in ROWS}
    current, call = "", None
    for line in sys.stdin:
        row = rows[line.strip()]
        if row.name != current:
            current, call = row.name, _prepare(row, WAYS[way])
        print(json.dumps(_block(call, row.calls) if call else {}), flush=True)


def _prepare(row: Row, way: Way) -> Call | None:
    call = way(row.workload, client_of(row.workload.api()), row.telemetry())
    if call is not None:
        _repeat(call, WARM_UP * row.calls)
    # What is there now stays: the collection before each block can pass over it.
    gc.collect()
    gc.freeze()
    return call


def _block(call: Call, calls: int) -> dict[str, float]:
    _repeat(call, 1 + calls // 5)  # other processes had the caches of the processor meanwhile
    gc.collect()
    gc.disable()
    before = _read()
    _repeat(call, calls)
    after = _read()
    gc.enable()
    return {unit: (after[unit] - before[unit]) / calls / 1_000 for unit in after}


def _read() -> Mapping[str, int]:
    counted = {} if _instructions is None else {INSTRUCTIONS: _instructions()}
    return {TIME: process_time_ns(), **counted}


def _repeat(call: Call, times: int) -> None:
    for _ in range(times):
        call()


if __name__ == "__main__":
    without_prices()
    main(sys.argv[1])
