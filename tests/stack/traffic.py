"""Realistic traffic of two programs: sessions over several traces, and everything that the dashboards show."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

import openai
from opentelemetry.exporter.otlp.proto.http._log_exporter import OTLPLogExporter
from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk._logs import LoggerProvider
from opentelemetry.sdk._logs.export import BatchLogRecordProcessor
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import PeriodicExportingMetricReader
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from otel_responses import instrument, session, uninstrument
from otel_responses.policy import Part, Where
from otel_responses.testing import FakeResponsesAPI, Reply

SECRET = "The redactor fails here."
# More than Loki takes among the attributes of an event, and more than Tempo keeps of one where nobody tells it to.
LONG: Any = [{"role": "user", "content": "And the trams? " * 1_000}] * 7


@dataclass(frozen=True)
class Program:
    """A program that is traced: its spans are also kept here, to be compared with what came out at the end."""

    api: FakeResponsesAPI
    client: openai.OpenAI
    tracers: TracerProvider
    meters: MeterProvider
    loggers: LoggerProvider
    exporter: InMemorySpanExporter

    @property
    def spans(self) -> Sequence[ReadableSpan]:
        return self.exporter.get_finished_spans()

    @property
    def traces(self) -> dict[str, list[ReadableSpan]]:
        """The spans by the id of their trace."""
        found: dict[str, list[ReadableSpan]] = {}
        for span in self.spans:
            found.setdefault(_trace_id(span), []).append(span)
        return found

    @property
    def calls(self) -> list[dict[str, Any]]:
        """The attributes of the model calls."""
        return [
            dict(span.attributes or {}) for span in self.spans if "gen_ai.operation.name" in (span.attributes or {})
        ]

    def flush(self) -> None:
        """Send what there is."""
        self.tracers.force_flush()
        self.meters.force_flush()
        self.loggers.force_flush()


@contextmanager
def program(endpoint: str, service: str, *, latest: bool = False) -> Generator[Program]:
    """A program that sends to the Collector; `latest` is for the names of the conventions' main branch."""
    resource = Resource({"service.name": service})
    exporter = InMemorySpanExporter()
    tracers = TracerProvider(resource=resource, shutdown_on_exit=False)
    tracers.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(endpoint=f"{endpoint}/v1/traces")))
    tracers.add_span_processor(SimpleSpanProcessor(exporter))
    reader = PeriodicExportingMetricReader(
        OTLPMetricExporter(endpoint=f"{endpoint}/v1/metrics"), export_interval_millis=1_000
    )
    meters = MeterProvider([reader], resource=resource, shutdown_on_exit=False)
    loggers = LoggerProvider(resource=resource, shutdown_on_exit=False)
    loggers.add_log_record_processor(BatchLogRecordProcessor(OTLPLogExporter(endpoint=f"{endpoint}/v1/logs")))
    api = FakeResponsesAPI(interval=0.002)
    instrument(
        tracer_provider=tracers,
        meter_provider=meters,
        logger_provider=loggers,
        capture_content="SPAN_AND_EVENT",
        redact=_redact,
        chunk_metric=True,
        latest_experimental=latest,
    )
    try:
        yield Program(api, api.client(max_retries=0), tracers, meters, loggers, exporter)
    finally:
        uninstrument()
        tracers.shutdown()
        meters.shutdown()
        loggers.shutdown()


def run(program: Program) -> None:
    """Three sessions of two users, each over three traces."""
    tracer = program.tracers.get_tracer("program")
    for number, (user, plan) in enumerate((("ana", "pro"), ("ana", "pro"), ("ben", "free"))):
        for step in ("plan", "research", "answer"):
            with (
                session("Trip", id=f"trip-{number}", path=f"/{step}", user=user, properties={"plan": plan}),
                tracer.start_as_current_span(step),
            ):
                _step(program, step)


def _step(program: Program, step: str) -> None:
    create, api = program.client.responses.create, program.api
    if step == "plan":
        api.enqueue(_answer(1_200, 300, cached=1_024, reasoning=192, tier="flex"))
        create(model="gpt-5", input="Plan a trip.", reasoning={"effort": "medium"}, service_tier="flex")
        api.enqueue(_answer(900, 100, tier="default"))
        create(model="gpt-4.1-mini", input=SECRET)
    elif step == "research":
        api.enqueue(_answer(2_000, 50, written=1_024, tier="default"))
        for _ in create(model="gpt-5-mini", input="Which museums are open?", reasoning={"effort": "low"}, stream=True):
            pass
        api.enqueue(Reply.incomplete())
        create(model="of-my-own", input=LONG)
    else:
        api.enqueue(Reply.error(429), Reply.failed())
        with suppress(openai.APIError):
            create(model="gpt-5", input="Write the letter.")
        create(model="gpt-5", input="Write the letter.")


def _answer(read: int, written_out: int, *, tier: str, cached: int = 0, written: int = 0, reasoning: int = 0) -> Reply:
    usage = {
        "input_tokens": read,
        "input_tokens_details": {"cached_tokens": cached, "cache_write_tokens": written},
        "output_tokens": written_out,
        "output_tokens_details": {"reasoning_tokens": reasoning},
        "total_tokens": read + written_out,
    }
    return Reply.answer(usage=usage, service_tier=tier)


def _redact(part: Part, where: Where) -> Part:
    if SECRET in str(part):
        raise RuntimeError
    return part


def _trace_id(span: ReadableSpan) -> str:
    context = span.get_span_context()
    assert context is not None
    return f"{context.trace_id:032x}"
