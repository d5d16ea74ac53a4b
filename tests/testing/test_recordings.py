"""The fake API sends nothing that the real one does not send: compared with recorded traffic, where there is any."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from otel_responses.testing import FakeResponsesAPI

REQUESTS: list[dict[str, Any]] = [
    {"input": "Hi", "reasoning": {"effort": "low", "summary": "auto"}, "include": ["reasoning.encrypted_content"]},
    {"input": "Hi", "tools": [{"type": "web_search"}, {"type": "file_search", "vector_store_ids": ["vs_1"]}]},
    {"input": "Hi", "tools": [{"type": "function", "name": "f", "parameters": {"type": "object"}, "strict": True}]},
    {"input": "Hi", "background": True, "conversation": "conv_1"},
]
HEADERS = {"authorization": "Bearer sk-fake"}
Fields = dict[str, set[str]]


def documents(body: str) -> Iterator[Any]:
    """The JSON of a body: all of it, or the data of each event."""
    if body.lstrip().startswith("{"):
        yield json.loads(body)
    for line in body.splitlines():
        if line.startswith("data: {"):
            yield json.loads(line.removeprefix("data: "))


def collect(value: Any, fields: Fields) -> None:
    """Note which fields the objects of each kind have."""
    if isinstance(value, list):
        for item in value:
            collect(item, fields)
    if isinstance(value, dict):
        kind = value.get("object") or value.get("type") or ("usage" if "input_tokens" in value else None)
        # What a request brings with it, schemas for instance, has any fields.
        if isinstance(kind, str) and kind != "object":
            fields[kind] |= value.keys()
        for key, item in value.items():
            if key not in ("tools", "text", "metadata", "instructions"):
                collect(item, fields)


def sent(method: str, path: str, **body: Any) -> list[Any]:
    api = FakeResponsesAPI()
    reply = api.reply(method, path, HEADERS, json.dumps({"model": "gpt-4.1", **body}).encode())
    return list(documents(b"".join(reply.chunks).decode()))


@pytest.fixture(scope="module")
def recorded(shared: Path) -> Fields:
    fields: Fields = defaultdict(set)
    for path in (shared / "recordings").glob("*-[0-9]*.json"):
        for document in documents(json.loads(path.read_text(encoding="utf-8"))["body"]):
            collect(document, fields)
    return fields


@pytest.mark.parametrize("stream", [False, True], ids=["json", "stream"])
@pytest.mark.parametrize("request_body", REQUESTS, ids=["reasoning", "searches", "function", "background"])
def test_every_field_is_one_of_the_real_api(recorded: Fields, request_body: dict[str, Any], *, stream: bool) -> None:
    fields: Fields = defaultdict(set)
    for document in sent("POST", "/v1/responses", **request_body, stream=stream):
        collect(document, fields)
    assert fields["response"]
    assert ("response.created" in fields) is stream
    assert {kind: names - recorded[kind] for kind, names in fields.items() if names - recorded[kind]} == {}


@pytest.mark.parametrize("path", ["compact", "input_tokens"])
def test_the_other_endpoints_too(recorded: Fields, path: str) -> None:
    fields: Fields = defaultdict(set)
    for document in sent("POST", f"/v1/responses/{path}", input="Hi"):
        collect(document, fields)
    assert {kind: names - recorded[kind] for kind, names in fields.items() if names - recorded[kind]} == {}
