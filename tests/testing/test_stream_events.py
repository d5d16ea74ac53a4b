"""Streams of the fake API: the events, their order, and what is in them."""

from __future__ import annotations

from collections.abc import Callable
from itertools import groupby
from typing import Any, get_args

import pytest
from inline_snapshot import snapshot
from openai import AsyncOpenAI, OpenAI
from openai.types.responses import ResponseStreamEvent
from pydantic import TypeAdapter, ValidationError

from otel_responses.testing import FakeResponsesAPI, Reply

SEARCH: Any = [{"type": "web_search_preview"}]
FILES: Any = [{"type": "file_search", "vector_store_ids": ["vs_1"]}]
FUNCTION: Any = [{"type": "function", "name": "f", "parameters": {"properties": {"city": {}}}, "strict": True}]
REFUSAL: Any = {
    "id": "msg_1",
    "type": "message",
    "status": "completed",
    "role": "assistant",
    "content": [{"type": "refusal", "refusal": "I cannot help with that."}],
}
IMAGE: Any = {"id": "ig_1", "type": "image_generation_call", "status": "completed", "result": "iVBOR"}


def wire_events(api: FakeResponsesAPI, **request: Any) -> list[dict[str, Any]]:
    """The events as they are sent, before any SDK reads them."""
    with api.client().responses.with_streaming_response.create(
        model="gpt-4.1", input="Hi", stream=True, **request
    ) as response:
        stream = response.parse()
        return [event.model_dump(exclude_unset=True, mode="json") for event in stream]


def kinds(events: list[dict[str, Any]]) -> list[str]:
    """The types in their order, repetitions left out."""
    return [kind for kind, _ in groupby(event["type"].removeprefix("response.") for event in events)]


def test_a_text_comes_in_deltas(connect: Callable[..., OpenAI]) -> None:
    with connect().responses.create(model="gpt-4.1", input="Hi", stream=True) as stream:
        events = list(stream)
    assert [event.type for event in events if not event.type.endswith("delta")] == snapshot(
        [
            "response.created",
            "response.in_progress",
            "response.output_item.added",
            "response.content_part.added",
            "response.output_text.done",
            "response.content_part.done",
            "response.output_item.done",
            "response.completed",
        ]
    )
    deltas = [event.delta for event in events if event.type == "response.output_text.delta"]
    done = next(event for event in events if event.type == "response.output_text.done")
    assert len(deltas) > 10
    assert "".join(deltas) == done.text


@pytest.mark.anyio
async def test_an_async_client_gets_the_same_events(connect_async: Callable[..., AsyncOpenAI]) -> None:
    async with connect_async() as client:
        stream = await client.responses.create(model="gpt-4.1", input="Hi", stream=True)
        events = [event async for event in stream]
    with FakeResponsesAPI(clock=lambda: 1_767_225_600).client() as client:
        assert events == list(client.responses.create(model="gpt-4.1", input="Hi", stream=True))


def test_the_events_are_numbered(api: FakeResponsesAPI) -> None:
    numbers = [event["sequence_number"] for event in wire_events(api)]
    assert numbers == list(range(len(numbers)))


def test_the_first_events_know_no_result_and_the_last_one_does(api: FakeResponsesAPI) -> None:
    first, *_, last = (event["response"] for event in wire_events(api, service_tier="flex") if "response" in event)
    result = ("status", "service_tier", "usage", "output")
    assert [first[name] for name in result] == ["in_progress", "auto", None, []]
    assert last["status"] == "completed"
    assert last["service_tier"] == "flex"
    assert last["usage"]["total_tokens"] > 0


@pytest.mark.parametrize(
    ("request_options", "expected"),
    [
        pytest.param(
            {"tools": SEARCH},
            snapshot(
                [
                    "created",
                    "in_progress",
                    "output_item.added",
                    "web_search_call.in_progress",
                    "web_search_call.searching",
                    "web_search_call.completed",
                    "output_item.done",
                    "output_item.added",
                    "content_part.added",
                    "output_text.delta",
                    "output_text.annotation.added",
                    "output_text.done",
                    "content_part.done",
                    "output_item.done",
                    "completed",
                ]
            ),
            id="web search",
        ),
        pytest.param(
            {"tools": FILES},
            snapshot(
                [
                    "created",
                    "in_progress",
                    "output_item.added",
                    "file_search_call.in_progress",
                    "file_search_call.searching",
                    "file_search_call.completed",
                    "output_item.done",
                    "output_item.added",
                    "content_part.added",
                    "output_text.delta",
                    "output_text.annotation.added",
                    "output_text.done",
                    "content_part.done",
                    "output_item.done",
                    "completed",
                ]
            ),
            id="file search",
        ),
        pytest.param(
            {"tools": FUNCTION},
            snapshot(
                [
                    "created",
                    "in_progress",
                    "output_item.added",
                    "function_call_arguments.delta",
                    "function_call_arguments.done",
                    "output_item.done",
                    "completed",
                ]
            ),
            id="function call",
        ),
        pytest.param(
            {"reasoning": {"effort": "low", "summary": "auto"}},
            snapshot(
                [
                    "created",
                    "in_progress",
                    "output_item.added",
                    "reasoning_summary_part.added",
                    "reasoning_summary_text.delta",
                    "reasoning_summary_text.done",
                    "reasoning_summary_part.done",
                    "output_item.done",
                    "output_item.added",
                    "content_part.added",
                    "output_text.delta",
                    "output_text.done",
                    "content_part.done",
                    "output_item.done",
                    "completed",
                ]
            ),
            id="reasoning with summary",
        ),
        pytest.param(
            {"background": True},
            snapshot(
                [
                    "created",
                    "queued",
                    "in_progress",
                    "output_item.added",
                    "content_part.added",
                    "output_text.delta",
                    "output_text.done",
                    "content_part.done",
                    "output_item.done",
                    "completed",
                ]
            ),
            id="background",
        ),
    ],
)
def test_each_kind_of_item_has_its_events(
    api: FakeResponsesAPI, request_options: dict[str, Any], expected: list[str]
) -> None:
    assert kinds(wire_events(api, **request_options)) == expected


def test_a_refusal_has_its_events(api: FakeResponsesAPI) -> None:
    api.enqueue(Reply.answer(output=[REFUSAL]))
    assert kinds(wire_events(api)) == snapshot(
        [
            "created",
            "in_progress",
            "output_item.added",
            "content_part.added",
            "refusal.delta",
            "refusal.done",
            "content_part.done",
            "output_item.done",
            "completed",
        ]
    )


def test_an_item_without_events_of_its_own_is_added_and_done(api: FakeResponsesAPI) -> None:
    api.enqueue(Reply.answer(output=[IMAGE]))
    events = wire_events(api)
    assert kinds(events) == snapshot(["created", "in_progress", "output_item.added", "output_item.done", "completed"])
    assert [event["item"] for event in events if "item" in event] == [IMAGE, IMAGE]


def test_an_item_starts_empty_and_ends_whole(api: FakeResponsesAPI) -> None:
    added, done = (event["item"] for event in wire_events(api, tools=FUNCTION) if "item" in event)
    assert (added["status"], added["arguments"]) == ("in_progress", "")
    assert (done["status"], done["arguments"]) == ("completed", '{"city":null}')


@pytest.mark.parametrize(
    ("reply", "last"),
    [
        pytest.param(Reply.failed(), "response.failed", id="failed"),
        pytest.param(Reply.incomplete("content_filter"), "response.incomplete", id="incomplete"),
        pytest.param(Reply.answer(status="cancelled"), "response.output_item.done", id="cancelled has no last event"),
    ],
)
def test_the_last_event_says_how_it_ended(api: FakeResponsesAPI, reply: Reply, last: str) -> None:
    api.enqueue(reply)
    assert wire_events(api)[-1]["type"] == last


def test_every_event_fits_the_types_of_the_sdk(api: FakeResponsesAPI) -> None:
    options: Any = {"reasoning": {"effort": "low", "summary": "auto"}, "tools": [*SEARCH, *FILES]}
    api.enqueue(Reply.answer(), Reply.answer(), Reply.answer(output=[REFUSAL]))
    validators: dict[str, TypeAdapter[Any]] = {
        get_args(kind.model_fields["type"].annotation)[0]: TypeAdapter(kind)
        for kind in get_args(get_args(ResponseStreamEvent)[0])
    }
    misfits: list[tuple[str, str]] = []
    for events in (wire_events(api, **options), wire_events(api, tools=FUNCTION), wire_events(api)):
        for event in events:
            try:
                validators[event["type"]].validate_python(event)
            except ValidationError:
                misfits.append((event["type"], event["item"]["type"]))
    # The SDK's type wants to know the action (3.54); the real API does not send it so early.
    assert misfits == [("response.output_item.added", "web_search_call")]
