"""What a request asks for, read from its JSON body."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, cast

from otel_responses.testing._wire import JsonObject, as_list, as_object, as_objects

__all__ = [
    "function_tools",
    "has_image",
    "input_items",
    "last_tool_output",
    "last_user_text",
    "wants",
]


def input_items(request: JsonObject) -> list[JsonObject]:
    """The input as a list of items: text, or a JSON object as it is, becomes one user message."""
    value = request.get("input")
    if isinstance(value, list):
        return as_objects(cast("object", value))
    if value is None:
        return []
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return [{"type": "message", "role": "user", "content": [{"type": "input_text", "text": text}]}]


def last_tool_output(request: JsonObject) -> str | None:
    """The function output that the model has to react to: the last one after the last user message."""
    found: str | None = None
    for item in input_items(request):
        if item.get("role") == "user":
            found = None
        elif item.get("type") == "function_call_output":
            output: Any = item.get("output")
            found = output if isinstance(output, str) else json.dumps(output, ensure_ascii=False)
    return found


def last_user_text(request: JsonObject) -> str:
    """The text of the last message that has some."""
    texts = [text for item in input_items(request) for text in _texts(item)]
    return texts[-1] if texts else ""


def _texts(item: JsonObject) -> Iterator[str]:
    content: object = item.get("content")
    if isinstance(content, str):
        yield content
    for part in as_objects(content):
        if isinstance(part.get("text"), str):
            yield part["text"]


def has_image(request: JsonObject) -> bool:
    return any(
        part.get("type") == "input_image" for item in input_items(request) for part in as_objects(item.get("content"))
    )


def function_tools(request: JsonObject) -> list[JsonObject]:
    """The functions that the model may call now; only the first where parallel calls are switched off."""
    choice = request.get("tool_choice")
    if choice == "none":
        return []
    chosen = as_object(choice).get("name")
    functions = [tool for tool in as_objects(request.get("tools")) if tool.get("type") == "function"]
    tools = [tool for tool in functions if chosen in (None, tool.get("name"))]
    return tools[:1] if request.get("parallel_tool_calls") is False else tools


def wants(request: JsonObject, inclusion: str) -> bool:
    """Whether `include` names this extra part of the output."""
    return inclusion in as_list(request.get("include"))
