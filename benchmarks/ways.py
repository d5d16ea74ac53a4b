"""The ways to run a workload that are compared. Each has a process of its own: patching a class on and off between two
blocks would measure how the interpreter forgets and learns again what it knew of that class.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import openai

from benchmarks.floor import Floor
from benchmarks.telemetry import Telemetry
from benchmarks.workloads import Workload
from otel_responses import instrument

__all__ = ["AGAIN", "BARE", "FLOOR", "OURS", "WAYS", "Call", "Way"]

Call = Callable[[], object]
# Returns what to call over and over; None where the workload cannot be run this way.
Way = Callable[[Workload, openai.OpenAI, Telemetry], "Call | None"]

BARE, AGAIN, FLOOR, OURS = "bare", "bare again", "floor", "ours"


def _bare(workload: Workload, client: openai.OpenAI, telemetry: Telemetry) -> Call:
    return partial(workload.run, client)


def _by_hand(workload: Workload, client: openai.OpenAI, telemetry: Telemetry) -> Call | None:
    return workload.by_hand and partial(workload.by_hand, client, Floor(telemetry.providers))


def _ours(workload: Workload, client: openai.OpenAI, telemetry: Telemetry) -> Call:
    instrument(**telemetry.providers)
    return partial(workload.run, client)


# Bare is there twice: by how much the two differ is the noise.
WAYS: dict[str, Way] = {BARE: _bare, AGAIN: _bare, FLOOR: _by_hand, OURS: _ours}
