"""The completion hook of opentelemetry-util-genai (extra `hooks`): sees, changes or uploads the content of a call.

The operator chooses one with `OTEL_INSTRUMENTATION_GENAI_COMPLETION_HOOK`, which is the consent for that hook alone.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, is_dataclass
from importlib import import_module
from typing import Any, cast

from opentelemetry._logs import LogRecord
from opentelemetry.trace import Span

import otel_responses._semconv as semconv
from otel_responses._safe import guard, warn_once

__all__ = ["Hook", "load_hook"]

_NO_EXTRA = "%s is set, but opentelemetry-util-genai is missing: no hook is called. Install it with: %s"

Found = Mapping[str, list[Any]]


@guard
def load_hook(variable: str) -> Hook | None:
    """Return the hook that the environment variable names; None, with a warning, if it cannot be had."""
    try:
        completion_hook = import_module("opentelemetry.util.genai.completion_hook")
        types = import_module("opentelemetry.util.genai.types")
    except ImportError:
        warn_once("hooks", _NO_EXTRA, variable, "pip install 'otel-responses[hooks]'")
        return None
    hook = completion_hook.load_completion_hook()
    # What stands in for a hook that is not there has a private class; a hook of its own would be a waste to feed.
    return None if type(hook).__name__ == "_NoOpCompletionHook" else Hook(hook, types)


@dataclass(frozen=True, slots=True)
class Hook:
    """Speaks to a hook in the types of opentelemetry-util-genai, and takes back what it made of them."""

    _hook: Any
    _types: Any

    def apply(self, found: Found, span: Span, record: LogRecord | None) -> Found:
        """Show a hook the redacted content of a call; return what it left, which is what gets recorded.

        `span` is still open, so that references may be set on it. `record` is the event, where there will be one.
        """
        inputs = [self._message(message) for message in found.get(semconv.INPUT_MESSAGES, ())]
        outputs = [self._output(message) for message in found.get(semconv.OUTPUT_MESSAGES, ())]
        instructions = [self._part(part) for part in found.get(semconv.SYSTEM_INSTRUCTIONS, ())]
        tools = [self._tool(tool) for tool in found.get(semconv.TOOL_DEFINITIONS, ())]
        self._hook.on_completion(
            inputs=inputs,
            outputs=outputs,
            system_instruction=instructions,
            tool_definitions=tools or None,
            span=span,
            log_record=record,
        )
        left = {
            semconv.SYSTEM_INSTRUCTIONS: instructions,
            semconv.INPUT_MESSAGES: inputs,
            semconv.OUTPUT_MESSAGES: outputs,
            semconv.TOOL_DEFINITIONS: tools,
        }
        return {name: [_plain(one) for one in content] for name, content in left.items()}

    def _message(self, message: Mapping[str, Any]) -> Any:
        return self._types.InputMessage(role=message["role"], parts=[self._part(part) for part in message["parts"]])

    def _output(self, message: Mapping[str, Any]) -> Any:
        parts = [self._part(part) for part in message["parts"]]
        reason = message.get("finish_reason")
        return self._types.OutputMessage(role=message["role"], parts=parts, finish_reason=reason)

    def _part(self, part: Mapping[str, Any]) -> Any:
        make = _PARTS.get(part["type"])
        return _other_part(part) if make is None else make(self._types, part)

    def _tool(self, tool: Mapping[str, Any]) -> Any:
        if tool.get("type") != "function":
            return self._types.GenericToolDefinition(name=tool.get("name", ""), type=tool["type"])
        return self._types.FunctionToolDefinition(
            name=tool.get("name", ""), description=tool.get("description"), parameters=tool.get("parameters")
        )


_PARTS: Mapping[str, Callable[[Any, Mapping[str, Any]], Any]] = {
    "text": lambda types, part: types.TextPart(content=part["content"]),
    "reasoning": lambda types, part: types.ReasoningPart(content=part["content"]),
    "tool_call": lambda types, part: types.ToolCallRequestPart(
        arguments=part.get("arguments"), name=part["name"], id=part.get("id")
    ),
    "tool_call_response": lambda types, part: types.ToolCallResponsePart(response=part["response"], id=part.get("id")),
    "server_tool_call": lambda types, part: types.ServerToolCallPart(
        name=part["name"], server_tool_call=part["server_tool_call"], id=part.get("id")
    ),
    "server_tool_call_response": lambda types, part: types.ServerToolCallResponsePart(
        server_tool_call_response=part["server_tool_call_response"], id=part.get("id")
    ),
    "compaction": lambda types, part: types.CompactionPart(id=part.get("id"), content=part.get("content")),
    "blob": lambda types, part: types.BlobPart(
        mime_type=part.get("mime_type"), modality=part["modality"], content=base64.b64decode(part["content"])
    ),
    "file": lambda types, part: types.FilePart(
        mime_type=part.get("mime_type"), modality=part["modality"], file_id=part["file_id"]
    ),
    "uri": lambda types, part: types.UriPart(
        mime_type=part.get("mime_type"), modality=part["modality"], uri=part["uri"]
    ),
}


@dataclass
class _OtherPart:
    """A part without a type in opentelemetry-util-genai, such as `generic`."""

    type: str
    value: Any = None


def _other_part(part: Mapping[str, Any]) -> _OtherPart:
    return _OtherPart(part["type"], part.get("value"))


def _plain(value: Any) -> Any:
    """Return plain data without nulls, blobs in base64."""
    if is_dataclass(value) and not isinstance(value, type):
        value = asdict(value)
    if isinstance(value, bytes):
        return base64.b64encode(value).decode("ascii")
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in cast("dict[object, Any]", value).items() if item is not None}
    return [_plain(item) for item in cast("list[Any]", value)] if isinstance(value, list) else value
