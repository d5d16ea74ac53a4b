"""A process that runs the rows in one way: `python -m benchmarks.worker WAY`.

A line on its input names a row; the line it answers with is what one call cost in a block of calls, as JSON. The time
is CPU time of the process: other programs count less in it, and background threads of the SDK and of ours count too.
"""

from __future__ import annotations

import gc
import json
import logging
import os
import sys
from collections.abc import Generator, Mapping
from contextlib import ExitStack, contextmanager
from time import process_time_ns

from benchmarks.instructions import counter
from benchmarks.peers import watched_by
from benchmarks.rows import ROWS, Row
from benchmarks.telemetry import without_prices
from benchmarks.ways import WAYS, Call, Way
from otel_responses._call import drain
from otel_responses._recorder.measurements import record_waiting

__all__ = ["INSTRUCTIONS", "TIME", "serve"]

TIME, INSTRUCTIONS = "µs of CPU", "1000 instructions"
# Calls before the first block of a row, as a multiple of a block: the interpreter specialises what it runs often.
WARM_UP = 5

# Counts in the threads too that are started from now on.
_instructions = counter()


def serve(way: Way) -> None:
    """Answer until the input ends."""
    logging.disable()  # some rows have no provider, and we say so
    rows = {row.name: row for row in ROWS}
    current, call = "", None
    with ExitStack() as cleanup:
        for line in sys.stdin:
            row = rows[line.strip()]
            if row.name != current:
                cleanup.close()
                current, call = row.name, cleanup.enter_context(_prepared(row, way))
            print(json.dumps(_block(call, row) if call else {}), flush=True)


@contextmanager
def _prepared(row: Row, way: Way) -> Generator[Call | None]:
    telemetry = row.telemetry()
    with way(row.workload, telemetry, row.options) as call:
        if call is not None:
            _repeat(call, WARM_UP * row.runs if row.rounds > WARM_UP else 1)
        # What is there now stays: the collection before each block can pass over it.
        gc.collect()
        gc.freeze()
        yield call
        gc.unfreeze()
    telemetry.shutdown()


def _block(call: Call, row: Row) -> dict[str, float]:
    _repeat(call, -(-row.runs // 5))  # other processes had the caches of the processor meanwhile
    _settle()
    gc.collect()
    gc.disable()
    before = _read()
    _repeat(call, row.runs)
    _settle()
    after = _read()
    gc.enable()
    return {unit: (after[unit] - before[unit]) / row.runs / row.workload.size / 1_000 for unit in after}


def _settle() -> None:
    """Have done what we left for later, or to our thread: it is part of the cost."""
    drain()
    record_waiting()


def _read() -> Mapping[str, int]:
    counted = {} if _instructions is None else {INSTRUCTIONS: _instructions()}
    return {TIME: process_time_ns(), **counted}


def _repeat(call: Call, times: int) -> None:
    for _ in range(times):
        call()


def _on_one_processor() -> None:
    """Run where all other workers run: the processors of one machine are not equally fast, if others use them too."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})


if __name__ == "__main__":
    _on_one_processor()
    without_prices()
    serve(WAYS.get(sys.argv[1]) or watched_by(sys.argv[1]))
