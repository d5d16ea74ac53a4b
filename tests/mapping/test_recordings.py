"""Real traffic of the Responses API, recorded by other projects; skipped where it is not beside the checkout."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from openai.types.responses import Response

from otel_responses._mapping.body import read_body
from otel_responses._mapping.request import read_parameters, read_request
from otel_responses._mapping.response import TERMINAL_EVENTS, read_response
from otel_responses._records import Endpoint, Outcome

REASONS = {
    "completed": {"stop", "tool_call"},
    "incomplete": {"length", "content_filter"},
    "failed": {"error"},
    "queued": {None},
    "complete": {None},  # of a recording written by hand; no such status exists
}


@dataclass(frozen=True)
class Recording:
    """One inference call: what was sent, the text that came back, and the response in it."""

    name: str
    request: dict[str, Any]
    body: str
    response: dict[str, Any]
    is_stream: bool


@pytest.fixture(scope="module")
def recordings(shared: Path) -> list[Recording]:
    folder = shared / "recordings"
    if not folder.is_dir():
        pytest.skip("there are no ../shared/recordings beside the checkout")
    files = [path for path in sorted(folder.glob("*.json")) if path.name != "index.json"]
    found = [(path.stem, json.loads(path.read_text(encoding="utf-8"))) for path in files]
    calls = [(name, call) for name, call in found if call["status"] == 200 and call["path"].endswith("/responses")]
    return [recording(name, call) for name, call in calls]


def recording(name: str, call: dict[str, Any]) -> Recording:
    body = call["body"]
    is_stream = not body.lstrip().startswith("{")
    return Recording(name, call["request"], body, last_response(body) if is_stream else json.loads(body), is_stream)


def last_response(stream: str) -> dict[str, Any]:
    """The response in the last event that has one, read in the plainest way."""
    events = [json.loads(line[5:]) for line in stream.split("\n") if line.startswith("data:") and "{" in line]
    return next(event["response"] for event in reversed(events) if event.get("type") in TERMINAL_EVENTS)


def assert_payload(outcome: Outcome, response: dict[str, Any]) -> None:
    usage, usage_read = response.get("usage") or {}, outcome.usage
    assert outcome.response_id == response["id"]
    assert outcome.model == response["model"]
    assert outcome.has_failed == (response["status"] == "failed")
    assert outcome.finish_reason in REASONS[response["status"]]
    assert outcome.service_tier == (None if response["status"] == "queued" else response.get("service_tier"))
    assert usage_read.input_tokens == usage.get("input_tokens")
    assert usage_read.output_tokens == usage.get("output_tokens")
    assert usage_read.cache_read_tokens == (usage.get("input_tokens_details") or {}).get("cached_tokens")
    assert usage_read.reasoning_tokens == (usage.get("output_tokens_details") or {}).get("reasoning_tokens")


def test_there_are_plain_replies_and_streams(recordings: list[Recording]):
    kinds = [recording.is_stream for recording in recordings]
    assert kinds.count(False) > 100
    assert kinds.count(True) > 20


def test_every_response_is_read_to_its_payload(recordings: list[Recording]):
    for recording in recordings:
        assert_payload(read_response(recording.response), recording.response)


def test_every_body_is_read_to_its_payload(recordings: list[Recording]):
    for recording in recordings:
        assert read_body(recording.body) == read_response(recording.response), recording.name


def test_the_model_of_the_sdk_reads_as_the_dictionary(recordings: list[Recording]):
    for recording in recordings:
        model = Response.construct(**recording.response)
        assert read_response(model) == read_response(recording.response), recording.name


def test_every_request_is_read_to_what_was_sent(recordings: list[Recording]):
    for recording in recordings:
        sent = recording.request
        request, parameters = read_request(sent, Endpoint("openai")), read_parameters(sent)
        assert request.model == sent.get("model"), recording.name
        assert request.is_streaming == (sent.get("stream") or False), recording.name
        assert parameters.get("gen_ai.request.temperature") == sent.get("temperature"), recording.name
        assert parameters.get("gen_ai.request.max_tokens") == sent.get("max_output_tokens"), recording.name
        assert request.previous_response_id == sent.get("previous_response_id"), recording.name
        effort = (sent.get("reasoning") or {}).get("effort")
        assert parameters.get("gen_ai.request.reasoning.level") == effort, recording.name
