"""Background runs: their tokens are counted once, by the process that created them, on one span of their own."""

from __future__ import annotations

import os
from typing import Any

import pytest
from inline_snapshot import snapshot

import otel_responses
from otel_responses import _clock, capture_content
from otel_responses.testing import Capture, FakeResponsesAPI, Reply
from tests.patch.ways import VERSION
from tests.runs.clients import BODY, Calls

pytestmark = [
    pytest.mark.matrix,
    pytest.mark.skipif(
        VERSION < (2, 9), reason="fetches as streams, background runs, conversations and compact() are younger"
    ),
]

RUN: dict[str, Any] = {**BODY, "background": True}
DAY = 24 * 60 * 60 * 1_000_000_000


def completions(telemetry: Capture) -> list[dict[str, Any]]:
    return [span for span in telemetry.spans() if span["attributes"].get("openai.response.background")]


def tokens(telemetry: Capture) -> int:
    found = [metric for metric in telemetry.metrics() if metric["name"] == "gen_ai.client.token.usage"]
    return sum(point["sum"] for metric in found for point in metric["points"])


def finished(calls: Calls, response_id: str) -> None:
    while calls.call("retrieve", response_id).status in {"queued", "in_progress"}:
        pass


def test_a_run_that_is_polled(calls: Calls, telemetry: Capture) -> None:
    with otel_responses.session("Trip", id="s-1", user="ada"):
        response_id = calls.call("create", **RUN).id
    finished(calls, response_id)
    calls.call("retrieve", response_id)
    assert telemetry.spans() == snapshot(
        [
            {
                "name": "chat gpt-4.1",
                "kind": "CLIENT",
                "status": {"code": "UNSET", "description": None},
                "trace_id": "00000000000000000000000000000001",
                "span_id": "0000000000000001",
                "parent": None,
                "start": 1767225600000000000,
                "end": 1767225600002000000,
                "duration": 0.002,
                "attributes": {
                    "gen_ai.operation.name": "chat",
                    "gen_ai.provider.name": "openai",
                    "gen_ai.request.model": "gpt-4.1",
                    "gen_ai.response.id": "resp_0001",
                    "gen_ai.response.model": "gpt-4.1-2025-04-14",
                    "helicone.session.id": "s-1",
                    "helicone.session.name": "Trip",
                    "helicone.session.path": "/",
                    "helicone.user.id": "ada",
                    "openai.api.type": "responses",
                    "openai.request.id": "req_0001",
                    "server.address": "api.openai.com",
                    "server.port": 443,
                    "session.id": "s-1",
                    "user.id": "ada",
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
                    "gen_ai.response.id": "resp_0001",
                    "gen_ai.response.model": "gpt-4.1-2025-04-14",
                    "gen_ai.response.status": "in_progress",
                    "openai.api.type": "responses",
                    "openai.request.id": "req_0002",
                    "server.address": "api.openai.com",
                    "server.port": 443,
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
            },
            {
                "name": "chat gpt-4.1",
                "kind": "CLIENT",
                "status": {"code": "UNSET", "description": None},
                "trace_id": "00000000000000000000000000000001",
                "span_id": "0000000000000004",
                "parent": "0000000000000001",
                "start": 1767225600000000000,
                "end": 1767225600000000000,
                "duration": 0.0,
                "attributes": {
                    "gen_ai.operation.name": "chat",
                    "gen_ai.provider.name": "openai",
                    "gen_ai.request.model": "gpt-4.1",
                    "gen_ai.response.finish_reasons": ["stop"],
                    "gen_ai.response.id": "resp_0001",
                    "gen_ai.response.model": "gpt-4.1-2025-04-14",
                    "gen_ai.usage.input_tokens": 11,
                    "gen_ai.usage.output_tokens": 20,
                    "helicone.session.id": "s-1",
                    "helicone.session.name": "Trip",
                    "helicone.session.path": "/",
                    "helicone.user.id": "ada",
                    "openai.api.type": "responses",
                    "openai.response.background": True,
                    "openai.response.service_tier": "default",
                    "server.address": "api.openai.com",
                    "server.port": 443,
                    "session.id": "s-1",
                    "user.id": "ada",
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
            },
            {
                "name": "fetch_response",
                "kind": "CLIENT",
                "status": {"code": "UNSET", "description": None},
                "trace_id": "00000000000000000000000000000003",
                "span_id": "0000000000000003",
                "parent": None,
                "start": 1767225600008000000,
                "end": 1767225600010000000,
                "duration": 0.002,
                "attributes": {
                    "gen_ai.operation.name": "fetch_response",
                    "gen_ai.provider.name": "openai",
                    "gen_ai.response.finish_reasons": ["stop"],
                    "gen_ai.response.id": "resp_0001",
                    "gen_ai.response.model": "gpt-4.1-2025-04-14",
                    "gen_ai.response.status": "completed",
                    "openai.api.type": "responses",
                    "openai.request.id": "req_0003",
                    "server.address": "api.openai.com",
                    "server.port": 443,
                },
                "events": [],
                "links": [
                    {"trace_id": "00000000000000000000000000000001", "span_id": "0000000000000001", "attributes": {}},
                    {"trace_id": "00000000000000000000000000000001", "span_id": "0000000000000004", "attributes": {}},
                ],
                "scope": {
                    "name": "otel_responses",
                    "version": "0.1.0",
                    "schema_url": "https://opentelemetry.io/schemas/1.41.0",
                },
            },
            {
                "name": "fetch_response",
                "kind": "CLIENT",
                "status": {"code": "UNSET", "description": None},
                "trace_id": "00000000000000000000000000000004",
                "span_id": "0000000000000005",
                "parent": None,
                "start": 1767225600014000000,
                "end": 1767225600016000000,
                "duration": 0.002,
                "attributes": {
                    "gen_ai.operation.name": "fetch_response",
                    "gen_ai.provider.name": "openai",
                    "gen_ai.response.finish_reasons": ["stop"],
                    "gen_ai.response.id": "resp_0001",
                    "gen_ai.response.model": "gpt-4.1-2025-04-14",
                    "gen_ai.response.status": "completed",
                    "openai.api.type": "responses",
                    "openai.request.id": "req_0004",
                    "server.address": "api.openai.com",
                    "server.port": 443,
                },
                "events": [],
                "links": [
                    {"trace_id": "00000000000000000000000000000001", "span_id": "0000000000000004", "attributes": {}}
                ],
                "scope": {
                    "name": "otel_responses",
                    "version": "0.1.0",
                    "schema_url": "https://opentelemetry.io/schemas/1.41.0",
                },
            },
        ]
    )
    assert tokens(telemetry) == 31
    duration = next(metric for metric in telemetry.metrics() if metric["name"] == "gen_ai.client.operation.duration")
    assert [point["count"] for point in duration["points"]] == [1]


@pytest.mark.parametrize("path", ["retrieve", "stream"])
def test_a_stream_that_was_left_and_is_taken_up_again(path: str, calls: Calls, telemetry: Capture) -> None:
    response_id = calls.read("create", **RUN, stream=True, events=1)[0].response.id
    if path == "retrieve":
        calls.read("retrieve", response_id, stream=True, starting_after=1)
    else:
        calls.read("stream", response_id=response_id, starting_after=1)
    created, completion, fetch = telemetry.spans()
    assert created["attributes"]["openai.call.ended_by"] == "closed"
    assert completion["attributes"]["gen_ai.usage.output_tokens"] == 20
    assert completion["parent"] == created["span_id"]
    assert [link["span_id"] for link in fetch["links"]] == [created["span_id"], completion["span_id"]]
    assert tokens(telemetry) == 31


def test_a_run_that_is_fetched_while_its_stream_is_still_open_counts_once(
    api: FakeResponsesAPI, telemetry: Capture
) -> None:
    client = api.client()
    stream = client.responses.create(**RUN, stream=True)
    response_id = next(stream).response.id  # pyright: ignore[reportAttributeAccessIssue] - it is response.created
    for _ in client.responses.retrieve(response_id, stream=True):
        pass
    assert tokens(telemetry) == 31
    for _ in stream:
        pass
    assert tokens(telemetry) == 31
    (completion,) = completions(telemetry)
    (created,) = [span for span in telemetry.spans() if span["span_id"] == completion["parent"]]
    assert "gen_ai.usage.input_tokens" not in created["attributes"]


def test_a_run_whose_own_stream_shows_its_end_needs_no_other_span(calls: Calls, telemetry: Capture) -> None:
    response_id = calls.read("create", **RUN, stream=True)[0].response.id
    assert tokens(telemetry) == 31
    finished(calls, response_id)
    assert completions(telemetry) == []
    assert tokens(telemetry) == 31


def test_a_run_that_is_finished_when_it_is_created_needs_no_other_span(
    api: FakeResponsesAPI, calls: Calls, telemetry: Capture
) -> None:
    done = calls.call("create", **BODY).to_dict()
    telemetry.clear()
    api.enqueue(Reply.json({**done, "id": "resp_done", "background": True}))
    calls.call("create", **RUN)
    api.enqueue(Reply.json({**done, "id": "resp_done", "background": True}))
    calls.call("retrieve", "resp_done")
    assert [span["name"] for span in telemetry.spans()] == ["chat gpt-4.1", "fetch_response"]
    assert tokens(telemetry) == 31


def test_a_create_that_never_names_its_run(api: FakeResponsesAPI, calls: Calls, telemetry: Capture) -> None:
    api.enqueue(Reply.answer().end(after_events=0))
    calls.read("create", **RUN, stream=True)
    assert [span["attributes"]["error.type"] for span in telemetry.spans()] == ["stream_truncated"]


def test_a_run_that_failed_is_an_error_of_its_completion(
    api: FakeResponsesAPI, calls: Calls, telemetry: Capture
) -> None:
    api.enqueue(Reply.failed("rate_limit_exceeded"))
    response_id = calls.call("create", **RUN, stream=False).id
    telemetry.clear()
    api.enqueue(Reply.answer())
    response_id = calls.call("create", **RUN).id
    failed = {"id": response_id, "object": "response", "status": "failed", "background": True, "output": []}
    api.enqueue(Reply.json({**failed, "error": {"code": "server_error", "message": "no"}}))
    calls.call("retrieve", response_id)
    _, completion, fetch = telemetry.spans()
    assert completion["attributes"]["error.type"] == "server_error"
    assert completion["status"]["code"] == "ERROR"
    assert fetch["status"]["code"] == "UNSET"


def test_a_cancelled_run_is_no_error(calls: Calls, telemetry: Capture) -> None:
    response_id = calls.call("create", **RUN).id
    calls.call("cancel", response_id)
    calls.call("retrieve", response_id)
    (completion,) = completions(telemetry)
    assert completion["attributes"]["gen_ai.response.finish_reasons"] == ["error"]
    assert completion["status"]["code"] == "UNSET"


@pytest.mark.parametrize(
    ("created_at", "completed_at", "seconds"),
    [
        pytest.param(1_767_225_600, 1_767_225_630.5, 30.5, id="both"),
        pytest.param(1_767_225_600, 1_767_225_500, 0, id="completed_before_it_was_created"),
        pytest.param(1_767_225_500, None, None, id="completed_now"),
        pytest.param(None, None, None, id="neither"),
        pytest.param("yesterday", 1e300, None, id="no_times"),
    ],
)
def test_the_times_of_a_run(
    created_at: Any, completed_at: Any, seconds: float | None, api: FakeResponsesAPI, telemetry: Capture
) -> None:
    client = api.client()
    response_id = client.responses.create(**RUN).id
    times = {"created_at": created_at, "completed_at": completed_at}
    api.enqueue(Reply.json({"id": response_id, "status": "completed", "output": [], **times}))
    client.responses.retrieve(response_id)
    (completion,) = completions(telemetry)
    assert completion["end"] >= completion["start"] > 0
    if seconds is not None:
        assert completion["duration"] == seconds
        assert completion["start"] == created_at * 1_000_000_000


def test_the_output_is_on_the_completion_when_content_is_captured(calls: Calls, telemetry: Capture) -> None:
    otel_responses.instrument(capture_content="SPAN_AND_EVENT")
    finished(calls, calls.call("create", **RUN).id)
    created, *_ = telemetry.spans()
    (completion,) = completions(telemetry)
    assert "gen_ai.input.messages" in created["attributes"]
    assert "gen_ai.output.messages" in completion["attributes"]
    assert [log["event_name"] for log in telemetry.logs()] == ["gen_ai.client.inference.operation.details"] * 2


@pytest.mark.parametrize("where", ["creation", "fetch"])
def test_content_that_either_call_keeps_in_stays_in(where: str, calls: Calls, telemetry: Capture) -> None:
    otel_responses.instrument(capture_content="SPAN_ONLY")
    with capture_content(where != "creation"):
        response_id = calls.call("create", **RUN).id
    with capture_content(where != "fetch"):
        finished(calls, response_id)
    (completion,) = completions(telemetry)
    assert "gen_ai.output.messages" not in completion["attributes"]


def test_the_run_of_another_process_is_not_counted(calls: Calls, telemetry: Capture) -> None:
    otel_responses.uninstrument()
    response_id = calls.call("create", **RUN).id
    otel_responses.instrument(**telemetry.providers)
    finished(calls, response_id)
    assert {span["name"] for span in telemetry.spans()} == {"fetch_response"}
    assert tokens(telemetry) == 0


def test_the_run_of_another_process_is_counted_once_where_it_is_asked_for(calls: Calls, telemetry: Capture) -> None:
    otel_responses.uninstrument()
    response_id = calls.call("create", **RUN).id
    plain_id = calls.call("create", **BODY).id
    otel_responses.instrument(**telemetry.providers, count_foreign_background=True)
    with otel_responses.session("Collector", id="s-2"):
        finished(calls, response_id)
    finished(calls, response_id)
    calls.call("retrieve", plain_id)
    (completion,) = completions(telemetry)
    assert completion["name"] == "chat gpt-4.1-2025-04-14"
    assert completion["attributes"]["session.id"] == "s-2"
    assert (completion["parent"], completion["links"]) == (None, [])
    assert tokens(telemetry) == 31


def test_our_own_run_is_not_foreign_too(calls: Calls, telemetry: Capture) -> None:
    otel_responses.instrument(count_foreign_background=True)
    response_id = calls.call("create", **RUN).id
    finished(calls, response_id)
    finished(calls, response_id)
    assert len(completions(telemetry)) == 1


def test_a_run_is_known_after_a_second_instrument(calls: Calls, telemetry: Capture) -> None:
    response_id = calls.call("create", **RUN).id
    otel_responses.instrument(chunk_metric=True)
    finished(calls, response_id)
    assert len(completions(telemetry)) == 1


def test_a_run_of_the_parent_is_not_counted_in_a_forked_child(
    calls: Calls, telemetry: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    response_id = calls.call("create", **RUN).id
    monkeypatch.setattr(os, "getpid", lambda: -1)
    finished(calls, response_id)
    assert completions(telemetry) == []


def test_a_run_is_forgotten_after_a_day(calls: Calls, telemetry: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    response_id = calls.call("create", **RUN).id
    later = _clock.clock.elapsed
    monkeypatch.setattr(_clock.clock, "elapsed", lambda: later() + DAY)
    finished(calls, response_id)
    assert completions(telemetry) == []


def test_a_run_counts_where_no_span_is_sampled(api: FakeResponsesAPI) -> None:
    from opentelemetry.sdk.trace.sampling import ALWAYS_OFF

    from otel_responses.testing import capture

    with capture(sampler=ALWAYS_OFF) as telemetry:
        otel_responses.instrument(**telemetry.providers)
        client = api.client()
        response_id = client.responses.create(**RUN).id
        while client.responses.retrieve(response_id).status != "completed":
            pass
        otel_responses.uninstrument()
        assert telemetry.spans() == []
        assert tokens(telemetry) == 31


def test_a_run_is_told_whole_where_the_fetch_that_shows_it_is_not_sampled(api: FakeResponsesAPI) -> None:
    from opentelemetry.sdk.trace.sampling import ALWAYS_OFF, ALWAYS_ON

    from otel_responses.testing import capture

    class Sampler(type(ALWAYS_OFF)):
        """Drops every fetch."""

        def should_sample(self, *args: Any, **kwargs: Any) -> Any:
            attributes = kwargs.get("attributes") or args[4]
            is_fetch = attributes["gen_ai.operation.name"] == "fetch_response"
            return (ALWAYS_OFF if is_fetch else ALWAYS_ON).should_sample(*args, **kwargs)

    with capture(sampler=Sampler(ALWAYS_OFF._decision)) as telemetry:
        otel_responses.instrument(**telemetry.providers)
        client = api.client()
        response_id = client.responses.create(**RUN, temperature=0.2).id
        while client.responses.retrieve(response_id).status != "completed":
            pass
        otel_responses.uninstrument()
        assert len(telemetry.spans()) == 2
        (completion,) = completions(telemetry)
    assert completion["attributes"]["gen_ai.response.finish_reasons"] == ["stop"]
    assert completion["attributes"]["gen_ai.request.temperature"] == 0.2
