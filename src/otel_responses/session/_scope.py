"""A stretch of the program with a session of its own: entered by `with` and `async with`, or around a function.

A decorated function is a function of the same kind as the original, and no proxy of wrapt's: those cannot be pickled,
and process pools pickle what they call.
"""

from __future__ import annotations

import inspect
import sys
from abc import ABC, abstractmethod
from collections.abc import AsyncGenerator, Awaitable, Callable, Coroutine, Generator
from functools import partial, wraps
from types import TracebackType
from typing import Any, Generic, ParamSpec, TypeVar, cast

from otel_responses._records import SessionData
from otel_responses.session._context import BodyContext, enter, leave

__all__ = ["AnyScope", "Scope"]

P = ParamSpec("P")
Y = TypeVar("Y")
S = TypeVar("S")
R = TypeVar("R")
F = TypeVar("F", bound=Callable[..., Any])
D_co = TypeVar("D_co", bound="SessionData | None", covariant=True)


class Scope(ABC, Generic[D_co]):
    """What `session()` and `step()` return; several tasks and threads may be in one object at once, or one twice."""

    __slots__ = ()

    @abstractmethod
    def data(self) -> D_co:
        """Return what becomes the current session inside; None where nothing changes."""

    def for_call(self) -> Scope[D_co]:
        """Return the scope of one call of a decorated function."""
        return self

    def __call__(self, function: F) -> F:
        return _decorate(self, function)

    def __enter__(self) -> D_co:
        data = self.data()
        if data is not None:
            enter(data, self)
        return data

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        leave(self, kind)

    async def __aenter__(self) -> D_co:
        return self.__enter__()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        leave(self, kind)


AnyScope = Scope["SessionData | None"]


def _function(scope: AnyScope, function: Callable[P, R]) -> Callable[P, R]:
    @wraps(function)
    def call(*args: P.args, **kwargs: P.kwargs) -> R:
        with scope.for_call():
            return function(*args, **kwargs)

    return call


def _coroutine_function(
    scope: AnyScope, function: Callable[P, Coroutine[Any, Any, R]]
) -> Callable[P, Coroutine[Any, Any, R]]:
    @wraps(function)
    async def call(*args: P.args, **kwargs: P.kwargs) -> R:
        with scope.for_call():
            return await function(*args, **kwargs)

    return call


def _generator_function(scope: AnyScope, function: Callable[P, Generator[Y, S, R]]) -> Callable[P, Generator[Y, S, R]]:
    @wraps(function)
    def call(*args: P.args, **kwargs: P.kwargs) -> Generator[Y, S, R]:
        generator = function(*args, **kwargs)
        body = BodyContext(scope.for_call().data())
        resume: Callable[[], Y] = partial(next, generator)
        while True:
            try:
                with body:
                    item = resume()
            except StopIteration as stop:
                return cast("R", stop.value)
            finally:
                del resume  # it may hold an exception, which holds this frame
            try:
                sent = yield item
            except BaseException as error:  # noqa: BLE001 - GeneratorExit too: the body is to see what we see
                resume = partial(generator.throw, error)
            else:
                resume = partial(generator.send, sent)

    return call


def _async_generator_function(
    scope: AnyScope, function: Callable[P, AsyncGenerator[Y, S]]
) -> Callable[P, AsyncGenerator[Y, S]]:
    @wraps(function)
    async def call(*args: P.args, **kwargs: P.kwargs) -> AsyncGenerator[Y, S]:
        generator = function(*args, **kwargs)
        body = BodyContext(scope.for_call().data())
        resume: Awaitable[Y] = _first_step(generator)
        while True:
            try:
                with body:
                    item = await resume
            except StopAsyncIteration:
                return
            finally:
                del resume
            try:
                sent = yield item
            except BaseException as error:  # noqa: BLE001 - as above
                resume = generator.athrow(error)
            else:
                resume = generator.asend(sent)

    return call


def _first_step(generator: AsyncGenerator[Y, Any]) -> Awaitable[Y]:
    """Return the first step of `generator`, unknown to the event loop.

    A loop that ends closes all async generators it knows at once; the one inside and the one around it, which closes
    the one inside, would fall over each other: "aclose(): asynchronous generator is already running".
    """
    hooks = sys.get_asyncgen_hooks()
    sys.set_asyncgen_hooks(None, None)
    try:
        return anext(generator)
    finally:
        sys.set_asyncgen_hooks(*hooks)


_Wrapper = Callable[[AnyScope, Any], Callable[..., Any]]
_WRAPPERS: tuple[tuple[Callable[[object], bool], _Wrapper], ...] = (
    (inspect.iscoroutinefunction, _coroutine_function),
    (inspect.isasyncgenfunction, _async_generator_function),
    (inspect.isgeneratorfunction, _generator_function),
)


def _decorate(scope: AnyScope, function: F) -> F:
    """Return `function` so that each of its calls, or each step of the generator it makes, runs inside `scope`.

    Raises:
        TypeError: `function` is no function.
    """
    kind = type(function).__name__
    if isinstance(function, (type, classmethod, staticmethod)) or not callable(function):
        raise TypeError(
            f"session() and step() decorate functions, not a {kind}; they belong below @classmethod and @staticmethod"
        )
    for is_kind, wrap in _WRAPPERS:
        if is_kind(function):
            return cast("F", wrap(scope, function))
    return cast("F", _function(scope, function))
