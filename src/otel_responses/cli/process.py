"""A Python module run as a process of its own, bounded in time, its output passed on line by line."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from typing import IO

__all__ = ["Process", "ProcessTimeout", "running"]


class ProcessTimeout(Exception):  # noqa: N818 - like subprocess.TimeoutExpired
    """The process took longer than it may."""


class Process:
    """A process that runs, or has ended."""

    def __init__(self, process: subprocess.Popen[str], seconds: float) -> None:
        self._process = process
        self._seconds = seconds
        self._deadline = time.monotonic() + seconds

    def has_ended(self) -> bool:
        """Whether it has ended; raises `ProcessTimeout` when it should have by now."""
        if self._process.poll() is not None:
            return True
        if time.monotonic() > self._deadline:
            raise ProcessTimeout(f"The program did not end within {self._seconds:g} s and was stopped.")
        return False

    def wait(self) -> None:
        """Wait for its end; raises `ProcessTimeout`."""
        while not self.has_ended():
            time.sleep(0.05)

    @property
    def exit_code(self) -> int:
        """What it ended with, after it has ended."""
        return self._process.wait()


@contextmanager
def running(
    arguments: Sequence[str], environment: Mapping[str, str], *, seconds: float, on_line: Callable[[str], None]
) -> Generator[Process]:
    """Run Python with these arguments; leaving the block ends the process. `on_line` is called from another thread."""
    with subprocess.Popen(  # noqa: S603 - our own interpreter with our own arguments
        [sys.executable, *arguments],
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
        errors="replace",
        start_new_session=True,  # Ctrl-C is for the command, which ends the program without a traceback from it
    ) as process:
        reader = threading.Thread(target=_pass_on, args=(process.stdout, on_line), daemon=True)
        reader.start()
        try:
            yield Process(process, seconds)
        finally:
            process.kill()
            reader.join()


def _pass_on(lines: IO[str], on_line: Callable[[str], None]) -> None:
    for line in lines:
        on_line(line.rstrip())
