"""langchain-openai over the Responses API: calls, streams, structured output, and functions called by hand."""

from __future__ import annotations

import functools
import operator
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import aclosing, asynccontextmanager, closing, contextmanager
from typing import Any

import anyio
import openai
import pytest
from inline_snapshot import snapshot
from langchain_core.messages import AIMessage, AIMessageChunk, HumanMessage
from langchain_core.tools import tool
from langchain_openai import ChatOpenAI
from pydantic import BaseModel, SecretStr, ValidationError

import otel_responses
from otel_responses.testing import Capture, FakeResponsesAPI, Reply
from tests.frameworks.program import CALL, PROGRAM, Used, calls, content, request, tree, used

KEY = SecretStr("sk-fake")


class Answer(BaseModel):
    answer: int


@tool
def weather(city: str) -> str:
    """Tell the weather."""
    return f"Sunny in {city}"


@contextmanager
def chat_model(url: str) -> Iterator[ChatOpenAI]:
    with openai.DefaultHttpxClient() as http_client:
        yield ChatOpenAI(model="gpt-4.1", base_url=url, api_key=KEY, use_responses_api=True, http_client=http_client)


@asynccontextmanager
async def async_chat_model(url: str) -> AsyncIterator[ChatOpenAI]:
    with openai.DefaultHttpxClient() as http_client:
        async with openai.DefaultAsyncHttpxClient() as http_async_client:
            yield ChatOpenAI(
                model="gpt-4.1",
                base_url=url,
                api_key=KEY,
                use_responses_api=True,
                http_client=http_client,
                http_async_client=http_async_client,
            )


def reported(*messages: AIMessage) -> Used:
    usages = [message.usage_metadata for message in messages if message.usage_metadata]
    return Used(
        [message.response_metadata["id"] for message in messages],
        sum(usage["input_tokens"] for usage in usages),
        sum(usage["output_tokens"] for usage in usages),
    )


def whole(chunks: list[Any]) -> AIMessageChunk:
    return functools.reduce(operator.add, chunks)


def invoke(model: ChatOpenAI) -> Used:
    return reported(model.invoke("Hello!"))


def stream(model: ChatOpenAI) -> Used:
    return reported(whole(list(model.stream("Hello!"))))


def structured(model: ChatOpenAI) -> Used:
    answer: Any = model.with_structured_output(Answer, include_raw=True).invoke("How many?")
    assert isinstance(answer["parsed"], Answer)
    return reported(answer["raw"])


def structured_stream(model: ChatOpenAI) -> Used:
    answers: list[Any] = list(model.with_structured_output(Answer, include_raw=True).stream("How many?"))
    assert [type(answer["parsed"]) for answer in answers if "parsed" in answer] == [Answer]
    return reported(whole([answer["raw"] for answer in answers if "raw" in answer]))


async def ainvoke(model: ChatOpenAI) -> Used:
    return reported(await model.ainvoke("Hello!"))


async def astream(model: ChatOpenAI) -> Used:
    return reported(whole([chunk async for chunk in model.astream("Hello!")]))


async def astructured(model: ChatOpenAI) -> Used:
    answer: Any = await model.with_structured_output(Answer, include_raw=True).ainvoke("How many?")
    assert isinstance(answer["parsed"], Answer)
    return reported(answer["raw"])


async def astructured_stream(model: ChatOpenAI) -> Used:
    runnable = model.with_structured_output(Answer, include_raw=True)
    answers: list[Any] = [answer async for answer in runnable.astream("How many?")]
    assert [type(answer["parsed"]) for answer in answers if "parsed" in answer] == [Answer]
    return reported(whole([answer["raw"] for answer in answers if "raw" in answer]))


@pytest.mark.parametrize(
    "way",
    [
        pytest.param(invoke, id="invoke"),
        pytest.param(stream, id="stream"),
        pytest.param(structured, id="structured"),
        pytest.param(structured_stream, id="structured_stream"),
    ],
)
def test_a_call_is_one_span_between_the_programs_and_http(
    way: Callable[[ChatOpenAI], Used], url: str, telemetry: Capture
) -> None:
    with request(telemetry), chat_model(url) as model:
        reports = way(model)
    assert tree(telemetry) == [PROGRAM, *CALL]
    assert used(telemetry) == reports


@pytest.mark.anyio
@pytest.mark.parametrize(
    "way",
    [
        pytest.param(ainvoke, id="ainvoke"),
        pytest.param(astream, id="astream"),
        pytest.param(astructured, id="astructured"),
        pytest.param(astructured_stream, id="astructured_stream"),
    ],
)
async def test_an_async_call_is_one_span_between_the_programs_and_http(
    way: Callable[[ChatOpenAI], Awaitable[Used]], url: str, telemetry: Capture
) -> None:
    with request(telemetry):
        async with async_chat_model(url) as model:
            reports = await way(model)
    assert tree(telemetry) == [PROGRAM, *CALL]
    assert used(telemetry) == reports


def test_a_stream_has_the_attributes_of_streams(url: str, telemetry: Capture) -> None:
    with request(telemetry), chat_model(url) as model:
        stream(model)
    assert calls(telemetry) == snapshot(
        [
            {
                "gen_ai.request.stream": True,
                "gen_ai.response.finish_reasons": ["stop"],
                "gen_ai.response.id": "resp_0001",
                "gen_ai.response.model": "gpt-4.1-2025-04-14",
                "gen_ai.response.time_to_first_chunk": 0.004,
                "gen_ai.usage.input_tokens": 10,
                "gen_ai.usage.output_tokens": 20,
                "openai.request.id": "req_0001",
                "openai.response.service_tier": "default",
            }
        ]
    )


def test_a_batch_in_threads_keeps_its_parent(url: str, telemetry: Capture) -> None:
    with request(telemetry), chat_model(url) as model:
        reports = reported(*model.batch(["Hello!", "Good bye!"]))
    assert tree(telemetry) == [PROGRAM, *CALL, *CALL]
    assert sorted(used(telemetry).responses, key=str) == sorted(reports.responses, key=str)


def test_an_answer_that_does_not_fit_its_structure_is_still_a_billed_call(
    api: FakeResponsesAPI, url: str, telemetry: Capture
) -> None:
    part = {"type": "output_text", "text": "Many.", "annotations": []}
    message = {"id": "msg_1", "type": "message", "role": "assistant", "status": "completed", "content": [part]}
    api.enqueue(Reply.answer(output=[message]))
    with request(telemetry), chat_model(url) as model, pytest.raises(ValidationError):
        model.with_structured_output(Answer).invoke("How many?")
    assert calls(telemetry) == snapshot(
        [
            {
                "gen_ai.output.type": "json",
                "gen_ai.response.finish_reasons": ["stop"],
                "gen_ai.response.id": "resp_0001",
                "gen_ai.response.model": "gpt-4.1-2025-04-14",
                "gen_ai.usage.input_tokens": 11,
                "gen_ai.usage.output_tokens": 4,
                "openai.request.id": "req_0001",
                "openai.response.service_tier": "default",
            }
        ]
    )


def test_a_stream_that_is_left_ends_its_span(url: str, telemetry: Capture) -> None:
    with request(telemetry), chat_model(url) as model, closing(model.stream("Hello!")) as chunks:  # pyright: ignore[reportArgumentType] - is a generator
        next(chunks)
    assert tree(telemetry) == [PROGRAM, *CALL]
    assert [call["openai.call.ended_by"] for call in calls(telemetry)] == ["closed"]


@pytest.mark.anyio
async def test_an_async_stream_that_is_left_ends_its_span(url: str, telemetry: Capture) -> None:
    with request(telemetry):
        async with async_chat_model(url) as model, aclosing(model.astream("Hello!")) as chunks:  # pyright: ignore[reportArgumentType] - is a generator
            await anext(chunks)
        # LangChain leaves the generator inside this one to the event loop, which closes it in a task.
        await anyio.wait_all_tasks_blocked()
    assert tree(telemetry) == [PROGRAM, *CALL]
    assert [call["openai.call.ended_by"] for call in calls(telemetry)] == ["closed"]


def test_content_shows_the_tool_loop(url: str, telemetry: Capture) -> None:
    otel_responses.instrument(capture_content="SPAN_ONLY")
    with request(telemetry), chat_model(url) as model:
        bound = model.bind_tools([weather])
        question = HumanMessage("How is the weather?")
        asked = bound.invoke([question])
        results = [weather.invoke(call) for call in asked.tool_calls]
        answered = bound.invoke([question, asked, *results])
    assert used(telemetry) == reported(asked, answered)
    assert tree(telemetry) == [PROGRAM, *CALL, *CALL]
    assert content(telemetry) == snapshot(
        [
            {
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


def test_a_refused_call_is_one_failed_span_with_its_retries(
    api: FakeResponsesAPI, url: str, telemetry: Capture
) -> None:
    api.enqueue(*[Reply.error(429, retry_after=0.001)] * 3)
    with request(telemetry), chat_model(url) as model, pytest.raises(openai.RateLimitError):
        model.invoke("Hello!")
    assert tree(telemetry) == [PROGRAM, *CALL, CALL[-1], CALL[-1]]
    [call] = calls(telemetry)
    assert (call["error.type"], call["http.request.resend_count"]) == ("429", 2)
