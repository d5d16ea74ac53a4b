"""An input or output item -> whose message it belongs to, and its parts; one table for all types of the SDK.

Of known items the fields that stand in the mapping are taken, unknown ones are left out; unknown items keep all.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import otel_responses._mapping.client_tools as client
import otel_responses._mapping.server_tools as server
from otel_responses._mapping.parts import content_parts, generic_part, kept, text_part
from otel_responses._mapping.plain import entries
from otel_responses._mapping.reading import field, reader, text
from otel_responses._mapping.texts import clean
from otel_responses._mapping.tools import described_tools
from otel_responses.policy import Part

__all__ = ["ASSISTANT", "GENERIC_ITEMS", "ITEMS", "TOOL", "USER", "mapped"]

ASSISTANT, TOOL, USER = "assistant", "tool", "user"


# Whose message it belongs to, and its parts.
Mapped = tuple[str, list[Part]]
Mapper = Callable[[Any, bool], Mapped]


def mapped(item: object, *, blobs: bool) -> tuple[str, list[Part], bool]:
    """Return whose message an item belongs to, its parts, and whether it is a message of its own, even an empty one.

    An item that cannot even be read is described by its class.
    """
    if isinstance(item, str):
        return USER, [text_part(item)], False
    try:
        mapper = _mapper(item)
        role, parts = mapper(item, blobs)
    except Exception:  # noqa: BLE001 - a mapping of the caller's may raise anything; the other items must not go with it
        return USER, [{"type": "generic", "value": {"type": clean(type(item).__name__)}}], False
    return role, parts, mapper is _message


def _mapper(item: object) -> Mapper:
    kind = field(item, "type")
    known = ITEMS.get(kind) if isinstance(kind, str) else None
    if known is not None:
        return known
    # An easy message may do without its type.
    return _message if text(kind) is None and field(item, "role") is not None else _unknown


def _message(item: object, blobs: bool) -> Mapped:
    read = reader(item)
    return text(read("role")) or USER, content_parts(read("content"), blobs)


def _reasoning(item: object, blobs: bool) -> Mapped:
    """One part: the summary, else the reasoning itself, else how much of it is encrypted."""
    read = reader(item)
    content = _joined(read("summary")) or _joined(read("content"))
    encrypted = read("encrypted_content")
    if not content and isinstance(encrypted, str) and encrypted:
        content = f"[encrypted reasoning, {len(encrypted)} characters]"
    return ASSISTANT, [{"type": "reasoning", "content": clean(content)}] if content else []


def _joined(parts: object) -> str:
    if not parts:
        return ""
    texts: Sequence[object] = [field(part, "text") for part in entries(parts)]
    return "\n\n".join(found for found in texts if isinstance(found, str) and found)


def _compaction(item: object, blobs: bool) -> Mapped:
    return ASSISTANT, [kept(type="compaction", id=text(field(item, "id")))]


def _agent_message(item: object, blobs: bool) -> Mapped:
    ends = {name: text(field(item, name)) for name in ("author", "recipient")}
    content = content_parts(field(item, "content"), blobs)
    return ASSISTANT, [{"type": "generic", "value": kept(type="agent_message", **ends, content=content)}]


def _additional_tools(item: object, blobs: bool) -> Mapped:
    value = {"type": "additional_tools", "tools": described_tools(field(item, "tools"))}
    return text(field(item, "role")) or "developer", [{"type": "generic", "value": value}]


def _unknown(item: object, blobs: bool) -> Mapped:
    """An item of another time: its name says whose it is, for calls and outputs of all tools are named alike."""
    kind = text(field(item, "type")) or ""
    named = ASSISTANT if kind.endswith("_call") else TOOL if kind.endswith("_output") else USER
    return text(field(item, "role")) or named, [generic_part(item)]


def _of(role: str, reader: Callable[[object, bool], list[Part]]) -> Mapper:
    return lambda item, blobs: (role, reader(item, blobs))


def _generic(role: str) -> Mapper:
    return lambda item, blobs: (role, [generic_part(item)])


def _by_execution(by_client: Mapper, by_server: Mapper) -> Mapper:
    """Tool search is done by the provider unless the item says that the caller does it."""
    return lambda item, blobs: (by_client if field(item, "execution") == "client" else by_server)(item, blobs)


# Known items that have no part of their own in the conventions, each with the reason.
GENERIC_ITEMS: Mapping[str, str] = {
    "compaction_trigger": "asks for a compaction; it has no content",
    "configuration_update": "changes settings from there on; it has no content",
    "item_reference": "names an item that the provider holds",
}

ITEMS: Mapping[str, Mapper] = {
    "additional_tools": _additional_tools,
    "agent_message": _agent_message,
    "apply_patch_call": _of(ASSISTANT, client.apply_patch_call),
    "apply_patch_call_output": _of(TOOL, client.apply_patch_call_output),
    "code_interpreter_call": _of(ASSISTANT, server.code_interpreter_call),
    "compaction": _compaction,
    "compaction_trigger": _generic(USER),
    "computer_call": _of(ASSISTANT, client.computer_call),
    "computer_call_output": _of(TOOL, client.computer_call_output),
    "configuration_update": _generic("developer"),
    "custom_tool_call": _of(ASSISTANT, client.custom_tool_call),
    "custom_tool_call_output": _of(TOOL, client.tool_output),
    "file_search_call": _of(ASSISTANT, server.file_search_call),
    "function_call": _of(ASSISTANT, client.function_call),
    "function_call_output": _of(TOOL, client.tool_output),
    "image_generation_call": _of(ASSISTANT, server.image_generation_call),
    "item_reference": _generic(ASSISTANT),  # what is referred to is nearly always the model's own
    "local_shell_call": _of(ASSISTANT, client.local_shell_call),
    "local_shell_call_output": _of(TOOL, client.local_shell_call_output),
    "mcp_approval_request": _of(ASSISTANT, server.mcp_approval_request),
    "mcp_approval_response": _of(USER, server.mcp_approval_response),
    "mcp_call": _of(ASSISTANT, server.mcp_call),
    "mcp_list_tools": _of(ASSISTANT, server.mcp_list_tools),
    "message": _message,
    "multi_agent_call": _of(ASSISTANT, server.multi_agent_call),
    "multi_agent_call_output": _of(ASSISTANT, server.multi_agent_call_output),
    "program": _of(ASSISTANT, server.program),
    "program_output": _of(ASSISTANT, server.program_output),
    "reasoning": _reasoning,
    "shell_call": _of(ASSISTANT, client.shell_call),
    "shell_call_output": _of(TOOL, client.tool_output),
    "tool_search_call": _by_execution(
        _of(ASSISTANT, client.tool_search_by_client), _of(ASSISTANT, server.tool_search_by_server)
    ),
    "tool_search_output": _by_execution(
        _of(TOOL, client.tool_search_output_of_client), _of(ASSISTANT, server.tool_search_output_of_server)
    ),
    "web_search_call": _of(ASSISTANT, server.web_search_call),
}
