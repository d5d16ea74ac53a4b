from __future__ import annotations

import io
import json
from typing import Any

import pytest
from hypothesis import given, settings, strategies as st
from inline_snapshot import snapshot
from opentelemetry.proto.trace.v1.trace_pb2 import Status
from rich.console import Console

from otel_responses._limits import Limits, fit
from otel_responses.cli.conversation import (
    NOTHING_SAID,
    Conversation,
    Message,
    conversation_of_event,
    conversation_of_span,
)
from otel_responses.cli.conversationview import ConversationView
from otel_responses.cli.parts import READERS, Part, read_part
from otel_responses.cli.texts import CHARS_MAX, LINES_MAX, shown
from otel_responses.cli.tree import build_sessions
from otel_responses.cli.treeview import TreeView
from tests.cli.messages import TRIP, call, event, span

DETAILS, EXCEPTION = "gen_ai.client.inference.operation.details", "gen_ai.client.operation.exception"
PICTURE = {"type": "image", "modality": "image", "mime_type": "image/png", "byte_size": 48_211, "sha256": "9f" * 32}
WEATHER = {"city": "Lisbon", "day": "Saturday"}


def said(role: str, *parts: dict[str, Any]) -> dict[str, Any]:
    return {"role": role, "parts": list(parts)}


def text(content: str) -> dict[str, Any]:
    return {"type": "text", "content": content}


INSTRUCTIONS = [text("You are a travel guide.")]
INPUTS = [
    said("user", text("Will it rain? This is what it looks like now."), {"type": "generic", "value": PICTURE}),
    said("assistant", {"type": "tool_call", "id": "call_1", "name": "get_weather", "arguments": WEATHER}),
    said("tool", {"type": "tool_call_response", "id": "call_1", "response": "Rain until the evening."}),
]
OUTPUTS = [
    {
        **said(
            "assistant",
            {"type": "reasoning", "content": "**Weighing it**\n\nRain rules out the beach."},
            {
                "type": "server_tool_call",
                "id": "ws_1",
                "name": "web_search",
                "server_tool_call": {"type": "web_search", "action": {"type": "search", "query": "museums Lisbon"}},
            },
            text("Go to the tile museum first. " * 30),
            {"type": "generic", "value": {"type": "url_citation", "url": "https://example.com"}},
        ),
        "finish_reason": "stop",
    }
]


def on_span(**attributes: Any) -> Conversation:
    return conversation_of_span(span(**attributes))


def a_conversation() -> Conversation:
    return on_span(
        gen_ai__system_instructions=json.dumps(INSTRUCTIONS),
        gen_ai__input__messages=json.dumps(INPUTS),
        gen_ai__output__messages=json.dumps(OUTPUTS),
    )


def drawn(content: object, width: int) -> str:
    """What the content looks like on a terminal without colours."""
    output = io.StringIO()
    Console(file=output, width=width, color_system=None).print(content)
    return "\n" + output.getvalue()


def test_a_conversation_at_80_columns():
    assert drawn(ConversationView(a_conversation()), 80) == snapshot("""\

  system     You are a travel guide.
  user       Will it rain? This is what it looks like now.
             image  image/png, 48,211 bytes, sha256 9f9f9f9f9f9f
  assistant  tool call get_weather call_1  {"city": "Lisbon", "day": "Saturday"}
  tool       tool response call_1  Rain until the evening.
  assistant  reasoning  **Weighing it**

             Rain rules out the beach.
             server tool call web_search  {"action": {"type": "search", "query":
             "museums Lisbon"}}
             Go to the tile museum first. Go to the tile museum first. Go to the
             tile museum first. Go to the tile museum first. Go to the tile
             museum first. Go to the tile museum first. Go to the tile museum
             first. Go to the tile museum first. Go to the tile museum first. Go
             to the tile museum first. Go to the tile museum first. Go to the
             tile museum first. Go to the tile museum first. Go to the tile
             museum first. Go to the tile museum first. Go to the tile museum
             first. Go to the tile museum first. Go to the tile museum first. Go
             to the tile museum first. Go to the tile museum first. Go to the
             tile museu... [269 more characters]
             url_citation  {"url": "https://example.com"}
""")


def test_a_conversation_at_120_columns():
    assert drawn(ConversationView(a_conversation()), 120) == snapshot("""\

  system     You are a travel guide.
  user       Will it rain? This is what it looks like now.
             image  image/png, 48,211 bytes, sha256 9f9f9f9f9f9f
  assistant  tool call get_weather call_1  {"city": "Lisbon", "day": "Saturday"}
  tool       tool response call_1  Rain until the evening.
  assistant  reasoning  **Weighing it**

             Rain rules out the beach.
             server tool call web_search  {"action": {"type": "search", "query": "museums Lisbon"}}
             Go to the tile museum first. Go to the tile museum first. Go to the tile museum first. Go to the tile
             museum first. Go to the tile museum first. Go to the tile museum first. Go to the tile museum first. Go to
             the tile museum first. Go to the tile museum first. Go to the tile museum first. Go to the tile museum
             first. Go to the tile museum first. Go to the tile museum first. Go to the tile museum first. Go to the
             tile museum first. Go to the tile museum first. Go to the tile museum first. Go to the tile museum first.
             Go to the tile museum first. Go to the tile museum first. Go to the tile museu... [269 more characters]
             url_citation  {"url": "https://example.com"}
""")


def test_a_tree_with_conversations_at_80_columns():
    calls = [
        call(start=0, **TRIP, path="/plan", input_tokens=36, conversation=a_conversation()),
        call(start=2, **TRIP, path="/plan", error="400", conversation=Conversation(error="Unknown city: 'Lisbom'")),
        call(start=4, **TRIP, path="/", conversation=on_span(gen_ai__output__messages=json.dumps([said("assistant")]))),
    ]
    assert drawn(TreeView(build_sessions(calls)), 80) == snapshot("""\

                                  in    time
Trip  3f2a91c0  3 calls  1 error  36  5.50 s
├─ plan
│  ├─ chat gpt-4.1                36  1.50 s
│  │  system     You are a travel guide.
│  │  user       Will it rain? This is what it looks like now.
│  │             image  image/png, 48,211 bytes, sha256 9f9f9f9f9f9f
│  │  assistant  tool call get_weather call_1  {"city": "Lisbon", "day":
│  │             "Saturday"}
│  │  tool       tool response call_1  Rain until the evening.
│  │  assistant  reasoning  **Weighing it**
│  │
│  │             Rain rules out the beach.
│  │             server tool call web_search  {"action": {"type": "search",
│  │             "query": "museums Lisbon"}}
│  │             Go to the tile museum first. Go to the tile museum first. Go to
│  │             the tile museum first. Go to the tile museum first. Go to the
│  │             tile museum first. Go to the tile museum first. Go to the tile
│  │             museum first. Go to the tile museum first. Go to the tile
│  │             museum first. Go to the tile museum first. Go to the tile
│  │             museum first. Go to the tile museum first. Go to the tile
│  │             museum first. Go to the tile museum first. Go to the tile
│  │             museum first. Go to the tile museum first. Go to the tile
│  │             museum first. Go to the tile museum first. Go to the tile
│  │             museum first. Go to the tile museum first. Go to the tile
│  │             museu... [269 more characters]
│  │             url_citation  {"url": "https://example.com"}
│  └─ chat gpt-4.1  400               1.50 s
│     error      Unknown city: 'Lisbom'
└─ chat gpt-4.1                       1.50 s
""")


def test_conversations_do_not_move_the_columns():
    told, silent = (
        [call(**TRIP, input_tokens=36, conversation=conversation)] for conversation in (a_conversation(), NOTHING_SAID)
    )
    lines = drawn(TreeView(build_sessions(told)), 100).splitlines()
    assert lines[:4] == drawn(TreeView(build_sessions(silent)), 100).splitlines()


def test_on_a_wide_terminal_lines_are_not_longer_than_can_be_read():
    assert max(map(len, drawn(ConversationView(a_conversation()), 300).splitlines())) <= 120


def test_a_role_is_said_once_and_is_not_long():
    messages = [said("a-role-without-end", text("One."), text("Two."))]
    conversation = on_span(gen_ai__input__messages=json.dumps(messages))
    assert drawn(ConversationView(conversation), 80) == snapshot("""\

  a-role-with…  One.
                Two.
""")


def test_events_tell_the_same_as_spans():
    found = event(
        span(),
        DETAILS,
        gen_ai__system_instructions=INSTRUCTIONS,
        gen_ai__input__messages=INPUTS,
        gen_ai__output__messages=OUTPUTS,
    )
    assert conversation_of_event(found) == a_conversation()


def test_an_exception_s_message_is_told_by_its_event():
    found = event(span(), EXCEPTION, exception__type="openai.BadRequestError", exception__message="No city: Lisbom")
    assert conversation_of_event(found) == Conversation(error="No city: Lisbom")


def test_an_error_s_message_is_told_by_the_status_of_its_span():
    found = span(error__type="400")
    found.status.CopyFrom(Status(code=Status.STATUS_CODE_ERROR, message="No city: \x1b[31mLisbom"))
    assert conversation_of_span(found) == Conversation(error="No city: \ufffd[31mLisbom")


@pytest.mark.parametrize("code", ["", "400", "rate_limit_exceeded", "_OTHER"])
def test_the_type_of_an_error_is_not_repeated_as_its_message(code: str):
    found = span()
    found.status.message = code
    assert not conversation_of_span(found)
    assert not conversation_of_event(event(span(), EXCEPTION, exception__message=code))


def test_other_events_say_nothing():
    assert conversation_of_event(event(span(), "exception", exception__message="No such city")) == NOTHING_SAID
    assert conversation_of_event(event(span(), EXCEPTION)) == NOTHING_SAID


def test_variables_of_a_prompt_are_told():
    conversation = on_span(**{"gen_ai.prompt.variable.to": "Lisbon", "gen_ai.prompt.variable.from": "Rome"})
    assert conversation.messages == (Message("prompt", (Part("from", "Rome"), Part("to", "Lisbon"))),)


@pytest.mark.parametrize(
    ("part", "expected"),
    [
        pytest.param(text("Hi"), Part("", "Hi"), id="text"),
        pytest.param({"type": "text"}, Part("", ""), id="text-without-content"),
        pytest.param("Hi", Part("", "Hi"), id="bare-text"),
        pytest.param(None, Part("", ""), id="null"),
        pytest.param(7, Part("", "7"), id="number"),
        pytest.param({}, Part("", ""), id="nothing"),
        pytest.param({"type": "reasoning", "content": "Hm"}, Part("reasoning", "Hm"), id="reasoning"),
        pytest.param({"type": "compaction", "id": "cmp_1"}, Part("compaction", '{"id": "cmp_1"}'), id="another-type"),
        pytest.param(
            {"type": "tool_call", "id": "call_" + "1" * 24, "name": "get_weather", "arguments": WEATHER},
            Part("tool call get_weather call_1111111", '{"city": "Lisbon", "day": "Saturday"}'),
            id="tool-call",
        ),
        pytest.param(
            {"type": "tool_call", "name": "run", "arguments": "ls -l"}, Part("tool call run", "ls -l"), id="free-text"
        ),
        pytest.param(
            {"type": "tool_call_response", "id": "call_1", "response": {"ok": True}},
            Part("tool response call_1", '{"ok": true}'),
            id="tool-response",
        ),
        pytest.param(
            {"type": "tool_call_response", "result": "Rain"}, Part("tool response", "Rain"), id="older-tool-response"
        ),
        pytest.param(
            {"type": "tool_call_response", "response": []}, Part("tool response", "[]"), id="empty-tool-response"
        ),
        pytest.param(
            {"type": "tool_call_response", "response": [text("Now:"), {"type": "generic", "value": PICTURE}]},
            Part("tool response", "Now:\nimage  image/png, 48,211 bytes, sha256 9f9f9f9f9f9f"),
            id="tool-response-of-parts",
        ),
        pytest.param(
            {"type": "tool_call_response", "response": [text("Now:"), 7]},
            Part("tool response", '[{"type": "text", "content": "Now:"}, 7]'),
            id="tool-response-of-anything",
        ),
        pytest.param(
            {"type": "server_tool_call", "name": "code_interpreter", "server_tool_call": {"type": "x", "code": "1"}},
            Part("server tool call code_interpreter", '{"code": "1"}'),
            id="server-tool-call",
        ),
        pytest.param(
            {"type": "server_tool_call_response", "server_tool_call_response": {"type": "mcp", "output": "1"}},
            Part("server tool response", '{"output": "1"}'),
            id="server-tool-response",
        ),
        pytest.param(
            {"type": "server_tool_call", "server_tool_call": None}, Part("server tool call", ""), id="server-tool-null"
        ),
        pytest.param(
            {"type": "uri", "modality": "image", "uri": "https://example.com/a.png"},
            Part("image", "https://example.com/a.png"),
            id="uri",
        ),
        pytest.param(
            {"type": "file", "modality": "document", "file_id": "file-1"}, Part("document", "file-1"), id="file"
        ),
        pytest.param(
            {"type": "blob", "modality": "audio", "mime_type": "audio/wav", "content": "UklGRg=="},
            Part("audio", "audio/wav, 8 characters of base64"),
            id="blob",
        ),
        pytest.param(
            {"type": "generic", "value": {**PICTURE, "modality": None, "filename": "a.png"}},
            Part("file", "a.png, image/png, 48,211 bytes, sha256 9f9f9f9f9f9f"),
            id="data",
        ),
        pytest.param(
            {"type": "generic", "value": {"type": "item_reference", "id": "msg_1"}},
            Part("item_reference", '{"id": "msg_1"}'),
            id="generic",
        ),
        pytest.param({"type": "generic", "value": "x"}, Part("generic", '{"value": "x"}'), id="generic-text"),
        pytest.param({"type": ["text"], "x": 1}, Part("", '{"x": 1}'), id="type-of-another-type"),
        pytest.param({"type": "\x1b[2J", "x": 1}, Part("\ufffd[2J", '{"x": 1}'), id="type-that-steers"),
    ],
)
def test_parts(part: object, expected: Part):
    assert read_part(part) == expected


def test_a_part_that_is_nested_too_deeply_is_not_shown():
    deep: list[Any] = []
    for _ in range(100_000):
        deep = [deep]
    assert read_part({"type": "deep", "x": deep}) == Part("deep", "(nested too deeply to be shown)")


@pytest.mark.parametrize(
    ("attribute", "expected"),
    [
        pytest.param("", [Message("input", (Part("raw text", ""),))], id="empty"),
        pytest.param("Where to?", [Message("input", (Part("raw text", "Where to?"),))], id="no-json"),
        pytest.param(
            '[{"role":"user","parts":[{"ty', [Message("input", (Part("raw text", '[{"role":"user","parts":[{"ty'),))], id="cut"
        ),
        pytest.param("[" * 100_000, [Message("input", (Part("raw text", shown("[" * 100_000)),))], id="deep"),
        pytest.param("[]", [], id="no-message"),
        pytest.param("null", [Message("input", (Part("", ""),))], id="null"),
        pytest.param('"Where to?"', [Message("input", (Part("", "Where to?"),))], id="a-text"),
        pytest.param('[{"role":"user"}]', [Message("user", (Part("", '{"role": "user"}'),))], id="no-parts"),
        pytest.param('[{"role":"user","parts":[]}]', [], id="empty-parts"),
        pytest.param('[{"role":1,"parts":"Hi"},7]', [Message("input", (Part("", "Hi"),)), Message("input", (Part("", "7"),))], id="strange"),
        pytest.param('[{"role":"user","content":"Where to?"}]', [Message("user", (Part("", "Where to?"),))], id="content-in-place-of-parts"),
        pytest.param('{"role":"user","content":[{"type":"text","content":"Hi"}]}', [Message("user", (Part("", "Hi"),))], id="one-message"),
        pytest.param('[{"role":"\\ud800","parts":["\\ud800"]}]', [Message("\ufffd", (Part("", "\ufffd"),))], id="surrogate"),
    ],
)  # fmt: skip
def test_content_of_any_shape_is_shown(attribute: str, expected: list[Message]):
    assert list(on_span(gen_ai__input__messages=attribute).messages) == expected


def test_structured_values_of_any_kind_are_shown():
    value = [True, 1, 0.5, None, b"abc", {"type": "x", "y": [1]}]
    (message,) = on_span(gen_ai__input__messages=value).messages
    assert [part.text for part in message.parts] == ["true", "1", "0.5", "", "3 bytes", '{"y": [1]}']


def test_of_a_long_conversation_the_newest_parts_are_kept():
    turns = [said("user", text(f"{number}a"), text(f"{number}b")) for number in range(20)]
    note, *messages = on_span(gen_ai__input__messages=json.dumps(turns)).messages
    assert note == Message("input", (Part("24 earlier parts not shown", ""),))
    assert [part.text for message in messages for part in message.parts][::15] == ["12a", "19b"]


def test_of_a_long_message_the_newest_parts_are_kept():
    message = said("assistant", *(text(str(number)) for number in range(17)))
    note, kept = on_span(gen_ai__output__messages=json.dumps([said("assistant", text("before")), message])).messages
    assert note == Message("output", (Part("2 earlier parts not shown", ""),))
    assert [part.text for part in kept.parts] == [str(number) for number in range(1, 17)]


def test_a_long_text_is_cut_and_says_so():
    assert shown("x" * 1_000) == "x" * 600 + "... [400 more characters]"
    assert shown("line\n" * 14) == "line\n" * 11 + "line... [9 more characters]"


def test_what_the_limits_of_the_library_cut_is_still_a_conversation():
    _, written = fit([said("user", text("x" * 200_000))], Limits())
    (message,) = on_span(gen_ai__input__messages=written).messages
    assert message.parts[0].text.startswith("xxx")


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        pytest.param("\x1b[2J\x1b]0;title\x07\x9b31m", "\ufffd[2J\ufffd]0;title\ufffd\ufffd31m", id="escape-sequences"),
        pytest.param("one\r\ntwo\rthree\n\n\x0bfour", "one\ntwo\nthree\n\n\nfour", id="line-breaks"),
        pytest.param("a\tb\u00a0c\u3000d", "a   b c d", id="blanks"),
        pytest.param("user\u202etxt.exe\u2066\u200b\ufeff", "user\ufffdtxt.exe\ufffd\ufffd\ufffd", id="direction"),
        pytest.param("hi\U000e0049\U000e0067", "hi\ufffd\ufffd", id="invisible-tags"),
        pytest.param("👩‍🚀 می‌خواهم", "👩‍🚀 می‌خواهم", id="joiners"),
        pytest.param("[red]x[/red] [/] :smile: {y}", "[red]x[/red] [/] :smile: {y}", id="markup"),
    ],
)
def test_content_cannot_steer_the_terminal(content: str, expected: str):
    assert shown(content) == expected
    assert expected.partition("\n")[0] in drawn(ConversationView(Conversation(error=shown(content))), 80)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=40),
    lambda children: st.lists(children, max_size=4) | st.dictionaries(st.text(max_size=8), children, max_size=4),
    max_leaves=12,
)
kinds = st.sampled_from([*READERS, "compaction", "of-another-time"])
texts = st.sampled_from(["content", "id", "name", "modality", "mime_type", "uri", "file_id", "sha256", "filename"])
values = st.sampled_from(
    ["arguments", "response", "server_tool_call", "server_tool_call_response", "value", "byte_size"]
)
names = texts | values
parts = st.builds(lambda kind, fields: {**fields, "type": kind}, kinds, st.dictionaries(names, json_values, max_size=5))
messages = st.lists(
    st.fixed_dictionaries({"role": st.text(max_size=9), "parts": st.lists(parts, max_size=20)}), max_size=20
)


@given(messages | json_values, st.integers(0, 400), st.sampled_from([1, 20, 80, 120]))
@settings(deadline=None)
def test_any_content_is_drawn_within_bounds_and_without_control_characters(value: Any, cut: int, width: int):
    whole = json.dumps(value)
    for written in (whole, whole[:-cut]):
        conversation = on_span(gen_ai__input__messages=written, gen_ai__output__messages=written)
        kept = [part for message in conversation.messages for part in message.parts]
        assert len(kept) <= 2 * 17
        assert all(len(part.text) <= CHARS_MAX * 4 + 40 and len(part.label) < 200 for part in kept)
        assert all(part.text.count("\n") < LINES_MAX for part in kept)
        text = drawn(ConversationView(conversation), width)
        assert all(char.isprintable() or char in "\n\u200c\u200d" for char in text)


@given(json_values)
@settings(deadline=None)
def test_the_text_of_any_content_stands_on_the_screen_as_it_is(value: object):
    content = json.dumps(value)[:80].strip()
    (message,) = on_span(gen_ai__input__messages=json.dumps([said("user", text(content))])).messages
    assert message.parts == (Part("", shown(content)),)
    assert shown(content) in drawn(ConversationView(Conversation((message,))), 120) or len(content) > 60
