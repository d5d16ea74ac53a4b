"""The ways in which a session in a context variable goes wrong, each in a fresh task and in a thread pool."""

from __future__ import annotations

import asyncio
import gc
import threading
from collections.abc import AsyncGenerator, Awaitable, Callable, Generator, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any
from weakref import ReferenceType, ref

import pytest
from opentelemetry.context import Context, get_current
from opentelemetry.instrumentation.threading import ThreadingInstrumentor  # pyright: ignore[reportMissingTypeStubs]

from otel_responses.session import current_session, session, step

Run = Callable[[Callable[[], Awaitable[Any]]], Any]


def name() -> str | None:
    data = current_session()
    return data and data.name


def path() -> str | None:
    data = current_session()
    return data and data.path


def identity() -> str | None:
    data = current_session()
    return data and data.id


@session("producer")
def produce(count: int = 3) -> Generator[str | None, None, None]:
    try:
        for _ in range(count):
            yield name()
    finally:
        LEFT.append(name())


@session("producer")
async def produce_async(count: int = 3) -> AsyncGenerator[str | None, None]:
    try:
        for _ in range(count):
            await asyncio.sleep(0)
            yield name()
    finally:
        await asyncio.sleep(0)
        LEFT.append(name())


LEFT: list[str | None] = []


@pytest.fixture(autouse=True)
def forget_what_was_left() -> None:
    LEFT.clear()


@pytest.fixture(params=[True, False], ids=["threading-instrumented", "threading-plain"])
def threading_instrumented(request: pytest.FixtureRequest) -> Iterator[bool]:
    """Threads with the OpenTelemetry context of who started them, and threads without."""
    if request.param:
        ThreadingInstrumentor().instrument()
    yield request.param
    if request.param:
        ThreadingInstrumentor().uninstrument()


# 1. The consumer of a decorated generator inside its own session


def test_producer_and_consumer_do_not_see_each_others_session(run: Run):
    async def body():
        with session("consumer"):
            for seen in produce():
                assert (seen, name()) == ("producer", "consumer")
            async for seen in produce_async():
                assert (seen, name()) == ("producer", "consumer")
        assert name() is None

    run(body)


def test_a_consumer_may_enter_and_leave_sessions_between_the_steps(run: Run):
    async def body():
        generator = produce()
        assert next(generator) == "producer"
        with session("first"):
            assert next(generator) == "producer"
            assert name() == "first"
        assert name() is None
        with session("second"):
            generator.close()
            assert name() == "second"
        assert LEFT == ["producer"]
        assert name() is None

    run(body)


# 2. Exhausting it there


def test_exhausting_a_generator_inside_a_session_leaves_that_session_alone(run: Run):
    async def body():
        before = get_current()
        with session("consumer"):
            assert list(produce()) == ["producer"] * 3
            assert name() == "consumer"
            assert [seen async for seen in produce_async()] == ["producer"] * 3
            assert name() == "consumer"
        assert get_current() is before
        assert LEFT == ["producer"] * 2

    run(body)


def test_a_generator_begun_in_one_session_may_be_exhausted_in_another(run: Run):
    async def body():
        generator, stream = produce(), produce_async()
        with session("first"):
            next(generator)
            await anext(stream)
        with session("second"):
            assert list(generator) == ["producer"] * 2
            assert [seen async for seen in stream] == ["producer"] * 2
            assert name() == "second"
        assert name() is None

    run(body)


# 3. break out of an async generator


def test_break_out_of_an_async_generator(run: Run):
    async def body():
        with session("consumer"):
            async for seen in produce_async():
                assert seen == "producer"
                break
            assert name() == "consumer"
            gc.collect()
            for _ in range(5):  # the loop closes what was dropped, in a task of its own
                await asyncio.sleep(0)
            assert LEFT == ["producer"]
            assert name() == "consumer"
        assert name() is None

    run(body)


def test_an_async_generator_that_is_still_open_when_the_loop_ends_is_closed_once(run: Run):
    kept: list[AsyncGenerator[str | None, None]] = []

    async def body():
        with session("consumer"):
            for _ in range(4):
                kept.append(produce_async())
                assert await anext(kept[-1]) == "producer"
        assert name() is None

    run(body)
    assert LEFT == ["producer"] * 4


def test_a_dropped_generator_is_closed_inside_its_session(run: Run):
    async def body():
        with session("consumer"):
            for _ in produce():
                break
            gc.collect()
            assert LEFT == ["producer"]
            assert name() == "consumer"

    run(body)


# 4. A generator stepped by a thread pool


def each_in_its_own_thread(function: Callable[..., Any], *args: Any) -> Any:
    done: Future[Any] = Future()

    def target() -> None:
        try:
            done.set_result(function(*args))
        except BaseException as error:
            done.set_exception(error)

    thread = threading.Thread(target=target)
    thread.start()
    thread.join(30)
    return done.result(0)


@session("producer", path="/plan")
def walk() -> Generator[str | None, None, None]:
    yield path()
    with step("flights"):
        yield path()
        yield path()
        with session("inner", path="/inner"):
            yield path()
        yield path()
    yield path()


PATHS = ["/plan", "/plan/flights", "/plan/flights", "/inner", "/plan/flights", "/plan"]


@pytest.mark.usefixtures("threading_instrumented")
def test_each_step_in_another_thread(run: Run):
    async def body():
        generator = walk()
        with session("consumer"):
            seen = [each_in_its_own_thread(next, generator) for _ in PATHS]
            assert each_in_its_own_thread(next, generator, "end") == "end"
            assert name() == "consumer"
        assert seen == PATHS

    run(body)


@pytest.mark.usefixtures("threading_instrumented")
def test_each_step_in_the_threads_of_asyncio(run: Run):
    """As Starlette does for a generator that is no async one: each step in a copy of the task's context."""

    async def body():
        generator = walk()
        with session("consumer"):
            seen = [await asyncio.to_thread(next, generator) for _ in PATHS]
            assert await asyncio.to_thread(next, generator, "end") == "end"
            assert name() == "consumer"
        assert seen == PATHS

    run(body)


@pytest.mark.usefixtures("threading_instrumented")
def test_steps_by_turns_in_this_thread_and_in_a_pool(run: Run):
    async def body():
        with ThreadPoolExecutor(2) as pool, session("consumer"):
            generator = walk()
            seen = [next(generator) if turn % 2 else pool.submit(next, generator).result(30) for turn in range(6)]
            pool.submit(generator.close).result(30)
            assert name() == "consumer"
        assert seen == PATHS

    run(body)


@pytest.mark.usefixtures("threading_instrumented")
def test_an_open_generator_may_be_closed_by_another_thread(run: Run):
    async def body():
        generator = walk()
        with session("consumer"):
            assert [next(generator) for _ in range(4)] == PATHS[:4]
            each_in_its_own_thread(generator.close)
            assert name() == "consumer"

    run(body)


# 5. A decorated coroutine function


@session("worker")
async def work() -> list[str | None]:
    before = name()
    await asyncio.sleep(0)
    return [before, name()]


def test_a_decorated_coroutine_function_runs_inside_and_its_caller_does_not(run: Run):
    async def body():
        coroutine = work()
        assert name() is None
        assert await coroutine == ["worker", "worker"]
        with session("caller"):
            task = asyncio.create_task(work())
            assert name() == "caller"
            assert await task == ["worker", "worker"]
            assert name() == "caller"

    run(body)


def test_a_cancelled_coroutine_leaves_its_session(run: Run):
    @session("worker")
    async def wait() -> None:
        try:
            await asyncio.sleep(60)
        finally:
            LEFT.append(name())

    async def body():
        task = asyncio.create_task(wait())
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert LEFT == ["worker"]
        assert name() is None

    run(body)


def test_a_coroutine_closed_in_another_context_does_not_touch_that_one(run: Run):
    async def body():
        coroutine = work()
        coroutine.send(None)  # begun here, so that the worker's session is current until somebody closes it
        assert name() == "worker"

        async def child() -> None:
            assert name() == "worker"
            coroutine.close()
            assert name() == "worker"

        await asyncio.create_task(child())

    run(body)


# 6. One id for each call


def test_a_decorator_makes_one_id_for_each_call(run: Run):
    @session("call")
    def plain() -> str | None:
        return identity()

    @session("call")
    async def coroutine() -> str | None:
        return identity()

    @session("call")
    def generator() -> Generator[str | None, None, None]:
        yield identity()
        yield identity()

    @session("call")
    async def async_generator() -> AsyncGenerator[str | None, None]:
        yield identity()
        yield identity()

    async def body():
        seen = [plain(), plain(), *await asyncio.gather(coroutine(), coroutine())]
        for _ in range(2):
            steps = list(generator())
            async_steps = [step async for step in async_generator()]
            assert len(set(steps)) == len(set(async_steps)) == 1
            seen += [steps[0], async_steps[0]]
        assert len(set(seen)) == 8
        assert None not in seen

    run(body)


def test_a_decorator_with_an_id_uses_it_for_each_call(run: Run):
    @session("call", id="abc")
    async def call() -> str | None:
        return identity()

    async def body():
        assert [await call(), await call()] == ["abc", "abc"]

    run(body)


# 7. One object entered by two tasks


def test_one_object_entered_by_two_tasks_at_once(run: Run):
    async def body():
        trip = session("Trip", id="abc")
        inside, first_is_out = asyncio.Event(), asyncio.Event()

        async def first() -> None:
            async with trip:
                inside.set()
                assert name() == "Trip"
                await asyncio.sleep(0)
                assert name() == "Trip"
            assert name() is None
            first_is_out.set()

        async def second() -> None:
            await inside.wait()
            with trip:
                await first_is_out.wait()
                assert name() == "Trip"
            assert name() is None

        await asyncio.gather(first(), second())

    run(body)


def test_one_object_entered_again_by_the_tasks_inside_it(run: Run):
    trip = session("Trip", id="abc")

    async def child(depth: int) -> None:
        async with trip:
            await asyncio.sleep(0)
            if depth:
                await asyncio.gather(child(depth - 1), child(depth - 1))
            assert name() == "Trip"

    async def body():
        async with trip:
            await child(3)
            assert name() == "Trip"
        assert name() is None

    run(body)


@pytest.mark.usefixtures("threading_instrumented")
def test_one_object_entered_by_many_threads_at_once(run: Run):
    trip, barrier = session("Trip", id="abc"), threading.Barrier(4)

    def enter() -> tuple[str | None, str | None, str | None]:
        before = name()
        with trip:
            barrier.wait(30)
            inside = name()
        barrier.wait(30)
        return before, inside, name()

    async def body():
        with ThreadPoolExecutor(4) as pool:
            futures = [pool.submit(enter) for _ in range(4)]
            assert [future.result(30) for future in futures] == [(None, "Trip", None)] * 4

    run(body)


# What is documented as unsafe does no lasting damage


def unsafe() -> Generator[str | None, None, None]:
    with session("inner"):
        yield name()


async def unsafe_async() -> AsyncGenerator[str | None, None]:
    with session("inner"):
        yield name()


def test_a_session_around_a_yield_does_not_outlive_the_session_of_the_consumer(run: Run):
    async def body():
        before = get_current()
        with session("consumer"):
            generator, stream = unsafe(), unsafe_async()
            next(generator)
            await anext(stream)
            assert name() == "inner"  # this is why it is unsafe
        assert get_current() is before
        generator.close()
        await stream.aclose()
        assert get_current() is before

    run(body)


def test_a_session_around_a_yield_that_another_task_closes_does_not_outlive_the_consumers(run: Run):
    async def body():
        before = get_current()
        with session("consumer"):
            stream = unsafe_async()
            await anext(stream)
            await asyncio.create_task(stream.aclose())
        assert get_current() is before

    run(body)


def test_a_session_left_by_a_task_inside_it_does_not_end_that_tasks_own(run: Run):
    async def body():
        trip = session("Trip")

        async def child() -> None:
            with session("child"):
                trip.__exit__(None, None, None)
                assert name() == "child"

        with trip:
            await asyncio.create_task(child())
            assert name() == "Trip"

    run(body)


def test_tasks_that_each_start_the_next_one_do_not_keep_their_contexts(run: Run):
    contexts: list[ReferenceType[Context]] = []
    tick = session("tick")

    async def body():
        loop, done = asyncio.get_running_loop(), asyncio.Event()

        def run_tick(left: int) -> None:
            with tick, step(str(left)):
                contexts.append(ref(get_current()))
                if left:
                    loop.call_soon(run_tick, left - 1)
                else:
                    gc.collect()
                    kept.append(len([context for context in contexts if context() is not None]))
                    done.set()

        kept: list[int] = []
        run_tick(50)
        await done.wait()
        assert kept[0] < 5

    run(body)
