"""Telemetry as a careful developer writes it by hand for calls that are known beforehand: the least it can cost.

It emits the same attributes and the same metric records as ours (`agreement` sees to that), knows the host and the
provider as constants, and handles no errors and nothing else that these calls do not do.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from time import perf_counter_ns
from typing import Any

import openai
from openai.types.responses import Response
from opentelemetry.context import Context, attach, detach
from opentelemetry.trace import Span, SpanKind, get_tracer, set_span_in_context

from benchmarks.labels import SERVER, Instruments
from benchmarks.messages import content_attributes
from benchmarks.telemetry import Providers

__all__ = ["SCOPE", "Floor", "Json"]

Json = dict[str, Any]

SCOPE = "floor"
WEBSOCKET: Json = {**SERVER, "network.protocol.name": "websocket"}
OUTPUT_EVENTS = frozenset(
    {"response.output_item.added", "response.output_text.delta", "response.output_item.done"},
)


@dataclass(slots=True)
class _Call:
    """A call under way, and what was seen of it."""

    request: Json
    span: Span
    context: Context
    started: int
    first_output: int | None = None
    last_output: int | None = None
    gaps: list[float] = field(default_factory=list[float])

    @property
    def time_to_first_chunk(self) -> float | None:
        return None if self.first_output is None else (self.first_output - self.started) / 1e9


class Floor:
    """A tracer and the instruments of a program; one span a call.

    Args:
        providers: Of the program.
        options: What `instrument()` is given; it makes of them what ours makes.
    """

    def __init__(self, providers: Providers, options: Mapping[str, Any]) -> None:
        self._tracer = get_tracer(SCOPE, tracer_provider=providers["tracer_provider"])
        self._instruments = Instruments(SCOPE, providers["meter_provider"])
        self._has_content = "capture_content" in options
        self._has_gaps = "chunk_metric" in options

    def create(self, client: Any, request: Json, session: Mapping[str, str]) -> None:
        """Make a call; `session` is what its span says of the session."""
        call = self._open(request, session)
        token = attach(call.context)
        try:
            response: Response = client.responses.create(**request)
        finally:
            detach(token)
        self._end(call, response, getattr(response, "_request_id", None))

    async def acreate(self, client: Any, request: Json) -> None:
        """Make a call with an async client."""
        call = self._open(request)
        token = attach(call.context)
        try:
            response: Response = await client.responses.create(**request)
        finally:
            detach(token)
        self._end(call, response, getattr(response, "_request_id", None))

    def stream(self, client: openai.OpenAI, request: Json) -> None:
        """Make a call and read its events to the end."""
        self.follow(lambda: client.responses.create(**request, stream=True), request)

    def begin(self, request: Json) -> _Call:
        """Begin a call that somebody else makes; its `context` is to be the current one meanwhile."""
        return self._open(request)

    def end(self, call: _Call, response: Response) -> None:
        """End it."""
        self._end(call, response, getattr(response, "_request_id", None))

    def follow(self, start: Callable[[], openai.Stream[Any]], request: Json) -> None:
        """Read the events of the stream that `start` returns."""
        call = self._open(request)
        token = attach(call.context)
        try:
            stream = start()
        finally:
            detach(token)
        self._read(call, stream, stream.response.headers["x-request-id"])

    def helper_stream(self, client: openai.OpenAI, request: Json) -> None:
        """The same with `.stream()`."""
        call = self._open(request)
        token = attach(call.context)
        try:
            stream = client.responses.stream(**request).__enter__()
        finally:
            detach(token)
        with stream:
            self._read(call, stream, stream._response.headers["x-request-id"])  # pyright: ignore[reportPrivateUsage]
            stream.get_final_response()

    def turn(self, connection: Any, request: Json) -> None:
        """Make a request on a WebSocket and read its events."""
        call = self._open(request, server=WEBSOCKET)
        connection.response.create(**request)
        self._read(call, _until_completed(connection), None)

    def _open(self, request: Json, session: Mapping[str, str] | None = None, server: Json = SERVER) -> _Call:
        model = request["model"]
        attributes = {**server, "gen_ai.request.model": model, **(session or {})}
        span = self._tracer.start_span(f"chat {model}", kind=SpanKind.CLIENT, attributes=attributes)
        return _Call(request, span, set_span_in_context(span), perf_counter_ns())

    def _read(self, call: _Call, events: Iterable[Any], request_id: str | None) -> None:
        has_gaps = self._has_gaps
        for event in events:
            kind = event.type
            if kind == "response.completed":
                self._end(call, event.response, request_id)
            elif (has_gaps or call.first_output is None) and kind in OUTPUT_EVENTS:
                _note(call, perf_counter_ns())

    def _end(self, call: _Call, response: Response, request_id: str | None) -> None:
        elapsed = (perf_counter_ns() - call.started) / 1e9
        if call.span.is_recording():
            call.span.set_attributes(_attributes(call, response, request_id))
            if self._has_content:
                call.span.set_attributes(content_attributes(call.request, response))
            call.span.end()
        self._instruments.record(call.request, response, elapsed, call.time_to_first_chunk, call.gaps, call.context)


def _until_completed(connection: Any) -> Iterator[Any]:
    while True:
        event = connection.recv()
        yield event
        if event.type == "response.completed":
            return


def _note(call: _Call, now: int) -> None:
    if call.first_output is None:
        call.first_output = now
    elif call.last_output is not None:
        call.gaps.append((now - call.last_output) / 1e9)
    call.last_output = now


def _attributes(call: _Call, response: Response, request_id: str | None) -> dict[str, Any]:
    request, usage, first = call.request, response.usage, call.time_to_first_chunk
    assert usage is not None
    reason = "tool_call" if "tools" in request else "stop"
    attributes: dict[str, Any] = {
        "openai.api.type": "responses",
        "openai.response.service_tier": response.service_tier,
        "gen_ai.request.max_tokens": request["max_output_tokens"],
        "gen_ai.response.id": response.id,
        "gen_ai.response.model": response.model,
        "gen_ai.response.finish_reasons": (reason,),
        "gen_ai.usage.input_tokens": usage.input_tokens,
        "gen_ai.usage.output_tokens": usage.output_tokens,
    }
    if request_id is not None:
        attributes["openai.request.id"] = request_id
    if "reasoning" in request:
        attributes["gen_ai.request.reasoning.level"] = request["reasoning"]["effort"]
        attributes["gen_ai.usage.reasoning.output_tokens"] = usage.output_tokens_details.reasoning_tokens
    if first is not None:
        attributes["gen_ai.request.stream"] = True
        attributes["gen_ai.response.time_to_first_chunk"] = first
    return attributes
