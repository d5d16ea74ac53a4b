"""How many instructions this thread and those that it started have executed, where Linux lets us count them.

A time depends on what else the machine does; the number of instructions hardly does, so two of them can be compared on
a busy machine. It says nothing of caches: 1.5 x the instructions is about, not exactly, 1.5 x the time.
"""

from __future__ import annotations

import ctypes
import os
import platform
import struct
from collections.abc import Callable

__all__ = ["counter"]

# The number of the system call perf_event_open(2).
SYSCALL = {"x86_64": 298, "aarch64": 241}
ATTRIBUTES_SIZE = 128
# struct perf_event_attr: type hardware, size, event instructions, 3 fields of 0, flags;
# these are: inherited, without kernel, without hypervisor
FLAGS = 1 << 1 | 1 << 5 | 1 << 6
ATTRIBUTES = struct.pack("IIQQQQQ", 0, ATTRIBUTES_SIZE, 1, 0, 0, 0, FLAGS).ljust(ATTRIBUTES_SIZE, b"\0")


def counter() -> Callable[[], int] | None:
    """Return what reads the counter of this thread and its later ones; None where there is none that we may use."""
    number = SYSCALL.get(platform.machine())
    if platform.system() != "Linux" or number is None:
        return None
    this_thread, any_processor, no_group, no_flags = 0, -1, -1, 0
    descriptor: int = ctypes.CDLL(None).syscall(number, ATTRIBUTES, this_thread, any_processor, no_group, no_flags)
    if descriptor < 0:
        return None
    return lambda: int.from_bytes(os.read(descriptor, 8), "little")
