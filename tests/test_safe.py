from __future__ import annotations

import asyncio
import logging
from contextvars import ContextVar, Token, copy_context
from functools import partial

import pytest
from opentelemetry import context

from otel_responses import _safe
from otel_responses._safe import detach, guard, log_once, reset_warnings, warn_once

VARIABLE: ContextVar[int] = ContextVar("variable", default=0)


@pytest.fixture(autouse=True)
def warnings(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    caplog.set_level(logging.WARNING)
    return caplog


def fail(secret: str) -> int:
    raise LookupError(secret)


def test_a_warning_is_given_once_for_a_key(warnings: pytest.LogCaptureFixture):
    for place in ("first", "second"):
        warn_once("a", "A %s", place)
        warn_once("b", "B %s", place)
    assert warnings.messages == ["A first", "B first"]
    assert {(record.name, record.levelname) for record in warnings.records} == {("otel_responses", "WARNING")}


def test_after_a_reset_it_is_given_again(warnings: pytest.LogCaptureFixture):
    warn_once("a", "A")
    reset_warnings()
    warn_once("a", "A")
    assert warnings.messages == ["A", "A"]


def test_keys_made_of_data_do_not_fill_the_log_or_the_memory(warnings: pytest.LogCaptureFixture):
    for number in range(1_500):
        warn_once(f"key {number}", "Warning %d", number)
    assert len(warnings.messages) == len(_safe._said) == 1_000


def test_a_guarded_function_does_what_it_does():
    @guard
    def add(a: int, *, b: int) -> int:
        """Add."""
        return a + b

    assert add(1, b=2) == 3
    assert (add.__name__, add.__doc__) == ("add", "Add.")


def test_a_fault_of_ours_is_swallowed_and_logged_once_without_its_message(warnings: pytest.LogCaptureFixture):
    guarded = guard(fail)
    assert [guarded("my prompt"), guarded("my prompt")] == [None, None]
    (message,) = warnings.messages
    assert "LookupError" in message
    assert f"{__name__}.fail" in message
    assert "my prompt" not in warnings.text
    assert warnings.records[0].exc_info is None


def test_the_message_names_the_line_that_raised(warnings: pytest.LogCaptureFixture):
    guard(fail)("secret")
    line = fail.__code__.co_firstlineno + 1
    assert str(line) in warnings.messages[0]


def test_another_fault_at_the_same_place_is_logged_too(warnings: pytest.LogCaptureFixture):
    @guard
    def raise_it(error: Exception) -> None:
        raise error

    for error in (LookupError(), ValueError(), LookupError()):
        raise_it(error)
    assert len(warnings.messages) == 2


def test_a_callable_without_a_name_is_guarded_as_well(warnings: pytest.LogCaptureFixture):
    assert guard(partial(fail, "my prompt"))() is None
    assert len(warnings.messages) == 1
    assert "partial" in warnings.messages[0]


@pytest.mark.parametrize("error", [KeyboardInterrupt, SystemExit, GeneratorExit, asyncio.CancelledError])
def test_what_is_no_fault_passes(error: type[BaseException]):
    @guard
    def leave() -> None:
        raise error

    with pytest.raises(error):
        leave()


def test_an_error_that_was_never_raised_can_be_logged(warnings: pytest.LogCaptureFixture):
    log_once("somewhere", ValueError("secret"))
    assert len(warnings.messages) == 1
    assert "ValueError in somewhere" in warnings.messages[0]


def test_detaching_restores_what_was_current():
    key = context.create_key("key")
    before = context.get_current()
    token = context.attach(context.set_value(key, 1))
    assert context.get_value(key) == 1
    detach(token)
    assert context.get_current() is before


def test_a_token_of_another_context_is_left_alone(warnings: pytest.LogCaptureFixture):
    token: Token[int] = copy_context().run(VARIABLE.set, 1)
    VARIABLE.set(2)
    detach(token)
    assert VARIABLE.get() == 2
    assert warnings.messages == []


def test_a_token_is_used_once(warnings: pytest.LogCaptureFixture):
    token = VARIABLE.set(3)
    detach(token)
    VARIABLE.set(4)
    detach(token)
    assert VARIABLE.get() == 4
    assert warnings.messages == []
