"""Records -> the attributes of spans and metrics, each built in one pass into one dictionary."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import otel_responses._semconv as semconv
from otel_responses._mapping.response import FINISHED
from otel_responses._mapping.sessions import session_attributes
from otel_responses._records import FetchRequest, MetricAttributes, Outcome, Request, SessionData

__all__ = [
    "fetch_attributes",
    "fetch_start_attributes",
    "metric_attributes",
    "put",
    "request_attributes",
    "response_attributes",
    "start_attributes",
]

Attributes = dict[str, Any]


def start_attributes(request: Request, session: SessionData | None) -> Attributes:
    """Return what a sampler may look at: operation, provider, model, server and session."""
    endpoint = request.endpoint
    attributes: Attributes = {
        semconv.OPERATION_NAME: request.operation,
        semconv.PROVIDER_NAME: endpoint.provider,
    }
    put(attributes, semconv.REQUEST_MODEL, request.model)
    put(attributes, semconv.SERVER_ADDRESS, endpoint.address)
    put(attributes, semconv.SERVER_PORT, endpoint.port)
    if session is not None:
        attributes.update(session_attributes(session))
    return attributes


def request_attributes(request: Request) -> Attributes:
    """Return the attributes of the request that samplers do not need."""
    attributes: Attributes = {semconv.API_TYPE: semconv.API_RESPONSES, **request.parameters}
    if request.is_streaming:
        attributes[semconv.REQUEST_STREAM] = True
    put(attributes, semconv.NETWORK_PROTOCOL_NAME, request.endpoint.protocol)
    put(attributes, semconv.REQUEST_PREVIOUS_RESPONSE_ID, request.previous_response_id)
    put(attributes, semconv.REQUEST_SERVICE_TIER, request.service_tier)
    return attributes


def response_attributes(outcome: Outcome, profile: semconv.Profile) -> Attributes:
    """Return the attributes of the response; cached, written and reasoning tokens only where they are not 0."""
    usage = outcome.usage
    attributes: Attributes = {}
    put(attributes, semconv.RESPONSE_ID, outcome.response_id)
    put(attributes, semconv.RESPONSE_MODEL, outcome.model)
    if outcome.finish_reason is not None:
        attributes[semconv.RESPONSE_FINISH_REASONS] = (outcome.finish_reason,)
    put(attributes, semconv.RESPONSE_SERVICE_TIER, outcome.service_tier)
    if outcome.is_compacted:
        attributes[semconv.CONVERSATION_COMPACTED] = True
    put(attributes, semconv.USAGE_INPUT_TOKENS, usage.input_tokens)
    put(attributes, semconv.USAGE_OUTPUT_TOKENS, usage.output_tokens)
    put(attributes, semconv.USAGE_CACHE_READ, usage.cache_read_tokens or None)
    put(attributes, profile.usage_cache_write, usage.cache_write_tokens or None)
    put(attributes, semconv.USAGE_REASONING, usage.reasoning_tokens or None)
    put(attributes, semconv.USAGE_COST, outcome.cost)
    return attributes


def fetch_start_attributes(request: FetchRequest, session: SessionData | None) -> Attributes:
    """Return what a sampler may look at when a stored response is fetched."""
    attributes = start_attributes(Request(request.endpoint, operation=semconv.OPERATION_FETCH), session)
    attributes[semconv.RESPONSE_ID] = request.response_id
    return attributes


def fetch_attributes(request: FetchRequest, outcome: Outcome) -> Attributes:
    """Return the attributes of a fetch: no token counts, which the conventions leave to the call that used them."""
    attributes: Attributes = {semconv.API_TYPE: semconv.API_RESPONSES}
    if request.is_streaming:
        attributes[semconv.REQUEST_STREAM] = True
    put(attributes, semconv.REQUEST_STREAM_CURSOR, request.stream_cursor)
    put(attributes, semconv.RESPONSE_MODEL, outcome.model)
    put(attributes, semconv.RESPONSE_STATUS, outcome.status)
    if outcome.status in FINISHED and outcome.finish_reason is not None:
        attributes[semconv.RESPONSE_FINISH_REASONS] = (outcome.finish_reason,)
    return attributes


@lru_cache(maxsize=1_024)
def metric_attributes(
    request_model: str | None,
    provider: str,
    address: str | None,
    port: int | None,
    response_model: str | None,
    service_tier: str | None,
    error_type: str | None,
    operation: str = semconv.OPERATION_CHAT,
) -> MetricAttributes:
    """Return the attribute sets of a call; never with a session, a user or an id."""
    plain: Attributes = {semconv.OPERATION_NAME: operation, semconv.PROVIDER_NAME: provider}
    put(plain, semconv.REQUEST_MODEL, request_model)
    put(plain, semconv.RESPONSE_MODEL, response_model)
    put(plain, semconv.SERVER_ADDRESS, address)
    put(plain, semconv.SERVER_PORT, port)
    put(plain, semconv.RESPONSE_SERVICE_TIER, service_tier)
    return MetricAttributes(
        plain=plain,
        with_error=plain if error_type is None else {**plain, semconv.ERROR_TYPE: error_type},
        input_tokens={**plain, semconv.TOKEN_TYPE: "input"},
        output_tokens={**plain, semconv.TOKEN_TYPE: "output"},
        by_modality={**plain, semconv.TOKEN_MODALITY: semconv.MODALITY_UNKNOWN},
    )


def put(attributes: Attributes, name: str, value: object) -> None:
    """Set an attribute that has a value."""
    if value is not None:
        attributes[name] = value
