"""The tools of a request -> tool definitions: type and name, and only when asked for what else the model is told.

The credentials and addresses of MCP servers are never in them.
"""

from __future__ import annotations

from collections.abc import Mapping

from otel_responses._mapping.plain import entries, plain
from otel_responses._mapping.reading import field, reader, text
from otel_responses.policy import Part

__all__ = ["TOOLS", "described_tools", "tool_definitions"]

# Where the name of a tool is; a tool without one goes by its type. A type yet unknown may have a name.
TOOLS: Mapping[str, str | None] = {
    "apply_patch": None,
    "code_interpreter": None,
    "computer": None,
    "computer_use_preview": None,
    "custom": "name",
    "file_search": None,
    "function": "name",
    "image_generation": None,
    "local_shell": None,
    "mcp": "server_label",
    "namespace": "name",
    "programmatic_tool_calling": None,
    "shell": None,
    "tool_search": None,
    "web_search": None,
    "web_search_2025_08_26": None,
    "web_search_preview": None,
    "web_search_preview_2025_03_11": None,
}
# What is added when asked for: key of the tool -> key of the definition.
_SCHEMAS: Mapping[str, str] = {
    "description": "description",
    "server_description": "description",
    "parameters": "parameters",
    "format": "format",
}
# Namespaces hold functions, and nothing that holds tools again.
_NESTED_MAX = 2


def tool_definitions(body: Mapping[str, object], *, schemas: bool = False) -> list[Part]:
    """Return the tools of a request; with `schemas` also descriptions, parameters, and the tools of a namespace."""
    return described_tools(field(body, "tools"), schemas=schemas)


def described_tools(tools: object, *, schemas: bool = False, depth: int = _NESTED_MAX) -> list[Part]:
    """Return the definitions of a list of tools."""
    return [_definition(tool, schemas, depth) for tool in entries(tools) if tool is not None] if depth else []


def _definition(tool: object, schemas: bool, depth: int) -> Part:
    read = reader(tool)
    kind = read("type")
    if type(kind) is not str or kind not in TOOLS:
        kind = text(kind) or "unknown"
    definition: Part = {"type": kind, "name": text(read(TOOLS.get(kind) or "name")) or _name(tool) or kind}
    if schemas:
        for key, name in _SCHEMAS.items():
            if (value := plain(read(key))) is not None:
                definition[name] = value
        if nested := described_tools(read("tools"), schemas=True, depth=depth - 1):
            definition["tools"] = nested
    return definition


def _name(tool: object) -> str | None:
    """Return the name in the form of Chat Completions, with a `function` inside, which frameworks send."""
    return text(field(field(tool, "function"), "name"))
