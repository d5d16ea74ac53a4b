"""Calls driven by hand, with the real providers of the SDK, and views of what they left."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from opentelemetry.context import get_current

from otel_responses._call import Call
from otel_responses._observer import Observer
from otel_responses._recorder.recorder import Recorder
from otel_responses._records import Endpoint, Outcome, Request, SessionData, Usage
from otel_responses.config import Config
from otel_responses.testing import Capture

ENDPOINT = Endpoint("openai", "api.openai.com", 443)
REQUEST = Request(ENDPOINT, model="gpt-4.1")
DONE = Outcome("resp_1", "gpt-4.1-2025-04-14", "stop", usage=Usage(36, 87, 0, 0, 0))

WHOLE_REQUEST = Request(
    endpoint=ENDPOINT,
    model="gpt-4.1",
    is_streaming=True,
    conversation_id="conv_1",
    previous_response_id="resp_0",
    service_tier="flex",
)
WHOLE_PARAMETERS = {
    "gen_ai.output.type": "json",
    "gen_ai.prompt.name": "pmpt_1",
    "gen_ai.prompt.version": "2",
    "gen_ai.request.max_tokens": 100,
    "gen_ai.request.temperature": 0.2,
    "gen_ai.request.top_p": 0.9,
    "gen_ai.request.reasoning.level": "high",
}
WHOLE_RESPONSE = {
    "id": "resp_1",
    "status": "completed",
    "model": "gpt-4.1-2025-04-14",
    "output": [{"type": "compaction"}, {"type": "message"}],
    "service_tier": "default",
    "usage": {
        "input_tokens": 36,
        "input_tokens_details": {"cached_tokens": 8, "cache_write_tokens": 4},
        "output_tokens": 87,
        "output_tokens_details": {"reasoning_tokens": 64},
    },
}
CREATED = {"type": "response.created", "response": {"id": "resp_1", "model": "gpt-4.1-2025-04-14"}}
DELTA = {"type": "response.output_text.delta", "delta": "Rome"}
COMPLETED = {"type": "response.completed", "response": WHOLE_RESPONSE}


def observing(telemetry: Capture, *, first_call: Callable[[], None] | None = None, **settings: Any) -> Observer:
    config = Config(**settings)
    recorder = Recorder(**telemetry.providers, latest=config.latest_experimental)
    return Observer(config, recorder, first_call=first_call)


def opened(observer: Observer, request: Request = REQUEST, session: SessionData | None = None) -> Call:
    return observer.open(request, session, {"input": "Where to?"}, get_current())


def streamed(observer: Observer, *events: Any, request: Request = REQUEST) -> Call:
    """A call whose stream has given these events."""
    call = opened(observer, request)
    call.streams()
    for event in events:
        call.event(event)
    return call


def only_span(telemetry: Capture) -> dict[str, Any]:
    (span,) = telemetry.spans()
    return span


def points(telemetry: Capture, name: str) -> list[dict[str, Any]]:
    return [point for metric in telemetry.metrics() if metric["name"] == name for point in metric["points"]]


def labels(telemetry: Capture, attribute: str) -> list[Any]:
    duration = points(telemetry, "gen_ai.client.operation.duration")
    return sorted(point["attributes"][attribute] for point in duration for _ in range(point["count"]))


def record_whole_call(observer: Observer) -> None:
    properties = {"City": "Rome"}
    ambient = SessionData(id="s-1", name="Trip", path="/plan", user="ada", properties=properties, conversation="conv_2")
    call = opened(observer, WHOLE_REQUEST, ambient)
    call.parameters = WHOLE_PARAMETERS
    call.replied({"x-request-id": "req_1"}, 2)
    call.streams()
    for event in (CREATED, DELTA, DELTA, DELTA, COMPLETED):
        call.event(event)
