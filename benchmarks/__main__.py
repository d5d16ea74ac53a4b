"""`python -m benchmarks`: measure, print the table, keep the figures."""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from rich.console import Console
from rich.progress import track

from benchmarks.agreement import agree
from benchmarks.figures import Blocks, Figures
from benchmarks.measuring import measure
from benchmarks.report import RESULTS, plain, row_tables, save
from benchmarks.rows import ROWS, Row
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


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the rows that were asked for; all of them take some minutes."""
    options = _options().parse_args(arguments)
    rows = [row for row in ROWS if not options.row or any(word in row.name for word in options.row)]
    for row in rows:
        agree(row)
    runs = [measure(rows, options.rounds) for _ in _tracked(options.runs)]
    figures = _figures(rows, runs)
    Console(width=None if Console().is_terminal else 200).print(*row_tables(figures), LEGEND, sep="\n")
    shown = {unit: [plain(row) for row in rows] for unit, rows in figures.items()}
    save(options.results / "bench.json", {"runs": options.runs, "rounds": options.rounds, "figures": shown})


def _figures(rows: Sequence[Row], runs: Sequence[Mapping[str, Blocks]]) -> dict[str, list[Figures]]:
    """Return the figures by unit; a worker names the units that it can measure."""
    units = runs[0][rows[0].name][BARE][0]
    return {unit: table(rows, runs, unit, is_time=unit == TIME) for unit in units}


def _tracked(runs: int) -> Iterable[int]:
    return track(range(runs), "Measuring", console=Console(stderr=True), transient=True)


def _options() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="Measure what a traced call costs.")
    names = "; ".join(row.name for row in ROWS)
    parser.add_argument("row", nargs="*", help=f"words from the names of the rows to run (all by default): {names}")
    parser.add_argument("--runs", type=int, default=5, help="how often to start new processes (%(default)s)")
    parser.add_argument("--rounds", type=int, default=20, help="blocks of calls of a row, way and run (%(default)s)")
    parser.add_argument("--results", type=Path, default=RESULTS, help="folder for the JSON file (%(default)s)")
    return parser


if __name__ == "__main__":
    without_prices()
    main()
