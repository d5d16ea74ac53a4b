"""What the policy lets out: the redactor's word on each part, and content that always fits and is always JSON."""

from __future__ import annotations

import json
import logging
import math
from typing import Any

import pytest
from hypothesis import given, strategies as st
from hypothesis.strategies import SearchStrategy

from otel_responses.policy import (
    CaptureMode,
    Limits,
    Message,
    Part,
    Policy,
    Where,
    cut_text,
    fit,
    redacted_messages,
    redacted_parts,
    require_plain,
    to_json,
)
from tests.strategies import patiently

NO_LIMIT = 10**9
LARGE = 'The "quick" brown fox jumps over the lazy dog.\n' * 5_000


def text_message(text: str, role: str = "user") -> Message:
    return {"role": role, "parts": [{"type": "text", "content": text}]}


def texts_of(messages: list[Any]) -> list[str]:
    return [part["content"] for message in messages for part in message["parts"]]


def sent(message: str) -> list[Message]:
    return [text_message(message)]


def free(**limits: int) -> Limits:
    """Limits of which only the given ones matter."""
    return Limits(**{"part_chars": NO_LIMIT, "attribute_bytes": NO_LIMIT, **limits})


# -- modes ------------------------------------------------------------------------------------------------------------


def test_without_a_setting_no_content_goes_anywhere():
    policy = Policy()
    assert (policy.mode, policy.redact, policy.blobs, policy.tool_schemas) == (
        CaptureMode.NO_CONTENT,
        None,
        False,
        False,
    )
    assert policy.limits == Limits(part_chars=16_384, attribute_bytes=131_072, attribute_chars=None)


@pytest.mark.parametrize(
    ("mode", "on_span", "on_event"),
    [
        (CaptureMode.NO_CONTENT, False, False),
        (CaptureMode.SPAN_ONLY, True, False),
        (CaptureMode.EVENT_ONLY, False, True),
        (CaptureMode.SPAN_AND_EVENT, True, True),
    ],
)
def test_a_mode_says_where_content_goes(mode: CaptureMode, on_span: bool, on_event: bool):
    assert (mode.on_span, mode.on_event) == (on_span, on_event)
    assert CaptureMode(mode.name) is mode


# -- redaction --------------------------------------------------------------------------------------------------------


def test_the_redactor_is_asked_about_each_part_with_its_place():
    asked: list[tuple[Part, Where]] = []

    def note(part: Part, where: Where) -> Part:
        asked.append((part, where))
        return part

    messages: list[Message] = [
        text_message("Hi."),
        {"role": "assistant", "parts": [{"type": "text", "content": "A"}, {"type": "text", "content": "B"}]},
    ]
    assert redacted_messages(messages, note, "input") == messages
    assert redacted_parts([{"type": "text", "content": "C"}], note, "system", "system_instructions")
    assert [(part["content"], where) for part, where in asked] == [
        ("Hi.", Where("user", "input", 0)),
        ("A", Where("assistant", "input", 1)),
        ("B", Where("assistant", "input", 1)),
        ("C", Where("system", "system_instructions", 0)),
    ]


def test_parts_are_counted_where_there_are_no_messages():
    places: list[int] = []
    redacted_parts([{"type": "text"}, {"type": "text"}], lambda part, where: places.append(where.index), "", "error")
    assert places == [0, 1]


def test_without_a_redactor_everything_stays():
    assert redacted_messages([text_message("Hi."), text_message("")], None, "input") == [
        text_message("Hi."),
        text_message(""),
    ]
    assert redacted_parts([{"type": "text", "content": ""}], None, "", "error") == [{"type": "text", "content": ""}]


def test_what_the_redactor_leaves_out_is_gone_and_so_is_a_message_without_parts():
    def no_secrets(part: Part, where: Where) -> Part | None:
        return None if part["content"] == "secret" else {**part, "content": part["content"].upper()}

    both: Message = {"role": "user", "parts": [*text_message("secret")["parts"], *text_message("open")["parts"]]}  # pyright: ignore[reportTypedDictNotRequiredAccess]
    assert redacted_messages([text_message("secret"), both], no_secrets, "input") == [text_message("OPEN")]
    assert redacted_parts(both["parts"], no_secrets, "", "error") == [{"type": "text", "content": "OPEN"}]


def test_a_message_keeps_what_else_it_has():
    message: Message = {"role": "assistant", "parts": [{"type": "text", "content": "A"}], "finish_reason": "stop"}
    assert redacted_messages([message], lambda part, where: part, "output") == [message]


def test_a_message_without_a_role_is_asked_about_too():
    places: list[Where] = []

    def note(part: Part, where: Where) -> Part:
        places.append(where)
        return part

    assert redacted_messages([{"parts": [{"type": "text"}]}, {"role": "user"}], note, "input") == [
        {"parts": [{"type": "text"}]}
    ]
    assert places == [Where("", "input", 0)]


@pytest.mark.parametrize(
    "returned",
    [
        pytest.param("text", id="text"),
        pytest.param({}, id="no_type"),
        pytest.param({"type": None}, id="type_is_no_text"),
        pytest.param(False, id="false"),
        pytest.param([], id="empty_list"),
    ],
)
def test_what_is_no_part_is_refused_and_said_once(returned: Any, caplog: pytest.LogCaptureFixture):
    for _ in range(2):
        with pytest.raises(TypeError, match=f"a value of type {type(returned).__name__} that is no part"):
            redacted_messages(sent("Hi."), lambda part, where: returned, "input")
    (record,) = caplog.records
    assert (record.levelno, record.name) == (logging.WARNING, "otel_responses")
    assert record.getMessage() == (
        f"The redactor returned a value of type {type(returned).__name__} that is no part. Allowed are a part, which is "
        "a dict with a `type`, or None. The content of the call is left out"
    )


CYCLE: list[Any] = []
CYCLE.append(CYCLE)
NOT_PLAIN = [
    pytest.param(object(), TypeError, id="object"),
    pytest.param(b"bytes", TypeError, id="bytes"),
    pytest.param({1}, TypeError, id="set"),
    pytest.param({1: "a"}, TypeError, id="key_is_no_text"),
    pytest.param({"\ud800": 1}, ValueError, id="key_with_lone_surrogate"),
    pytest.param("\ud83d\ude00", ValueError, id="surrogates_in_place_of_a_character"),
    pytest.param(math.nan, ValueError, id="nan"),
    pytest.param(-math.inf, ValueError, id="infinity"),
    pytest.param(2**63, ValueError, id="integer_too_long"),
    pytest.param(-(2**63) - 1, ValueError, id="negative_integer_too_long"),
    pytest.param(CYCLE, RecursionError, id="holds_itself"),
]


@pytest.mark.parametrize(("value", "error"), NOT_PLAIN)
def test_values_that_cannot_be_exported_are_refused(value: Any, error: type[Exception]):
    """One of them in one attribute would cost the exporter its batch."""
    for part in ({"type": "text", "content": value}, {"type": "tool_call", "arguments": [{"a": value}]}):
        with pytest.raises(error):
            redacted_parts([{"type": "text"}], lambda _, where, part=part: part, "", "error")


def test_plain_values_pass():
    plain = {"a": [1, 1.5, True, None, "ä", (2**63 - 1, -(2**63))], "": {}}
    require_plain(plain)
    assert redacted_parts([{"type": "text"}], lambda part, where: {**part, "value": plain}, "", "error")


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ({("secret",): 1}, "a key of type tuple; allowed are texts"),
        (object(), "a value of type object; allowed is what JSON has"),
        (math.inf, "a float that is not finite"),
        (2**70, "an integer of more than 64 bits"),
    ],
    ids=["key", "value", "float", "integer"],
)
def test_what_is_wrong_is_said_by_its_type_and_never_by_its_value(value: Any, message: str):
    with pytest.raises((TypeError, ValueError)) as caught:
        require_plain(value)
    assert str(caught.value) == message


# -- cutting one text -------------------------------------------------------------------------------------------------


def test_a_text_is_cut_to_its_first_characters_and_says_what_is_missing():
    assert cut_text("x" * 52_307, 4_096) == "x" * 4_096 + "... [truncated, 48211 of 52307 characters left out]"
    assert cut_text("abc", 3) == "abc"
    assert cut_text("abc", 2) == "ab... [truncated, 1 of 3 characters left out]"
    assert cut_text("abc", 0) == "... [truncated, 3 of 3 characters left out]"
    assert cut_text("", 0) == ""


def test_characters_are_counted_not_bytes_and_never_split():
    assert cut_text("😀ä" * 3, 3).startswith("😀ä😀... [truncated, 3 of 6")


def test_json_is_compact_has_letters_as_they_are_and_no_numbers_that_json_has_not():
    assert to_json({"ä": ["😀", 1.5, None]}) == '{"ä":["😀",1.5,null]}'
    with pytest.raises(ValueError, match="JSON"):
        to_json([math.nan])


# -- the limit of a part ----------------------------------------------------------------------------------------------


def test_what_is_within_the_limits_is_given_back_as_it_is():
    messages = [
        text_message("Hi."),
        {"role": "tool", "parts": [{"type": "tool_call_response", "response": {"a": [1]}}]},
    ]
    kept, text = fit(messages, Limits())
    assert all(one is given for one, given in zip(kept, messages, strict=True))
    assert (
        text
        == to_json(messages)
        == (
            '[{"role":"user","parts":[{"type":"text","content":"Hi."}]},'
            '{"role":"tool","parts":[{"type":"tool_call_response","response":{"a":[1]}}]}]'
        )
    )


@pytest.mark.parametrize("chars", [0, 1, 9])
def test_each_part_keeps_so_many_characters(chars: int):
    kept, _ = fit([text_message("x" * 10), text_message("y" * 1_000), text_message("z")], free(part_chars=chars))
    assert [text.count(letter) for text, letter in zip(texts_of(kept), "xyz", strict=True)] == [
        chars,
        chars,
        min(chars, 1),
    ]


def test_a_text_of_the_limit_is_not_cut():
    assert fit(sent("x" * 10), free(part_chars=10))[0] == sent("x" * 10)


def test_what_tells_the_kind_of_a_part_is_never_cut():
    call = {"type": "tool_call", "id": "call_1", "name": "weather", "arguments": {"city": "Vienna"}}
    server = {
        "type": "server_tool_call",
        "id": "ws_1",
        "name": "web_search",
        "server_tool_call": {"type": "web_search"},
    }
    file = {"type": "file", "modality": "image", "mime_type": "image/png", "file_id": "file_1"}
    kept, _ = fit([{"role": "assistant", "parts": [call, server, file], "finish_reason": "stop"}], free(part_chars=0))
    cut = "... [truncated, 17 of 17 characters left out]"
    web_search = {"type": "web_search", "truncated": "... [truncated, 21 of 21 characters left out]"}
    assert kept == [
        {
            "role": "assistant",
            "parts": [{**call, "arguments": cut}, {**server, "server_tool_call": web_search}, file],
            "finish_reason": "stop",
        }
    ]


def test_a_name_that_is_far_too_long_is_content():
    part = {"type": "tool_call", "id": "x" * 1_025, "name": "y" * 1_024}
    kept, _ = fit([part], free(part_chars=1))
    assert kept == [{**part, "id": "x... [truncated, 1024 of 1025 characters left out]"}]
    kept, _ = fit([{"type": "generic", "value": {"type": "z" * 1_025}}], free(part_chars=2_000, attribute_bytes=500))
    assert kept[0]["value"]["type"].startswith("z")
    assert "of 1025" in kept[0]["value"]["type"]


def test_objects_stay_objects_and_their_longest_texts_are_cut():
    arguments = {"path": "notes.txt", "text": "x" * 500, "lines": ["y" * 300, "short", 7]}
    (kept,), _ = fit([{"type": "tool_call", "name": "write", "arguments": arguments}], free(part_chars=214))
    assert kept["arguments"] == {
        "path": "notes.txt",
        "text": "x" * 100 + "... [truncated, 400 of 500 characters left out]",
        "lines": ["y" * 100 + "... [truncated, 200 of 300 characters left out]", "short", 7],
    }


@pytest.mark.parametrize(
    "value",
    [
        pytest.param(list(range(1_000)), id="numbers"),
        pytest.param({f"key {number}": None for number in range(100)}, id="keys"),
        pytest.param({f"{number}": [] for number in range(10, 65)}, id="short_keys"),
        pytest.param([[]] * 1_000, id="lists"),
        pytest.param([""] * 1_000, id="empty_texts"),
        pytest.param([{"type": "x" * 200}] * 10, id="types"),
        pytest.param({"x" * 1_000: 1}, id="one_key"),
    ],
)
def test_an_object_with_too_much_besides_texts_becomes_text(value: Any):
    (kept,), _ = fit([{"type": "tool_call_response", "response": value}], free(part_chars=300))
    assert kept["response"] == cut_text(to_json(value), 300)


def test_the_texts_of_a_part_share_its_characters():
    (kept,), _ = fit([{"type": "reasoning", "content": "x" * 80, "summary": "y" * 60}], free(part_chars=100))
    assert kept == {"type": "reasoning", "content": cut_text("x" * 80, 50), "summary": cut_text("y" * 60, 50)}


def test_an_object_that_must_have_a_type_keeps_it():
    call = {"type": "code_interpreter", "outputs": [1.5] * 1_000}
    (kept,), _ = fit([{"type": "server_tool_call", "server_tool_call": call}], free(part_chars=100))
    assert kept["server_tool_call"] == {"type": "code_interpreter", "truncated": cut_text(to_json(call), 100)}


def test_a_part_may_have_a_field_called_parts():
    part = {"type": "generic", "parts": "x" * 100}
    assert fit([part], free(part_chars=1))[0] == [{"type": "generic", "parts": cut_text("x" * 100, 1)}]
    kept, _ = fit([part], free(attribute_bytes=60))
    assert kept == [{"type": "text", "content": "[1 of 1 left out]"}]


# -- the limit of an attribute ----------------------------------------------------------------------------------------


def test_the_longest_texts_are_cut_first():
    short = [text_message(f"Question {number}") for number in range(20)]
    kept, text = fit([*short, text_message("x" * 100_000)], Limits(part_chars=NO_LIMIT, attribute_bytes=4_096))
    assert kept[:-1] == short
    assert 3_900 < len(text) <= 4_096
    (long,) = texts_of(kept[-1:])
    assert long == cut_text("x" * 100_000, long.count("x"))


def test_texts_of_the_same_length_share_the_room():
    kept, _ = fit([text_message(letter * 10_000) for letter in "WXYZ"], free(attribute_bytes=5_000))
    counts = [text.count(letter) for text, letter in zip(texts_of(kept), "WXYZ", strict=True)]
    assert max(counts) == min(counts) > 1_000


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("x" * 50_000, id="ascii"),
        pytest.param("ä" * 50_000, id="two_bytes"),
        pytest.param("漢" * 50_000, id="three_bytes"),
        pytest.param("😀" * 50_000, id="four_bytes"),
        pytest.param('"\n' * 25_000, id="escaped"),
        pytest.param("\x01" * 50_000, id="six_characters_for_one"),
        pytest.param("\x01" * 10_000 + "x" * 40_000, id="long_then_short"),
        pytest.param("x" * 40_000 + "\x01" * 10_000, id="short_then_long"),
    ],
)
@pytest.mark.parametrize("limits", [{"attribute_bytes": 20_000}, {"attribute_chars": 20_000}], ids=["bytes", "chars"])
def test_the_room_is_used_whatever_the_characters_are(text: str, limits: dict[str, int]):
    kept, written = fit(sent(text), free(**limits))
    size = len(written.encode()) if "attribute_bytes" in limits else len(written)
    assert 19_000 < size <= 20_000
    assert json.loads(written) == kept


def test_json_may_be_as_long_as_the_limit():
    assert [Limits(attribute_bytes=size).admit('["ä"]') for size in (5, 6)] == [False, True]
    assert [Limits(attribute_chars=size).admit('["ä"]') for size in (4, 5)] == [False, True]


def test_the_sdk_would_cut_at_characters_so_we_cut_before_it():
    _, text = fit(sent("ä" * 1_000), Limits(attribute_chars=200))
    assert 150 < len(text) <= 200
    assert json.loads(text)


def test_a_text_that_is_not_longer_than_a_note_about_it_stays_whole():
    messages = [text_message("x" * 64) for _ in range(10)] + sent("y" * 65)
    room = len(to_json(messages)) - 1
    kept, text = fit(messages, free(attribute_bytes=room))
    assert texts_of(kept) == ["x" * 64] * 10 + ["... [truncated, 65 of 65 characters left out]"]
    assert len(text) <= room


def test_a_text_is_not_cut_twice():
    kept, _ = fit(sent("x" * 10_000), Limits(part_chars=5_000, attribute_bytes=1_000))
    (text,) = texts_of(kept)
    assert text.count("truncated") == 1
    assert text.endswith("of 10000 characters left out]")


def test_what_is_cut_has_letters_as_they_are_and_no_numbers_that_json_has_not():
    _, text = fit(sent("ä" * 20), free(part_chars=10))
    assert "ä" * 10 in text
    with pytest.raises(ValueError, match="JSON"):
        fit([{**sent("x" * 20)[0], "value": math.nan}], free(part_chars=10))


def test_the_limit_of_a_part_holds_where_an_attribute_has_room():
    messages = [text_message("x" * 10_000), text_message("y" * 100)]
    kept, text = fit(messages, free(part_chars=500))
    assert texts_of(kept) == [cut_text("x" * 10_000, 500), "y" * 100]
    assert fit(messages, Limits(part_chars=500, attribute_bytes=len(text) + 20)) == (kept, text)
    assert fit(messages, Limits(part_chars=500, attribute_bytes=len(text))) == (kept, text)


@pytest.mark.parametrize("room", range(200, 260))
def test_no_message_is_left_out_where_there_is_room_for_its_beginning(room: int):
    kept, text = fit([text_message("x" * 2_000), text_message("y" * 20)], Limits(part_chars=50, attribute_bytes=room))
    assert [one[0] for one in texts_of(kept)] == ["x", "y"]
    assert len(text) <= room


def test_much_besides_the_texts_leaves_them_what_there_is():
    messages = [text_message("x" * 1_000) for _ in range(100)]
    _, text = fit(messages, free(attribute_bytes=20_000))
    assert 19_000 < len(text) <= 20_000


def test_texts_are_cut_to_their_notes_before_anything_is_left_out():
    messages = [text_message("x" * 1_000) for _ in range(100)]
    notes = [text_message("... [truncated, 1000 of 1000 characters left out]") for _ in range(100)]
    kept, text = fit(messages, free(attribute_bytes=len(to_json(notes))))
    assert (kept, text) == (notes, to_json(notes))


# -- leaving out ------------------------------------------------------------------------------------------------------


def test_the_oldest_messages_are_left_out_and_counted():
    messages = [text_message(f"message {number}") for number in range(1_000)]
    kept, text = fit(messages, free(attribute_bytes=2_000))
    left_out = 1_000 - (len(kept) - 1)
    assert kept == [text_message(f"[{left_out} of 1000 left out]"), *messages[left_out:]]
    assert 1_900 < len(text) <= 2_000


def test_more_room_never_leaves_less():
    messages = [text_message(f"message {number:02}") for number in range(40)]
    counts = [len(fit(messages, free(attribute_bytes=room))[0]) for room in range(200, 1_500)]
    assert counts == sorted(counts)
    assert (counts[0], counts[-1]) == (2, 22)


def test_the_last_message_may_take_all_the_room_that_is_left():
    messages = [text_message("x" * 18) for _ in range(40)]
    kept = [text_message("[27 of 40 left out]"), *messages[27:]]
    assert len(to_json(kept)) == 1_024
    assert fit(messages, free(attribute_bytes=1_024)) == (kept, to_json(kept))


@pytest.mark.parametrize(("room", "beginning"), [(20_000, 1_024), (4_000, 500)])
def test_old_messages_go_before_the_newest_are_cut_to_nothing(room: int, beginning: int):
    messages = [text_message(f"{number:04} " + "x" * 2_000) for number in range(1_000)]
    kept, text = fit(messages, free(attribute_bytes=room))
    assert 0.9 * room < len(text) <= room
    assert texts_of(kept)[-1].startswith("0999")
    assert all(len(one) >= 0.98 * beginning for one in texts_of(kept)[1:])


def test_of_a_single_message_the_first_parts_are_left_out():
    parts = [{"type": "text", "content": f"part {number}"} for number in range(1_000)]
    (kept,), text = fit([{"role": "assistant", "parts": parts, "finish_reason": "stop"}], free(attribute_bytes=2_000))
    left_out = 1_000 - (len(kept["parts"]) - 1)
    assert kept["finish_reason"] == "stop"
    assert kept["parts"] == [{"type": "text", "content": f"[{left_out} of 1000 left out]"}, *parts[left_out:]]
    assert 1_800 < len(text) <= 2_000


def test_the_newest_message_is_never_left_out_for_an_older_one():
    parts = [{"type": "text", "content": f"part {number}"} for number in range(100)]
    kept, _ = fit([text_message("old"), {"role": "assistant", "parts": parts}], free(attribute_bytes=1_000))
    assert kept[0] == text_message("[1 of 2 left out]")
    assert kept[1]["parts"][-1] == parts[-1]


def test_tool_definitions_and_instructions_have_notes_of_their_own_shape():
    tools = [{"type": "function", "name": f"tool_{number}"} for number in range(100)]
    kept, _ = fit(tools, free(attribute_bytes=500))
    assert kept[0] == {"type": "generic", "name": f"[{101 - len(kept)} of 100 left out]"}
    assert kept[-1] == tools[-1]
    calls: list[Part] = [{"type": "tool_call", "name": "add", "arguments": number} for number in range(100)]
    (message,), _ = fit([{"role": "assistant", "parts": calls}], free(attribute_bytes=500))
    assert message["parts"][0] == {"type": "text", "content": f"[{101 - len(message['parts'])} of 100 left out]"}
    assert message["parts"][-1] == calls[-1]
    parts = [{"type": "text", "content": f"rule {number}"} for number in range(100)]
    kept, _ = fit(parts, free(attribute_bytes=500))
    assert kept[0] == {"type": "text", "content": f"[{101 - len(kept)} of 100 left out]"}
    assert kept[-1] == parts[-1]


@pytest.mark.parametrize("size", [0, 1, 2, 10, 40])
def test_where_nothing_fits_nothing_is_left(size: int):
    for limits in (free(attribute_bytes=size), free(attribute_chars=size)):
        assert fit(sent("Hello!"), limits) == ([], "[]")
        assert fit([], limits) == ([], "[]")


# -- always -----------------------------------------------------------------------------------------------------------


def plain_values() -> SearchStrategy[Any]:
    characters = st.characters(exclude_categories=("Cs",))
    texts = st.one_of(st.text(characters, max_size=30), st.text('x\n"漢😀\x01', max_size=400))
    numbers = st.one_of(st.integers(-(2**63), 2**63 - 1), st.floats(allow_nan=False, allow_infinity=False))
    leaves = st.one_of(texts, numbers, st.booleans(), st.none())
    names = st.one_of(st.sampled_from(("type", "name", "content", "parts")), texts)
    return st.recursive(
        leaves, lambda inner: st.one_of(st.lists(inner, max_size=5), st.dictionaries(names, inner, max_size=5))
    )


def parts() -> SearchStrategy[Part]:
    kinds = st.fixed_dictionaries({"type": st.sampled_from(("text", "tool_call", "generic"))})
    fields = st.dictionaries(
        st.sampled_from(("content", "arguments", "id", "name", "parts", "role", "server_tool_call")), plain_values()
    )
    return st.builds(lambda kind, rest: {**kind, **rest}, kinds, fields)


def contents() -> SearchStrategy[list[Any]]:
    messages = st.fixed_dictionaries(
        {"role": st.sampled_from(("user", "assistant")), "parts": st.lists(parts(), max_size=5)},
        optional={"finish_reason": st.just("stop")},
    )
    return st.one_of(st.lists(messages, max_size=5), st.lists(parts(), max_size=5))


def limits() -> SearchStrategy[Limits]:
    sizes = st.one_of(st.integers(0, 100), st.integers(0, 5_000))
    return st.builds(Limits, sizes, sizes, st.one_of(st.none(), sizes))


@given(contents(), limits())
@patiently
def test_whatever_comes_in_what_goes_out_is_json_within_the_limits(content: list[Any], limits: Limits):
    before = to_json(content)
    kept, text = fit(content, limits)
    assert json.loads(text) == json.loads(to_json(kept))
    assert limits.admit(text) or text == "[]"
    assert to_json(content) == before


@given(contents(), limits())
@patiently
def test_what_is_left_has_the_shape_of_what_came(content: list[Any], limits: Limits):
    kept, _ = fit(content, limits)
    for one in kept:
        assert isinstance(one["type"] if "type" in one else one["role"], str)
        assert all(isinstance(part["type"], str) for part in one["parts"]) if "type" not in one else True


@given(contents(), st.integers(0, 200))
@patiently
def test_no_part_has_more_text_than_its_limit(content: list[Any], chars: int):
    kept, _ = fit(content, free(part_chars=chars))
    for one in kept:
        for part in one["parts"] if "type" not in one else [one]:
            assert all(kept_chars(value) <= chars for name, value in part.items() if name == "content")


def kept_chars(value: Any) -> int:
    """The characters of the texts in a value, without the notes of what was cut."""
    if isinstance(value, str):
        return len(value.partition("... [truncated, ")[0])
    if isinstance(value, dict):
        return sum(kept_chars(item) for key, item in value.items() if key != "type")
    return sum(map(kept_chars, value)) if isinstance(value, list) else 0


@given(contents())
@patiently
def test_what_fits_is_not_changed(content: list[Any]):
    assert fit(content, free()) == (content, to_json(content))
    size = len(to_json(content).encode())
    assert fit(content, free(attribute_bytes=size))[1] == to_json(content)


class Counting(Limits):
    """Limits that know how many characters of JSON they were asked about."""

    asked = 0

    def share(self, text: str) -> float:
        Counting.asked += len(text)
        return super().share(text)


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(sent(LARGE), id="one_text"),
        pytest.param([text_message(LARGE[:10_000]) for _ in range(20)], id="many_texts"),
        pytest.param([text_message(LARGE[:100]) for _ in range(2_000)], id="many_messages"),
        pytest.param(sent("\x01" * 50_000 + LARGE), id="long_then_short_in_json"),
    ],
)
def test_large_content_is_written_a_few_times_only(content: list[Any]):
    Counting.asked = 0
    fit(content, Counting(part_chars=NO_LIMIT))
    assert Counting.asked < 3 * len(to_json(content))
