"""Fetches of stored responses: a span each, without tokens and metrics, linked to the call that made the response."""

from __future__ import annotations

from typing import Any

import openai
import pytest
from inline_snapshot import snapshot

import otel_responses
from otel_responses.testing import Capture, FakeResponsesAPI, Reply
from tests.patch.ways import VERSION
from tests.runs.clients import BODY, Calls

pytestmark = [
    pytest.mark.matrix,
    pytest.mark.skipif(
        VERSION < (2, 9), reason="fetches as streams, background runs, conversations and compact() are younger"
    ),
]

FETCHED = ("gen_ai.response.status", "gen_ai.response.finish_reasons", "gen_ai.request.stream_cursor", "error.type")


def fetched(telemetry: Capture) -> dict[str, Any]:
    """The one span of a fetch, as what tells fetches apart; there are no metrics."""
    (span,) = telemetry.spans()
    assert (span["name"], span["kind"]) == ("fetch_response", "CLIENT")
    assert not any(name.startswith("gen_ai.usage") for name in span["attributes"])
    assert all(point["count"] == 0 for metric in telemetry.metrics() for point in metric["points"] if "count" in point)
    known = {name: span["attributes"][name] for name in FETCHED if name in span["attributes"]}
    return {**known, "status": span["status"]["code"]}


def stored(calls: Calls, telemetry: Capture) -> str:
    response = calls.call("create", **BODY)
    telemetry.clear()
    return response.id


def test_a_fetch(calls: Calls, telemetry: Capture) -> None:
    response_id = stored(calls, telemetry)
    with otel_responses.session("Trip", id="s-1"):
        calls.call("retrieve", response_id)
    assert telemetry.spans() == snapshot(
        [
            {
                "name": "fetch_response",
                "kind": "CLIENT",
                "status": {"code": "UNSET", "description": None},
                "trace_id": "00000000000000000000000000000002",
                "span_id": "0000000000000002",
                "parent": None,
                "start": 1767225600004000000,
                "end": 1767225600006000000,
                "duration": 0.002,
                "attributes": {
                    "gen_ai.operation.name": "fetch_response",
                    "gen_ai.provider.name": "openai",
                    "gen_ai.response.finish_reasons": ["stop"],
                    "gen_ai.response.id": "resp_0001",
                    "gen_ai.response.model": "gpt-4.1-2025-04-14",
                    "gen_ai.response.status": "completed",
                    "helicone.session.id": "s-1",
                    "helicone.session.name": "Trip",
                    "helicone.session.path": "/",
                    "openai.api.type": "responses",
                    "openai.request.id": "req_0002",
                    "server.address": "api.openai.com",
                    "server.port": 443,
                    "session.id": "s-1",
                },
                "events": [],
                "links": [
                    {"trace_id": "00000000000000000000000000000001", "span_id": "0000000000000001", "attributes": {}}
                ],
                "scope": {
                    "name": "otel_responses",
                    "version": "0.1.0",
                    "schema_url": "https://opentelemetry.io/schemas/1.41.0",
                },
            }
        ]
    )
    assert telemetry.metrics() == snapshot([])


@pytest.mark.parametrize(
    ("path", "options", "cursor"),
    [
        pytest.param("retrieve", {"stream": True}, None, id="retrieve"),
        pytest.param("retrieve", {"stream": True, "starting_after": 2}, "2", id="retrieve_after"),
        pytest.param("retrieve", {"stream": True, "extra_query": {"starting_after": 5}}, "5", id="extra_query"),
        pytest.param("stream", {}, None, id="helper"),
        pytest.param("stream", {"starting_after": 2}, "2", id="helper_after"),
    ],
)
def test_a_streamed_fetch_is_one_span_with_its_cursor(
    path: str, options: dict[str, Any], cursor: str | None, calls: Calls, telemetry: Capture
) -> None:
    response_id = stored(calls, telemetry)
    ids = (response_id,) if path == "retrieve" else ()
    named = {} if path == "retrieve" else {"response_id": response_id}
    calls.read(path, *ids, **named, **options)
    expected = {} if cursor is None else {"gen_ai.request.stream_cursor": cursor}
    completed = {"gen_ai.response.status": "completed", "gen_ai.response.finish_reasons": ["stop"], "status": "UNSET"}
    assert fetched(telemetry) == {**completed, **expected}


def test_a_stored_failed_response_is_no_error_of_the_fetch(
    api: FakeResponsesAPI, calls: Calls, telemetry: Capture
) -> None:
    api.enqueue(Reply.failed())
    response_id = stored(calls, telemetry)
    failed = {"gen_ai.response.status": "failed", "gen_ai.response.finish_reasons": ["error"], "status": "UNSET"}
    calls.call("retrieve", response_id)
    assert fetched(telemetry) == failed
    telemetry.clear()
    calls.read("retrieve", response_id, stream=True)
    assert fetched(telemetry) == failed


def test_a_fetch_that_fails_is_an_error(calls: Calls, telemetry: Capture) -> None:
    with pytest.raises(openai.NotFoundError):
        calls.call("retrieve", "resp_of_nobody")
    assert fetched(telemetry) == {"error.type": "404", "status": "ERROR"}


@pytest.mark.parametrize(
    ("reply", "expected"),
    [
        pytest.param(
            Reply.answer().end(after_events=3),
            {"error.type": "stream_truncated", "gen_ai.response.status": "in_progress", "status": "ERROR"},
            id="truncated",
        ),
        pytest.param(
            Reply.answer().end(after_events=3, then=[{"type": "error", "code": "server_error", "message": "no"}]),
            {"error.type": "server_error", "gen_ai.response.status": "in_progress", "status": "ERROR"},
            id="error_event",
        ),
    ],
)
def test_a_streamed_fetch_that_breaks_off_says_nothing_of_how_the_response_finished(
    reply: Reply, expected: dict[str, Any], api: FakeResponsesAPI, calls: Calls, telemetry: Capture
) -> None:
    response_id = stored(calls, telemetry)
    api.enqueue(reply)
    calls.read("retrieve", response_id, stream=True)
    assert fetched(telemetry) == expected


def test_a_streamed_fetch_that_the_caller_leaves(calls: Calls, telemetry: Capture) -> None:
    response_id = stored(calls, telemetry)
    calls.read("retrieve", response_id, stream=True, events=2)
    assert fetched(telemetry) == {"gen_ai.response.status": "in_progress", "status": "UNSET"}
    assert telemetry.spans()[0]["attributes"]["openai.call.ended_by"] == "closed"
    telemetry.clear()
    calls.drop("retrieve", response_id, stream=True)
    assert fetched(telemetry) == {"gen_ai.response.status": "in_progress", "status": "UNSET"}
    assert telemetry.spans()[0]["attributes"]["openai.call.ended_by"] == "dropped"


def test_the_content_of_a_response_is_not_on_the_fetch(calls: Calls, telemetry: Capture) -> None:
    otel_responses.instrument(capture_content="SPAN_AND_EVENT")
    response_id = stored(calls, telemetry)
    calls.call("retrieve", response_id)
    fetched(telemetry)
    assert not any("messages" in name for name in telemetry.spans()[0]["attributes"])
    assert telemetry.logs() == []


@pytest.mark.parametrize("path", ["cancel", "delete", "input_items.list"])
def test_what_has_no_span_of_ours_is_sent_all_the_same(
    path: str, api: FakeResponsesAPI, calls: Calls, telemetry: Capture
) -> None:
    response_id = calls.call("create", **BODY, background=True).id
    telemetry.clear()
    calls.call(path, response_id)
    assert len(api.requests) == 2
    assert telemetry.spans() == []


def test_tokens_that_are_counted_beforehand_have_no_span_of_ours(calls: Calls, telemetry: Capture) -> None:
    assert calls.call("input_tokens.count", **BODY).input_tokens > 0
    assert telemetry.spans() == []


def test_a_compaction_has_its_tokens(calls: Calls, telemetry: Capture) -> None:
    calls.call("compact", model="gpt-4.1", input="A long story.")
    assert telemetry.spans() == snapshot(
        [
            {
                "name": "compaction gpt-4.1",
                "kind": "CLIENT",
                "status": {"code": "UNSET", "description": None},
                "trace_id": "00000000000000000000000000000001",
                "span_id": "0000000000000001",
                "parent": None,
                "start": 1767225600000000000,
                "end": 1767225600002000000,
                "duration": 0.002,
                "attributes": {
                    "gen_ai.conversation.compacted": True,
                    "gen_ai.operation.name": "compaction",
                    "gen_ai.provider.name": "openai",
                    "gen_ai.request.model": "gpt-4.1",
                    "gen_ai.response.finish_reasons": ["stop"],
                    "gen_ai.response.id": "resp_0001",
                    "gen_ai.usage.input_tokens": 12,
                    "gen_ai.usage.output_tokens": 64,
                    "gen_ai.usage.reasoning.output_tokens": 64,
                    "openai.api.type": "responses",
                    "openai.request.id": "req_0001",
                    "server.address": "api.openai.com",
                    "server.port": 443,
                },
                "events": [],
                "links": [],
                "scope": {
                    "name": "otel_responses",
                    "version": "0.1.0",
                    "schema_url": "https://opentelemetry.io/schemas/1.41.0",
                },
            }
        ]
    )
    tokens = next(metric for metric in telemetry.metrics() if metric["name"] == "gen_ai.client.token.usage")
    assert [(point["attributes"]["gen_ai.operation.name"], point["sum"]) for point in tokens["points"]] == snapshot(
        [("compaction", 12), ("compaction", 64)]
    )
