"""openai-agents: plain and streamed runs, with a function that costs a second model call."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager

import anyio
import openai
import pytest
from agents import (
    Agent,
    OpenAIResponsesModel,
    Runner,
    function_tool,
    set_trace_processors,
)
from agents.result import RunResultBase
from inline_snapshot import snapshot
from opentelemetry.instrumentation.genai.openai_agents import OpenAIAgentsInstrumentor  # pyright: ignore[reportMissingTypeStubs] - it has no types

import otel_responses
from otel_responses.testing import Capture, FakeResponsesAPI, Reply
from tests.frameworks.program import CALL, PROGRAM, Used, calls, content, request, tree, used

pytestmark = pytest.mark.anyio


@pytest.fixture(autouse=True)
def no_exporter() -> None:
    """Its own traces would go to OpenAI."""
    set_trace_processors([])


@contextmanager
def official_instrumentation(telemetry: Capture) -> Iterator[None]:
    """OpenTelemetry's own for this framework, which makes spans of its traces."""
    OpenAIAgentsInstrumentor().instrument(**telemetry.providers)
    yield
    OpenAIAgentsInstrumentor().uninstrument()


@function_tool
def weather(city: str) -> str:
    return f"Sunny in {city}"


@asynccontextmanager
async def assistant(url: str) -> AsyncIterator[Agent]:
    async with openai.AsyncOpenAI(base_url=url, api_key="sk-fake") as client:
        model = OpenAIResponsesModel("gpt-4.1", client)
        yield Agent("Assistant", instructions="Be brief.", model=model, tools=[weather])


def reported(result: RunResultBase) -> Used:
    usage = result.context_wrapper.usage
    return Used([response.response_id for response in result.raw_responses], usage.input_tokens, usage.output_tokens)


async def run(url: str) -> Used:
    async with assistant(url) as agent:
        return reported(await Runner.run(agent, "How is the weather?"))


async def run_streamed(url: str) -> Used:
    async with assistant(url) as agent:
        result = Runner.run_streamed(agent, "How is the weather?")
        async for _ in result.stream_events():
            pass
        return reported(result)


Run = Callable[[str], Awaitable[Used]]
both_ways = pytest.mark.parametrize("way", [pytest.param(run, id="run"), pytest.param(run_streamed, id="run_streamed")])


@both_ways
async def test_each_model_call_is_a_span_between_the_programs_and_http(way: Run, url: str, telemetry: Capture) -> None:
    with request(telemetry):
        reports = await way(url)
    assert tree(telemetry) == [PROGRAM, *CALL, *CALL]
    assert used(telemetry) == reports


@both_ways
async def test_with_the_official_instrumentation_they_are_under_the_agents_span(
    way: Run, url: str, telemetry: Capture
) -> None:
    with official_instrumentation(telemetry), request(telemetry):
        reports = await way(url)
    assert tree(telemetry) == snapshot(
        [
            "program: request",
            "  openai_agents: invoke_workflow Agent workflow",
            "    openai_agents: invoke_agent Assistant",
            "      otel_responses: chat gpt-4.1",
            "        httpx: POST",
            "      openai_agents: execute_tool weather",
            "      otel_responses: chat gpt-4.1",
            "        httpx: POST",
        ]
    )
    assert used(telemetry) == reports


async def test_a_streamed_run_has_the_attributes_of_streams(url: str, telemetry: Capture) -> None:
    with request(telemetry):
        await run_streamed(url)
    assert calls(telemetry) == snapshot(
        [
            {
                "gen_ai.request.stream": True,
                "gen_ai.response.finish_reasons": ["tool_call"],
                "gen_ai.response.id": "resp_0001",
                "gen_ai.response.model": "gpt-4.1-2025-04-14",
                "gen_ai.response.time_to_first_chunk": 0.004,
                "gen_ai.usage.input_tokens": 24,
                "gen_ai.usage.output_tokens": 6,
                "openai.request.id": "req_0001",
                "openai.response.service_tier": "default",
            },
            {
                "gen_ai.request.stream": True,
                "gen_ai.response.finish_reasons": ["stop"],
                "gen_ai.response.id": "resp_0002",
                "gen_ai.response.model": "gpt-4.1-2025-04-14",
                "gen_ai.response.time_to_first_chunk": 0.004,
                "gen_ai.usage.input_tokens": 34,
                "gen_ai.usage.output_tokens": 8,
                "openai.request.id": "req_0002",
                "openai.response.service_tier": "default",
            },
        ]
    )


@both_ways
async def test_content_shows_the_tool_loop(way: Run, url: str, telemetry: Capture) -> None:
    otel_responses.instrument(capture_content="SPAN_ONLY")
    with request(telemetry):
        await way(url)
    assert content(telemetry) == snapshot(
        [
            {
                "gen_ai.system_instructions": [{"type": "text", "content": "Be brief."}],
                "gen_ai.input.messages": [
                    {"role": "user", "parts": [{"type": "text", "content": "How is the weather?"}]}
                ],
                "gen_ai.output.messages": [
                    {
                        "role": "assistant",
                        "parts": [
                            {"type": "tool_call", "id": "call_0001", "name": "weather", "arguments": {"city": "Boston"}}
                        ],
                        "finish_reason": "tool_call",
                    }
                ],
            },
            {
                "gen_ai.system_instructions": [{"type": "text", "content": "Be brief."}],
                "gen_ai.input.messages": [
                    {"role": "user", "parts": [{"type": "text", "content": "How is the weather?"}]},
                    {
                        "role": "assistant",
                        "parts": [
                            {"type": "tool_call", "id": "call_0001", "name": "weather", "arguments": {"city": "Boston"}}
                        ],
                    },
                    {
                        "role": "tool",
                        "parts": [{"type": "tool_call_response", "id": "call_0001", "response": "Sunny in Boston"}],
                    },
                ],
                "gen_ai.output.messages": [
                    {
                        "role": "assistant",
                        "parts": [{"type": "text", "content": "The tool says: Sunny in Boston"}],
                        "finish_reason": "stop",
                    }
                ],
            },
        ]
    )


async def test_runs_at_the_same_time_keep_their_own_parents(url: str, telemetry: Capture) -> None:
    async with anyio.create_task_group() as group:
        for _ in range(2):
            group.start_soon(requested_run, url, telemetry)
    assert tree(telemetry) == [PROGRAM, *CALL, *CALL] * 2


async def requested_run(url: str, telemetry: Capture) -> None:
    with request(telemetry):
        await run(url)


async def test_a_cancelled_run_ends_the_span_of_its_stream(api: FakeResponsesAPI, url: str, telemetry: Capture) -> None:
    api.enqueue(Reply.answer().stall(after_events=4))
    with request(telemetry):
        async with assistant(url) as agent:
            result = Runner.run_streamed(agent, "How is the weather?")
            async for event in result.stream_events():
                if event.type == "raw_response_event" and event.data.type == "response.output_item.added":
                    result.cancel()
    assert tree(telemetry) == [PROGRAM, *CALL]
    assert calls(telemetry) == snapshot(
        [
            {
                "gen_ai.request.stream": True,
                "gen_ai.response.finish_reasons": ["error"],
                "gen_ai.response.id": "resp_0001",
                "gen_ai.response.model": "gpt-4.1-2025-04-14",
                "gen_ai.response.time_to_first_chunk": 0.004,
                "openai.call.ended_by": "cancelled",
                "openai.request.id": "req_0001",
            }
        ]
    )


@both_ways
async def test_a_refused_call_is_one_failed_span_with_its_retries(
    way: Run, api: FakeResponsesAPI, url: str, telemetry: Capture
) -> None:
    api.enqueue(*[Reply.error(429, retry_after=0.001)] * 3)
    with request(telemetry), pytest.raises(openai.RateLimitError):
        await way(url)
    assert tree(telemetry) == [PROGRAM, *CALL, CALL[-1], CALL[-1]]
    [call] = calls(telemetry)
    assert (call["error.type"], call["http.request.resend_count"]) == ("429", 2)
