"""The body of a request and the response to it -> messages of the GenAI conventions: the door to content.

Everything returned is plain data of its own. Nothing here raises for strange data.
"""

from __future__ import annotations

from collections.abc import Mapping

from otel_responses._mapping.items import ASSISTANT, mapped
from otel_responses._mapping.parts import content_parts, generic_part, text_part
from otel_responses._mapping.plain import fields_of, one_or_more, plain
from otel_responses._mapping.reading import field, text
from otel_responses._mapping.texts import clean
from otel_responses._mapping.tools import tool_definitions
from otel_responses.policy import Message, Part

__all__ = ["input_messages", "output_messages", "prompt_variables", "system_instructions", "tool_definitions"]

VARIABLES_MAX = 32
# The released schema demands a finish reason; this stands for a response that is still being written.
NO_FINISH_REASON = "unknown"


def system_instructions(body: Mapping[str, object]) -> list[Part]:
    """Return the parts of `instructions`: a text, or a list of items whose roles are not told apart."""
    instructions = field(body, "instructions")
    if isinstance(instructions, str):
        return [text_part(instructions)] if instructions else []
    return [part for item in one_or_more(instructions) for part in mapped(item, blobs=False)[1]]


def input_messages(body: Mapping[str, object], *, blobs: bool = False) -> list[Message]:
    """Return what `input` says, in order: a text, a list of items, or one JSON object, traced as it is.

    Items of the assistant that follow each other (reasoning, calls, texts) are one message; any other item is one.
    """
    messages: list[Message] = []
    whose, said = "", list[Part]()
    for item in one_or_more(field(body, "input")):
        role, parts, is_message = mapped(item, blobs=blobs)
        if role == ASSISTANT == whose:
            said += parts
        elif parts or is_message:
            whose, said = role, parts
            messages.append({"role": role, "parts": parts})
    return messages


def output_messages(response: object, finish_reason: str | None, *, blobs: bool = False) -> list[Message]:
    """Return the output of a response, an SDK model or a mapping, as one message; none where there is no output."""
    parts: list[Part] = []
    for item in one_or_more(field(response, "output")):
        _, found, is_message = mapped(item, blobs=blobs)
        # A compacted conversation repeats what the user said: that is no answer of the model.
        is_others = is_message and text(field(item, "role")) not in {None, ASSISTANT}
        parts += [generic_part(item)] if is_others else found
    if not parts:
        return []
    return [{"role": ASSISTANT, "parts": parts, "finish_reason": text(finish_reason) or NO_FINISH_REASON}]


def prompt_variables(body: Mapping[str, object]) -> dict[str, str | Part]:
    """Return at most 32 variables of a prompt template: texts, and parts for images and files."""
    given = field(body["prompt"], "variables") if "prompt" in body else None
    if given is None:
        return {}
    variables: dict[str, str | Part] = {}
    for name, value in (fields_of(given) or {}).items():
        key = text(name)
        if key is not None and value is not None:
            variables[key] = _variable(value)
        if len(variables) == VARIABLES_MAX:
            break
    return variables


def _variable(value: object) -> str | Part:
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, (bool, int, float)):
        return str(plain(value))
    return content_parts([value], blobs=False)[0]
