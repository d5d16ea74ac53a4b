"""The body of `POST /responses` -> Request record."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import otel_responses._semconv as semconv
from otel_responses._mapping.reading import field, is_object, mapping, number, text
from otel_responses._records import Endpoint, FetchRequest, Request

__all__ = ["conversation_id", "effective_body", "read_fetch", "read_parameters", "read_request"]

_OUTPUT_TYPES: Mapping[object, str] = {"json_object": "json", "json_schema": "json", "text": "text"}


def effective_body(json_data: object, extra_json: object) -> Mapping[str, object]:
    """Return the body as it is sent: `extra_body` of the caller wins over the arguments, key by key."""
    body = mapping(json_data)
    return body if extra_json is None else {**body, **mapping(extra_json)}


def read_request(
    body: Mapping[str, object],
    endpoint: Endpoint,
    *,
    is_streaming: bool = False,
    operation: str = semconv.OPERATION_CHAT,
) -> Request:
    """Read what samplers and metrics need of a request, and what tells it from others."""
    tier, conversation = text(body.get("service_tier")), body.get("conversation")
    return Request(  # in the order of its fields: by their names takes twice as long
        endpoint,
        text(body.get("model")),
        is_streaming or body.get("stream") is True,
        None if conversation is None else conversation_id(conversation),
        text(body.get("previous_response_id")),
        None if tier == "auto" else tier,  # auto leaves it to the server
        operation,
        body.get("background") is True,
    )


def read_fetch(
    response_id: str, query: Mapping[str, object], endpoint: Endpoint, *, is_streaming: bool = False
) -> FetchRequest:
    """Read the request of a stored response; the conventions have a cursor as text, the API as a number."""
    cursor = query.get("starting_after")
    return FetchRequest(
        endpoint=endpoint,
        response_id=text(response_id) or "",
        is_streaming=is_streaming or query.get("stream") in (True, "true"),
        stream_cursor=text(str(cursor)) if isinstance(cursor, (int, str)) else None,
    )


def conversation_id(conversation: object) -> str | None:
    """Return the id of a conversation given as its id or as an object with one."""
    return text(field(conversation, "id") if is_object(conversation) else conversation)


def _output_type(settings: object) -> str | None:
    kind = field(field(settings, "format"), "type")
    return _OUTPUT_TYPES.get(kind) if isinstance(kind, str) else None


def read_parameters(body: Mapping[str, object]) -> Mapping[str, Any]:
    """Return what the conventions record of the model's settings, by the names of their attributes."""
    found: dict[str, Any] = {}
    for key in _PARAMETERS:
        if key in body:
            for attribute, read in _PARAMETERS[key]:
                value = read(body[key])
                if value is not None:
                    found[attribute] = value
    return found


# What of the body becomes which attribute, and what reads the one for the other.
_PARAMETERS: Mapping[str, Sequence[tuple[str, Callable[[object], Any]]]] = {
    "text": [(semconv.OUTPUT_TYPE, _output_type)],
    "prompt": [
        (semconv.PROMPT_NAME, lambda prompt: text(field(prompt, "id"))),
        (semconv.PROMPT_VERSION, lambda prompt: text(field(prompt, "version"))),
    ],
    "max_output_tokens": [(semconv.REQUEST_MAX_TOKENS, number)],
    "temperature": [(semconv.REQUEST_TEMPERATURE, number)],
    "top_p": [(semconv.REQUEST_TOP_P, number)],
    "reasoning": [(semconv.REQUEST_REASONING_LEVEL, lambda reasoning: text(field(reasoning, "effort")))],
}
