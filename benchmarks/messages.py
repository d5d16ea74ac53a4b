"""Content as a careful developer records it by hand: the shapes are known, and each attribute is one `json.dumps`."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from openai.types.responses import Response

__all__ = ["content_attributes"]

Part = dict[str, Any]

_written = partial(json.dumps, ensure_ascii=False, separators=(",", ":"))


def content_attributes(request: Mapping[str, Any], response: Response) -> dict[str, str]:
    """Return instructions, messages and tools as JSON texts."""
    attributes = {
        "gen_ai.system_instructions": _written([_text(request["instructions"])]),
        "gen_ai.input.messages": _written(_input(request["input"])),
        "gen_ai.output.messages": _written([_output(response)]),
    }
    if "tools" in request:
        tools = [{"type": tool["type"], "name": tool["name"]} for tool in request["tools"]]
        attributes["gen_ai.tool.definitions"] = _written(tools)
    return attributes


def _input(sent: str | list[Part]) -> list[Part]:
    if isinstance(sent, str):
        return [_message("user", _text(sent))]
    return [ITEMS[item.get("type", "message")](item) for item in sent]


def _message(role: str, part: Part) -> Part:
    return {"role": role, "parts": [part]}


def _text(content: str) -> Part:
    return {"type": "text", "content": content}


def _sent_message(item: Part) -> Part:
    content = item["content"]
    return _message(item["role"], _text(content if isinstance(content, str) else content[0]["text"]))


def _sent_call(item: Part) -> Part:
    return _message("assistant", _call(item["call_id"], item["name"], item["arguments"]))


def _sent_output(item: Part) -> Part:
    part = {"type": "tool_call_response", "id": item["call_id"], "response": item["output"]}
    return _message("tool", part)


ITEMS: Mapping[str, Callable[[Part], Part]] = {
    "message": _sent_message,
    "function_call": _sent_call,
    "function_call_output": _sent_output,
}


def _call(call_id: str, name: str, arguments: str) -> Part:
    return {"type": "tool_call", "id": call_id, "name": name, "arguments": json.loads(arguments)}


def _output(response: Response) -> Part:
    parts: list[Part] = []
    for item in response.output:
        if item.type == "message":
            parts += [_text(part.text) for part in item.content if part.type == "output_text"]
        elif item.type == "function_call":
            parts.append(_call(item.call_id, item.name, item.arguments))
    reason = "tool_call" if response.output[-1].type == "function_call" else "stop"
    return {"role": "assistant", "parts": parts, "finish_reason": reason}
