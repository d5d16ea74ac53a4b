from __future__ import annotations

import asyncio

from otel_responses._mapping.exception import exception_attributes


def deep(calls: int) -> None:
    if calls:
        deep(calls - 1)
    raise ValueError("secret")


def raised(calls: int) -> ValueError:
    try:
        deep(calls)
    except ValueError as error:
        return error
    raise AssertionError


def test_the_stack_has_files_lines_and_functions_and_no_source_or_message():
    error = raised(1)
    first, *frames, last = exception_attributes(error, "shown")["exception.stacktrace"].split("\n")
    lines = {name: code.co_firstlineno for name, code in (("raised", raised.__code__), ("deep", deep.__code__))}
    places = (("raised", lines["raised"] + 2), ("deep", lines["deep"] + 2), ("deep", lines["deep"] + 3))
    assert first == "Traceback (most recent call last):"
    assert frames == [f'  File "{__file__}", line {line}, in {name}' for name, line in places]
    assert last == "ValueError"


def test_the_stack_has_its_outer_50_frames():
    *_, last_frame, _ = lines = exception_attributes(raised(100), "")["exception.stacktrace"].split("\n")
    assert len(lines) == 1 + 50 + 1
    assert last_frame.endswith(" in deep")


def test_an_exception_that_was_never_raised_has_no_frames():
    assert exception_attributes(ValueError("secret"), "shown") == {
        "exception.type": "ValueError",
        "exception.message": "shown",
        "exception.stacktrace": "Traceback (most recent call last):\nValueError",
    }


def test_the_type_has_its_module_where_it_is_none_of_pythons_own():
    assert exception_attributes(KeyError(), "")["exception.type"] == "KeyError"
    assert exception_attributes(asyncio.QueueFull(), "")["exception.type"] == "asyncio.queues.QueueFull"
