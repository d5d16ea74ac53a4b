"""Token counts that add up, and the prompt cache."""

from __future__ import annotations

import json
from collections.abc import Sequence

from otel_responses.testing._wire import JsonObject

__all__ = ["PromptCache", "count_tokens", "usage"]

# About four characters a token, as English has; and what the real API adds to every prompt.
CHARACTERS_PER_TOKEN = 4
PROMPT_OVERHEAD = 7
REASONING_TOKENS = {"minimal": 0, "low": 64, "medium": 192, "high": 448, "xhigh": 896}
# The real cache counts in blocks of 128 tokens.
CACHE_BLOCK = 128
BLOCK_CHARACTERS = CACHE_BLOCK * CHARACTERS_PER_TOKEN
BEGINNINGS_MAX = 4_096


def count_tokens(value: object) -> int:
    """Tokens of a text, or of anything else as JSON."""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return -(-len(text) // CHARACTERS_PER_TOKEN)


class PromptCache:
    """Knows with which blocks earlier prompts began.

    Args:
        minimum: Tokens under which nothing counts as cached; 1024 as the real one.
    """

    def __init__(self, minimum: int = 1024) -> None:
        self._minimum = minimum
        self._beginnings: dict[str, None] = {}

    def cached_tokens(self, prompt: str) -> int:
        """Tokens that the prompt shares with the beginning of an earlier one, in whole blocks; remembers the prompt."""
        ends = range(BLOCK_CHARACTERS, len(prompt) + 1, BLOCK_CHARACTERS)
        beginnings = [prompt[:end] for end in ends]
        known = sum(1 for beginning in beginnings if beginning in self._beginnings) * CACHE_BLOCK
        if len(self._beginnings) > BEGINNINGS_MAX:
            self._beginnings.clear()
        self._beginnings.update(dict.fromkeys(beginnings))
        return known if known >= self._minimum else 0


def usage(prompt: str, output: Sequence[JsonObject], *, cached: int = 0, effort: object = None) -> JsonObject:
    """The usage of one response: reasoning tokens count as output, cached ones as input."""
    thought = REASONING_TOKENS.get(str(effort), 0)
    reading = count_tokens(prompt) + PROMPT_OVERHEAD
    writing = sum(_written(item) for item in output) + thought
    return {
        "input_tokens": reading,
        "input_tokens_details": {"cached_tokens": min(cached, reading)},
        "output_tokens": writing,
        "output_tokens_details": {"reasoning_tokens": thought},
        "total_tokens": reading + writing,
    }


def _written(item: JsonObject) -> int:
    if item["type"] == "message":
        return sum(count_tokens(part.get("text", part.get("refusal", ""))) for part in item["content"])
    return count_tokens(item["name"] + item["arguments"]) if item["type"] == "function_call" else 0
