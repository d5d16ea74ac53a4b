"""One finished GenAI call, read from an OTLP span: what the tree shows of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

from opentelemetry.proto.common.v1.common_pb2 import AnyValue
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from otel_responses import _semconv as names
from otel_responses.cli import attributes as read
from otel_responses.cli.conversation import NOTHING_SAID, Conversation

__all__ = ["NANOSECONDS", "Call", "read_call"]

NANOSECONDS = 1_000_000_000
# Spans of these operations contain calls, and repeat their tokens.
CONTAINERS = frozenset({"create_agent", "invoke_agent", "invoke_workflow"})


@dataclass(frozen=True, slots=True)
class Call:
    """A call to a model, or another GenAI operation. Times in seconds, except `start` (Unix time in nanoseconds)."""

    key: bytes
    label: str
    start: int
    duration: float
    session_id: str = ""
    session_name: str = ""
    path: str = ""
    input_tokens: int | None = None
    cached_tokens: int | None = None
    output_tokens: int | None = None
    reasoning_tokens: int | None = None
    first_chunk: float | None = None
    finish: str = ""
    error: str = ""
    ended_by: str = ""
    resends: int = 0
    conversation: Conversation = NOTHING_SAID


def read_call(span: Span) -> Call | None:
    """The call that a span describes, without its conversation; None for a span that is no GenAI operation."""
    values = read.by_key(span.attributes)
    operation = read.text(values, names.OPERATION_NAME)
    if not operation:
        return None
    tokens = partial(read.count, {} if operation in CONTAINERS else values)
    return Call(
        key=span.trace_id + span.span_id,
        label=read.printable(span.name) or operation,
        start=span.start_time_unix_nano,
        duration=max(0, span.end_time_unix_nano - span.start_time_unix_nano) / NANOSECONDS,
        session_id=read.text(values, names.HELICONE_SESSION_ID, names.SESSION_ID),
        session_name=read.text(values, names.HELICONE_SESSION_NAME),
        path=read.text(values, names.HELICONE_SESSION_PATH),
        first_chunk=read.seconds(values, names.RESPONSE_TIME_TO_FIRST_CHUNK),
        finish=next(iter(read.texts(values, names.RESPONSE_FINISH_REASONS)), ""),
        error=_error(span, values),
        ended_by=read.text(values, names.CALL_ENDED_BY),
        resends=read.count(values, names.RESEND_COUNT) or 0,
        input_tokens=tokens(names.USAGE_INPUT_TOKENS),
        cached_tokens=tokens(names.USAGE_CACHE_READ),
        output_tokens=tokens(names.USAGE_OUTPUT_TOKENS),
        reasoning_tokens=tokens(names.USAGE_REASONING),
    )


def _error(span: Span, values: Mapping[str, AnyValue]) -> str:
    """The error's type; other instrumentations may set the status alone."""
    failed = span.status.code == span.status.STATUS_CODE_ERROR
    return read.text(values, names.ERROR_TYPE) or ("error" if failed else "")
