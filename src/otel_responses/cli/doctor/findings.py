"""What the doctor finds: things that are fine, things to know, and faults, which keep data away."""

from __future__ import annotations

import logging
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Literal

from otel_responses._safe import logger

__all__ = ["Finding", "fault", "fine", "heard", "note"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing, in a sentence; no key and no header is ever in it."""

    level: Literal["ok", "note", "fault"]
    text: str


fine = partial(Finding, "ok")
note = partial(Finding, "note")
fault = partial(Finding, "fault")


class _Heard(logging.Handler):
    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.messages: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.messages.append(record.getMessage())


@contextmanager
def heard() -> Generator[list[str]]:
    """What we log inside the block, for a finding and not for the terminal."""
    handler, passed_on = _Heard(), logger.propagate
    logger.addHandler(handler)
    logger.propagate = False
    try:
        yield handler.messages
    finally:
        logger.removeHandler(handler)
        logger.propagate = passed_on
