"""A Response, as a model or as its JSON -> Outcome record."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from otel_responses._mapping.reading import field, is_object, items, text
from otel_responses._mapping.request import conversation_id
from otel_responses._mapping.usage import read_usage
from otel_responses._records import NO_OUTCOME, Outcome

__all__ = ["CLIENT_TOOL_CALLS", "TERMINAL_EVENTS", "is_response", "read_body", "read_response"]

# Output items that ask the caller to run something; server-side tools (web search, MCP ...) do not.
CLIENT_TOOL_CALLS = frozenset(
    {
        "function_call",
        "custom_tool_call",
        "computer_call",
        "local_shell_call",
        "shell_call",
        "apply_patch_call",
    }
)
# The events that end a stream and carry the whole response.
TERMINAL_EVENTS = frozenset({"response.completed", "response.failed", "response.incomplete"})

_INCOMPLETE_REASONS: Mapping[str, str] = {"max_output_tokens": "length", "content_filter": "content_filter"}
_UNFINISHED = frozenset({"queued", "in_progress"})
# Some compatible servers leave the status out; a status yet unknown gives no finish reason.
_COMPLETED = frozenset({"completed", None})
_FAILED = frozenset({"failed", "cancelled"})


def is_response(value: object) -> bool:
    """Say whether `value` looks like a Response: some SDK model or mapping that has an id or a usage."""
    return is_object(value) and (field(value, "id") is not None or field(value, "usage") is not None)


def read_response(response: object) -> Outcome:
    """Read what the conventions record of a response; the texts in its output are not looked at."""
    output = items(field(response, "output"))
    kinds = [field(item, "type") for item in output]
    status = text(field(response, "status"))
    error = field(response, "error")
    return Outcome(
        response_id=text(field(response, "id")),
        model=text(field(response, "model")),
        finish_reason=_finish_reason(status, response, kinds),
        # Until a response is finished the tier is the one asked for, not the one used.
        service_tier=text(field(response, "service_tier")) if status not in _UNFINISHED else None,
        conversation_id=conversation_id(field(response, "conversation")),
        usage=read_usage(field(response, "usage")),
        is_compacted="compaction" in kinds,
        has_failed=status == "failed",
        error_code=text(field(error, "code")),
    )


def read_body(content: bytes | str) -> Outcome:
    """Read a reply that the SDK did not parse: the JSON of a response, or a whole event stream as text."""
    data = content.decode("utf-8", "replace") if isinstance(content, bytes) else content
    if data.lstrip().startswith("{"):
        return _read_json(data)
    for line in reversed(data.splitlines()):
        if line.startswith("data:") and '"response.' in line:
            event = _loads(line[5:])
            if field(event, "type") in TERMINAL_EVENTS:
                return read_response(field(event, "response"))
    return NO_OUTCOME


def _read_json(data: str) -> Outcome:
    response = _loads(data)
    return read_response(response) if is_response(response) else NO_OUTCOME


def _loads(data: str) -> Any:
    try:
        return json.loads(data)
    except (ValueError, RecursionError):
        return None


def _finish_reason(status: str | None, response: object, kinds: list[Any]) -> str | None:
    if status in _FAILED:
        return "error"
    if status == "incomplete":
        reason = text(field(field(response, "incomplete_details"), "reason")) or "error"
        return _INCOMPLETE_REASONS.get(reason, reason)
    if status not in _COMPLETED:
        return None
    last = next((kind for kind in reversed(kinds) if kind != "reasoning"), None)
    return "tool_call" if isinstance(last, str) and last in CLIENT_TOOL_CALLS else "stop"
