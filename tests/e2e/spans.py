"""Spans as our SDK emits them, made by hand with the real SDK."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from opentelemetry.exporter.otlp.proto.common.trace_encoder import encode_spans
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind, Status, StatusCode

Message = dict[str, Any]

CALL: dict[str, Any] = {
    "gen_ai.operation.name": "chat",
    "gen_ai.provider.name": "openai",
    "gen_ai.request.model": "gpt-4.1-mini",
    "gen_ai.response.model": "gpt-4.1-mini-2025-04-14",
    "gen_ai.response.id": "resp_1",
    "gen_ai.response.finish_reasons": ("stop",),
    "gen_ai.usage.input_tokens": 12,
    "gen_ai.usage.output_tokens": 7,
    "gen_ai.request.temperature": 0.5,
    "gen_ai.request.stream": True,
    "openai.api.type": "responses",
    "server.address": "api.openai.com",
    "server.port": 443,
}


def text(content: str) -> Message:
    return {"type": "text", "content": content}


def reasoning(content: str) -> Message:
    return {"type": "reasoning", "content": content}


def message(role: str, *parts: Message, **fields: Any) -> Message:
    return {"role": role, "parts": list(parts), **fields}


def answer(*parts: Message, finish_reason: str = "stop") -> Message:
    return message("assistant", *parts, finish_reason=finish_reason)


def compact(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def call(
    case: str,
    *,
    input: Sequence[Message] | str | None = None,  # noqa: A002 - the field's name
    output: Sequence[Message] | str | None = None,
    system: Sequence[Message] | str | None = None,
    without: Sequence[str] = (),
    **attributes: Any,
) -> dict[str, Any]:
    """The attributes of a call; `case` finds it again on Helicone's side. A dot in a name is written as two underscores."""
    contents = {
        "gen_ai.input.messages": input,
        "gen_ai.output.messages": output,
        "gen_ai.system_instructions": system,
    }
    given = {name.replace("__", "."): value for name, value in attributes.items()}
    made = {
        **CALL,
        "helicone.property.case": case,
        **{
            name: value if isinstance(value, str) else compact(value)
            for name, value in contents.items()
            if value is not None
        },
        **given,
    }
    return {name: value for name, value in made.items() if name not in without}


class Recording:
    """Spans of a real SDK, kept until they are sent."""

    def __init__(self, service: str = "trip-planner") -> None:
        self._exporter = InMemorySpanExporter()
        resource = Resource.create({"service.name": service, "host.cpus": 2, "load": 0.5, "tags": ["a", "b"]})
        self._provider = TracerProvider(resource=resource, shutdown_on_exit=False)
        self._provider.add_span_processor(SimpleSpanProcessor(self._exporter))
        self.tracer = self._provider.get_tracer("otel_responses", "0.1.0", "https://opentelemetry.io/schemas/1.41.0")

    def add(self, attributes: Mapping[str, Any], *, name: str = "chat gpt-4.1-mini", error: str | None = None) -> None:
        with self.tracer.start_as_current_span(name, kind=SpanKind.CLIENT, attributes=attributes) as span:
            if error is not None:
                span.set_status(Status(StatusCode.ERROR, error))

    def finished(self) -> Sequence[ReadableSpan]:
        return self._exporter.get_finished_spans()

    def request(self) -> ExportTraceServiceRequest:
        """What the exporter would send."""
        return encode_spans(self.finished())


def request_of(*attributes: Mapping[str, Any]) -> ExportTraceServiceRequest:
    """An export of calls with these attributes."""
    recording = Recording()
    for each in attributes:
        recording.add(each)
    return recording.request()
