from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, strategies as st

from otel_responses._mapping.body import leading_fields, read_body
from otel_responses._mapping.response import read_response
from otel_responses._records import NO_OUTCOME, Outcome
from tests.strategies import junk, patiently, responses, texts, valid_streams

Event = dict[str, Any]

CREATED = {"type": "response.created", "response": {"id": "resp_1", "model": "gpt-4.1", "status": "in_progress"}}
DELTA = {"type": "response.output_text.delta", "delta": 'It says "type":"response.failed".'}
CUT = Outcome("resp_1", "gpt-4.1", "error", status="in_progress", has_failed=True, error_code="stream_truncated")


def lines(*events: Event, end: str = "\n") -> bytes:
    """The events as they come over the wire, as UTF-8."""
    text = "".join(
        f"event: {event['type']}{end}data: {json.dumps(event, ensure_ascii=False)}{end}{end}" for event in events
    )
    return text.encode("utf-8", "replace")


def completed(text: str = "Rome.") -> Event:
    output = [{"type": "message", "content": [{"type": "output_text", "text": text}]}]
    response = {"id": "resp_1", "model": "gpt-4.1", "status": "completed", "output": output}
    return {"type": "response.completed", "response": response}


DONE = Outcome("resp_1", "gpt-4.1", "stop", status="completed")


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        pytest.param(json.dumps(completed()["response"]).encode(), DONE, id="json"),
        pytest.param(json.dumps(completed()["response"]), DONE, id="json_as_text"),
        pytest.param(b"\r\n " + json.dumps(completed()["response"], indent=1).encode(), DONE, id="json_with_blanks"),
        pytest.param(b'{"error": {"message": "no"}}', NO_OUTCOME, id="json_of_something_else"),
        pytest.param(b'{"id": "resp_1", "mod', NO_OUTCOME, id="json_cut"),
        pytest.param(b'{"a":' * 100_000, NO_OUTCOME, id="json_nested_too_deep"),
        pytest.param(b'{"id": "resp_1", "n": ' + b"9" * 5_000 + b"}", NO_OUTCOME, id="json_with_a_number_too_long"),
        pytest.param(b"[]", NO_OUTCOME, id="json_list"),
        pytest.param(b"", NO_OUTCOME, id="empty"),
        pytest.param(b"<html>Bad gateway</html>", NO_OUTCOME, id="html"),
        pytest.param(b"\x1f\x8b\x08\xff", NO_OUTCOME, id="binary"),
    ],
)
def test_a_reply_that_is_no_event_stream(body: bytes | str, expected: Outcome):
    assert read_body(body) == expected


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        pytest.param(lines(CREATED, DELTA, completed()), DONE, id="completed"),
        pytest.param(lines(CREATED, DELTA, completed()).decode(), DONE, id="as_text"),
        pytest.param(lines(CREATED, DELTA, completed(), end="\r\n"), DONE, id="with_carriage_returns"),
        pytest.param(lines(CREATED, completed()) + b"data: [DONE]\n\n", DONE, id="done_mark"),
        pytest.param(lines(CREATED, completed("one\u2028two\u0085three\x0bfour")), DONE, id="unicode_line_ends"),
        pytest.param(b"data:" + json.dumps(completed()).encode(), DONE, id="no_blank_no_line_end"),
        pytest.param(lines(CREATED, DELTA), CUT, id="cut"),
        pytest.param(lines(CREATED, DELTA) + lines(completed())[:-60], CUT, id="cut_in_the_terminal_event"),
        pytest.param(
            lines(CREATED, DELTA, {"type": "error", "code": "server_error", "message": "secret"}),
            Outcome("resp_1", "gpt-4.1", "error", status="in_progress", has_failed=True, error_code="server_error"),
            id="error",
        ),
        pytest.param(
            lines(CREATED, {"type": "response.failed", "response": {"error": {"code": "bio_policy"}}}),
            Outcome(finish_reason="error", status="failed", has_failed=True, error_code="bio_policy"),
            id="failed",
        ),
        pytest.param(lines(DELTA), NO_OUTCOME, id="nothing_of_a_response"),
        pytest.param(b': ping\n\ndata: {"choices": [], "type": "error"', NO_OUTCOME, id="another_api"),
        pytest.param(b'data: {"items": [{"type": "error"}], "type": 1}\n', NO_OUTCOME, id="type_no_text"),
    ],
)
def test_an_event_stream(body: bytes | str, expected: Outcome):
    assert read_body(body) == expected


def test_a_stream_with_a_gap_in_it_may_not_have_been_cut():
    assert read_body(lines(CREATED, DELTA), is_whole=False) == Outcome("resp_1", "gpt-4.1", status="in_progress")
    assert read_body(lines(CREATED, DELTA, completed()), is_whole=False) == DONE


@patiently
@given(responses())
def test_a_json_body_reads_as_the_response_in_it(response: Event):
    assert read_body(json.dumps(response)) == read_response(response)


@patiently
@given(valid_streams())
def test_a_stream_reads_as_the_response_at_its_end(stream: list[Event]):
    assert read_body(lines(*stream)) == read_response(json.loads(json.dumps(stream[-1]["response"])))


@patiently
@given(st.binary() | texts() | st.lists(texts()).map("\n".join), st.booleans())
def test_no_bytes_make_it_raise(body: bytes | str, is_whole: bool):
    assert read_body(body, is_whole=is_whole).error_code in (None, "stream_truncated")


@patiently
@given(st.lists(junk(), max_size=4), st.sampled_from(("response.created", "response.completed", "error")))
def test_no_event_makes_it_raise(parts: list[Any], kind: str):
    events = [f"data: {json.dumps({'type': kind, 'response': part}, default=repr)}" for part in parts]
    assert isinstance(read_body("\n\n".join(events)), Outcome)


@pytest.mark.parametrize(
    ("data", "found", "rest"),
    [
        pytest.param('{"id": "resp_1", "mod', {"id": "resp_1"}, '"id": "resp_1", "mod', id="in_a_key"),
        pytest.param('{"id": "resp_1", "model": "gpt', {"id": "resp_1"}, '"model": "gpt', id="in_a_text"),
        pytest.param('{"a": 1, "b": 23', {"a": 1}, '"b": 23', id="in_a_number_perhaps"),
        pytest.param(' {\n "a" : [1, {}] ,\n "b" : ', {"a": [1, {}]}, '"b" : ', id="after_a_colon"),
        pytest.param('{"a": {"b": 1}}', {"a": {"b": 1}}, '"a": {"b": 1}}', id="whole"),
        pytest.param('{"a": ' + "[" * 100_000, {}, '"a": ' + "[" * 100_000, id="nested_too_deep"),
        pytest.param("{", {}, "{", id="nothing"),
    ],
)
def test_the_fields_before_a_cut(data: str, found: Event, rest: str):
    assert leading_fields(data) == (found, rest)


def test_of_json_that_is_left_early_the_beginning_is_read():
    outcome = read_body('{"id": "resp_1", "model": "gpt-4.1", "status": "completed", "outp', is_whole=False)
    assert outcome == Outcome("resp_1", "gpt-4.1")
    assert outcome.source is None
    assert read_body('{"id": "resp_1', is_whole=False) == NO_OUTCOME
