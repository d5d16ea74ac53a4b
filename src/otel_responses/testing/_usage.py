"""Token counts that add up, and the prompt cache."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from otel_responses.testing._wire import JsonObject, as_list, as_object

__all__ = ["PromptCache", "count_tokens", "prompt_text", "usage"]

# About four characters a token, as English has; and what the real API adds to every prompt.
CHARACTERS_PER_TOKEN = 4
PROMPT_OVERHEAD = 7
REASONING_TOKENS = {"minimal": 0, "low": 64, "medium": 192, "high": 448, "xhigh": 896}
# The real cache counts in blocks of 128 tokens.
CACHE_BLOCK = 128
BLOCK_CHARACTERS = CACHE_BLOCK * CHARACTERS_PER_TOKEN
BEGINNINGS_MAX = 4_096
# Names, not text; and files, which have a price of their own.
UNREAD = frozenset({"call_id", "encrypted_content", "file_data", "id", "image_url", "status", "type"})


def count_tokens(text: str) -> int:
    return -(-len(text) // CHARACTERS_PER_TOKEN)


def prompt_text(request: JsonObject, context: Sequence[JsonObject]) -> str:
    """All that the model reads, in its order: tools, instructions, input."""
    return "\n".join(_texts([request.get("tools"), request.get("instructions"), *context]))


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    for item in as_list(value):
        yield from _texts(item)
    for key, item in as_object(value).items():
        if key not in UNREAD:
            yield from _texts(item)


class PromptCache:
    """Knows with which blocks earlier prompts began.

    Args:
        minimum: Tokens under which nothing counts as cached; 1024 as the real one.
    """

    def __init__(self, minimum: int = 1024) -> None:
        self._minimum = minimum
        self._beginnings: set[int] = set()

    def cached_tokens(self, prompt: str) -> int:
        """Tokens that the prompt shares with the beginning of an earlier one, in whole blocks; remembers the prompt."""
        beginnings = list(_beginnings(prompt))
        known = sum(1 for beginning in beginnings if beginning in self._beginnings) * CACHE_BLOCK
        if len(self._beginnings) > BEGINNINGS_MAX:
            self._beginnings.clear()
        self._beginnings.update(beginnings)
        return known if known >= self._minimum else 0


def _beginnings(prompt: str) -> Iterator[int]:
    """A hash for each beginning of the prompt that ends with a whole block."""
    beginning = 0
    for start in range(0, len(prompt) - BLOCK_CHARACTERS + 1, BLOCK_CHARACTERS):
        beginning = hash((beginning, prompt[start : start + BLOCK_CHARACTERS]))
        yield beginning


def usage(prompt: str, output: Sequence[JsonObject], *, cached: int = 0, effort: object = None) -> JsonObject:
    """The usage of one response: reasoning tokens count as output, cached ones as input."""
    thought = REASONING_TOKENS.get(str(effort), 0)
    reading = count_tokens(prompt) + PROMPT_OVERHEAD
    writing = sum(_written(item) for item in output) + thought
    return {
        "input_tokens": reading,
        "input_tokens_details": {"cache_write_tokens": 0, "cached_tokens": min(cached, reading)},
        "output_tokens": writing,
        "output_tokens_details": {"reasoning_tokens": thought},
        "total_tokens": reading + writing,
    }


def _written(item: JsonObject) -> int:
    if item["type"] == "message":
        return sum(count_tokens(part["text"]) for part in item["content"])
    return count_tokens(item["name"] + item["arguments"]) if item["type"] == "function_call" else 0
