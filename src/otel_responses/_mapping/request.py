"""The body of `POST /responses` -> Request record."""

from __future__ import annotations

from collections.abc import Mapping

from otel_responses._mapping.reading import field, is_object, mapping, number, text
from otel_responses._records import Endpoint, FetchRequest, Request
from otel_responses._semconv import OPERATION_CHAT

__all__ = ["conversation_id", "effective_body", "read_fetch", "read_request"]

_OUTPUT_TYPES: Mapping[object, str] = {"json_object": "json", "json_schema": "json", "text": "text"}


def effective_body(json_data: object, extra_json: object) -> Mapping[str, object]:
    """Return the body as it is sent: `extra_body` of the caller wins over the arguments, key by key."""
    body, extra = mapping(json_data), mapping(extra_json)
    return {**body, **extra} if extra else body


def read_request(
    body: Mapping[str, object], endpoint: Endpoint, *, is_streaming: bool = False, operation: str = OPERATION_CHAT
) -> Request:
    """Read what the conventions record of a request; the input and the instructions are not looked at."""
    prompt = body.get("prompt")
    tier = text(body.get("service_tier"))
    return Request(
        endpoint=endpoint,
        model=text(body.get("model")),
        is_streaming=is_streaming or body.get("stream") is True,
        conversation_id=conversation_id(body.get("conversation")),
        output_type=_output_type(body.get("text")),
        prompt_name=text(field(prompt, "id")),
        prompt_version=text(field(prompt, "version")),
        max_tokens=number(body.get("max_output_tokens")),
        temperature=number(body.get("temperature")),
        top_p=number(body.get("top_p")),
        reasoning_level=text(field(body.get("reasoning"), "effort")),
        previous_response_id=text(body.get("previous_response_id")),
        service_tier=None if tier == "auto" else tier,
        operation=operation,
        is_background=body.get("background") is True,
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
