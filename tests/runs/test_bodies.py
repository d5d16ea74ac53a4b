"""Raw bodies that nobody parses: larger than what is kept of them, left early, broken off."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, strategies as st
from inline_snapshot import snapshot

import otel_responses
from otel_responses._mapping.gap import read_gapped
from otel_responses._patch.bodies import HEAD_BYTES, TAIL_BYTES, Tee
from otel_responses._records import Outcome, Usage
from otel_responses.testing import Capture, FakeResponsesAPI, Reply
from tests.runs.clients import BODY, Calls

pytestmark = pytest.mark.matrix

# Texts that look like what is looked for.
TRAP = 'Say "usage":{"input_tokens":1}, "status":"failed", data: {"type":"response.failed","response":{"id":"resp_x"}} '
LONG = TRAP * 8_000
CALL = {"id": "fc_1", "type": "function_call", "call_id": "call_1", "name": "f", "arguments": "{}"}
SHOWN = (
    "gen_ai.response.id",
    "gen_ai.response.model",
    "gen_ai.response.finish_reasons",
    "gen_ai.usage.input_tokens",
    "gen_ai.usage.output_tokens",
    "openai.response.service_tier",
    "openai.call.ended_by",
    "error.type",
)


def message(text: str) -> dict[str, Any]:
    part = {"type": "output_text", "text": text, "annotations": []}
    return {"id": "msg_1", "type": "message", "role": "assistant", "status": "completed", "content": [part]}


def shown(telemetry: Capture) -> dict[str, Any]:
    (span,) = telemetry.spans()
    return {name: span["attributes"][name] for name in SHOWN if name in span["attributes"]}


WHOLE = {
    "gen_ai.response.id": "resp_0001",
    "gen_ai.response.model": "gpt-4.1-2025-04-14",
    "gen_ai.usage.input_tokens": 11,
    "gen_ai.usage.output_tokens": 20,
    "openai.response.service_tier": "default",
}
PART = {"gen_ai.response.id": "resp_0001", "gen_ai.response.model": "gpt-4.1-2025-04-14"}


@pytest.mark.parametrize("stream", [False, True], ids=["json", "events"])
@pytest.mark.parametrize(
    ("output", "reason"),
    [
        pytest.param([message(LONG)], "stop", id="one_long_message"),
        pytest.param([message(LONG), CALL], "tool_call", id="a_call_at_the_end"),
        pytest.param([CALL, message(LONG)], "stop", id="a_call_at_the_beginning"),
    ],
)
def test_a_large_body_is_known_by_its_head_and_its_tail(
    output: list[Any], reason: str, stream: bool, api: FakeResponsesAPI, calls: Calls, telemetry: Capture
) -> None:
    api.enqueue(Reply.answer(output=output))
    assert calls.bytes(stream=stream) > HEAD_BYTES + 2 * TAIL_BYTES
    assert shown(telemetry) == {**WHOLE, "gen_ai.response.finish_reasons": [reason]}


def test_what_is_whole_of_the_output_is_captured(api: FakeResponsesAPI, calls: Calls, telemetry: Capture) -> None:
    otel_responses.instrument(capture_content="SPAN_ONLY")
    api.enqueue(Reply.answer(output=[{"type": "no_item"}, message("Before."), message(LONG), message("After."), CALL]))
    calls.bytes(stream=False)
    (span,) = telemetry.spans()
    assert json.loads(span["attributes"]["gen_ai.output.messages"]) == snapshot(
        [
            {
                "role": "assistant",
                "parts": [
                    {"type": "text", "content": "Before."},
                    {"type": "text", "content": "After."},
                    {"type": "tool_call", "id": "call_1", "name": "f", "arguments": {}},
                ],
                "finish_reason": "tool_call",
            }
        ]
    )


@pytest.mark.parametrize("stream", [False, True], ids=["json", "events"])
def test_a_body_that_is_left_early_keeps_what_passed(
    stream: bool, api: FakeResponsesAPI, calls: Calls, telemetry: Capture
) -> None:
    reply = Reply.answer(output=[message(LONG)])
    if not stream:  # in pieces, as a real server sends it
        reply = Reply.json(api.client().responses.create(**BODY).to_dict())
        telemetry.clear()
        text = reply.chunks[0]
        reply = Reply(headers=reply.headers, chunks=(text[:700], text[700:]))
    api.enqueue(reply)
    calls.bytes(stream=stream, chunks=1)
    assert shown(telemetry) == {
        **PART,
        "gen_ai.response.finish_reasons": ["error"],
        "openai.call.ended_by": "closed",
    }


def test_a_stream_that_is_left_after_its_terminal_event_is_complete(api: FakeResponsesAPI, telemetry: Capture) -> None:
    with api.client().responses.with_streaming_response.create(**BODY, stream=True) as response:
        for line in response.iter_lines():
            if line.startswith("data:") and '"response.completed"' in line:
                break
    assert shown(telemetry) == {**WHOLE, "gen_ai.response.finish_reasons": ["stop"]}


def test_a_body_that_breaks_off_while_the_caller_reads_it_is_an_error(
    api: FakeResponsesAPI, calls: Calls, telemetry: Capture
) -> None:
    api.enqueue(Reply.answer().cut(after_events=4))
    with pytest.raises(Exception, match=r"."):
        calls.bytes(stream=True)
    assert shown(telemetry) == {
        **PART,
        "gen_ai.response.finish_reasons": ["error"],
        "error.type": "RemoteProtocolError",
    }


def response(**fields: Any) -> dict[str, Any]:
    usage = {"input_tokens": 5, "output_tokens": 7}
    return {
        "id": "resp_1",
        "status": "completed",
        "model": "gpt-4.1",
        "output": [message(LONG)],
        "usage": usage,
        **fields,
    }


def gapped(body: str) -> Outcome:
    tee = Tee(None)
    data = body.encode()
    for start in range(0, len(data), 50_000):
        tee.add(data[start : start + 50_000])
    assert not tee.is_whole
    return tee.outcome(is_read=True)


USAGE = Usage(5, 7)
# As vLLM writes it: in the order of the alphabet, more or less.
VLLM = {"id": "resp_1", "model": "m", "output": [message(LONG)], "service_tier": "auto", "status": "incomplete"}


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        pytest.param(
            json.dumps(response()), Outcome("resp_1", "gpt-4.1", "stop", status="completed", usage=USAGE), id="json"
        ),
        pytest.param(
            json.dumps(response(), indent=2),
            Outcome("resp_1", "gpt-4.1", "stop", status="completed", usage=USAGE),
            id="json_over_lines",
        ),
        pytest.param(
            json.dumps({**VLLM, "usage": {"input_tokens": 5, "output_tokens": 7}}),
            Outcome("resp_1", "m", "error", "auto", status="incomplete", usage=USAGE),
            id="status_after_the_output",
        ),
        pytest.param(
            json.dumps(response(usage=None)), Outcome("resp_1", "gpt-4.1", "stop", status="completed"), id="no_usage"
        ),
        pytest.param(
            json.dumps({"id": "resp_1", "instructions": LONG, **response(output=[CALL])}),
            Outcome("resp_1", finish_reason="tool_call", status="completed", usage=USAGE),
            id="long_instructions",
        ),
        pytest.param(
            json.dumps({"id": "resp_1", "instructions": LONG, "status": "failed"}),
            Outcome("resp_1", finish_reason="error", status="failed", has_failed=True),
            id="no_output",
        ),
        pytest.param(
            "data: " + json.dumps({"response": response(status="in_progress"), "type": "response.incomplete"}),
            Outcome("resp_1", "gpt-4.1", "error", status="incomplete", usage=USAGE),
            id="type_at_the_end",
        ),
        pytest.param(
            "data: " + json.dumps({"type": "response.completed", "response": response()}) + "\n\ndata: [DONE]\n\n",
            Outcome("resp_1", "gpt-4.1", "stop", status="completed", usage=USAGE),
            id="event_and_more",
        ),
        pytest.param(
            "data: " + json.dumps({"type": "response.of_tomorrow", "response": response()}),
            Outcome(),
            id="another_event",
        ),
        pytest.param(
            f'data: {{"type": "response.completed", "response": {{"id": "resp_1"}}}}\n\n: {"x" * 10**6}\n\n',
            Outcome("resp_1", finish_reason="stop", status="completed"),
            id="terminal_event_in_the_head",
        ),
        pytest.param("<html>" + "x" * 10**6, Outcome(), id="no_response"),
    ],
)
def test_what_a_body_with_a_gap_tells(body: str, expected: Outcome) -> None:
    assert gapped(body) == expected


def beginnings() -> Iterator[str]:
    yield from ("{", '{"id": "resp_1", "output": [', "data: {", 'data: {"type": "response.completed", "response": {')


@given(head=st.sampled_from(list(beginnings())), rest=st.text(), line=st.text(), tail=st.text())
def test_nothing_strange_harms(head: str, rest: str, line: str, tail: str) -> None:
    assert isinstance(read_gapped(head + rest, head + line, tail), Outcome)


def test_a_body_of_very_many_beginnings_is_given_up_on() -> None:
    body = json.dumps({"id": "resp_1", "status": "completed"})[:-1] + ', "output": [' + '[{"a":' * 200_000
    assert gapped(body).response_id == "resp_1"
