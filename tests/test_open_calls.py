"""The table of open calls and the thread that ends dropped ones; what needs a process of its own is in tests/patch."""

from __future__ import annotations

import gc
import threading
from collections.abc import Iterator

import pytest

from otel_responses import _open_calls


class OpenCall:
    """A call that notes how it ended."""

    def __init__(self, *, fails: bool = False) -> None:
        self.ended: list[str] = []
        self.fails = fails

    def drop(self) -> None:
        self.ended.append(threading.current_thread().name)
        if self.fails:
            raise ZeroDivisionError

    def forget(self) -> None:
        self.ended.append("forgotten")


class Target:
    """Something that can be dropped."""


@pytest.fixture(autouse=True)
def cleanly() -> Iterator[None]:
    yield
    _open_calls._open.clear()
    _open_calls.end_all()
    _open_calls.stop_watching()
    assert _open_calls._note_collection not in gc.callbacks


def test_one_of_many_ends_a_call() -> None:
    call = OpenCall()
    _open_calls.add(call)
    assert [_open_calls.remove(call) for _ in range(3)] == [True, False, False]


def test_a_dropped_target_ends_its_call_in_the_other_thread_before_a_drain_returns() -> None:
    call, target = OpenCall(), Target()
    reference = _open_calls.watch(target, call)
    del target
    _open_calls.drain()
    assert call.ended == ["otel-responses-drain"]
    assert reference() is None


def test_a_call_that_fails_to_end_does_not_stop_the_thread(caplog: pytest.LogCaptureFixture) -> None:
    bad, good = OpenCall(fails=True), OpenCall()
    references = []
    for call in (bad, good):
        target = Target()
        references.append(_open_calls.watch(target, call))
        del target
    _open_calls.drain()
    assert good.ended == ["otel-responses-drain"]
    assert "ZeroDivisionError" in caplog.text


def test_without_the_thread_a_drain_ends_calls_itself() -> None:
    call, target = OpenCall(), Target()
    reference = _open_calls.watch(target, call)
    _open_calls.end_all()
    del target
    _open_calls.drain()
    assert call.ended == ["MainThread"]
    assert reference() is None


def test_a_stop_that_no_thread_took_is_passed_over() -> None:
    call, target = OpenCall(), Target()
    reference = _open_calls.watch(target, call)
    _open_calls.end_all()
    _open_calls._dropped.put(None)
    del target
    _open_calls.drain()
    assert call.ended == ["MainThread"]
    assert reference() is None


def test_a_drain_inside_the_thread_does_not_wait_for_itself() -> None:
    class Draining(OpenCall):
        def drop(self) -> None:
            _open_calls.drain()
            super().drop()

    call, target = Draining(), Target()
    reference = _open_calls.watch(target, call)
    del target
    _open_calls.drain()
    assert call.ended == ["otel-responses-drain"]
    assert reference() is None


def test_what_is_open_at_exit_is_ended_though_one_fails() -> None:
    calls = [OpenCall(fails=True), OpenCall()]
    for call in calls:
        _open_calls.add(call)
    _open_calls.end_all()
    assert [call.ended for call in calls] == [["MainThread"], ["MainThread"]]


def test_many_threads_start_one_thread() -> None:
    targets = [Target() for _ in range(20)]
    threads = [
        threading.Thread(target=lambda target=target: references.append(_open_calls.watch(target, OpenCall())))
        for target in targets
    ]
    references: list[_open_calls.Watch] = []
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [thread.name for thread in threading.enumerate()].count("otel-responses-drain") == 1


def test_the_collector_is_known_to_run_only_while_it_does() -> None:
    seen: list[bool] = []

    class Garbage:
        def __init__(self) -> None:
            self.itself = self

        def __del__(self) -> None:
            seen.append(_open_calls.is_collecting())

    target = Target()
    reference = _open_calls.watch(target, OpenCall())
    Garbage()
    gc.collect()
    assert seen == [True]
    assert not _open_calls.is_collecting()
    assert reference() is target


def test_a_child_made_by_fork_forgets_what_was_open() -> None:
    call = OpenCall()
    _open_calls.add(call)
    _open_calls._forget_all()
    assert call.ended == ["forgotten"]
    assert not _open_calls.remove(call)


def test_the_second_of_two_threads_that_start_it_at_once_finds_it_started(monkeypatch: pytest.MonkeyPatch) -> None:
    _open_calls.end_all()
    monkeypatch.setattr(_open_calls, "_start_lock", LockOfAnother())
    _open_calls._start_drainer()
    assert [thread.name for thread in threading.enumerate()].count("otel-responses-drain") == 1


class LockOfAnother:
    """A lock that another thread, which starts the thread too, takes first."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._other = threading.Thread(target=_open_calls._start_drainer)

    def __enter__(self) -> None:
        if threading.current_thread() is not self._other and self._other.ident is None:
            self._other.start()
            self._other.join(timeout=10)
        self._lock.acquire()

    def __exit__(self, *_: object) -> None:
        self._lock.release()
