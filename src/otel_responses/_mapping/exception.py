"""An exception -> the attributes of its event, without the prompt that it or its stack may quote."""

from __future__ import annotations

from itertools import islice
from traceback import walk_tb

import otel_responses._semconv as semconv

__all__ = ["exception_attributes"]

STACK_MAX = 50


def exception_attributes(error: BaseException, message: str) -> dict[str, str]:
    """Return type, message and stack trace.

    The stack trace has the outer 50 frames with file, line and function, but no source lines and no messages: a program
    may hold a prompt as a literal.
    """
    frames = islice(walk_tb(error.__traceback__), STACK_MAX)
    stack = [f'  File "{f.f_code.co_filename}", line {line}, in {f.f_code.co_name}' for f, line in frames]
    kind = type(error)
    name = kind.__qualname__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}"
    return {
        semconv.EXCEPTION_TYPE: name,
        semconv.EXCEPTION_MESSAGE: message,
        semconv.EXCEPTION_STACKTRACE: "\n".join(["Traceback (most recent call last):", *stack, name]),
    }
