"""The body of `POST /responses` -> Request record."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

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
    found = {name: read(body[key]) for key, name, read in _READERS if key in body}
    is_streaming = is_streaming or body.get("stream") is True
    return Request(endpoint, is_streaming=is_streaming, operation=operation, **found)


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


def _service_tier(value: object) -> str | None:
    """Return the tier that was asked for; `auto` leaves it to the server."""
    return None if value == "auto" else text(value)


# (key of the body, field of the record, what reads the one for the other): only what is there is read.
_READERS: Sequence[tuple[str, str, Callable[[object], Any]]] = (
    ("model", "model", text),
    ("conversation", "conversation_id", conversation_id),
    ("text", "output_type", _output_type),
    ("prompt", "prompt_name", lambda prompt: text(field(prompt, "id"))),
    ("prompt", "prompt_version", lambda prompt: text(field(prompt, "version"))),
    ("max_output_tokens", "max_tokens", number),
    ("temperature", "temperature", number),
    ("top_p", "top_p", number),
    ("reasoning", "reasoning_level", lambda reasoning: text(field(reasoning, "effort"))),
    ("previous_response_id", "previous_response_id", text),
    ("service_tier", "service_tier", _service_tier),
    ("background", "is_background", lambda background: background is True),
)
