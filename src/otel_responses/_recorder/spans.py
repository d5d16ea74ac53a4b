"""Inference spans: started with what samplers look at, ended once with all the rest."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from opentelemetry.context import Context
from opentelemetry.trace import Link, Span, SpanKind, Status, StatusCode, Tracer
from opentelemetry.util.types import AttributeValue

import otel_responses._semconv as semconv

__all__ = ["end_span", "start_item", "start_span"]

_CLIENT = SpanKind.CLIENT  # to look for a member of an enumeration takes as long as to call a function


def start_span(
    tracer: Tracer,
    attributes: Mapping[str, AttributeValue],
    context: Context,
    start_time: int,
    links: Sequence[Link] = (),
) -> Span:
    """Start the span of a call as a child of `context`: `chat {model}`, kind CLIENT; `start_time` in ns since 1970."""
    model = attributes.get(semconv.REQUEST_MODEL)
    operation = str(attributes[semconv.OPERATION_NAME])
    return tracer.start_span(
        f"{operation} {model}" if model else operation,
        context=context,
        kind=_CLIENT,
        attributes=attributes,
        links=links,
        start_time=start_time,
        record_exception=False,
        set_status_on_exception=False,
    )


def start_item(tracer: Tracer, attributes: Mapping[str, AttributeValue], context: Context, start_time: int) -> Span:
    """Start the span of an output item inside the call of `context`: `output_item {type}`, kind INTERNAL."""
    kind = attributes.get(semconv.OUTPUT_ITEM_TYPE)
    return tracer.start_span(
        f"output_item {kind}" if kind else "output_item",
        context=context,
        attributes=attributes,
        start_time=start_time,
        record_exception=False,
        set_status_on_exception=False,
    )


def end_span(span: Span, attributes: Mapping[str, AttributeValue], error: str | None, end_time: int) -> None:
    """End the span: ERROR, described by `error`, if and only if there is one; else the status stays unset, never OK."""
    span.set_attributes(attributes)
    if error is not None:
        span.set_status(Status(StatusCode.ERROR, error))
    span.end(end_time)
