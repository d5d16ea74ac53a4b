"""The requests of the workloads: what the program sends."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

__all__ = ["CHAT_COMPLETION", "HISTORY", "LARGE", "REQUEST", "STREAM", "TOOLS"]

Json = dict[str, Any]

REQUEST: Json = {
    "model": "gpt-5-mini",
    "instructions": "You are a friendly guide to European cities.",
    "input": "Which three sights should I not miss in Lisbon?",
    "max_output_tokens": 1_000,
    "reasoning": {"effort": "low"},
}
STREAM: Json = {
    **{key: REQUEST[key] for key in REQUEST if key != "reasoning"},
    "model": "gpt-4.1",
    "max_output_tokens": 50_000,
}


def _tool(name: str, **properties: str) -> Json:
    schema = {key: {"type": "string", "description": text} for key, text in properties.items()}
    parameters: Json = {
        "type": "object",
        "properties": schema,
        "required": [*properties],
        "additionalProperties": False,
    }
    description = f"Use this to {name.replace('_', ' ')}."
    return {"type": "function", "name": name, "description": description, "strict": True, "parameters": parameters}


# The fake API calls each of the five.
TOOLS: Json = {
    **REQUEST,
    "tools": [
        _tool("find_flights", origin="Three letters", destination="Three letters", date="As in 2026-11-22"),
        _tool("find_hotels", city="Its English name", check_in="A date", check_out="A date"),
        _tool("convert_money", amount="A number", source="Three letters", target="Three letters"),
        _tool("look_up_weather", city="Its English name", date="A date"),
        _tool("book_table", restaurant="Its name", time="Day and hour", guests="How many"),
    ],
}

_PARAGRAPH = (
    'The old town lies between the castle of São Jorge and the river. "Take tram 28", the guide says,\n'
    '"and get off at Graça." '
)
# One document of 200 kB; a few of its letters are none of ASCII, as in most documents.
DOCUMENT = (_PARAGRAPH * (200_000 // len(_PARAGRAPH) + 1))[:200_000]
LARGE: Json = {
    **REQUEST,
    "input": [{"role": "user", "content": [{"type": "input_text", "text": DOCUMENT}]}],
}


def _round(number: int) -> Iterator[Json]:
    """Four items: a question, a function call with its output, an answer."""
    call = {"call_id": f"call_{number}", "type": "function_call_output", "output": '{"sky":"clear","celsius":24}'}
    yield {"role": "user", "content": f"What is the weather like in Lisbon on day {number} of our trip?"}
    arguments = f'{{"city":"Lisbon","day":{number}}}'
    yield {"type": "function_call", "call_id": f"call_{number}", "name": "look_up_weather", "arguments": arguments}
    yield call
    yield {"role": "assistant", "content": f"On day {number} the sky is clear, and it is warm enough for the beach."}


# 200 items.
HISTORY: Json = {**REQUEST, "input": [item for number in range(50) for item in _round(number)]}

CHAT_COMPLETION: Json = {
    "id": "chatcmpl-1",
    "object": "chat.completion",
    "created": 1_767_225_600,
    "model": "gpt-4.1-2025-04-14",
    "choices": [
        {
            "index": 0,
            "message": {
                "role": "assistant",
                "content": "Hello! How can I help you?",
                "refusal": None,
                "annotations": [],
            },
            "logprobs": None,
            "finish_reason": "stop",
        }
    ],
    "usage": {"prompt_tokens": 9, "completion_tokens": 8, "total_tokens": 17},
    "service_tier": "default",
}
