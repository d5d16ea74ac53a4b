"""The opt-in timeline: each output item of a stream as a child span, ended once, however the stream ends."""

from __future__ import annotations

from typing import Any

import pytest
from inline_snapshot import snapshot

import otel_responses
from otel_responses._timeline import SPANS_MAX
from otel_responses.testing import Capture, FakeResponsesAPI, Reply
from tests.patch.ways import VERSION
from tests.runs.clients import BODY, Calls

pytestmark = [
    pytest.mark.matrix,
    pytest.mark.skipif(
        VERSION < (2, 9), reason="fetches as streams, background runs, conversations and compact() are younger"
    ),
]

SEARCH: dict[str, Any] = {**BODY, "tools": [{"type": "web_search"}], "input": "What happened today? Search the web."}
CREATED = {"type": "response.created", "response": {"id": "resp_1", "status": "in_progress"}}
DONE = {"type": "response.completed", "response": {"id": "resp_1", "status": "completed", "output": []}}


def item(event: str, **fields: Any) -> dict[str, Any]:
    return {"type": f"response.output_item.{event}", "item": fields}


def names(telemetry: Capture) -> list[str]:
    return [span["name"] for span in telemetry.spans()]


@pytest.fixture(autouse=True)
def _timeline(telemetry: Capture) -> None:
    otel_responses.instrument(output_item_spans=True)


def test_the_items_of_a_stream(calls: Calls, telemetry: Capture) -> None:
    calls.read("create", **SEARCH, stream=True)
    assert telemetry.spans()[:-1] == snapshot(
        [
            {
                "name": "output_item web_search_call",
                "kind": "INTERNAL",
                "status": {"code": "UNSET", "description": None},
                "trace_id": "00000000000000000000000000000001",
                "span_id": "0000000000000002",
                "parent": "0000000000000001",
                "start": 1767225600004000000,
                "end": 1767225600008000000,
                "duration": 0.004,
                "attributes": {
                    "openai.output_item.id": "ws_0001",
                    "openai.output_item.status": "completed",
                    "openai.output_item.type": "web_search_call",
                },
                "events": [],
                "links": [],
                "scope": {
                    "name": "otel_responses",
                    "version": "0.1.0",
                    "schema_url": "https://opentelemetry.io/schemas/1.41.0",
                },
            },
            {
                "name": "output_item message",
                "kind": "INTERNAL",
                "status": {"code": "UNSET", "description": None},
                "trace_id": "00000000000000000000000000000001",
                "span_id": "0000000000000003",
                "parent": "0000000000000001",
                "start": 1767225600009000000,
                "end": 1767225600028000000,
                "duration": 0.019,
                "attributes": {
                    "openai.output_item.id": "msg_0002",
                    "openai.output_item.status": "completed",
                    "openai.output_item.type": "message",
                },
                "events": [],
                "links": [],
                "scope": {
                    "name": "otel_responses",
                    "version": "0.1.0",
                    "schema_url": "https://opentelemetry.io/schemas/1.41.0",
                },
            },
        ]
    )
    call = telemetry.spans()[-1]
    assert {span["parent"] for span in telemetry.spans()[:-1]} == {call["span_id"]}
    assert all(call["start"] <= span["start"] < span["end"] <= call["end"] for span in telemetry.spans()[:-1])


def test_the_name_of_a_function_is_said(api: FakeResponsesAPI, calls: Calls, telemetry: Capture) -> None:
    call = {"type": "function_call", "id": "fc_1", "name": "get_weather"}
    added, done = item("added", **call, status="in_progress"), item("done", **call, status="completed")
    api.enqueue(Reply.events([CREATED, {**added, "output_index": 0}, {**done, "output_index": 0}, DONE]))
    calls.read("create", **BODY, stream=True)
    assert telemetry.spans()[0]["attributes"] == snapshot(
        {
            "openai.output_item.id": "fc_1",
            "openai.output_item.name": "get_weather",
            "openai.output_item.status": "completed",
            "openai.output_item.type": "function_call",
        }
    )


def test_items_at_the_same_time_are_told_apart_by_place_or_id(
    api: FakeResponsesAPI, calls: Calls, telemetry: Capture
) -> None:
    one, two = {"type": "mcp_call", "id": "mcp_1"}, {"type": "reasoning", "id": "rs_1"}
    events = [
        item("added", **one),
        item("added", **two),
        item("added", **two),
        item("done", **one),
        item("done", **two),
    ]
    api.enqueue(Reply.events([CREATED, *events, item("done", type="message", id="msg_missed"), DONE]))
    calls.read("create", **BODY, stream=True)
    assert names(telemetry) == ["output_item mcp_call", "output_item reasoning", "chat gpt-4.1"]


def test_an_item_of_no_type_has_a_span_all_the_same(api: FakeResponsesAPI, telemetry: Capture) -> None:
    api.enqueue(Reply.events([CREATED, item("added"), item("done"), DONE]))
    for _ in api.client().responses.create(**BODY, stream=True):
        pass
    assert names(telemetry) == ["output_item", "chat gpt-4.1"]


@pytest.mark.parametrize("end", ["closed", "dropped", "cut", "truncated"])
def test_an_item_that_is_open_when_the_stream_ends_ends_with_it(
    end: str, api: FakeResponsesAPI, calls: Calls, telemetry: Capture
) -> None:
    added = {**item("added", type="message", id="msg_1"), "output_index": 0}
    reply = Reply.events([added, CREATED])
    api.enqueue(reply.cut(after_events=2) if end == "cut" else reply)
    if end == "closed":
        calls.read("create", **BODY, stream=True, events=1)
    elif end == "dropped":
        calls.drop("create", **BODY, stream=True)
    elif end == "cut":
        with pytest.raises(Exception, match=r"."):
            calls.read("create", **BODY, stream=True)
    else:
        calls.read("create", **BODY, stream=True)
    message, call = telemetry.spans()
    assert (message["name"], call["name"]) == ("output_item message", "chat gpt-4.1")
    assert message["end"] == call["end"]
    assert message["status"]["code"] == "UNSET"


def test_no_more_than_128_items_of_a_call_have_spans(api: FakeResponsesAPI, telemetry: Capture) -> None:
    count = SPANS_MAX + 10
    added = [{**item("added", type="message", id=f"msg_{n}"), "output_index": n} for n in range(count)]
    api.enqueue(Reply.events([CREATED, *added, DONE]))
    for _ in api.client().responses.create(**BODY, stream=True):
        pass
    assert names(telemetry) == ["output_item message"] * 128 + ["chat gpt-4.1"]


def test_a_fetch_has_no_timeline(calls: Calls, telemetry: Capture) -> None:
    response_id = calls.call("create", **BODY).id
    calls.read("retrieve", response_id, stream=True)
    assert names(telemetry) == ["chat gpt-4.1", "fetch_response"]


def test_it_is_off_by_default(calls: Calls, telemetry: Capture) -> None:
    otel_responses.instrument(output_item_spans=False)
    calls.read("create", **SEARCH, stream=True)
    assert names(telemetry) == ["chat gpt-4.1"]
