"""`python -m benchmarks`: measure, print the tables, keep the figures."""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path

from rich.console import Console
from rich.progress import track

from benchmarks.agreement import agree
from benchmarks.figures import Blocks, Figures
from benchmarks.measuring import measure
from benchmarks.memory import Footprint, footprints
from benchmarks.report import RESULTS, number, plain, row_tables, save, table_of
from benchmarks.rows import ROWS, Row
from benchmarks.startup import ALONE, TIME as START_TIME, Costs, startup
from benchmarks.table import table
from benchmarks.telemetry import without_prices
from benchmarks.ways import BARE
from benchmarks.worker import TIME

LEGEND = """\
A row is one call. "bare" is the SDK alone; floor and ours are what they add.
The floor is a span by hand with the same attributes and metric records.
"±" is the most that two processes with the bare SDK differed by: what is
added is no surer than that.
"""
START_TARGET = 15.0


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the rows that were asked for; all of them take some minutes."""
    options = _options().parse_args(arguments)
    rows = [row for row in ROWS if not options.row or any(word in row.name for word in options.row)]
    for row in rows:
        agree(row)
    figures = _figures(rows, [measure(rows, options.rounds) for _ in _tracked(options.runs)])
    console = Console(width=None if Console().is_terminal else 200)
    console.print(*row_tables(figures), LEGEND, sep="\n")
    starting, memory = ({}, []) if options.row else (startup(ALONE), footprints())
    if not options.row:
        _show_others(console, starting, memory)
    content = {
        "is_part": bool(options.row),
        "runs": options.runs,
        "rounds": options.rounds,
        "figures": {unit: [plain(row) for row in found] for unit, found in figures.items()},
        "startup": {**starting, "target": START_TARGET},
        "memory": [asdict(row) for row in memory],
    }
    save(options.results / "bench.json", content)


def _figures(rows: Sequence[Row], runs: Sequence[Mapping[str, Blocks]]) -> dict[str, list[Figures]]:
    """Return the figures by unit; a worker names the units that it can measure."""
    units = runs[0][rows[0].name][BARE][0]
    return {unit: table(rows, runs, unit, is_time=unit == TIME) for unit in units}


def _show_others(console: Console, starting: Costs, memory: Sequence[Footprint]) -> None:
    shown = table_of("memory", ("row", "unit"), ("bare", "+ floor", "+ ours"), ("target",))
    for row in memory:
        shown.add_row(row.name, row.unit, *map(number, (row.bare, row.floor, row.ours)), row.target)
    console.print(shown)
    taken = ", ".join(f"{number(cost)} {unit}" for unit, cost in starting.items())
    verdict = "met" if starting[START_TIME] < START_TARGET else "missed"
    console.print(
        f"Import and instrument, without openai: {taken}; target < {START_TARGET:g} {START_TIME}: {verdict}\n"
    )


def _tracked(runs: int) -> Iterable[int]:
    return track(range(runs), "Measuring", console=Console(stderr=True), transient=True)


def _options() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="Measure what a traced call costs.")
    names = "; ".join(row.name for row in ROWS)
    parser.add_argument("row", nargs="*", help=f"words from the names of the rows to run (all by default): {names}")
    parser.add_argument("--runs", type=int, default=3, help="how often to start new processes (%(default)s)")
    parser.add_argument("--rounds", type=int, default=25, help="blocks of calls of a row, way and run (%(default)s)")
    parser.add_argument("--results", type=Path, default=RESULTS, help="folder for the JSON file (%(default)s)")
    return parser


if __name__ == "__main__":
    without_prices()
    main()
