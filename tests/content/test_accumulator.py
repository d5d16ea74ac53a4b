from __future__ import annotations

import sys
from types import SimpleNamespace
from typing import Any

import pytest

from otel_responses._mapping.accumulator import Accumulator
from otel_responses._mapping.messages import output_messages
from otel_responses._mapping.plain import characters
from otel_responses.testing import FakeResponsesAPI

Event = dict[str, Any]


class StrangeText(str):
    __slots__ = ()

    def __len__(self) -> int:
        raise RuntimeError


def added(item: Any, index: int = 0) -> Event:
    return {"type": "response.output_item.added", "output_index": index, "item": item}


def done(item: Any, index: int = 0) -> Event:
    return {"type": "response.output_item.done", "output_index": index, "item": item}


def delta(kind: str, text: Any, index: int = 0, **more: Any) -> Event:
    return {"type": f"response.{kind}.delta", "output_index": index, "delta": text, **more}


def output_of(*events: Any, max_chars: int = 10_000) -> list[Event]:
    accumulator = Accumulator(max_chars)
    for event in events:
        accumulator.add(event, event["type"] if isinstance(event, dict) else event.type)
    return accumulator.output()


def message(*content: Event) -> Event:
    return {"type": "message", "id": "msg_1", "role": "assistant", "content": list(content)}


def text(content: str) -> Event:
    return {"type": "output_text", "text": content}


@pytest.mark.parametrize(
    ("begun", "events", "expected"),
    [
        pytest.param(
            message(),
            [delta("output_text", "Hel", content_index=0), delta("output_text", "lo", content_index=0)],
            message(text("Hello")),
            id="text",
        ),
        pytest.param(
            message(text("old")),
            [
                delta("output_text", "B", content_index=2),
                delta("refusal", "No", content_index=1),
                delta("output_text", "A", content_index=0),
            ],
            message(text("A"), {"type": "refusal", "refusal": "No"}, text("B")),
            id="parts_in_order",
        ),
        pytest.param(
            {"type": "reasoning", "id": "rs_1", "summary": []},
            [
                delta("reasoning_summary_text", "One", summary_index=0),
                delta("reasoning_summary_text", "Two", summary_index=1),
                delta("reasoning_text", "All", content_index=0),
            ],
            {
                "type": "reasoning",
                "id": "rs_1",
                "summary": [{"type": "summary_text", "text": "One"}, {"type": "summary_text", "text": "Two"}],
                "content": [{"type": "reasoning_text", "text": "All"}],
            },
            id="reasoning",
        ),
        pytest.param(
            {"type": "function_call", "call_id": "call_1", "name": "f", "arguments": ""},
            [delta("function_call_arguments", '{"a"'), delta("function_call_arguments", ":1")],
            {"type": "function_call", "call_id": "call_1", "name": "f", "arguments": '{"a":1'},
            id="function",
        ),
        pytest.param(
            {"type": "custom_tool_call", "name": "sql", "input": ""},
            [delta("custom_tool_call_input", "select")],
            {"type": "custom_tool_call", "name": "sql", "input": "select"},
            id="custom_tool",
        ),
        pytest.param(
            {"type": "mcp_call", "name": "roll"},
            [delta("mcp_call_arguments", "{}")],
            {"type": "mcp_call", "name": "roll", "arguments": "{}"},
            id="mcp",
        ),
        pytest.param(
            {"type": "code_interpreter_call", "code": None},
            [delta("code_interpreter_call_code", "1+1")],
            {"type": "code_interpreter_call", "code": "1+1"},
            id="code",
        ),
        pytest.param(
            {"type": "shell_call", "action": {"commands": []}},
            [
                delta("shell_call_command", "ls", command_index=0),
                delta("shell_call_command", "pwd", command_index=1),
                delta("shell_call_command", " -l", command_index=0),
            ],
            {"type": "shell_call", "action": {"commands": ["ls -l", "pwd"]}},
            id="shell",
        ),
        pytest.param(
            {"type": "shell_call_output", "output": []},
            [
                delta("shell_call_output_content", {"stdout": "a"}, command_index=0),
                delta("shell_call_output_content", {"stdout": "b", "stderr": "c"}, command_index=0),
                delta("shell_call_output_content", {"stderr": None}, command_index=0),
            ],
            {"type": "shell_call_output", "output": [{"stdout": "ab"}, {"stderr": "c"}]},
            id="shell_output",
        ),
        pytest.param(
            {"type": "web_search_call", "id": "ws_1"}, [], {"type": "web_search_call", "id": "ws_1"}, id="begun"
        ),
    ],
)
def test_deltas_make_the_item_that_was_being_written(begun: Event, events: list[Event], expected: Event):
    assert output_of(added(begun), *events) == [expected]
    without_beginning = output_of(*events)
    assert [item["type"] for item in without_beginning] == [begun["type"]] * bool(events)
    grown = set(expected) - {"id", "role", "call_id", "name"}
    assert all(item[key] == expected[key] for item in without_beginning for key in grown)


def test_a_finished_item_replaces_what_was_begun():
    whole = message(text("Hello!"))
    events = [added(message()), delta("output_text", "Hel", content_index=0), done(whole)]
    assert output_of(*events) == [whole]
    assert output_of(*events, added(message()), delta("output_text", "again", content_index=0), done(whole)) == [whole]


def test_items_are_in_the_order_of_the_response():
    first, second, third = message(text("1")), message(text("2")), message(text("3"))
    assert output_of(done(third, 7), done(first, 0), added(second, 3)) == [first, second, third]


def test_a_server_that_counts_nothing_writes_one_item_after_the_other():
    events = [
        {"type": "response.output_text.delta", "delta": "Hel"},
        {"type": "response.output_item.done", "item": message(text("Hello"))},
        {"type": "response.output_text.delta", "delta": "Wor"},
        {"type": "response.output_text.delta", "delta": "ld"},
    ]
    assert output_of(*events) == [message(text("Hello")), {"type": "message", "content": [text("World")]}]


def test_events_may_be_models():
    event = SimpleNamespace(type="response.output_text.delta", output_index=0, content_index=0, delta="Hello")
    assert output_of(event) == [{"type": "message", "content": [text("Hello")]}]


@pytest.mark.parametrize(
    "event",
    [
        pytest.param({"type": "response.created", "response": {}}, id="other"),
        pytest.param({"type": "response.tomorrow.delta", "delta": "canary"}, id="unknown"),
        pytest.param({"type": "response.audio.delta", "delta": "canary"}, id="ignored"),
        pytest.param(
            {"type": "response.image_generation_call.partial_image", "partial_image_b64": "canary"}, id="partial_image"
        ),
        pytest.param(delta("output_text", None), id="no_delta"),
        pytest.param(delta("output_text", 7), id="delta_of_another_type"),
        pytest.param(added(None), id="no_item"),
        pytest.param(done("canary"), id="item_of_another_type"),
    ],
)
def test_other_events_pass_unseen(event: Event):
    assert output_of(event) == []


def test_an_event_that_raises_passes_unseen():
    accumulator, kind = Accumulator(100), "response.output_item.done"
    accumulator.add(done({"text": StrangeText()}), kind)
    accumulator.add(done({}), kind)
    assert accumulator.output() == [{}]


def test_what_is_kept_is_no_part_of_the_event():
    item = message(text("Hello"))
    accumulator = Accumulator(1_000)
    accumulator.add(done(item), "response.output_item.done")
    item["content"].clear()
    accumulator.output()[0]["content"].clear()
    assert accumulator.output() == [message(text("Hello"))]


def test_line_ends_stay_as_they_are():
    events = [delta("output_text", part, content_index=0) for part in ("a\r", "\nb\nc\r")]
    assert output_of(added(message()), *events) == [message(text("a\r\nb\nc\r"))]


def test_deltas_without_a_place_in_their_item_belong_to_its_first_part():
    events = [
        delta("output_text", "b", content_index=1),
        delta("output_text", "a"),
        delta("output_text", "A", content_index="1"),
        delta("output_text", "a", content_index=0),
    ]
    assert output_of(added(message()), *events) == [message(text("aAa"), text("b"))]


def test_a_text_takes_64_characters_more_than_it_has():
    event = delta("output_text", "x" * 10, content_index=0)
    assert output_of(event, max_chars=64 + 10) == [{"type": "message", "content": [text("x" * 10)]}]
    cut = text("... [truncated, 10 of 10 characters left out]")
    for max_chars in (64 + 9, 64):
        assert output_of(event, max_chars=max_chars) == [{"type": "message", "content": [cut]}]
    assert output_of(event, max_chars=63) == []


def test_a_text_that_is_too_long_says_how_much_is_left_out():
    events = [delta("output_text", "x" * 10, content_index=0) for _ in range(100)]
    (item,) = output_of(*events, max_chars=64 + 55)
    assert item["content"] == [text("x" * 50 + "... [truncated, 950 of 1000 characters left out]")]
    assert output_of(*events, delta("output_text", "y", content_index=0), max_chars=64 + 55)[0]["content"] == [
        text("x" * 50 + "... [truncated, 951 of 1001 characters left out]")
    ]


def test_a_finished_item_that_is_too_long_leaves_its_beginning():
    begun, whole = message(), message(text("x" * 5_000))
    events = [added(begun), delta("output_text", "x" * 100, content_index=0), done(whole)]
    assert output_of(*events, max_chars=1_000) == [message(text("x" * 100))]


def test_a_finished_item_may_take_the_room_of_its_deltas():
    whole = message(text("x" * 5_000))
    events = [added(message()), *(delta("output_text", "x" * 1_000, content_index=0) for _ in range(5)), done(whole)]
    assert output_of(*events, max_chars=5_300) == [whole]


def test_a_finished_item_needs_no_more_room_than_itself():
    whole = message(text("x" * 5_000))
    events = [added(message()), *(delta("output_text", "x" * 1_000, content_index=0) for _ in range(4)), done(whole)]
    size = characters(whole, sys.maxsize)
    assert output_of(*events, max_chars=size) == [whole]
    assert output_of(*events, max_chars=size - 1) == [message(text("x" * 4_000))]


def test_a_finished_item_leaves_the_deltas_of_the_others():
    events = [delta("output_text", "Hi", 1, content_index=0), done(message())]
    assert output_of(*events) == [message(), {"type": "message", "content": [text("Hi")]}]


def test_many_small_entries_do_not_fit_where_a_text_of_their_number_does_not():
    events = [delta("output_text", "x" * 400, content_index=0), done({"a": [0] * 1_500})]
    assert output_of(*events, max_chars=1_000) == [{"type": "message", "content": [text("x" * 400)]}]


@pytest.mark.parametrize(
    "begun",
    [
        pytest.param(added(message(text("x" * 400))), id="beginning"),
        pytest.param(delta("output_text", "x" * 400, content_index=0), id="deltas"),
    ],
)
def test_the_room_of_what_an_item_replaces_is_given_back_once(begun: Event):
    again = [done(message())] * 10
    assert output_of(begun, *again, done(message(text("y" * 1_500)), 1), max_chars=1_000) == [message()]


def test_an_item_that_begins_again_gives_no_room_back():
    events = [delta("output_text", "x" * 800, content_index=0), *[added({})] * 50]
    (item,) = output_of(*events, delta("output_text", "y" * 800, content_index=0), max_chars=1_000)
    assert item["content"] == [text("x" * 800 + "... [truncated, 800 of 1600 characters left out]")]


def test_an_item_that_comes_twice_takes_its_room_once():
    whole = message(text("x" * 800))
    assert output_of(*[done(whole)] * 100, done(message(), 1), max_chars=1_000) == [whole, message()]


@pytest.mark.parametrize(
    "flood",
    [
        pytest.param(lambda number: delta("output_text", "", number, content_index=0), id="empty_texts"),
        pytest.param(lambda number: delta("output_text", "x", 0, content_index=number), id="parts"),
        pytest.param(lambda number: added({}, number), id="items_begun"),
        pytest.param(lambda number: done({"a": [[]]}, number), id="items_done"),
    ],
)
def test_a_flood_of_small_things_is_bounded(flood: Any):
    found = output_of(*(flood(number) for number in range(10_000)), max_chars=1_000)
    assert 1 <= len(str(found)) < 40_000
    assert len(found) <= 1_000


@pytest.mark.parametrize(
    "body",
    [
        pytest.param({"input": "Hello!"}, id="text"),
        pytest.param(
            {
                "input": "Hello!",
                "reasoning": {"effort": "high", "summary": "auto"},
                "include": ["reasoning.encrypted_content"],
            },
            id="reasoning",
        ),
        pytest.param(
            {"input": "Hello!", "tools": [{"type": "function", "name": "weather", "parameters": {"type": "object"}}]},
            id="function",
        ),
        pytest.param({"input": "Hello!", "tools": [{"type": "web_search"}]}, id="web_search"),
        pytest.param(
            {
                "input": "Hello!",
                "tools": [{"type": "file_search", "vector_store_ids": ["vs_1"]}],
                "include": ["file_search_call.results"],
            },
            id="file_search",
        ),
    ],
)
def test_a_whole_stream_gives_what_the_response_gives(body: Any):
    accumulator, response = Accumulator(100_000), None
    for event in FakeResponsesAPI().client().responses.create(model="gpt-4.1", stream=True, **body):
        accumulator.add(event, event.type)
        response = getattr(event, "response", None) or response
    expected = output_messages(response, "stop")
    assert expected
    assert output_messages({"output": accumulator.output()}, "stop") == expected
