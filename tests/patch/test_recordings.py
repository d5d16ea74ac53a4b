"""Real recorded traffic, replayed: exactly one ended span each, and its figures are the payload's."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import openai
import pytest

from otel_responses.testing import Capture, FakeResponsesAPI, Reply

RECORDINGS = Path(__file__).parents[3] / "shared" / "recordings"


def creating() -> list[Any]:
    """The recorded calls that create a response; one skipped parameter where there are no recordings."""
    if not RECORDINGS.is_dir():
        return [pytest.param(None, marks=pytest.mark.skip("there is no ../shared/recordings"), id="recordings")]
    index = json.loads((RECORDINGS / "index.json").read_text())
    names = [
        entry["file"]
        for entry in index
        if entry["method"] == "POST" and entry["path"].rstrip("/").endswith("/responses")
    ]
    return [pytest.param(name, id=name.removesuffix(".json")) for name in names]


def terminal_response(body: str) -> dict[str, Any] | None:
    """The response in a body: its JSON, or that of the terminal event of the stream."""
    if body.lstrip().startswith("{"):
        return json.loads(body)
    for event in events(body):
        if event.get("type") in {"response.completed", "response.failed", "response.incomplete"}:
            return event["response"]
    return None


def events(body: str) -> Iterator[dict[str, Any]]:
    for line in body.splitlines():
        if line.startswith("data:") and line != "data: [DONE]":
            yield json.loads(line[5:])


@pytest.mark.parametrize("name", creating())
def test_a_recorded_call(name: str, telemetry: Capture) -> None:
    recording = json.loads((RECORDINGS / name).read_text())
    api, request, body = FakeResponsesAPI(), recording["request"], recording["body"]
    kind = recording["response_headers"].get("content-type", "application/json")
    api.enqueue(Reply.text(body, status=recording["status"], content_type=kind))
    client = api.client(max_retries=0)
    is_streaming = bool(request.get("stream"))
    try:
        replay(client, request, is_streaming=is_streaming)
    except openai.APIStatusError:
        assert recording["status"] >= 400
    (span,) = telemetry.spans()
    expect(span, recording, terminal_response(body) if recording["status"] == 200 else None)


def replay(client: openai.OpenAI, request: dict[str, Any], *, is_streaming: bool) -> None:
    if is_streaming:
        stream = client.post("/responses", cast_to=object, body=request, stream=True, stream_cls=openai.Stream[object])
        for _ in stream:
            pass
    else:
        client.post("/responses", cast_to=object, body=request)


def expect(span: dict[str, Any], recording: dict[str, Any], response: dict[str, Any] | None) -> None:
    attributes = span["attributes"]
    assert attributes.get("gen_ai.request.model") == recording["request"].get("model")
    if response is None:
        assert span["status"]["code"] == "ERROR"
        return
    usage = response.get("usage") or {}
    details = {**(usage.get("input_tokens_details") or {}), **(usage.get("output_tokens_details") or {})}
    assert (span["status"]["code"] == "ERROR") == (response.get("status") == "failed")
    assert attributes.get("gen_ai.response.id") == response["id"]
    assert attributes.get("gen_ai.response.model") == response.get("model")
    assert attributes.get("gen_ai.usage.input_tokens") == usage.get("input_tokens")
    assert attributes.get("gen_ai.usage.output_tokens") == usage.get("output_tokens")
    assert attributes.get("gen_ai.usage.cache_read.input_tokens") == (details.get("cached_tokens") or None)
    assert attributes.get("gen_ai.usage.reasoning.output_tokens") == (details.get("reasoning_tokens") or None)
