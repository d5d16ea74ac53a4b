"""Records -> the attributes of spans and metrics, each built in one pass into one dictionary."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from otel_responses._mapping.response import FINISHED
from otel_responses._mapping.sessions import session_attributes
from otel_responses._records import (
    NO_PARAMETERS,
    FetchRequest,
    MetricAttributes,
    Outcome,
    Request,
    SessionData,
    Usage,
)
from otel_responses._semconv import (
    API_RESPONSES,
    API_TYPE,
    CALL_ENDED_BY,
    CONVERSATION_COMPACTED,
    ERROR_TYPE,
    MODALITY_UNKNOWN,
    NETWORK_PROTOCOL_NAME,
    OPERATION_CHAT,
    OPERATION_FETCH,
    OPERATION_NAME,
    PROVIDER_NAME,
    REQUEST_MODEL,
    REQUEST_PREVIOUS_RESPONSE_ID,
    REQUEST_SERVICE_TIER,
    REQUEST_STREAM,
    REQUEST_STREAM_CURSOR,
    RESEND_COUNT,
    RESPONSE_FINISH_REASONS,
    RESPONSE_ID,
    RESPONSE_MODEL,
    RESPONSE_SERVICE_TIER,
    RESPONSE_STATUS,
    SERVER_ADDRESS,
    SERVER_PORT,
    TOKEN_MODALITY,
    TOKEN_TYPE,
    USAGE_CACHE_READ,
    USAGE_COST,
    USAGE_INPUT_TOKENS,
    USAGE_OUTPUT_TOKENS,
    USAGE_REASONING,
    Profile,
)

__all__ = [
    "add_ending",
    "add_response",
    "fetch_attributes",
    "fetch_start_attributes",
    "metric_attributes",
    "put",
    "request_attributes",
    "start_attributes",
]

Attributes = dict[str, Any]


def start_attributes(request: Request, session: SessionData | None) -> Attributes:
    """Return what a sampler may look at: operation, provider, model, server and session."""
    endpoint = request.endpoint
    attributes: Attributes = {OPERATION_NAME: request.operation, PROVIDER_NAME: endpoint.provider}
    if request.model is not None:
        attributes[REQUEST_MODEL] = request.model
    if endpoint.address is not None:
        attributes[SERVER_ADDRESS] = endpoint.address
    if endpoint.port is not None:
        attributes[SERVER_PORT] = endpoint.port
    if session is not None:
        attributes.update(session_attributes(session))
    return attributes


def request_attributes(request: Request, parameters: Mapping[str, Any] = NO_PARAMETERS) -> Attributes:
    """Return the attributes of the request that samplers do not need; `parameters` as `read_parameters` gives them."""
    attributes: Attributes = {API_TYPE: API_RESPONSES, **parameters}
    if request.is_streaming:
        attributes[REQUEST_STREAM] = True
    if request.endpoint.protocol is not None:
        attributes[NETWORK_PROTOCOL_NAME] = request.endpoint.protocol
    if request.previous_response_id is not None:
        attributes[REQUEST_PREVIOUS_RESPONSE_ID] = request.previous_response_id
    if request.service_tier is not None:
        attributes[REQUEST_SERVICE_TIER] = request.service_tier
    return attributes


def add_response(attributes: Attributes, outcome: Outcome, profile: Profile) -> None:
    """Add the attributes of the response to those of its request."""
    _add_usage(attributes, outcome.usage, profile)
    if outcome.response_id is not None:
        attributes[RESPONSE_ID] = outcome.response_id
    if outcome.model is not None:
        attributes[RESPONSE_MODEL] = outcome.model
    if outcome.finish_reason is not None:
        attributes[RESPONSE_FINISH_REASONS] = (outcome.finish_reason,)
    if outcome.service_tier is not None:
        attributes[RESPONSE_SERVICE_TIER] = outcome.service_tier
    if outcome.is_compacted:
        attributes[CONVERSATION_COMPACTED] = True
    if outcome.cost is not None:
        attributes[USAGE_COST] = outcome.cost


def add_ending(attributes: Attributes, error_type: str | None, ended_by: str | None, resends: int) -> None:
    """Add how the call ended, and how often it was sent again."""
    if error_type is not None:
        attributes[ERROR_TYPE] = error_type
    if ended_by is not None:
        attributes[CALL_ENDED_BY] = ended_by
    if resends:
        attributes[RESEND_COUNT] = resends


def _add_usage(attributes: Attributes, usage: Usage, profile: Profile) -> None:
    """Add the tokens used; cached, written and reasoning ones only where they are not 0."""
    if usage.input_tokens is not None:
        attributes[USAGE_INPUT_TOKENS] = usage.input_tokens
    if usage.output_tokens is not None:
        attributes[USAGE_OUTPUT_TOKENS] = usage.output_tokens
    if usage.cache_read_tokens:
        attributes[USAGE_CACHE_READ] = usage.cache_read_tokens
    if usage.cache_write_tokens:
        attributes[profile.usage_cache_write] = usage.cache_write_tokens
    if usage.reasoning_tokens:
        attributes[USAGE_REASONING] = usage.reasoning_tokens


def fetch_start_attributes(request: FetchRequest, session: SessionData | None) -> Attributes:
    """Return what a sampler may look at when a stored response is fetched."""
    attributes = start_attributes(Request(request.endpoint, operation=OPERATION_FETCH), session)
    attributes[RESPONSE_ID] = request.response_id
    return attributes


def fetch_attributes(request: FetchRequest, outcome: Outcome) -> Attributes:
    """Return the attributes of a fetch: no token counts, which the conventions leave to the call that used them."""
    attributes: Attributes = {API_TYPE: API_RESPONSES}
    if request.is_streaming:
        attributes[REQUEST_STREAM] = True
    put(attributes, REQUEST_STREAM_CURSOR, request.stream_cursor)
    put(attributes, RESPONSE_MODEL, outcome.model)
    put(attributes, RESPONSE_STATUS, outcome.status)
    if outcome.status in FINISHED and outcome.finish_reason is not None:
        attributes[RESPONSE_FINISH_REASONS] = (outcome.finish_reason,)
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
    operation: str = OPERATION_CHAT,
) -> MetricAttributes:
    """Return the attribute sets of a call; never with a session, a user or an id."""
    plain: Attributes = {OPERATION_NAME: operation, PROVIDER_NAME: provider}
    put(plain, REQUEST_MODEL, request_model)
    put(plain, RESPONSE_MODEL, response_model)
    put(plain, SERVER_ADDRESS, address)
    put(plain, SERVER_PORT, port)
    put(plain, RESPONSE_SERVICE_TIER, service_tier)
    return MetricAttributes(
        plain=_in_order(plain),
        with_error=_in_order(plain if error_type is None else {**plain, ERROR_TYPE: error_type}),
        input_tokens=_in_order({**plain, TOKEN_TYPE: "input"}),
        output_tokens=_in_order({**plain, TOKEN_TYPE: "output"}),
        by_modality=_in_order({**plain, TOKEN_MODALITY: MODALITY_UNKNOWN}),
    )


def _in_order(attributes: Attributes) -> Attributes:
    """Return attributes by their names: the SDK sorts them for every record, the sooner the less it has to move."""
    return dict(sorted(attributes.items()))


def put(attributes: Attributes, name: str, value: object) -> None:
    """Set an attribute that has a value."""
    if value is not None:
        attributes[name] = value
