"""Whatever a program sends or a server answers: never an exception, always messages that obey the schemas."""

from __future__ import annotations

import copy
import json
import math
from typing import Any

from hypothesis import given, strategies as st
from hypothesis.strategies import SearchStrategy

from otel_responses._mapping.accumulator import DELTAS, ITEM_EVENTS, Accumulator
from otel_responses._mapping.items import ITEMS
from otel_responses._mapping.messages import (
    input_messages,
    output_messages,
    prompt_variables,
    system_instructions,
    tool_definitions,
)
from otel_responses._mapping.parts import CONTENT_PARTS
from otel_responses._mapping.tools import TOOLS as TOOL_TYPES
from tests.contract.schemas import INPUT, INSTRUCTIONS, OUTPUT, TOOLS, expect_plain, expect_valid
from tests.strategies import event_sequences, junk, mangled, patiently, texts, valid_streams

Wire = dict[str, Any]

KEYS = (
    *("action", "approval_request_id", "approve", "arguments", "author", "call_id", "code", "content", "error", "id"),
    *("execution", "file_data", "file_id", "file_url", "filename", "image_url", "input", "input_audio", "name"),
    *(
        "operation",
        "output",
        "output_format",
        "outputs",
        "queries",
        "refusal",
        "result",
        "results",
        "role",
        "server_label",
    ),
    *("status", "summary", "text", "tools", "annotations", "encrypted_content", "pending_safety_checks"),
)


def fragments() -> SearchStrategy[Any]:
    """Texts as they may stand in any field: JSON, data URLs, base64, whole and broken."""
    payload = st.sampled_from(("", "QUJD", "QUJ", "A" * 2_000, "QUJD\n" * 30, "Q U J D", "é", "%41"))
    urls = st.builds("{}data:image/png;base64,{}{}".format, texts(), payload, texts())
    shapes = (
        '{"a":',
        '{"a":[1,null,NaN,1e999]}',
        "[" * 2_000,
        "https://u:p@a.example/b?c#d",
        "x" * 3_000,
        "user",
        "client",
    )
    return st.one_of(urls, st.sampled_from(shapes), texts(), payload)


def items() -> SearchStrategy[Wire]:
    """Items, content parts and tools of every known type, each with any fields, and of unknown types."""
    kinds = st.sampled_from((*ITEMS, *CONTENT_PARTS, *TOOL_TYPES, "an_item_of_tomorrow", "image", "logs"))
    leaves = st.one_of(fragments(), junk())

    def one(inner: SearchStrategy[Any]) -> SearchStrategy[Any]:
        fields = st.dictionaries(st.sampled_from(KEYS), st.one_of(inner, st.lists(inner, max_size=3)), max_size=5)
        return st.builds(lambda kind, rest: {"type": kind, **rest}, kinds, fields)

    return one(st.recursive(leaves, one, max_leaves=6))


def check(body: Any) -> None:
    for blobs in (False, True):
        expect_valid(INPUT, input_messages(body, blobs=blobs))
    expect_valid(INSTRUCTIONS, system_instructions(body))
    for schemas in (False, True):
        expect_valid(TOOLS, tool_definitions(body, schemas=schemas))
    variables = prompt_variables(body)
    expect_plain(variables)
    assert len(variables) <= 32


@patiently
@given(st.lists(items(), max_size=5))
def test_any_items_become_valid_messages(found: list[Wire]):
    variables = {str(number): item for number, item in enumerate(found)}
    check({"input": found, "instructions": found, "tools": found, "prompt": {"variables": variables}})
    for blobs in (False, True):
        expect_valid(OUTPUT, output_messages({"output": found}, "stop", blobs=blobs))


@patiently
@given(st.one_of(junk(), mangled(st.lists(items(), max_size=3)), fragments()))
def test_anything_becomes_valid_messages(value: Any):
    check({"input": value, "instructions": value, "tools": value, "prompt": value})
    check({"prompt": {"variables": value}, "tools": [value], "input": [value]})
    expect_valid(OUTPUT, output_messages(value, "stop"))
    expect_valid(OUTPUT, output_messages({"output": value}, None))
    expect_valid(OUTPUT, output_messages({"output": [value]}, "error", blobs=True))


@patiently
@given(items())
def test_the_callers_data_stays_as_it_is(item: Wire):
    before = copy.deepcopy(repr(item))
    input_messages({"input": [item]})
    assert repr(item) == before


@patiently
@given(st.lists(items(), max_size=4))
def test_each_item_is_mapped_alone(found: list[Wire]):
    together = output_messages({"output": found}, "stop")
    alone = [
        part
        for item in found
        for message in output_messages({"output": [item]}, "stop")
        for part in message.get("parts", [])
    ]
    assert [part for message in together for part in message.get("parts", [])] == alone


def deltas() -> SearchStrategy[Any]:
    indexes = st.one_of(st.integers(-1, 3), st.none(), texts())
    kinds = st.sampled_from((*DELTAS, *ITEM_EVENTS, "response.tomorrow.delta"))
    keys = ("output_index", "content_index", "summary_index", "command_index")
    places = st.fixed_dictionaries({}, optional=dict.fromkeys(keys, indexes))
    texts_of = st.one_of(texts(), junk(), st.fixed_dictionaries({"stdout": texts(), "stderr": texts()}))
    return st.builds(
        lambda kind, place, text, item: {"type": kind, **place, "delta": text, "item": item},
        kinds,
        places,
        texts_of,
        st.one_of(items(), junk()),
    )


@patiently
@given(st.one_of(event_sequences(), st.lists(deltas(), max_size=12)), st.sampled_from((0, 100, 10_000)))
def test_any_events_become_a_valid_message(events: list[Any], max_chars: int):
    accumulator = Accumulator(max_chars)
    for event in events:
        kind = (
            event.get("type")
            if isinstance(event, dict)
            else getattr(event, "type", None)
            if hasattr(event, "__dict__")
            else None
        )
        accumulator.add(event, str(kind))
    found = accumulator.output()
    assert all(type(item) is dict for item in found)
    expect_valid(OUTPUT, output_messages({"output": found}, "error"))


@patiently
@given(st.lists(st.tuples(st.integers(0, 3), texts()), max_size=30), st.integers(0, 300))
def test_what_is_kept_and_what_is_counted_is_all_there_was(pieces: list[tuple[int, str]], max_chars: int):
    accumulator = Accumulator(max_chars)
    for index, text in pieces:
        event = {"output_index": index, "content_index": 0, "delta": text}
        accumulator.add(event, "response.output_text.delta")
    total = 0
    for item in accumulator.output():
        (part,) = item["content"]
        kept, _, note = part["text"].partition("... [truncated, ")
        total += len(kept)
        written = sum(len(text) for index, text in pieces if index == item_index(accumulator, item))
        assert len(kept) == written or f" of {written} characters" in note
    assert total <= max_chars


def item_index(accumulator: Accumulator, item: Wire) -> int:
    return sorted(index for index, _, _ in accumulator._texts)[accumulator.output().index(item)]


@patiently
@given(valid_streams())
def test_a_whole_stream_gives_what_its_response_gives(events: list[Wire]):
    accumulator = Accumulator(1_000_000)
    for event in events:
        accumulator.add(event, event["type"])
    expected = output_messages(events[-1]["response"], "stop")
    assert output_messages({"output": accumulator.output()}, "stop") == expected


@patiently
@given(st.text(max_size=200), st.integers(1, 9))
def test_how_a_text_is_cut_into_deltas_does_not_matter(text: str, size: int):
    accumulator = Accumulator(10_000)
    for start in range(0, len(text), size):
        event = {"output_index": 0, "content_index": 0, "delta": text[start : start + size]}
        accumulator.add(event, "response.output_text.delta")
    expected = [{"type": "message", "content": [{"type": "output_text", "text": text}]}] if text else []
    assert accumulator.output() == expected


def test_ten_thousand_items_are_mapped_one_by_one():
    item = {"type": "function_call", "call_id": "c", "name": "f", "arguments": '{"a": 1}'}
    (message,) = input_messages({"input": [item] * 10_000})
    assert len(message.get("parts", [])) == 10_000


def test_what_is_returned_can_be_written_as_strict_json():
    value = {"type": "new", "a": [math.nan, math.inf, None, 10**400, b"x", object()]}
    json.dumps(input_messages({"input": [value]}), allow_nan=False).encode()
