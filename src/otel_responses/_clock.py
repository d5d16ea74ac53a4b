"""The clock of all calls."""

from __future__ import annotations

import time
from collections.abc import Callable

__all__ = ["Clock", "clock"]


class Clock:
    """Both times of a call, in nanoseconds; a test may put functions of its own in their place."""

    def __init__(self) -> None:
        self.wall: Callable[[], int] = time.time_ns
        self.elapsed: Callable[[], int] = time.perf_counter_ns


clock = Clock()
