"""What keeps our own faults away from the program we watch: one log line, never an exception."""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextvars import Token
from functools import wraps
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

__all__ = ["detach", "guard", "log_once", "logger", "reset_warnings", "warn_once"]

P = ParamSpec("P")
R = TypeVar("R")

logger = logging.getLogger("otel_responses")

# Bounded by the number of places in this package that warn, and by 1,000 in case a key is ever built from data.
_KEYS_MAX = 1_000
_said: set[str] = set()


def warn_once(key: str, message: str, *args: object) -> None:
    """Log a warning the first time `key` is seen in this process."""
    if key in _said or len(_said) >= _KEYS_MAX:
        return
    _said.add(key)
    logger.warning(message, *args)


def reset_warnings() -> None:
    """Forget what was said, so that a test sees the warning again."""
    _said.clear()


def log_once(place: str, error: BaseException) -> None:
    """Log that our code failed at `place`: the error's type and line, never its message, which may quote a prompt."""
    traceback, where = error.__traceback__, "?"
    while traceback is not None:
        where = f"{Path(traceback.tb_frame.f_code.co_filename).name}:{traceback.tb_lineno}"
        traceback = traceback.tb_next
    kind = type(error).__name__
    warn_once(
        f"{place}:{kind}",
        "otel_responses failed with %s in %s (%s); the call goes on without that part of its telemetry",
        kind,
        place,
        where,
    )


def guard(function: Callable[P, R]) -> Callable[P, R | None]:
    """Make `function` safe to call from a patched method: an exception of ours is logged once and becomes `None`."""
    # A callable object, such as a partial function, has no name of its own.
    place = f"{function.__module__}.{getattr(function, '__qualname__', type(function).__name__)}"

    @wraps(function)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> R | None:
        try:
            return function(*args, **kwargs)
        except Exception as error:  # noqa: BLE001 - the one place where everything of ours is caught
            log_once(place, error)
            return None

    return guarded


def detach(token: Token[Any]) -> None:
    """Undo an `opentelemetry.context.attach`.

    A token made in another context (a coroutine closed by the garbage collector, a generator moved between threads) has
    nothing to restore there; `opentelemetry.context.detach` would log an error with a traceback for it.
    """
    try:
        token.var.reset(token)
    except (ValueError, RuntimeError):  # of another context, or used before
        return
