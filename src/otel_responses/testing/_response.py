"""The response object: every field in the API's order, most of them repeating the request."""

from __future__ import annotations

from collections.abc import Sequence

from otel_responses.testing._wire import JsonObject, as_object

__all__ = ["pending", "response_object", "truncated"]

# What the real API answers for a model's short name.
SNAPSHOTS = {
    "gpt-4.1": "gpt-4.1-2025-04-14",
    "gpt-4.1-mini": "gpt-4.1-mini-2025-04-14",
    "gpt-4.1-nano": "gpt-4.1-nano-2025-04-14",
    "gpt-4o": "gpt-4o-2024-08-06",
    "gpt-4o-mini": "gpt-4o-mini-2024-07-18",
    "gpt-5": "gpt-5-2025-08-07",
    "gpt-5-mini": "gpt-5-mini-2025-08-07",
    "gpt-5-nano": "gpt-5-nano-2025-08-07",
    "o3": "o3-2025-04-16",
    "o3-mini": "o3-mini-2025-01-31",
    "o4-mini": "o4-mini-2025-04-16",
}
# Fields of the request that come back as they were sent, with the value they have when nobody sent them.
REPEATED: dict[str, object] = {
    "background": False,
    "instructions": None,
    "max_output_tokens": None,
    "max_tool_calls": None,
    "metadata": {},
    "parallel_tool_calls": True,
    "previous_response_id": None,
    "prompt": None,
    "prompt_cache_key": None,
    "prompt_cache_retention": None,
    "safety_identifier": None,
    "store": True,
    "temperature": 1.0,
    "tool_choice": "auto",
    "tools": [],
    "top_logprobs": 0,
    "top_p": 1.0,
    "truncation": "disabled",
    "user": None,
}
# Present only when the request has it.
OPTIONAL = ("prompt",)
DEFAULT_MODEL = "gpt-4.1"


def response_object(
    request: JsonObject, *, response_id: str, created_at: int, output: Sequence[JsonObject], usage: JsonObject
) -> JsonObject:
    """The completed response."""
    repeated = {key: default if request.get(key) is None else request[key] for key, default in REPEATED.items()}
    response: JsonObject = {
        "id": response_id,
        "object": "response",
        "created_at": created_at,
        "status": "completed",
        "completed_at": created_at,
        "error": None,
        "incomplete_details": None,
        "model": _model(request),
        "output": list(output),
        "reasoning": {"effort": None, "summary": None, **as_object(request.get("reasoning"))},
        "service_tier": _service_tier(request),
        "text": {"format": {"type": "text"}, "verbosity": "medium", **as_object(request.get("text"))},
        "usage": usage,
        **{key: value for key, value in repeated.items() if key not in OPTIONAL or value is not None},
    }
    return _with_conversation(response, request.get("conversation"))


def _model(request: JsonObject) -> str:
    asked = str(request.get("model") or DEFAULT_MODEL)
    return SNAPSHOTS.get(asked, asked)


def _service_tier(request: JsonObject) -> object:
    asked = request.get("service_tier")
    return "default" if asked in (None, "auto") else asked


def _with_conversation(response: JsonObject, conversation: object) -> JsonObject:
    if conversation is None:
        return response
    return {**response, "conversation": conversation if isinstance(conversation, dict) else {"id": conversation}}


def pending(response: JsonObject, status: str) -> JsonObject:
    """The same response while it is still being made: `queued` or `in_progress`."""
    unknown: JsonObject = {"error": None, "incomplete_details": None, "completed_at": None, "output": [], "usage": None}
    return {**response, **unknown, "status": status, "service_tier": "auto"}


def truncated(response: JsonObject) -> JsonObject:
    """The response as `max_output_tokens` leaves it: cut and incomplete, or unchanged where it fits."""
    limit, usage = response["max_output_tokens"], response["usage"]
    if limit is None or usage["output_tokens"] <= limit:
        return response
    spent = {"output_tokens": limit, "total_tokens": usage["input_tokens"] + limit}
    thought = min(usage["output_tokens_details"]["reasoning_tokens"], limit)
    details = {"output_tokens_details": {"reasoning_tokens": thought}}
    return {
        **response,
        "status": "incomplete",
        "incomplete_details": {"reason": "max_output_tokens"},
        "output": [_shortened(item, (limit - thought) * 4) for item in response["output"]],
        "usage": {**usage, **spent, **details},
    }


def _shortened(item: JsonObject, characters: int) -> JsonObject:
    if item["type"] != "message":
        return item
    cut: JsonObject = {"annotations": []}
    parts = [{**part, **cut, "text": part["text"][:characters]} for part in item["content"]]
    return {**item, "status": "incomplete", "content": parts}
