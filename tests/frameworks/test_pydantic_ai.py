"""pydantic-ai: plain and streamed runs, with and without its own OpenTelemetry spans around ours."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest
from inline_snapshot import snapshot
from pydantic_ai import Agent, ModelHTTPError
from pydantic_ai.capabilities import Instrumentation
from pydantic_ai.messages import ModelMessage, ModelResponse
from pydantic_ai.models.instrumented import InstrumentationSettings
from pydantic_ai.models.openai import OpenAIResponsesModel
from pydantic_ai.providers.openai import OpenAIProvider
from pydantic_ai.usage import RunUsage

import otel_responses
from otel_responses.testing import Capture, FakeResponsesAPI, Reply
from tests.frameworks.program import CALL, PROGRAM, Used, calls, content, request, tree, used

pytestmark = pytest.mark.anyio


def weather(city: str) -> str:
    return f"Sunny in {city}"


def assistant(url: str, instrumentation: list[Instrumentation]) -> Agent:
    model = OpenAIResponsesModel("gpt-4.1", provider=OpenAIProvider(base_url=url, api_key="sk-fake"))
    return Agent(model, name="assistant", instructions="Be brief.", tools=[weather], capabilities=instrumentation)


def reported(messages: list[ModelMessage], usage: RunUsage) -> Used:
    responses = [message.provider_response_id for message in messages if isinstance(message, ModelResponse)]
    return Used(responses, usage.input_tokens, usage.output_tokens)


async def run(url: str, *instrumentation: Instrumentation) -> Used:
    async with assistant(url, [*instrumentation]) as agent:
        result = await agent.run("How is the weather?")
    return reported(result.all_messages(), result.usage)


async def run_stream(url: str, *instrumentation: Instrumentation) -> Used:
    async with assistant(url, [*instrumentation]) as agent, agent.run_stream("How is the weather?") as result:
        async for _ in result.stream_text():
            pass
        return reported(result.all_messages(), result.usage)


Run = Callable[..., Awaitable[Used]]
both_ways = pytest.mark.parametrize("way", [pytest.param(run, id="run"), pytest.param(run_stream, id="run_stream")])


@both_ways
async def test_each_model_call_is_a_span_between_the_programs_and_http(way: Run, url: str, telemetry: Capture) -> None:
    with request(telemetry):
        reports = await way(url)
    assert tree(telemetry) == [PROGRAM, *CALL, *CALL]
    assert used(telemetry) == reports


@both_ways
async def test_each_model_call_is_below_the_frameworks_own_span(way: Run, url: str, telemetry: Capture) -> None:
    settings = InstrumentationSettings(
        tracer_provider=telemetry.tracer_provider, meter_provider=telemetry.meter_provider
    )
    with request(telemetry):
        reports = await way(url, Instrumentation(settings))
    assert tree(telemetry) == snapshot(
        [
            "program: request",
            "  pydantic-ai: invoke_agent assistant",
            "    pydantic-ai: chat gpt-4.1",
            "      otel_responses: chat gpt-4.1",
            "        httpx: POST",
            "    pydantic-ai: execute_tool weather",
            "    pydantic-ai: chat gpt-4.1",
            "      otel_responses: chat gpt-4.1",
            "        httpx: POST",
        ]
    )
    assert used(telemetry) == reports


async def test_a_streamed_run_has_the_attributes_of_streams(url: str, telemetry: Capture) -> None:
    with request(telemetry):
        await run_stream(url)
    assert calls(telemetry) == snapshot(
        [
            {
                "gen_ai.request.stream": True,
                "gen_ai.response.finish_reasons": ["tool_call"],
                "gen_ai.response.id": "resp_0001",
                "gen_ai.response.model": "gpt-4.1-2025-04-14",
                "gen_ai.response.time_to_first_chunk": 0.004,
                "gen_ai.usage.input_tokens": 19,
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
                "gen_ai.usage.input_tokens": 30,
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


async def test_a_streamed_run_that_is_left_ends_the_span_of_its_stream(
    api: FakeResponsesAPI, url: str, telemetry: Capture
) -> None:
    with request(telemetry):
        async with assistant(url, []) as agent:
            api.enqueue(Reply.answer(), Reply.answer().stall(after_events=6))
            async with agent.run_stream("How is the weather?") as result:
                async for _ in result.stream_text(debounce_by=None):
                    break
    assert tree(telemetry) == [PROGRAM, *CALL, *CALL]
    assert [call.get("openai.call.ended_by") for call in calls(telemetry)] == [None, "closed"]


@both_ways
async def test_a_refused_call_is_one_failed_span_with_its_retries(
    way: Run, api: FakeResponsesAPI, url: str, telemetry: Capture
) -> None:
    api.enqueue(*[Reply.error(429, retry_after=0.001)] * 3)
    with request(telemetry), pytest.raises(ModelHTTPError):
        await way(url)
    assert tree(telemetry) == [PROGRAM, *CALL, CALL[-1], CALL[-1]]
    [call] = calls(telemetry)
    assert (call["error.type"], call["http.request.resend_count"]) == ("429", 2)
