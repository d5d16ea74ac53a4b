"""The content of a call, as the policy lets it out: attribute by attribute, structured and as JSON text."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import otel_responses._semconv as semconv
from otel_responses._mapping.messages import (
    input_messages,
    output_messages,
    prompt_variables,
    system_instructions,
    tool_definitions,
)
from otel_responses._records import Content
from otel_responses.policy import Part, Policy, cut_text, fit, redacted_messages, redacted_parts, to_json

__all__ = ["error_text", "fitted_content", "redacted_content", "redacted_variables"]


def redacted_content(
    body: Mapping[str, Any], response: object, finish_reason: str | None, policy: Policy
) -> dict[str, list[Any]]:
    """Map what was sent and what came back, and ask the redactor; by attribute name, whole, without empty ones.

    Raises:
        Exception: Whatever the redactor raises; nothing of the call's content may be recorded then.
    """
    redact, blobs = policy.redact, policy.blobs
    instructions, definitions = system_instructions(body), tool_definitions(body, schemas=policy.tool_schemas)
    inputs, outputs = input_messages(body, blobs=blobs), output_messages(response, finish_reason, blobs=blobs)
    found: dict[str, list[Any]] = {
        semconv.SYSTEM_INSTRUCTIONS: redacted_parts(instructions, redact, "system", "system_instructions"),
        semconv.INPUT_MESSAGES: redacted_messages(inputs, redact, "input"),
        semconv.OUTPUT_MESSAGES: redacted_messages(outputs, redact, "output"),
        semconv.TOOL_DEFINITIONS: redacted_parts(definitions, redact, "", "tool_definition"),
    }
    return {name: content for name, content in found.items() if content}


def redacted_variables(body: Mapping[str, Any], policy: Policy) -> dict[str, str]:
    """Return the variables of the prompt template, each an attribute of its own, redacted and cut.

    Raises:
        Exception: Whatever the redactor raises.
    """
    variables: dict[str, str] = {}
    for key, value in prompt_variables(body).items():
        part: Part = {"type": "text", "content": value} if isinstance(value, str) else value
        for kept in redacted_parts([part], policy.redact, "", "prompt_variable"):
            variables[f"{semconv.PROMPT_VARIABLE}{key}"] = cut_text(_text_of(kept), policy.limits.part_chars)
    return variables


def fitted_content(found: Mapping[str, list[Any]], variables: Mapping[str, str], policy: Policy) -> Content:
    """Cut the content to the limits."""
    structured: dict[str, Any] = {}
    texts: dict[str, str] = {}
    for name, content in found.items():
        if content:
            structured[name], texts[name] = fit(content, policy.limits)
    return Content({**structured, **variables}, {**texts, **variables})


def error_text(message: str, policy: Policy) -> str | None:
    """Return an error's message as the policy lets it out; it may quote the prompt or the answer.

    Raises:
        Exception: Whatever the redactor raises.
    """
    part: Part = {"type": "text", "content": message}
    kept = redacted_parts([part], policy.redact, "", "error")
    return cut_text(_text_of(kept[0]), policy.limits.part_chars) if kept else None


def _text_of(part: Part) -> str:
    content = part.get("content")
    return content if isinstance(content, str) else to_json(part)
