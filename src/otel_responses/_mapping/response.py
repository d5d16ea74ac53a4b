"""A Response, as a model or as its JSON -> Outcome record."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from otel_responses._mapping.reading import field, items, number, reader, text
from otel_responses._mapping.request import conversation_id
from otel_responses._mapping.usage import read_usage
from otel_responses._records import Outcome

__all__ = [
    "CLIENT_TOOL_CALLS",
    "FINISHED",
    "TERMINAL_EVENTS",
    "noted_request_id",
    "read_reply",
    "read_response",
    "run_times",
]

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
# The events that end a stream and carry the whole response, each with the status that it means.
TERMINAL_EVENTS: Mapping[str, str] = {
    "response.completed": "completed",
    "response.failed": "failed",
    "response.incomplete": "incomplete",
}

# The statuses that a response keeps.
FINISHED = frozenset({*TERMINAL_EVENTS.values(), "cancelled"})

_INCOMPLETE_REASONS: Mapping[str, str] = {"max_output_tokens": "length", "content_filter": "content_filter"}
# About the year 2242: what is later is no number of seconds, and its nanoseconds would not fit into 63 bits.
_SECONDS_LIMIT = 2**33
_UNFINISHED = frozenset({"queued", "in_progress"})
# Some compatible servers leave the status out; a status yet unknown gives no finish reason.
_COMPLETED = frozenset({"completed", None})
_FAILED = frozenset({"failed", "cancelled"})

# Its id, that of its conversation, why it ended, and whether it was compacted.
_Details = tuple["str | None", "str | None", "str | None", bool]
_NO_DETAILS: _Details = (None, None, None, False)


def read_reply(reply: object, *, is_detailed: bool = True) -> Outcome | None:
    """Read a reply that looks like a Response: some SDK model or mapping that has an id or a usage; None for others.

    Without `is_detailed` only what metrics need is read: no ids, and no finish reason, which is found in the output.
    """
    read = reader(reply)
    if read("id") is None and read("usage") is None:
        return None
    return _outcome(reply, read, None, is_detailed)


def read_response(response: object, *, ended_as: str | None = None) -> Outcome:
    """Read what the conventions record of a response; the texts in its output are not looked at.

    `ended_as` is the status that its event means; it counts where the response does not say how it ended.
    """
    return _outcome(response, reader(response), ended_as, True)


def _outcome(response: object, read: Callable[[str], Any], ended_as: str | None, is_detailed: bool) -> Outcome:
    status = text(read("status"))
    if status is None or status in _UNFINISHED:
        status = ended_as or status
    error = read("error")
    response_id, conversation, reason, is_compacted = _details(read, status) if is_detailed else _NO_DETAILS
    return Outcome(  # in the order of its fields: by their names takes three times as long
        response_id,
        text(read("model")),
        reason,
        # Until a response is finished the tier is the one asked for, not the one used.
        text(read("service_tier")) if status not in _UNFINISHED else None,
        conversation,
        status,
        read_usage(read("usage")),
        None,  # the cost
        is_compacted,
        status == "failed",
        None if error is None else text(field(error, "code")),
        None if error is None else field(error, "message"),
        response,
    )


def noted_request_id(response: object) -> str | None:
    """Return the id of the request, which the SDK keeps on what it parsed, though not on every response."""
    # To search the headers of the reply for it takes ten times as long.
    try:
        return text(vars(response).get("_request_id"))
    except TypeError:  # it has no __dict__
        return None


def run_times(response: object) -> tuple[int | None, int | None]:
    """Return when a response was created and completed, in nanoseconds since 1970, as far as it says so."""
    return _nanoseconds(field(response, "created_at")), _nanoseconds(field(response, "completed_at"))


def _nanoseconds(value: object) -> int | None:
    seconds = number(value)
    return int(seconds * 1e9) if seconds is not None and 0 < seconds < _SECONDS_LIMIT else None


def _details(read: Callable[[str], Any], status: str | None) -> _Details:
    output, conversation = items(read("output")), read("conversation")
    kinds = [field(item, "type") for item in output]
    return (
        text(read("id")),
        None if conversation is None else conversation_id(conversation),
        _finish_reason(status, read, output, kinds),
        "compaction" in kinds,
    )


def _finish_reason(
    status: str | None, read: Callable[[str], Any], output: Sequence[object], kinds: Sequence[object]
) -> str | None:
    if status in _FAILED:
        return "error"
    if status == "incomplete":
        reason = text(field(read("incomplete_details"), "reason")) or "error"
        return _INCOMPLETE_REASONS.get(reason, reason)
    if status not in _COMPLETED:
        return None
    last = len(kinds) - 1
    while last >= 0 and kinds[last] == "reasoning":
        last -= 1
    return "tool_call" if last >= 0 and _is_client_tool_call(output[last], kinds[last]) else "stop"


def _is_client_tool_call(item: object, kind: object) -> bool:
    if kind == "message":
        return False
    return text(kind) in CLIENT_TOOL_CALLS or (kind == "tool_search_call" and field(item, "execution") == "client")
