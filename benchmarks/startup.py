"""What importing an instrumentation and switching it on takes, in new processes: `python -m benchmarks.startup NAME`.

A process prints what it took by unit. It imports nothing of the benchmarks before that imports the instrumentation.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from statistics import quantiles
from time import process_time_ns
from typing import Any

from benchmarks.instructions import counter

__all__ = ["ALONE", "INSTRUCTIONS", "TIME", "startup"]

ROOT = Path(__file__).parent.parent
# Compiled files are there, as in an installed package, whatever the environment says about writing them.
ENVIRONMENT = {
    **{name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"},
    "PYTHONPATH": str(ROOT / "src"),
    "PYTHONPYCACHEPREFIX": str(ROOT / ".cache" / "bytecode"),
    "PYTHONHASHSEED": "0",
}
PROCESSES = 15
TIME, INSTRUCTIONS = "ms of CPU", "million instructions"
OURS, ALONE = "ours", "ours without openai"
# What the target takes for loaded: what we depend on, with all that this imports.
DEPENDENCIES = (
    "opentelemetry._logs",
    "opentelemetry.baggage",
    "opentelemetry.context",
    "opentelemetry.instrumentation.dependencies",
    "opentelemetry.instrumentation.instrumentor",
    "opentelemetry.instrumentation.utils",
    "opentelemetry.metrics",
    "opentelemetry.propagate",
    "opentelemetry.trace",
    "wrapt",
)
# A program that traces has these too.
PROGRAM = ("openai", "openai.resources.responses", "opentelemetry.sdk.trace", "opentelemetry.sdk.metrics")

Costs = dict[str, float]


def startup(name: str, python: str = sys.executable) -> Costs:
    """Return what it takes by unit: the 10th percentile of some processes."""
    run = (python, "-m", "benchmarks.startup", name)
    taken: list[Costs] = [
        json.loads(subprocess.run(run, cwd=ROOT, env=ENVIRONMENT, check=True, stdout=subprocess.PIPE).stdout)  # noqa: S603 - ourselves
        for _ in range(1 + PROCESSES)
    ][1:]  # the first one may have had to compile
    return {unit: quantiles([one[unit] for one in taken], n=10, method="inclusive")[0] for unit in taken[0]}


def _ours() -> None:
    import_module("otel_responses").instrument()


def _peer(name: str) -> Callable[[], None]:
    peers, telemetry = import_module("benchmarks.peers"), import_module("benchmarks.telemetry").Telemetry.dropped()
    peers.stay_on_this_machine()
    return lambda: peers.PEERS[name].start(telemetry, False)


def _cost(work: Callable[[], None]) -> Costs:
    instructions = counter()
    before = process_time_ns(), instructions and instructions()
    work()
    after = process_time_ns(), instructions and instructions()
    counted = {} if after[1] is None or before[1] is None else {INSTRUCTIONS: (after[1] - before[1]) / 1e6}
    return {TIME: (after[0] - before[0]) / 1e6, **counted}


def main(name: str) -> None:
    """Print what it took, and leave at once: what a peer would send at its exit is of no interest."""
    modules: dict[str, Any] = sys.modules
    modules["genai_prices"] = None
    for module in (*DEPENDENCIES, *(PROGRAM if name != ALONE else ())):
        import_module(module)
    work = _ours if name in {OURS, ALONE} else _peer(name)
    cost = _cost(work)
    assert name != ALONE or "openai" not in sys.modules
    print(json.dumps(cost), flush=True)
    os._exit(0)


if __name__ == "__main__":
    main(sys.argv[1])
