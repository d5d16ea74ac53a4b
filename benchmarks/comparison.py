"""`python -m benchmarks.comparison`: every peer beside ours and the bare SDK, in one run.

Each peer is measured as a difference to the bare SDK of its own virtual environment: not all go with the newest SDK.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from statistics import median
from typing import Any

from rich.console import Console
from rich.progress import track

from benchmarks import startup
from benchmarks.figures import Blocks, added, cost
from benchmarks.measuring import ROOT, WORKERS, WorkerOf, measure
from benchmarks.peers import PEERS, Peer
from benchmarks.report import MET, RESULTS, number, save, table_of
from benchmarks.rows import ROWS, Row
from benchmarks.telemetry import without_prices
from benchmarks.ways import AGAIN, BARE, FLOOR, OURS, TRACES
from benchmarks.worker import INSTRUCTIONS, TIME

__all__ = ["CALLS", "CONTENT", "EVENT", "verdicts"]

ENVIRONMENTS = ROOT / ".cache" / "peers"
REQUIREMENTS = Path(__file__).parent / "requirements"
CALLS = ("small call", "5 tools", "200 kB prompt", "50 async calls at once")
SHORT, LONG, EVENTS = "stream of 10 events", "stream of 200 events", 190
EVENT = "stream event"
OFFICIAL = "official"
CONTENT = ", content"
OWN = (FLOOR, OURS, TRACES)
FIRST = (BARE, "±", *OWN)  # who comes before the peers
LEGEND = """\
What a call costs beyond the bare SDK; an event, for streams. "±" is the most by
which two processes with the bare SDK differed. Ours with traces alone is a program
that records no metrics, as four of the peers record none. Logfire and Langfuse have no switch
for content; Langfuse masks it instead.
"""

# What was added to the bare SDK, by who, row and unit.
Costs = dict[str, dict[str, dict[str, float]]]


def main(arguments: Sequence[str] | None = None) -> None:
    """Install the peers, run them, print the tables, keep the figures."""
    options = _options().parse_args(arguments)
    peers = [PEERS[name] for name in options.peer or PEERS]
    for peer in peers:
        _install(peer)
    costs: Costs = {}
    for wants_content in (False, True):
        _measure(costs, peers, wants_content, options)
    starting = {name: startup.startup(name, python) for name, python in _pythons(peers).items()}
    _show(costs, starting)
    versions = {peer.name: _version(peer) for peer in peers}
    content = {"is_part": bool(options.peer), "runs": options.runs, "rounds": options.rounds}
    save(options.results / "peers.json", {**content, "peers": versions, "figures": costs, "startup": starting})


def _measure(costs: Costs, peers: Sequence[Peer], wants_content: bool, options: argparse.Namespace) -> None:
    """Add the rows with or without content: each peer is asked once a process which of them it shall be."""
    rows = [row for row in ROWS if row.name in _names(wants_content)]
    workers = {**WORKERS, TRACES: WorkerOf(TRACES), **_workers(peers, wants_content)}
    word = "with content" if wants_content else "without content"
    runs = [measure(rows, options.rounds, workers) for _ in _tracked(options.runs, word)]
    for unit in (TIME, INSTRUCTIONS):
        if unit in runs[0][rows[0].name][BARE][0]:
            _add(costs, rows, runs, peers, unit)


def _names(wants_content: bool) -> set[str]:
    suffix = CONTENT if wants_content else ""
    return {f"{name}{suffix}" for name in (*CALLS, SHORT, LONG)}


def _workers(peers: Sequence[Peer], wants_content: bool) -> dict[str, WorkerOf]:
    workers: dict[str, WorkerOf] = {}
    for peer in peers:
        python = str(_python(peer))
        path = {"PYTHONPATH": str(ROOT / "src")}
        workers[_bare(peer.name)] = WorkerOf(BARE, python, path)
        workers[peer.name] = WorkerOf(peer.name, python, {**path, **peer.switch[wants_content]})
    return workers


def _bare(name: str) -> str:
    return f"{name} bare"


def _add(
    costs: Costs, rows: Sequence[Row], runs: Sequence[Mapping[str, Blocks]], peers: Sequence[Peer], unit: str
) -> None:
    for row in rows:
        for who, found in _costs([run[row.name] for run in runs], peers, unit).items():
            costs.setdefault(who, {}).setdefault(row.name, {})[unit] = found
    _add_event(costs, unit, CONTENT if rows[0].name.endswith(CONTENT) else "")


def _costs(runs: Sequence[Blocks], peers: Sequence[Peer], unit: str) -> dict[str, float]:
    """Return what a call of one row costs: bare, and what each adds to it."""
    return {
        BARE: median(cost(run, unit, BARE, AGAIN) for run in runs),
        "±": max(abs(added(run, unit, AGAIN, BARE)) for run in runs),
        **{way: median(added(run, unit, way, BARE, AGAIN) for run in runs) for way in OWN},
        **{peer.name: median(added(run, unit, peer.name, _bare(peer.name)) for run in runs) for peer in peers},
    }


def _add_event(costs: Costs, unit: str, suffix: str) -> None:
    for who, rows in costs.items():
        long, short = rows[LONG + suffix][unit], rows[SHORT + suffix][unit]
        event = (long + short if who == "±" else long - short) / EVENTS
        rows.setdefault(EVENT + suffix, {})[unit] = event


def verdicts(costs: Costs, peers: Sequence[str]) -> Iterator[tuple[str, str, float, float]]:
    """Yield the targets that compare us with peers: what is compared, unit, our cost, and the most that it may be."""
    for unit in costs[OURS][CALLS[0]]:
        for name in (CALLS[0], CALLS[0] + CONTENT):
            least = min(costs[peer][name][unit] for peer in peers)
            yield f"{name}: less than every peer", unit, costs[OURS][name][unit], least
            alike = [costs[peer][name][unit] for peer in peers if not PEERS[peer].records_metrics]
            if alike:
                what = f"{name}, traces alone: less than every peer without metrics"
                yield what, unit, costs[TRACES][name][unit], min(alike)
        if OFFICIAL in peers:
            tools = CALLS[1] + CONTENT
            yield f"{tools}: a third of the official package", unit, *_third(costs, tools, unit)


def _third(costs: Costs, row: str, unit: str) -> tuple[float, float]:
    return costs[OURS][row][unit], costs[OFFICIAL][row][unit] / 3


def _show(costs: Costs, starting: Mapping[str, Any]) -> None:
    console = Console(width=None if Console().is_terminal else 200)
    for unit in next(iter(costs[BARE].values())):
        table = table_of(unit, ("", "content"), (*CALLS, EVENT, "import + set-up, ms"))
        for who, rows in costs.items():
            for suffix, word in (("", "off"), (CONTENT, "on")):
                cells = [number(rows[f"{name}{suffix}"][unit]) for name in (*CALLS, EVENT)]
                table.add_row(
                    who if not suffix else "",
                    word,
                    *cells,
                    number(starting.get(who, {}).get(startup.TIME)) if not suffix else "",
                )
        console.print(table)
    console.print(LEGEND)
    targets = table_of("targets", ("", "unit"), ("ours", "limit"), ("",))
    for what, unit, ours, limit in verdicts(costs, [*costs][len(FIRST) :]):
        targets.add_row(what, unit, number(ours), number(limit), MET[ours <= limit])
    console.print(targets)


def _pythons(peers: Sequence[Peer]) -> dict[str, str]:
    return {OURS: sys.executable, **{peer.name: str(_python(peer)) for peer in peers}}


def _python(peer: Peer) -> Path:
    return ENVIRONMENTS / peer.name / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")


def _install(peer: Peer) -> None:
    """Make the virtual environment of a peer, unless it has these versions already."""
    wanted = (REQUIREMENTS / f"{peer.name}.txt").read_text(encoding="utf-8")
    home = ENVIRONMENTS / peer.name
    done = home / "installed.txt"
    if done.is_file() and done.read_text(encoding="utf-8") == wanted:
        return
    uv = (sys.executable, "-m", "uv")
    subprocess.run([*uv, "venv", "--quiet", "--clear", "--python", sys.executable, home], check=True)  # noqa: S603 - ours
    install = (*uv, "pip", "install", "--quiet", "--no-deps", "--python", str(_python(peer)))
    subprocess.run([*install, "--requirement", REQUIREMENTS / f"{peer.name}.txt"], check=True)  # noqa: S603 - ours
    done.write_text(wanted, encoding="utf-8")


def _version(peer: Peer) -> dict[str, str]:
    """Return the versions of the peer and of its SDK, from its file."""
    pins = (REQUIREMENTS / f"{peer.name}.txt").read_text(encoding="utf-8").splitlines()
    versions = dict(pin.split("==") for pin in pins if "==" in pin)
    return {package: versions[package] for package in (peer.package, "openai", "opentelemetry-sdk")}


def _tracked(runs: int, word: str) -> Iterable[int]:
    return track(range(runs), f"Measuring {word}", console=Console(stderr=True), transient=True)


def _options() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.comparison", description="Measure the peers beside us.")
    parser.add_argument("peer", nargs="*", choices=[*PEERS, []], help="peers to run (all by default)")
    parser.add_argument("--runs", type=int, default=3, help="how often to start new processes (%(default)s)")
    parser.add_argument("--rounds", type=int, default=15, help="blocks of calls of a row, way and run (%(default)s)")
    parser.add_argument("--results", type=Path, default=RESULTS, help="folder for the JSON file (%(default)s)")
    return parser


if __name__ == "__main__":
    without_prices()
    main()
