"""What the calls that have ended measured, recorded some calls at a time.

A call's records are the SDK's code, which a program runs once between two calls, when the processor has forgotten how
it goes: many times in a row it takes two thirds as long. So measurements wait for each other. No collection waits for
them, nor lacks one: our counters are read whenever metrics are collected, and have recorded first what waits.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable

from otel_responses._safe import log_once

__all__ = ["add", "record_waiting"]

# More gains little: 16 of them take a millisecond, in the thread of the call that is the last of them.
BATCH = 16

_waiting: deque[Callable[[], object]] = deque()


def add(record: Callable[[], object]) -> None:
    """Have `record` called soon, at the latest when metrics are collected."""
    _waiting.append(record)
    if len(_waiting) >= BATCH:
        record_waiting()


def record_waiting() -> None:
    """Record what waits. Threads may do so at the same time: each measurement is taken by one of them."""
    for _ in range(len(_waiting)):
        try:
            record = _waiting.popleft()
        except IndexError:  # another thread was faster
            return
        try:
            record()
        except Exception as error:  # noqa: BLE001 - what the others measured is recorded all the same
            log_once("measurements", error)


if hasattr(os, "register_at_fork"):  # pragma: no branch - Windows has no fork
    os.register_at_fork(after_in_child=_waiting.clear)  # these are the parent's
