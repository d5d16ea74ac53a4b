"""The rules of the GenAI schemas in our own words, and stricter: every part has its own keys, and no others.

Where ../shared is beside the checkout, the published schemas of both versions are asked as well.
"""

from __future__ import annotations

import json
import math
from functools import cache
from pathlib import Path
from typing import Any

__all__ = ["INPUT", "INSTRUCTIONS", "OUTPUT", "SCHEMAS", "TOOLS", "expect_plain", "expect_valid", "published"]

INPUT, OUTPUT = "gen-ai-input-messages", "gen-ai-output-messages"
INSTRUCTIONS, TOOLS = "gen-ai-system-instructions", "gen-ai-tool-definitions"

SCHEMAS = Path(__file__).parents[3] / "shared" / "schemas"
VERSIONS = (".", "v1.41.1")
# 16 levels in a value, and those around it: list, message, parts, part, its object, media within.
DEPTH_MAX = 26

# type of a part -> key -> (type of its value, whether it is required); no other keys are allowed.
PARTS: dict[str, dict[str, tuple[type, bool]]] = {
    "blob": {"modality": (str, True), "mime_type": (str, False), "content": (str, True)},
    "compaction": {"id": (str, False)},
    "file": {"modality": (str, True), "file_id": (str, True)},
    "generic": {"value": (dict, True)},
    "reasoning": {"content": (str, True)},
    "server_tool_call": {"id": (str, False), "name": (str, True), "server_tool_call": (dict, True)},
    "server_tool_call_response": {"id": (str, False), "server_tool_call_response": (dict, True)},
    "text": {"content": (str, True)},
    "tool_call": {"id": (str, False), "name": (str, True), "arguments": (object, False)},
    "tool_call_response": {"id": (str, False), "response": (object, True)},
    "uri": {"modality": (str, True), "mime_type": (str, False), "uri": (str, True)},
}
TYPED = ("server_tool_call", "server_tool_call_response")


def expect_valid(schema: str, content: Any) -> None:
    """Assert that `content` obeys one of the four schemas, here and as published."""
    expect_plain(content)
    assert isinstance(content, list)
    for one in content:
        RULES[schema](one)
    for validator in published(schema):
        validator.validate(content)


def expect_input(message: Any) -> None:
    assert list(message) == ["role", "parts"]
    expect_message(message)


def expect_output(message: Any) -> None:
    assert list(message) == ["role", "parts", "finish_reason"]
    assert message["role"] == "assistant"
    assert message["finish_reason"]
    assert isinstance(message["finish_reason"], str)
    expect_message(message)


def expect_message(message: Any) -> None:
    assert isinstance(message["role"], str)
    assert message["role"]
    assert isinstance(message["parts"], list)
    for part in message["parts"]:
        expect_part(part)


def expect_part(part: Any) -> None:
    keys = PARTS[part["type"]]
    assert set(part) - {"type"} <= set(keys), f"{part['type']} has more than {sorted(keys)}: {sorted(part)}"
    assert next(iter(part)) == "type"
    for key, (kind, is_required) in keys.items():
        assert key in part or not is_required, f"{part['type']} has no {key}"
        assert isinstance(part.get(key, kind()), kind)
    for key in TYPED:
        assert isinstance(part.get(key, {"type": ""})["type"], str)


def expect_tool(tool: Any) -> None:
    assert list(tool)[:2] == ["type", "name"]
    assert isinstance(tool["type"], str)
    assert isinstance(tool["name"], str)
    assert tool["type"]
    assert tool["name"]


RULES = {INPUT: expect_input, OUTPUT: expect_output, INSTRUCTIONS: expect_part, TOOLS: expect_tool}


def expect_plain(value: Any, depth: int = DEPTH_MAX) -> None:
    """Assert that there is nothing but finite plain data, without nulls, that JSON in UTF-8 can carry."""
    assert depth > 0
    assert type(value) in (dict, list, str, int, float, bool), type(value)
    if type(value) is dict:
        for key, item in value.items():
            assert type(key) is str
            key.encode()
            expect_plain(item, depth - 1)
    elif type(value) is list:
        for item in value:
            expect_plain(item, depth - 1)
    elif type(value) is str:
        value.encode()
    elif type(value) is float:
        assert math.isfinite(value)
    elif type(value) is int:
        assert -(2**63) <= value < 2**63


@cache
def published(schema: str) -> list[Any]:
    """The validators of both published versions; none where they, or the library for them, are absent."""
    try:
        from jsonschema import Draft202012Validator
    except ImportError:
        return []
    files = [SCHEMAS / version / f"{schema}.json" for version in VERSIONS]
    return [Draft202012Validator(json.loads(file.read_text())) for file in files if file.is_file()]
