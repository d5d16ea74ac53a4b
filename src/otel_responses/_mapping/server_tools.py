"""The calls of tools that run at the provider -> server_tool_call parts, each followed by its results where it has any.

A status is told where it is not `completed`.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from otel_responses._mapping.arguments import parsed
from otel_responses._mapping.media import IMAGE, data_part, url_part
from otel_responses._mapping.parts import kept, name_of, response_of
from otel_responses._mapping.plain import entries, fields_of, plain
from otel_responses._mapping.reading import field, text
from otel_responses._mapping.tools import described_tools
from otel_responses.policy import Part

__all__ = [
    "code_interpreter_call",
    "file_search_call",
    "image_generation_call",
    "mcp_approval_request",
    "mcp_approval_response",
    "mcp_call",
    "mcp_list_tools",
    "multi_agent_call",
    "multi_agent_call_output",
    "program",
    "program_output",
    "tool_search_by_server",
    "tool_search_output_of_server",
    "web_search_call",
]

_IMAGE_TYPES = {"svg": "image/svg+xml", "jpg": "image/jpeg"}
_IMAGE_SETTINGS = ("action", "revised_prompt", "size", "quality", "background", "output_format")


def web_search_call(item: object, blobs: bool) -> list[Part]:
    """A search, or a page that was opened or searched; its sources are the results, where they were asked for."""
    action = dict(fields_of(field(item, "action")) or {})
    sources = plain(action.pop("sources", None))
    call = _call(item, "web_search", action=plain(action) if action else None)
    return [call] if sources is None else [call, _response(_id(item), "web_search", sources=sources)]


def file_search_call(item: object, blobs: bool) -> list[Part]:
    """The queries; the passages that were found, where they were asked for."""
    call = _call(item, "file_search", queries=plain(field(item, "queries")))
    results = plain(field(item, "results"))
    return [call] if results is None else [call, _response(_id(item), "file_search", results=results)]


def code_interpreter_call(item: object, blobs: bool) -> list[Part]:
    """The code; what it printed and drew, where that was asked for."""
    fields = {name: plain(field(item, name)) for name in ("code", "container_id")}
    call = _call(item, "code_interpreter", **fields)
    outputs = field(item, "outputs")
    if outputs is None:
        return [call]
    drawn = [_code_output(output, blobs) for output in entries(outputs)]
    return [call, _response(_id(item), "code_interpreter", outputs=drawn)]


def _code_output(output: object, blobs: bool) -> Any:
    found = url_part(field(output, "url"), IMAGE, blobs=blobs) if field(output, "type") == "image" else None
    return response_of(output, blobs) if found is None else found


def image_generation_call(item: object, blobs: bool) -> list[Part]:
    """The prompt as the model revised it, with the settings; the image by size and hash, or the error."""
    call = _call(item, "image_generation", **{name: plain(field(item, name)) for name in _IMAGE_SETTINGS})
    kind = text(field(item, "output_format")) or "png"
    medium = replace(IMAGE, mime_type=_IMAGE_TYPES.get(kind, f"image/{kind}"))
    result = data_part(field(item, "result"), medium, blobs=blobs)
    error = plain(field(item, "error"))
    if result is None and error is None:
        return [call]
    return [call, _response(_id(item), "image_generation", result=result, error=error)]


def mcp_call(item: object, blobs: bool) -> list[Part]:
    """A tool of an MCP server, with its output or its error."""
    name, output, error = name_of(field(item, "name"), "mcp"), field(item, "output"), field(item, "error")
    call = _named(item, "mcp", name, server_label=_label(item), arguments=parsed(field(item, "arguments")))
    if output is None and error is None:
        return [call]
    return [call, _response(_id(item), "mcp", output=plain(output), error=plain(error))]


def mcp_list_tools(item: object, blobs: bool) -> list[Part]:
    """The names of an MCP server's tools; their descriptions and parameters are left out, as those of a request are."""
    call = _call(item, "mcp_list_tools", server_label=_label(item))
    names = [{"name": name_of(field(tool, "name"), "unknown")} for tool in entries(field(item, "tools"))]
    return [call, _response(_id(item), "mcp_list_tools", tools=names, error=plain(field(item, "error")))]


def mcp_approval_request(item: object, blobs: bool) -> list[Part]:
    """A call of an MCP server's tool that waits for the caller's consent."""
    name, arguments = name_of(field(item, "name"), "mcp"), parsed(field(item, "arguments"))
    return [_named(item, "mcp_approval_request", name, server_label=_label(item), arguments=arguments)]


def mcp_approval_response(item: object, blobs: bool) -> list[Part]:
    """The caller's consent to a call, or its refusal."""
    answer = kept(approve=plain(field(item, "approve")), reason=plain(field(item, "reason")))
    return [_response(text(field(item, "approval_request_id")), "mcp_approval_response", **answer)]


def tool_search_by_server(item: object, blobs: bool) -> list[Part]:
    """A search among the tools that were not loaded."""
    return [_call(item, "tool_search", arguments=parsed(field(item, "arguments")))]


def tool_search_output_of_server(item: object, blobs: bool) -> list[Part]:
    """The tools that were loaded, by type and name."""
    return [_response(_id(item), "tool_search", tools=described_tools(field(item, "tools")))]


def program(item: object, blobs: bool) -> list[Part]:
    """The program that calls tools; its fingerprint is left out."""
    return [_call(item, "program", code=plain(field(item, "code")))]


def program_output(item: object, blobs: bool) -> list[Part]:
    """What a program returned."""
    return [_response(_id(item), "program", status=_status(item), result=plain(field(item, "result")))]


def multi_agent_call(item: object, blobs: bool) -> list[Part]:
    """An order to other agents, such as `spawn_agent`."""
    action = name_of(field(item, "action"), "multi_agent")
    return [_named(item, "multi_agent", action, action=action, arguments=parsed(field(item, "arguments")))]


def multi_agent_call_output(item: object, blobs: bool) -> list[Part]:
    """What came of such an order."""
    output = response_of(field(item, "output"), blobs)
    return [_response(_id(item), "multi_agent", action=text(field(item, "action")), output=output)]


def _call(item: object, tool: str, **fields: Any) -> Part:
    return _named(item, tool, tool, **fields)


def _named(item: object, kind: str, name: str, **fields: Any) -> Part:
    call = kept(type=kind, status=_status(item), **fields)
    return kept(type="server_tool_call", id=_id(item), name=name, server_tool_call=call)


def _response(call_id: str | None, kind: str, **fields: Any) -> Part:
    response = kept(type=kind, **fields)
    return kept(type="server_tool_call_response", id=call_id, server_tool_call_response=response)


def _id(item: object) -> str | None:
    """Return the id by which a call and its output find each other, where they are two items; else the item's own."""
    return text(field(item, "call_id")) or text(field(item, "id"))


def _label(item: object) -> str | None:
    return text(field(item, "server_label"))


def _status(item: object) -> str | None:
    status = text(field(item, "status"))
    return None if status == "completed" else status
