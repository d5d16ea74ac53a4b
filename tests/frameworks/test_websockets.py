"""Frameworks that talk over a WebSocket: openai-agents on a connection of its own, pydantic-ai on the SDK's."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import openai
import pytest
from agents import Agent, OpenAIResponsesWSModel, Runner, function_tool, set_trace_processors
from pydantic_ai import Agent as PydanticAgent
from pydantic_ai.models.openai import OpenAIResponsesModel, OpenAIResponsesModelSettings
from pydantic_ai.providers.openai import OpenAIProvider

from otel_responses.testing import Capture, FakeResponsesAPI, Reply
from tests.frameworks.program import PROGRAM, calls, request, tree

pytestmark = pytest.mark.anyio

# No HTTP request below it.
CALL = "  otel_responses: chat gpt-4.1"


@pytest.fixture(autouse=True)
def no_exporter() -> None:
    """Its own traces would go to OpenAI."""
    set_trace_processors([])


def weather(city: str) -> str:
    return f"Sunny in {city}"


@asynccontextmanager
async def assistant(url: str) -> AsyncIterator[Agent]:
    async with openai.AsyncOpenAI(base_url=url, api_key="sk-fake") as client:
        model = OpenAIResponsesWSModel("gpt-4.1", client)
        yield Agent("Assistant", instructions="Be brief.", model=model, tools=[function_tool(weather)])
        await model.close()


async def run(url: str) -> None:
    async with assistant(url) as agent:
        await Runner.run(agent, "How is the weather?")


async def run_streamed(url: str) -> None:
    async with assistant(url) as agent:
        async for _ in Runner.run_streamed(agent, "How is the weather?").stream_events():
            pass


@asynccontextmanager
async def pydantic_assistant(url: str) -> AsyncIterator[PydanticAgent]:
    async with openai.AsyncOpenAI(base_url=url, api_key="sk-fake") as client:
        model = OpenAIResponsesModel("gpt-4.1", provider=OpenAIProvider(openai_client=client))
        settings = OpenAIResponsesModelSettings(openai_transport="websocket")
        agent = PydanticAgent(model, instructions="Be brief.", model_settings=settings, tools=[weather])
        async with model:
            yield agent


async def pydantic_run(url: str) -> None:
    async with pydantic_assistant(url) as agent:
        await agent.run("How is the weather?")


async def pydantic_run_stream(url: str) -> None:
    async with pydantic_assistant(url) as agent, agent.run_stream("How is the weather?") as result:
        async for _ in result.stream_text():
            pass


@pytest.mark.parametrize("way", [run, run_streamed, pydantic_run, pydantic_run_stream])
async def test_each_model_call_is_a_span_below_the_program_s(
    way: Callable[[str], Awaitable[None]], url: str, telemetry: Capture
) -> None:
    with request(telemetry):
        await way(url)
    assert tree(telemetry) == [PROGRAM, CALL, CALL]
    names = ("gen_ai.response.id", "gen_ai.response.finish_reasons", "network.protocol.name")
    assert [tuple(call[name] for name in names) for call in calls(telemetry)] == [
        ("resp_0001", ["tool_call"], "websocket"),
        ("resp_0002", ["stop"], "websocket"),
    ]


async def test_a_run_that_is_cancelled_closes_its_call(api: FakeResponsesAPI, url: str, telemetry: Capture) -> None:
    api.enqueue(Reply.answer().stall(after_events=3))
    with request(telemetry):
        async with assistant(url) as agent:
            result = Runner.run_streamed(agent, "How is the weather?")
            async for event in result.stream_events():
                # The last one: before Python 3.12 `asyncio.wait_for` loses a cancellation that meets a frame.
                if event.type == "raw_response_event" and event.data.type == "response.output_item.added":
                    result.cancel()
    (call,) = calls(telemetry)
    assert (call["gen_ai.response.id"], call["openai.call.ended_by"]) == ("resp_0001", "closed")


async def test_a_run_that_is_refused(api: FakeResponsesAPI, url: str, telemetry: Capture) -> None:
    api.enqueue(Reply.error(400))
    with request(telemetry), pytest.raises(Exception, match="invalid_request_error"):
        await run(url)
    assert [call["error.type"] for call in calls(telemetry)] == ["400"]
