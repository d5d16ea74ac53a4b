"""Telemetry as a careful developer writes it by hand for calls that are known beforehand: the least it can cost.

It emits the same attributes and the same metric records as ours (`agreement` sees to that), knows the host and the
provider as constants, and handles no errors and nothing else that these calls do not do.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from time import perf_counter_ns
from typing import Any, cast

import openai
from openai.types.responses import Response
from opentelemetry.context import Context, attach, detach
from opentelemetry.metrics import Histogram, Meter, get_meter
from opentelemetry.trace import Span, SpanKind, get_tracer, set_span_in_context

from benchmarks.telemetry import Providers

__all__ = ["SCOPE", "Floor"]

SCOPE = "floor"
SECONDS = tuple(0.01 * 2**power for power in range(14))
TOKENS = tuple(4**power for power in range(14))
OUTPUT_EVENTS = frozenset({"response.output_item.added", "response.output_text.delta"})
SERVER: Mapping[str, Any] = {
    "gen_ai.operation.name": "chat",
    "gen_ai.provider.name": "openai",
    "server.address": "api.openai.com",
    "server.port": 443,
}


@dataclass(slots=True)
class _Call:
    """A call under way, and what was seen of it."""

    request: Mapping[str, Any]
    span: Span
    context: Context
    started: int
    first_output: int | None = None

    @property
    def time_to_first_chunk(self) -> float | None:
        return None if self.first_output is None else (self.first_output - self.started) / 1e9


class Floor:
    """A tracer and the instruments of a program; one span a call."""

    def __init__(self, providers: Providers) -> None:
        self._tracer = get_tracer(SCOPE, tracer_provider=providers["tracer_provider"])
        meter = get_meter(SCOPE, meter_provider=providers["meter_provider"])
        self._duration = _histogram(meter, "gen_ai.client.operation.duration", "s", SECONDS)
        self._first_chunk = _histogram(meter, "gen_ai.client.operation.time_to_first_chunk", "s", SECONDS)
        self._tokens = _histogram(meter, "gen_ai.client.token.usage", "{token}", TOKENS)
        self._reasoning = meter.create_counter("gen_ai.client.inference.usage.reasoning.output_tokens", "{token}")

    def create(self, client: openai.OpenAI, request: Mapping[str, Any], session: Mapping[str, str]) -> None:
        """Make a call; `session` is what its span says of the session."""
        call = self._open(request, session)
        token = attach(call.context)
        try:
            response = cast("Response", client.responses.create(**request))
        finally:
            detach(token)
        self._end(call, response, getattr(response, "_request_id", None))

    def stream(self, client: openai.OpenAI, request: Mapping[str, Any]) -> None:
        """Make a call and read its events to the end."""
        call = self._open(request, {})
        token = attach(call.context)
        try:
            stream = client.responses.create(**request, stream=True)
        finally:
            detach(token)
        for event in stream:
            if call.first_output is None and event.type in OUTPUT_EVENTS:
                call.first_output = perf_counter_ns()
            elif event.type == "response.completed":
                self._end(call, event.response, stream.response.headers["x-request-id"])

    def _open(self, request: Mapping[str, Any], session: Mapping[str, str]) -> _Call:
        model = request["model"]
        attributes = {**SERVER, "gen_ai.request.model": model, **session}
        span = self._tracer.start_span(f"chat {model}", kind=SpanKind.CLIENT, attributes=attributes)
        return _Call(request, span, set_span_in_context(span), perf_counter_ns())

    def _end(self, call: _Call, response: Response, request_id: str | None) -> None:
        elapsed = (perf_counter_ns() - call.started) / 1e9
        if call.span.is_recording():
            call.span.set_attributes(_attributes(call, response, request_id))
            call.span.end()
        self._record(call, response, elapsed)

    def _record(self, call: _Call, response: Response, elapsed: float) -> None:
        labels = _labels(call.request["model"], response.model, response.service_tier)
        self._duration.record(elapsed, labels.plain, call.context)
        first = call.time_to_first_chunk
        if first is not None:
            self._first_chunk.record(first, labels.plain, call.context)
        usage = response.usage
        assert usage is not None
        self._tokens.record(usage.input_tokens, labels.input_tokens, call.context)
        self._tokens.record(usage.output_tokens, labels.output_tokens, call.context)
        reasoning = usage.output_tokens_details.reasoning_tokens
        if reasoning:
            self._reasoning.add(reasoning, labels.by_modality, call.context)


@dataclass(frozen=True, slots=True)
class _Labels:
    """The attribute sets of the metrics."""

    plain: Mapping[str, Any]
    input_tokens: Mapping[str, Any]
    output_tokens: Mapping[str, Any]
    by_modality: Mapping[str, Any]


@cache
def _labels(model: str, response_model: str, tier: str | None) -> _Labels:
    models = {"gen_ai.request.model": model, "gen_ai.response.model": response_model}
    plain = {**SERVER, **models, "openai.response.service_tier": tier}
    return _Labels(
        plain,
        {**plain, "gen_ai.token.type": "input"},
        {**plain, "gen_ai.token.type": "output"},
        {**plain, "gen_ai.token.modality": "unknown"},
    )


def _attributes(call: _Call, response: Response, request_id: str | None) -> dict[str, Any]:
    request, usage, first = call.request, response.usage, call.time_to_first_chunk
    assert usage is not None
    attributes: dict[str, Any] = {
        "openai.api.type": "responses",
        "openai.request.id": request_id,
        "openai.response.service_tier": response.service_tier,
        "gen_ai.request.max_tokens": request["max_output_tokens"],
        "gen_ai.response.id": response.id,
        "gen_ai.response.model": response.model,
        "gen_ai.response.finish_reasons": ("stop",),
        "gen_ai.usage.input_tokens": usage.input_tokens,
        "gen_ai.usage.output_tokens": usage.output_tokens,
    }
    if "reasoning" in request:
        attributes["gen_ai.request.reasoning.level"] = request["reasoning"]["effort"]
        attributes["gen_ai.usage.reasoning.output_tokens"] = usage.output_tokens_details.reasoning_tokens
    if first is not None:
        attributes["gen_ai.request.stream"] = True
        attributes["gen_ai.response.time_to_first_chunk"] = first
    return attributes


def _histogram(meter: Meter, name: str, unit: str, boundaries: tuple[float, ...]) -> Histogram:
    return meter.create_histogram(name, unit, explicit_bucket_boundaries_advisory=boundaries)
