"""The calls of tools that the caller runs, and their outputs -> tool_call and tool_call_response parts."""

from __future__ import annotations

from typing import Any

from otel_responses._mapping.arguments import parsed
from otel_responses._mapping.parts import kept, name_of, response_of, screenshot
from otel_responses._mapping.plain import entries, plain
from otel_responses._mapping.reading import field, reader, text
from otel_responses._mapping.tools import described_tools
from otel_responses.policy import Part

__all__ = [
    "apply_patch_call",
    "apply_patch_call_output",
    "computer_call",
    "computer_call_output",
    "custom_tool_call",
    "function_call",
    "local_shell_call",
    "local_shell_call_output",
    "shell_call",
    "tool_output",
    "tool_search_by_client",
    "tool_search_output_of_client",
]


def function_call(item: object, blobs: bool) -> list[Part]:
    """A function call; its namespace and caller are left out."""
    read = reader(item)
    name = text(read("name")) or "function"
    return [_part(text(read("call_id")), name, parsed(read("arguments")))]


def custom_tool_call(item: object, blobs: bool) -> list[Part]:
    """A call of a custom tool, whose input is free text."""
    return [_call(item, name_of(field(item, "name"), "custom"), parsed(field(item, "input")))]


def computer_call(item: object, blobs: bool) -> list[Part]:
    """One action or a list of them, and the safety checks that wait for the caller."""
    checks = entries(field(item, "pending_safety_checks"))
    arguments = kept(
        action=plain(field(item, "action")),
        actions=plain(field(item, "actions")),
        pending_safety_checks=plain(checks) if checks else None,
    )
    return [_call(item, "computer", arguments)]


def local_shell_call(item: object, blobs: bool) -> list[Part]:
    """A command with its environment and folder."""
    return [_call(item, "local_shell", plain(field(item, "action")))]


def shell_call(item: object, blobs: bool) -> list[Part]:
    """Commands with their limits."""
    return [_call(item, "shell", plain(field(item, "action")))]


def apply_patch_call(item: object, blobs: bool) -> list[Part]:
    """A file to create, update or delete."""
    return [_call(item, "apply_patch", plain(field(item, "operation")))]


def tool_search_by_client(item: object, blobs: bool) -> list[Part]:
    """A search for tools that the caller does."""
    return [_call(item, "tool_search", parsed(field(item, "arguments")))]


def tool_output(item: object, blobs: bool) -> list[Part]:
    """The output of a function, a custom tool or a shell."""
    return [_output(item, response_of(field(item, "output"), blobs))]


def apply_patch_call_output(item: object, blobs: bool) -> list[Part]:
    """Whether a patch could be applied, and the log of it where there is one."""
    response = kept(status=text(field(item, "status")), output=plain(field(item, "output")))
    return [_output(item, response)]


def computer_call_output(item: object, blobs: bool) -> list[Part]:
    """A screenshot."""
    found = screenshot(field(item, "output"), blobs)
    return [_output(item, "" if found is None else found)]


def local_shell_call_output(item: object, blobs: bool) -> list[Part]:
    """The output of a command; the id of its item is that of the call."""
    call_id = text(field(item, "call_id")) or text(field(item, "id"))
    return [kept(type="tool_call_response", id=call_id, response=response_of(field(item, "output"), blobs))]


def tool_search_output_of_client(item: object, blobs: bool) -> list[Part]:
    """The tools that the caller found."""
    return [_output(item, {"tools": described_tools(field(item, "tools"))})]


def _call(item: object, name: str, arguments: Any) -> Part:
    return _part(text(field(item, "call_id")), name, arguments)


def _part(call_id: str | None, name: str, arguments: Any) -> Part:
    part = {"type": "tool_call", "id": call_id, "name": name, "arguments": arguments}
    return part if call_id is not None and arguments is not None else kept(**part)


def _output(item: object, response: Any) -> Part:
    return kept(type="tool_call_response", id=text(field(item, "call_id")), response=response)
