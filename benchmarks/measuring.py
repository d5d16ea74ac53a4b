"""One block of calls after another, the ways in turn, each in its own process."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from collections.abc import Generator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.figures import Blocks
from benchmarks.rows import Row
from benchmarks.ways import AGAIN, BARE, FLOOR, OURS

__all__ = ["ROOT", "WORKERS", "WorkerOf", "measure"]

ROOT = Path(__file__).parent.parent


@dataclass(frozen=True, slots=True)
class WorkerOf:
    """How the process of one way is started."""

    way: str
    python: str = sys.executable
    environment: Mapping[str, str] = field(default_factory=dict[str, str])


WORKERS: Mapping[str, WorkerOf] = {way: WorkerOf(way) for way in (BARE, AGAIN, FLOOR, OURS)}


def measure(rows: Sequence[Row], rounds: int, workers: Mapping[str, WorkerOf] = WORKERS) -> dict[str, Blocks]:
    """Run so many blocks of each row in each way, and return what they cost by row.

    Each row has new processes: what a row leaves of the memory of its process would make the next one slower.
    """
    return {row.name: _in_processes(row, min(rounds, row.rounds), workers) for row in rows}


def _in_processes(row: Row, rounds: int, workers: Mapping[str, WorkerOf]) -> Blocks:
    with ExitStack() as cleanup:
        started = {name: cleanup.enter_context(_started(worker)) for name, worker in workers.items()}
        return _measure(row.name, started, rounds)


def _measure(row: str, workers: Mapping[str, _Worker], rounds: int) -> Blocks:
    blocks: dict[str, list[Mapping[str, float]]] = {way: [] for way in workers}
    order, dice = list(workers), random.Random(0)
    for _ in range(rounds):
        dice.shuffle(order)
        for way in order:
            blocks[way].append(workers[way].block(row))
    return blocks


class _Worker:
    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def block(self, row: str) -> Mapping[str, float]:
        """Return what one block cost; nothing where the worker cannot run the row."""
        given, answers = self._process.stdin, self._process.stdout
        assert given is not None
        assert answers is not None
        print(row, file=given, flush=True)
        answer = answers.readline()
        if not answer:
            raise RuntimeError(f"a worker ended at the row {row!r}; its error stands above")
        return json.loads(answer)


@contextmanager
def _started(worker: WorkerOf) -> Generator[_Worker]:
    # Dictionaries and sets are laid out alike in all of them.
    environment = {**os.environ, "PYTHONHASHSEED": "0", **worker.environment}
    process = subprocess.Popen(  # noqa: S603 - ourselves
        [worker.python, "-m", "benchmarks.worker", worker.way],
        cwd=ROOT,
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        yield _Worker(process)
    finally:
        process.kill()
        process.communicate()
