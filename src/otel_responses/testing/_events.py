"""A finished response as the stream of events that would have led to it, in the API's order."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator

from otel_responses.testing._response import pending
from otel_responses.testing._wire import JsonObject

__all__ = ["stream_events"]

TERMINAL = {
    "completed": "response.completed",
    "failed": "response.failed",
    "incomplete": "response.incomplete",
}
# A word with the space before it: about what the real API sends as one delta.
DELTA = re.compile(r"\s*\S+|\s+")


def stream_events(response: JsonObject) -> list[JsonObject]:
    """All events with their sequence numbers; no terminal one for a status that has none, such as `cancelled`."""
    return [{**event, "sequence_number": number} for number, event in enumerate(_events(response))]


def _events(response: JsonObject) -> Iterator[JsonObject]:
    first = "queued" if response["background"] else "in_progress"
    yield {"type": "response.created", "response": pending(response, first)}
    if first == "queued":
        yield {"type": "response.queued", "response": pending(response, first)}
    yield {"type": "response.in_progress", "response": pending(response, "in_progress")}
    for index, item in enumerate(response["output"]):
        for event in _item_events(item):
            yield {**event, "output_index": index}
    if response["status"] in TERMINAL:
        yield {"type": TERMINAL[response["status"]], "response": response}


def _item_events(item: JsonObject) -> Iterator[JsonObject]:
    started, progress = ITEMS.get(item["type"], (_as_it_is, _no_progress))
    yield {"type": "response.output_item.added", "item": started(item)}
    for event in progress(item):
        yield {**event, "item_id": item.get("id")}
    yield {"type": "response.output_item.done", "item": item}


def _as_it_is(item: JsonObject) -> JsonObject:
    return item


def _empty(field: str, value: object) -> Callable[[JsonObject], JsonObject]:
    """How an item starts: in progress, and with nothing yet in the field that grows."""

    def started(item: JsonObject) -> JsonObject:
        status = {"status": "in_progress"} if "status" in item else {}
        return {**item, **status, field: value}

    return started


def _without_action(item: JsonObject) -> JsonObject:
    return {**{key: value for key, value in item.items() if key != "action"}, "status": "in_progress"}


def _no_progress(item: JsonObject) -> Iterable[JsonObject]:
    return ()


def _deltas(kind: str, text: str) -> Iterator[JsonObject]:
    for piece in DELTA.findall(text):
        yield {"type": f"{kind}.delta", "delta": piece}


def _message(item: JsonObject) -> Iterator[JsonObject]:
    for index, part in enumerate(item.get("content") or ()):
        refused = part.get("type") == "refusal"
        for event in _refusal(part) if refused else _text(part):
            yield {**event, "content_index": index}


def _text(part: JsonObject) -> Iterator[JsonObject]:
    yield {"type": "response.content_part.added", "part": {**part, "annotations": [], "text": ""}}
    for delta in _deltas("response.output_text", part.get("text", "")):
        yield {**delta, "logprobs": []}
    for number, annotation in enumerate(part.get("annotations", ())):
        place = {"annotation_index": number, "annotation": annotation}
        yield {"type": "response.output_text.annotation.added", **place}
    yield {"type": "response.output_text.done", "text": part.get("text", ""), "logprobs": []}
    yield {"type": "response.content_part.done", "part": part}


def _refusal(part: JsonObject) -> Iterator[JsonObject]:
    yield {"type": "response.content_part.added", "part": {**part, "refusal": ""}}
    yield from _deltas("response.refusal", part["refusal"])
    yield {"type": "response.refusal.done", "refusal": part["refusal"]}
    yield {"type": "response.content_part.done", "part": part}


def _reasoning(item: JsonObject) -> Iterator[JsonObject]:
    for index, part in enumerate(item.get("summary") or ()):
        for event in _summary(part):
            yield {**event, "summary_index": index}


def _summary(part: JsonObject) -> Iterator[JsonObject]:
    yield {"type": "response.reasoning_summary_part.added", "part": {**part, "text": ""}}
    yield from _deltas("response.reasoning_summary_text", part["text"])
    yield {"type": "response.reasoning_summary_text.done", "text": part["text"]}
    yield {"type": "response.reasoning_summary_part.done", "part": part}


def _function_call(item: JsonObject) -> Iterator[JsonObject]:
    kind, arguments = "response.function_call_arguments", item.get("arguments", "")
    for start in range(0, len(arguments), 8):
        yield {"type": f"{kind}.delta", "delta": arguments[start : start + 8]}
    yield {"type": f"{kind}.done", "arguments": arguments}


def _search(item: JsonObject) -> Iterator[JsonObject]:
    for state in ("in_progress", "searching", "completed"):
        yield {"type": f"response.{item['type']}.{state}"}


ITEMS: dict[str, tuple[Callable[[JsonObject], JsonObject], Callable[[JsonObject], Iterable[JsonObject]]]] = {
    "file_search_call": (_empty("queries", []), _search),
    "function_call": (_empty("arguments", ""), _function_call),
    "message": (_empty("content", []), _message),
    "reasoning": (_empty("summary", []), _reasoning),
    "web_search_call": (_without_action, _search),
}
