"""The calls that have not ended yet, and the ways one ends without its caller: drop, exit, fork.

A dropped stream is noticed inside the garbage collector, in whatever thread happens to allocate. Ending a call there (a
histogram record, an export, a log line) can wait for a lock that this very thread holds, for good. So the callback of
the weak reference is `SimpleQueue.put` itself: re-entrant, in C, no Python code of ours. A daemon thread ends the call.
"""

from __future__ import annotations

import atexit
import gc
import os
import threading
from collections.abc import Callable
from queue import Empty, SimpleQueue
from typing import Any, Protocol
from weakref import ref

from otel_responses._safe import guard

__all__ = ["OpenCall", "Watch", "add", "drain", "end_all", "is_collecting", "later", "remove", "stop_watching", "watch"]

# How long a flush or the interpreter's exit waits for the thread that ends dropped calls.
DRAIN_SECONDS = 5.0


class OpenCall(Protocol):
    """What this module needs of a call."""

    def drop(self) -> None:
        """End the call at its last event: nobody can read the rest of it any more."""

    def forget(self) -> None:
        """Let go of the call without ending its span: the parent process does."""


class Watch(ref[Any]):
    """A weak reference to a stream or a response. When that is gone, the reference itself is put on the queue."""

    __slots__ = ("call",)

    call: OpenCall

    def settle(self) -> None:
        """End the call."""
        self.call.drop()


class _Mark:
    """Put on the queue by a flush: what was dropped before it is settled when `passed` is set."""

    __slots__ = ("passed",)

    def __init__(self) -> None:
        self.passed = threading.Event()

    def settle(self) -> None:
        self.passed.set()


class _Work:
    """Put on the queue by `later`."""

    __slots__ = ("settle",)

    def __init__(self, work: Callable[[], None]) -> None:
        self.settle = work


Queue = SimpleQueue["Watch | _Mark | _Work | None"]

_open: dict[int, OpenCall] = {}
_dropped: Queue = Queue()
_drainer: threading.Thread | None = None
_start_lock = threading.Lock()
_collecting: set[int] = set()
_has_hooks = False


def add(call: OpenCall) -> None:
    """Register a call that was opened."""
    if not _has_hooks:
        _register_hooks()
    _open[id(call)] = call


def remove(call: OpenCall) -> bool:
    """Take a call out; True for the one that does so first, which is the one that ends it (`dict.pop` is atomic)."""
    return _open.pop(id(call), None) is not None


def watch(target: object, call: OpenCall) -> Watch:
    """Return a reference, to be kept by `call`, that drops the call when `target` is gone."""
    _start_drainer()
    if _note_collection not in gc.callbacks:
        gc.callbacks.append(_note_collection)
    reference = Watch(target, _dropped.put)
    reference.call = call
    return reference


def stop_watching() -> None:
    """Take our callback off the garbage collector, unless a call is still open."""
    if not _open and _note_collection in gc.callbacks:
        gc.callbacks.remove(_note_collection)


def is_collecting() -> bool:
    """Say whether the garbage collector runs in this thread now, so that no lock may be taken."""
    return threading.get_ident() in _collecting


def hand_over(reference: Watch) -> None:
    """Have the call of `reference` dropped by the other thread."""
    _dropped.put(reference)


def later(work: Callable[[], None]) -> None:
    """Have `work` done by the other thread, which any stream starts: what would delay the caller's next event."""
    _dropped.put(_Work(work))


def drain() -> None:
    """End the calls that were dropped before now; returns when they are ended. Not for use inside a finalizer."""
    if _drainer is None or not _drainer.is_alive() or _drainer is threading.current_thread():
        _settle_waiting()
        return
    mark = _Mark()
    _dropped.put(mark)
    mark.passed.wait(DRAIN_SECONDS)


def end_all() -> None:
    """End every open call, at the interpreter's exit."""
    global _drainer  # noqa: PLW0603 - one thread a process
    if _drainer is not None:
        _dropped.put(None)
        _drainer.join(DRAIN_SECONDS)
        _drainer = None
    _settle_waiting()
    for call in list(_open.values()):
        _drop(call)


def _register_hooks() -> None:
    """Run before the providers' own exit hooks: `atexit` goes backwards, and they were there before the first call."""
    global _has_hooks  # noqa: PLW0603 - once a process, also for a child made by fork
    _has_hooks = True
    atexit.register(end_all)
    if hasattr(os, "register_at_fork"):  # pragma: no branch - Windows has no fork
        os.register_at_fork(after_in_child=_forget_all)


def _forget_all() -> None:
    """In a forked child: the calls are the parent's, and the thread and the queue's lock did not come along."""
    global _drainer, _dropped, _start_lock
    _drainer, _dropped, _start_lock = None, Queue(), threading.Lock()
    _collecting.clear()
    calls = list(_open.values())
    _open.clear()
    for call in calls:
        call.forget()


def _start_drainer() -> None:
    """Start the thread at the first stream: a finalizer, where it is first needed, may not start one."""
    global _drainer  # noqa: PLW0603 - one thread a process
    if _drainer is not None:
        return
    with _start_lock:
        if _drainer is None:
            thread = threading.Thread(target=_run, args=(_dropped,), name="otel-responses-drain", daemon=True)
            thread.start()
            _drainer = thread


def _run(queue: Queue) -> None:
    while (item := queue.get()) is not None:
        _settle(item)


def _settle_waiting() -> None:
    while True:
        try:
            item = _dropped.get_nowait()
        except Empty:
            return
        if item is not None:
            _settle(item)


@guard
def _settle(item: Watch | _Mark | _Work) -> None:
    item.settle()


@guard
def _drop(call: OpenCall) -> None:
    call.drop()


def _note_collection(phase: str, info: dict[str, int]) -> None:
    if phase == "start":
        _collecting.add(threading.get_ident())
    else:
        _collecting.discard(threading.get_ident())
