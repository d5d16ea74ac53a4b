"""A decorated function behaves as the original does, whatever kind it is of."""

from __future__ import annotations

import asyncio
import gc
import inspect
import pickle
import sys
import weakref
from collections.abc import AsyncGenerator, Callable, Generator, Iterator
from functools import partial
from typing import Any

import pytest
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.trace import get_current_span

from otel_responses.session import current_session, session, step

Body = Generator[Any, Any, Any]
AsyncBody = AsyncGenerator[Any, Any]


def path() -> str | None:
    data = current_session()
    return data and data.path


@session("Trip", path="/plan")
def plan(city: str, *, days: int = 3) -> str | None:
    """Plan a trip."""
    return path()


async def coroutine(city: str) -> str | None:
    return path()


def generator(city: str) -> Generator[str | None, None, None]:
    yield path()


async def async_generator(city: str) -> AsyncGenerator[str | None, None]:
    yield path()


@pytest.mark.parametrize("decorator", [session("Trip"), step("flights")], ids=["session", "step"])
@pytest.mark.parametrize("function", [plan, coroutine, generator, async_generator, partial(coroutine, "Rome")])
def test_kind_name_and_signature_are_kept(decorator: Any, function: Callable[..., Any]):
    decorated = decorator(function)
    assert inspect.signature(decorated) == inspect.signature(function)
    assert getattr(decorated, "__qualname__", None) == getattr(function, "__qualname__", decorated.__qualname__)
    assert decorated.__doc__ == function.__doc__
    for is_kind in (inspect.iscoroutinefunction, inspect.isgeneratorfunction, inspect.isasyncgenfunction):
        assert is_kind(decorated) == is_kind(function)


def test_a_decorated_function_can_be_pickled():
    assert pickle.loads(pickle.dumps(plan)) is plan


def test_a_method_can_be_decorated():
    class Agent:
        @session("Trip", path="/method")
        def method(self) -> tuple[Agent, str | None]:
            return self, path()

        @classmethod
        @session("Trip", path="/class")
        def of_class(cls) -> tuple[type[Agent], str | None]:
            return cls, path()

        @staticmethod
        @session("Trip", path="/static")
        def static() -> str | None:
            return path()

    agent = Agent()
    assert agent.method() == (agent, "/method")
    assert Agent.of_class() == (Agent, "/class")
    assert Agent.static() == "/static"


@pytest.mark.parametrize(
    ("thing", "kind"),
    [
        pytest.param(str, "type", id="class"),
        pytest.param(classmethod(print), "classmethod", id="classmethod"),
        pytest.param(staticmethod(plan), "staticmethod", id="staticmethod"),
        pytest.param("Trip", "str", id="text"),
    ],
)
def test_what_is_no_function_cannot_be_decorated(thing: Any, kind: str):
    with pytest.raises(TypeError) as caught:
        session("Trip")(thing)
    assert str(caught.value) == (
        f"session() and step() decorate functions, not a {kind}; they belong below @classmethod and @staticmethod"
    )


def test_a_step_can_decorate_every_kind():
    async def consume() -> list[str | None]:
        return [item async for item in step("async")(async_generator)("Rome")]

    with session("Trip", path="/plan"):
        assert step("flights")(path)() == "/plan/flights"
        assert asyncio.run(step("flights")(coroutine)("Rome")) == "/plan/flights"
        assert list(step("flights")(generator)("Rome")) == ["/plan/flights"]
        assert asyncio.run(consume()) == ["/plan/async"]


def test_a_step_outside_of_a_session_leaves_a_generator_as_it_is():
    assert list(step("flights")(generator)("Rome")) == [None]


def test_decorators_can_be_stacked():
    @session("Trip", path="/plan")
    @step("flights")
    def walk() -> Generator[str | None, None, None]:
        yield path()
        yield path()

    assert list(walk()) == ["/plan/flights", "/plan/flights"]


# Generators


def echo() -> Body:
    received: list[Any] = []
    while True:
        try:
            value = yield list(received)
        except ValueError as error:
            received.append(error.args[0])
        else:
            if value is None:
                return received
            received.append(value)


def stubborn() -> Body:
    try:
        yield 1
    except GeneratorExit:
        yield 2


def closing() -> Body:
    try:
        yield 1
    except GeneratorExit:
        return "closed"


def failing() -> Body:
    try:
        yield 1
    finally:
        raise KeyError("on the way out")


def empty() -> Body:
    return "nothing"
    yield


def stopping() -> Body:
    yield 1
    raise StopIteration  # noqa: PLR1708 - what a faulty body does


def drive(body: Body, actions: list[Callable[[Body], Any]]) -> list[Any]:
    """Do `actions` on `body` and return what each gave or raised."""
    outcomes: list[Any] = []
    for action in actions:
        try:
            outcomes.append(action(body))
        except BaseException as error:
            outcomes.append((type(error), error.args))
    return outcomes


def throw(error: BaseException) -> Callable[[Body], Any]:
    return lambda body: body.throw(error)


def send(value: Any) -> Callable[[Body], Any]:
    return lambda body: body.send(value)


def close(body: Body) -> Any:
    return body.close()


SCRIPTS = [
    pytest.param(echo, [next, send(1), throw(ValueError("two")), send(3), next, next], id="send-throw-return"),
    pytest.param(echo, [next, throw(KeyError("x")), next], id="throw-through"),
    pytest.param(echo, [send(1), next], id="send-before-start"),
    pytest.param(echo, [throw(ValueError("early")), next], id="throw-before-start"),
    pytest.param(echo, [close, next], id="close-before-start"),
    pytest.param(echo, [next, close, close, next], id="close"),
    pytest.param(stubborn, [next, close, next], id="yields-on-close"),
    pytest.param(stubborn, [next, throw(GeneratorExit()), close, next], id="yields-on-generator-exit"),
    pytest.param(closing, [next, close, next], id="returns-on-close"),
    pytest.param(closing, [next, throw(GeneratorExit())], id="returns-on-generator-exit"),
    pytest.param(failing, [next, close], id="raises-on-close"),
    pytest.param(failing, [next, next], id="raises"),
    pytest.param(empty, [next], id="empty"),
    pytest.param(stopping, [next, next], id="stop-iteration-inside"),
]


@pytest.mark.parametrize(("function", "actions"), SCRIPTS)
def test_a_decorated_generator_behaves_as_the_original(function: Callable[[], Body], actions: list[Any]):
    assert drive(session("Trip")(function)(), actions) == drive(function(), actions)


def test_yield_from_gives_the_return_value():
    def outer() -> Body:
        return (yield from session("Trip")(echo)())

    body = outer()
    next(body)
    body.send(1)
    with pytest.raises(StopIteration) as caught:
        body.send(None)
    assert caught.value.value == [1]


def test_every_way_to_resume_a_generator_is_inside_its_session():
    seen: list[str | None] = []

    @session("Trip", path="/plan")
    def body() -> Body:
        seen.append(path())
        yield
        seen.append(path())
        try:
            yield
        except ValueError:
            seen.append(path())
        try:
            yield
        finally:
            seen.append(path())

    steps = body()
    next(steps)
    steps.send(1)
    steps.throw(ValueError())
    steps.close()
    assert seen == ["/plan"] * 4
    assert path() is None


def test_what_a_body_holds_open_across_a_yield_stays_with_the_body():
    tracer = TracerProvider().get_tracer("test")

    @session("Trip", path="/plan")
    def body() -> Generator[str, None, None]:
        yield span_name()
        with tracer.start_as_current_span("inside"), step("flights"):
            yield span_name()
            yield span_name()
        yield span_name()

    def span_name() -> str:
        return f"{getattr(get_current_span(), 'name', None)} {path()}"

    steps = body()
    with tracer.start_as_current_span("first"):
        seen = [next(steps), next(steps)]
        assert span_name() == "first None"
    with tracer.start_as_current_span("second"):
        seen += [next(steps), next(steps)]
        assert span_name() == "second None"
    assert seen == ["first /plan", "inside /plan/flights", "inside /plan/flights", "first /plan"]


class MistakeError(Exception):
    pass


def thrown(steps: Body) -> weakref.ref[MistakeError]:
    next(steps)
    try:
        steps.throw(MistakeError())
    except MistakeError as error:
        return weakref.ref(error)
    pytest.fail("nothing was raised")


async def thrown_async(steps: AsyncBody) -> weakref.ref[MistakeError]:
    await anext(steps)
    try:
        await steps.athrow(MistakeError())
    except MistakeError as error:
        return weakref.ref(error)
    pytest.fail("nothing was raised")


@pytest.fixture
def no_cycle_collector() -> Iterator[None]:
    gc.disable()
    yield
    gc.enable()


@pytest.mark.usefixtures("no_cycle_collector")
def test_a_thrown_exception_is_not_kept():
    assert thrown(session("Trip")(echo)())() is None


@pytest.mark.anyio
@pytest.mark.usefixtures("no_cycle_collector")
async def test_an_exception_thrown_into_an_async_generator_is_not_kept():
    assert (await thrown_async(session("Trip")(async_echo)()))() is None


# Async generators


async def async_echo() -> AsyncGenerator[Any, Any]:
    received: list[Any] = []
    while True:
        await asyncio.sleep(0)
        try:
            value = yield list(received)
        except ValueError as error:
            received.append(error.args[0])
        else:
            if value is None:
                return
            received.append(value)


async def async_stubborn() -> AsyncGenerator[Any, Any]:
    try:
        yield 1
    except GeneratorExit:
        yield 2


async def async_closing() -> AsyncGenerator[Any, Any]:
    try:
        yield 1
    except GeneratorExit:
        await asyncio.sleep(0)


async def async_failing() -> AsyncGenerator[Any, Any]:
    try:
        yield 1
    finally:
        await asyncio.sleep(0)
        raise KeyError("on the way out")


async def drive_async(body: AsyncBody, actions: list[Callable[[AsyncBody], Any]]) -> list[Any]:
    outcomes: list[Any] = []
    for action in actions:
        try:
            outcomes.append(await action(body))
        except BaseException as error:
            outcomes.append((type(error), error.args))
    return outcomes


def athrow(error: BaseException) -> Callable[[AsyncBody], Any]:
    return lambda body: body.athrow(error)


def asend(value: Any) -> Callable[[AsyncBody], Any]:
    return lambda body: body.asend(value)


def aclose(body: AsyncBody) -> Any:
    return body.aclose()


ASYNC_SCRIPTS = [
    pytest.param(async_echo, [anext, asend(1), athrow(ValueError("two")), asend(3), anext, anext], id="asend-athrow"),
    pytest.param(async_echo, [anext, athrow(KeyError("x")), anext], id="athrow-through"),
    pytest.param(async_echo, [asend(1), anext], id="asend-before-start"),
    pytest.param(async_echo, [aclose, anext], id="aclose-before-start"),
    pytest.param(async_echo, [anext, aclose, aclose, anext], id="aclose"),
    pytest.param(async_stubborn, [anext, aclose], id="yields-on-aclose"),
    pytest.param(async_stubborn, [anext, athrow(GeneratorExit()), anext], id="yields-on-generator-exit"),
    pytest.param(async_closing, [anext, aclose, anext], id="returns-on-aclose"),
    pytest.param(async_closing, [anext, athrow(GeneratorExit())], id="returns-on-generator-exit"),
    pytest.param(async_failing, [anext, aclose], id="raises-on-aclose"),
    pytest.param(async_failing, [anext, anext], id="raises"),
]


@pytest.mark.anyio
@pytest.mark.parametrize(("function", "actions"), ASYNC_SCRIPTS)
async def test_a_decorated_async_generator_behaves_as_the_original(
    function: Callable[[], AsyncBody], actions: list[Any]
):
    assert await drive_async(session("Trip")(function)(), actions) == await drive_async(function(), actions)


@pytest.mark.anyio
async def test_every_way_to_resume_an_async_generator_is_inside_its_session():
    seen: list[str | None] = []

    @session("Trip", path="/plan")
    async def body() -> AsyncBody:
        seen.append(path())
        yield
        seen.append(path())
        try:
            yield
        except ValueError:
            await asyncio.sleep(0)
            seen.append(path())
        try:
            yield
        finally:
            await asyncio.sleep(0)
            seen.append(path())

    steps = body()
    await anext(steps)
    await steps.asend(1)
    await steps.athrow(ValueError())
    await steps.aclose()
    assert seen == ["/plan"] * 4
    assert path() is None


@pytest.mark.anyio
async def test_the_event_loops_hooks_for_async_generators_are_put_back():
    before = sys.get_asyncgen_hooks()
    assert [item async for item in session("Trip")(async_generator)("Rome")] == ["/"]
    assert sys.get_asyncgen_hooks() == before
