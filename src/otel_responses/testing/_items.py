"""The output items that a model would write for a request: deterministic, and of the real shapes."""

from __future__ import annotations

import json
from collections.abc import Callable

from otel_responses.testing._identifiers import Identifiers
from otel_responses.testing._request import (
    function_tools,
    has_image,
    last_tool_output,
    last_user_text,
    wants,
)
from otel_responses.testing._schema import example
from otel_responses.testing._wire import JsonObject, as_object, as_objects

__all__ = ["ENCRYPTED", "PLAIN_TEXT", "output_items"]

PLAIN_TEXT = "Meaning is what you make of it: curiosity, kindness, and the people around you."
IMAGE_TEXT = "A wooden boardwalk leads through a green meadow under a blue sky."
NEWS_TEXT = "A coral reef that was thought lost has recovered. "
NEWS_SOURCE = ("Good news from the reef", "https://news.example.com/reef")
FILE_TEXT = "According to the files, it is old, proud, and breathes sand."
FILE = ("file-0001", "dragons.pdf")
THOUGHT = "**Weighing the question**\n\nFirst the facts, then the answer."
# Stands for the model's encrypted reasoning; the real one is some kilobytes of base64.
ENCRYPTED = "gAAAAABfake"

TEXT_PART: JsonObject = {"type": "output_text", "annotations": [], "logprobs": []}


def output_items(request: JsonObject, ids: Identifiers, *, text: str = PLAIN_TEXT) -> list[JsonObject]:
    """What comes back: reasoning when there is an effort, then function calls, or tool results and a message."""
    items = [_reasoning(request, ids)] if _thinks(request) else []
    if last_tool_output(request) is None and (functions := function_tools(request)):
        return [*items, *(_function_call(tool, ids) for tool in functions)]
    kinds = [str(tool.get("type")) for tool in as_objects(request.get("tools"))]
    calls = [SERVER_TOOLS[kind](request, ids) for kind in kinds if kind in SERVER_TOOLS]
    return [*items, *calls, _message(request, calls, ids, text)]


def _thinks(request: JsonObject) -> bool:
    return as_object(request.get("reasoning")).get("effort") not in (None, "none")


def _reasoning(request: JsonObject, ids: Identifiers) -> JsonObject:
    summarised = as_object(request.get("reasoning")).get("summary") is not None
    item: JsonObject = {"id": ids.new("rs"), "type": "reasoning"}
    item["summary"] = [{"type": "summary_text", "text": THOUGHT}] if summarised else []
    if wants(request, "reasoning.encrypted_content"):
        item["encrypted_content"] = ENCRYPTED
    return item


def _function_call(tool: JsonObject, ids: Identifiers) -> JsonObject:
    arguments = json.dumps(example(tool.get("parameters")) or {}, separators=(",", ":"))
    return {
        "id": ids.new("fc"),
        "type": "function_call",
        "status": "completed",
        "arguments": arguments,
        "call_id": ids.new("call"),
        "name": str(tool.get("name")),
    }


def _web_search_call(request: JsonObject, ids: Identifiers) -> JsonObject:
    query = last_user_text(request)
    action = {"type": "search", "queries": [query], "query": query}
    return {"id": ids.new("ws"), "type": "web_search_call", "status": "completed", "action": action}


def _file_search_call(request: JsonObject, ids: Identifiers) -> JsonObject:
    file_id, filename = FILE
    result: JsonObject = {"file_id": file_id, "filename": filename, "score": 0.91, "text": FILE_TEXT, "attributes": {}}
    return {
        "id": ids.new("fs"),
        "type": "file_search_call",
        "status": "completed",
        "queries": [last_user_text(request)],
        "results": [result] if wants(request, "file_search_call.results") else None,
    }


SERVER_TOOLS: dict[str, Callable[[JsonObject, Identifiers], JsonObject]] = {
    "file_search": _file_search_call,
    "web_search": _web_search_call,
    "web_search_2025_08_26": _web_search_call,
    "web_search_preview": _web_search_call,
    "web_search_preview_2025_03_11": _web_search_call,
}


def _message(request: JsonObject, calls: list[JsonObject], ids: Identifiers, text: str) -> JsonObject:
    parts = [CITING[call["type"]]() for call in calls] or [{**TEXT_PART, "text": _plain(request, text)}]
    return {"id": ids.new("msg"), "type": "message", "status": "completed", "content": parts, "role": "assistant"}


def _plain(request: JsonObject, text: str) -> str:
    output_format = as_object(as_object(request.get("text")).get("format"))
    if output_format.get("type") in ("json_schema", "json_object"):
        # A format without a schema is satisfied by any object.
        value = example(output_format.get("schema")) or {"answer": text}
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    if (output := last_tool_output(request)) is not None:
        return f"The tool says: {output}"
    return IMAGE_TEXT if has_image(request) else text


def _web_text() -> JsonObject:
    title, url = NEWS_SOURCE
    citation = f"([{title}]({url}))"
    start = len(NEWS_TEXT)
    place = {"end_index": start + len(citation), "start_index": start}
    annotation = {"type": "url_citation", **place, "title": title, "url": url}
    return {**TEXT_PART, "annotations": [annotation], "text": NEWS_TEXT + citation}


def _file_text() -> JsonObject:
    file_id, filename = FILE
    annotation = {"type": "file_citation", "file_id": file_id, "filename": filename, "index": len(FILE_TEXT) - 1}
    return {**TEXT_PART, "annotations": [annotation], "text": FILE_TEXT}


CITING: dict[str, Callable[[], JsonObject]] = {"file_search_call": _file_text, "web_search_call": _web_text}
