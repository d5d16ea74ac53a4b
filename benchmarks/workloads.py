"""What a program does with the SDK, and the same with telemetry made by hand."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import openai

from benchmarks.floor import Floor
from otel_responses import session
from otel_responses.testing import FakeResponsesAPI, Reply

__all__ = ["Workload", "foreign_call", "session_call", "small_call", "stream_of"]

REQUEST: dict[str, Any] = {
    "model": "gpt-5-mini",
    "instructions": "You are a friendly guide to European cities.",
    "input": "Which three sights should I not miss in Lisbon?",
    "max_output_tokens": 1_000,
    "reasoning": {"effort": "low"},
}
STREAM_REQUEST: dict[str, Any] = {**{key: REQUEST[key] for key in REQUEST if key != "reasoning"}, "model": "gpt-4.1"}
# created, in_progress, item.added, content_part.added ... text.done, content_part.done, item.done, completed
EVENTS_WITHOUT_TEXT = 8

SESSION: dict[str, str] = {"id": "3f0c1c52-1b6e-4d4e-9f63-0b4f6c1d2a77", "path": "/plan/sights", "user": "maria"}
SESSION_ATTRIBUTES = {
    "helicone.session.id": SESSION["id"],
    "helicone.session.name": "City trip",
    "helicone.session.path": SESSION["path"],
    "helicone.user.id": SESSION["user"],
    "helicone.property.plan": "pro",
    "session.id": SESSION["id"],
    "user.id": SESSION["user"],
}


@dataclass(frozen=True, slots=True)
class Workload:
    """One thing that a program does over and over.

    Attributes:
        api: Makes the API that answers it.
        run: Does it, knowing nothing of telemetry.
        by_hand: Does it with telemetry made by hand; None where none would be made.
    """

    api: Callable[[], FakeResponsesAPI]
    run: Callable[[openai.OpenAI], object]
    by_hand: Callable[[openai.OpenAI, Floor], object] | None = None


def small_call() -> Workload:
    """A short question and a short answer of a reasoning model."""
    return Workload(FakeResponsesAPI, _create, lambda client, floor: floor.create(client, REQUEST, {}))


def session_call() -> Workload:
    """The same inside a session; both ways enter it, by hand its attributes are known beforehand."""

    def run(client: openai.OpenAI) -> None:
        with session("City trip", properties={"plan": "pro"}, **SESSION):
            _create(client)

    def by_hand(client: openai.OpenAI, floor: Floor) -> None:
        with session("City trip", properties={"plan": "pro"}, **SESSION):
            floor.create(client, REQUEST, SESSION_ATTRIBUTES)

    return Workload(FakeResponsesAPI, run, by_hand)


def stream_of(events: int) -> Workload:
    """A stream of so many events, read to its end."""
    text = " ".join(["Lisbon"] * (events - EVENTS_WITHOUT_TEXT))
    return Workload(
        partial(FakeResponsesAPI, text=text),
        lambda client: _read(client, events),
        lambda client, floor: floor.stream(client, STREAM_REQUEST),
    )


def foreign_call() -> Workload:
    """A POST to another API of OpenAI, which is none of our business."""
    return Workload(_chat_api, _chat)


def _create(client: openai.OpenAI) -> None:
    client.responses.create(**REQUEST)


def _read(client: openai.OpenAI, events: int) -> None:
    for _ in client.responses.create(**STREAM_REQUEST, stream=True):
        events -= 1
    assert events == 0


def _chat(client: openai.OpenAI) -> None:
    client.chat.completions.create(model="gpt-4.1", messages=[{"role": "user", "content": "Hello!"}])


def _chat_api() -> FakeResponsesAPI:
    api = FakeResponsesAPI()
    api.enqueue(Reply.json(CHAT_COMPLETION))
    return api


CHAT_COMPLETION: dict[str, Any] = {
    "id": "chatcmpl-1",
    "object": "chat.completion",
    "created": 1_767_225_600,
    "model": "gpt-4.1-2025-04-14",
    "choices": [
        {
            "index": 0,
            "message": {
                "role": "assistant",
                "content": "Hello! How can I help you?",
                "refusal": None,
                "annotations": [],
            },
            "logprobs": None,
            "finish_reason": "stop",
        }
    ],
    "usage": {"prompt_tokens": 9, "completion_tokens": 8, "total_tokens": 17},
    "service_tier": "default",
}
