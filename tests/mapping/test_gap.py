"""Replies of which a head and a tail were kept: what is read of either, and what is not guessed."""

from __future__ import annotations

import json
from typing import Any

import pytest

from otel_responses._mapping.gap import read_gapped
from otel_responses._records import Outcome, Usage

HEAD = '{"id": "resp_1", "model": "m", "output": ['
CALL = {"type": "function_call", "name": "f"}
SEARCH = {"type": "web_search_call", "status": "completed"}
USAGE = '"usage": {"input_tokens": 5, "output_tokens": 7}'


def message(text: str) -> dict[str, Any]:
    return {"type": "message", "content": [{"type": "output_text", "text": text}]}


def written(*items: Any) -> str:
    return ", ".join(map(json.dumps, items))


def output(outcome: Outcome) -> list[Any]:
    source: Any = outcome.source
    return source["output"]


def test_what_stands_before_the_gap_and_after_it():
    head = f'{{"id": "resp_1", "status": "completed", "model": "m", "output": [{written(message("a"))}, {{"type": "mess'
    outcome = read_gapped(head, "", f'age"}}, {written(CALL)}], "service_tier": "flex", {USAGE}}}')
    assert outcome == Outcome("resp_1", "m", "tool_call", "flex", status="completed", usage=Usage(5, 7))
    assert output(outcome) == [message("a"), CALL]


@pytest.mark.parametrize("blank", ["", " ", "\n  "])
def test_blanks_between_the_tokens_do_not_matter(blank: str):
    tail = (
        f']}},{blank}{written(message("b"))}],{blank}"service_tier"{blank}:{blank}"flex",{blank}"usage"{blank}:{blank}'
    )
    outcome = read_gapped(f'{{"id":"resp_1",{blank}"output"{blank}:{blank}[{blank}', "", tail + '{"input_tokens":5}}')
    assert (outcome.response_id, outcome.service_tier, outcome.usage) == ("resp_1", "flex", Usage(5))
    assert output(outcome) == [message("b")]


def test_the_last_status_tier_and_usage_are_those_of_the_response():
    of_an_item = '"status": "failed", "service_tier": "flex", "usage": {"input_tokens": 1}'
    tail = f'{{{of_an_item}}}], "status": "completed", "service_tier": "priority", {USAGE}}}'
    assert read_gapped(HEAD, "", tail) == Outcome(
        "resp_1", "m", "stop", "priority", status="completed", usage=Usage(5, 7)
    )


def test_what_the_head_says_counts_before_what_the_tail_says():
    head = '{"id": "resp_1", "status": "incomplete", "service_tier": "flex", "output": ['
    outcome = read_gapped(head, "", f'{written(SEARCH)}], "status": "completed", "service_tier": "priority"}}')
    assert (outcome.status, outcome.service_tier) == ("incomplete", "flex")


def test_usage_that_is_cut_is_not_read():
    assert read_gapped(HEAD, "", '], "status": "completed", "usage": {"input_tokens": 5, ').usage == Usage()


def test_an_output_of_which_the_end_was_not_kept_gives_no_finish_reason_but_that_of_its_status():
    outcome = read_gapped(HEAD + written(CALL) + ', {"type": "mess', "", f'], "status": "completed", {USAGE}}}')
    assert outcome.finish_reason == "stop"
    assert output(outcome) == [CALL]


def test_an_output_that_begins_after_the_gap():
    tail = f'], "tools": [{{"type": "message"}}], "output": [{written(SEARCH, CALL)}], "status": "completed"}}'
    outcome = read_gapped('{"id": "resp_1", "instructions": [{"type": "message"}', "", tail)
    assert outcome == Outcome("resp_1", finish_reason="tool_call", status="completed")
    assert output(outcome) == [SEARCH, CALL]


def test_no_output_at_all():
    outcome = read_gapped(
        '{"id": "resp_1", "instructions": "', "", f'", "tools": [{written(CALL)}], "status": "completed"}}'
    )
    assert outcome == Outcome("resp_1", finish_reason="stop", status="completed")
    assert output(outcome) == []


def test_only_objects_of_the_types_of_items_are_items():
    other = [{"type": "function"}, {"type": "output_text"}, {"type": 1}, {"type": "a message"}, {}, "message", 7]
    kinds = ("message", "reasoning", "compaction", "mcp_list_tools", "shell_call", "shell_call_output")
    kept = [{"type": kind} for kind in kinds]
    assert output(read_gapped(HEAD, "", f"x, {written(*other, *kept)}]}}")) == kept


def test_an_object_that_never_ends_does_not_hide_what_stands_in_it_and_after_it():
    assert output(read_gapped(HEAD, "", f'[{{"broken": [{{"a": }}, {written(SEARCH, CALL)}')) == [SEARCH, CALL]


def test_no_more_than_256_objects_are_looked_at():
    assert len(output(read_gapped(HEAD, "", f"[{written(*[SEARCH] * 300)}]"))) == 256


EVENT = 'data: {"type": "response.completed", "response": {"id": "resp_1", "output": ['


def test_the_event_at_the_end_of_a_stream():
    created = 'data: {"type": "response.created", "response": {"id": "resp_1", "model": "m"}}'
    outcome = read_gapped(created, EVENT, f"..., {written(CALL)}], {USAGE}}}}}\n\ndata: [DONE]\n\n")
    assert outcome == Outcome("resp_1", finish_reason="tool_call", status="completed", usage=Usage(5, 7))
    assert output(outcome) == [CALL]


def test_the_type_of_an_event_may_stand_after_its_response():
    line = 'data: {"response": {"id": "resp_1", "status": "in_progress", "output": ['
    outcome = read_gapped("data: {}", line, f'], {USAGE}}}, "type" : "response.incomplete"}}\n\n')
    assert outcome == Outcome("resp_1", finish_reason="error", status="incomplete", usage=Usage(5, 7))


@pytest.mark.parametrize(
    ("line", "piece"),
    [
        pytest.param(EVENT.replace("completed", "of_tomorrow"), f"{written(CALL)}]}}}}", id="event_of_tomorrow"),
        pytest.param('data: {"type": "response.completed", "answer": {"output": [', "]}}", id="no_response"),
        pytest.param(
            'data: {"response": {"id": "resp_2", "metadata": {"type": "response.completed"}', "}}", id="type_of_another"
        ),
    ],
)
def test_an_event_that_ends_nothing_tells_nothing(line: str, piece: str):
    created = 'data: {"type": "response.created", "response": {"id": "resp_1", "status": "in_progress"}}'
    assert read_gapped(created, line, piece) == Outcome("resp_1", status="in_progress")


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        pytest.param(
            {"type": "response.incomplete", "response": {"id": "resp_1", "status": "incomplete"}},
            Outcome("resp_1", finish_reason="error", status="incomplete"),
            id="finished",
        ),
        pytest.param(
            {"type": "error", "code": "server_error"},
            Outcome(finish_reason="error", has_failed=True, error_code="server_error"),
            id="failed",
        ),
    ],
)
@pytest.mark.parametrize("where", ["head", "rest"])
def test_the_first_event_that_ends_the_stream_counts(event: Any, expected: Outcome, where: str):
    line = f"data: {json.dumps(event)}\n\ndata: [DONE]\n\n"
    head, rest = (line, "") if where == "head" else ("data: {}", line)
    assert read_gapped(head, EVENT, f"]}}}}\n{rest}") == expected
