"""`python -m benchmarks.micro`: what our own functions cost alone, in instructions.

With Valgrind, callgrind counts every instruction of the process, so the number is the same on every run and however
busy the machine is. Without it the processor counts them, where Linux lets us ask; else CPU time has to do.

A function is called N times, then 2 N times: the difference is N calls, without what surrounds them.
"""

from __future__ import annotations

import argparse
import gc
import logging
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from time import process_time_ns

from rich.console import Console

from benchmarks.functions import FUNCTIONS, Function
from benchmarks.instructions import counter
from benchmarks.measuring import ROOT
from benchmarks.report import RESULTS, number, save, table_of
from benchmarks.telemetry import without_prices
from otel_responses._recorder.measurements import BATCH

CALLS = 4 * BATCH  # so that as many measurements wait at the end as did at the beginning
WARM_UP = 100
# A function of the C library that nothing else calls: callgrind writes what it has counted whenever it is called.
MARK = "getpgid"


def main(arguments: Sequence[str] | None = None) -> None:
    """Count, print the table, keep the figures."""
    options = _options().parse_args(arguments)
    names = [one.name for one in FUNCTIONS if not options.name or any(word in one.name for word in options.name)]
    valgrind = None if options.quick else shutil.which("valgrind")
    unit, costs = _by_callgrind(valgrind, names) if valgrind else _by_counter(names)
    table = table_of(unit, ("function",), ("a call",))
    for name, cost in costs.items():
        table.add_row(name, number(cost))
    Console().print(table)
    save(options.results / "micro.json", {"is_part": bool(options.name), "unit": unit, "figures": costs})


def _by_callgrind(valgrind: str, names: Sequence[str]) -> tuple[str, dict[str, float]]:
    """Run ourselves under callgrind and read what it wrote at each mark."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder, "counted")
        tool = (valgrind, "--quiet", "--tool=callgrind", f"--callgrind-out-file={out}", f"--dump-before={MARK}")
        subprocess.run(  # noqa: S603 - ourselves
            [*tool, sys.executable, "-m", "benchmarks.micro", "--work", *names],
            cwd=ROOT,
            env={**os.environ, "PYTHONHASHSEED": "0"},
            check=True,
            stderr=subprocess.DEVNULL,  # callgrind says there how to look at its files
        )
        counted = [_total(out.with_name(f"{out.name}.{part}")) for part in range(1, 3 * len(names) + 1)]
    # Before the first mark, between the first and the second, and so on.
    pairs = zip(counted[1::3], counted[2::3], strict=True)
    return "instructions (callgrind)", {
        name: (twice - once) / CALLS for name, (once, twice) in zip(names, pairs, strict=True)
    }


def _total(file: Path) -> int:
    found = re.search(r"^totals: (\d+)", file.read_text(encoding="utf-8"), re.MULTILINE)
    assert found is not None
    return int(found[1])


def _by_counter(names: Sequence[str]) -> tuple[str, dict[str, float]]:
    """Count in this process, which sets no seed for hashes."""
    instructions = counter()
    unit, read, scale = ("ns of CPU", process_time_ns, 1) if instructions is None else ("instructions", instructions, 1)
    costs: dict[str, float] = {}
    for name, work in _prepared(names):
        marks: list[int] = []
        _run(work, lambda marks=marks: marks.append(read()), calls=20 * CALLS)
        once, twice = marks[1] - marks[0], marks[2] - marks[1]
        costs[name] = (twice - once) / (20 * CALLS) / scale
    return unit, costs


def _work(names: Sequence[str]) -> None:
    for _, work in _prepared(names):
        _run(work, lambda: os.getpgid(0), calls=CALLS)


def _prepared(names: Sequence[str]) -> Iterator[tuple[str, Callable[[], object]]]:
    by_name: Mapping[str, Function] = {one.name: one for one in FUNCTIONS}
    for name in names:
        work = by_name[name].make()
        _repeat(work, WARM_UP)
        yield name, work


def _run(work: Callable[[], object], mark: Callable[[], object], *, calls: int) -> None:
    gc.collect()
    gc.disable()
    mark()
    _repeat(work, calls)
    mark()
    _repeat(work, 2 * calls)
    mark()
    gc.enable()


def _repeat(work: Callable[[], object], times: int) -> None:
    for _ in range(times):
        work()


def _options() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.micro", description="Count what our functions cost.")
    parser.add_argument("name", nargs="*", help="words from the names of the functions (all by default)")
    parser.add_argument("--quick", action="store_true", help="do without Valgrind, which takes a minute or two")
    parser.add_argument("--work", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--results", type=Path, default=RESULTS, help="folder for the JSON file (%(default)s)")
    return parser


if __name__ == "__main__":
    logging.disable()  # one function has no provider, and we say so
    without_prices()
    if "--work" in sys.argv:
        _work(sys.argv[2:])
    else:
        main()
