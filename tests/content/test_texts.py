from __future__ import annotations

import base64
import hashlib
import json
from enum import Enum
from typing import Any

import pytest

from otel_responses._mapping.messages import input_messages
from otel_responses._mapping.texts import clean, clean_data

DATA = bytes(range(256)) * 4
ENCODED = base64.b64encode(DATA).decode()
LONG = base64.b64encode(DATA * 4).decode()


def marker(kind: str, data: bytes = DATA) -> str:
    return f"[{kind}, {len(data)} bytes, sha256 {hashlib.sha256(data).hexdigest()}]"


class Word(str, Enum):
    HI = "Hi"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("Hello!", "Hello!", id="plain"),
        pytest.param("", "", id="empty"),
        pytest.param("Zürich 🙂", "Zürich 🙂", id="not_ascii"),
        pytest.param("a\ud800b", "a?b", id="lone_surrogate"),
        pytest.param(Word.HI, "Hi", id="enum"),
        pytest.param("line\r\nline\x00", "line\r\nline\x00", id="control_characters"),
        pytest.param("64, 65, 66", "64, 65, 66", id="numbers"),
        pytest.param("64,", "64,", id="numbers_first"),
        pytest.param(f"64,data:;base64,{ENCODED}", f"64,{marker('data')}", id="numbers_before_it"),
        pytest.param("Encode it as base64, then send it.", "Encode it as base64, then send it.", id="words"),
        pytest.param("base64,QUJD and more", "base64,QUJD and more", id="a_word_without_a_header"),
        pytest.param("data:image/png;base64, is how it begins", "data:image/png;base64, is how it begins", id="prose"),
        pytest.param(
            f"![a](data:image/png;base64,{ENCODED}) and", f"![a]({marker('image/png')}) and", id="markdown_image"
        ),
        pytest.param(f"DATA:image/PNG;Base64,{ENCODED}", marker("image/png"), id="any_case"),
        pytest.param(f"data:;base64,{ENCODED}", marker("data"), id="no_type"),
        pytest.param("data:;base64,A", marker("data", b"A"), id="one_character"),
        pytest.param(f"base64,{ENCODED[:64]}", marker("base64", DATA[:48]), id="no_header_and_just_long_enough"),
        pytest.param(f"base64,{ENCODED[:63]}", f"base64,{ENCODED[:63]}", id="no_header_and_too_short"),
        pytest.param(f"x base64,{ENCODED}", f"x {marker('base64')}", id="no_header"),
        pytest.param(
            f"a data:image/png;base64,{ENCODED} b data:audio/wav;base64,{ENCODED} c",
            f"a {marker('image/png')} b {marker('audio/wav')} c",
            id="two",
        ),
        pytest.param(
            f"data:image/png;base64,{ENCODED},data:image/png;base64,{ENCODED}",
            f"{marker('image/png')},{marker('image/png')}",
            id="side_by_side",
        ),
        pytest.param("é" * 9 + f"data:image/png;base64,{ENCODED}", "é" * 9 + marker("image/png"), id="among_letters"),
        pytest.param(
            f"data:image/png;base64,{ENCODED[:76]}\n{ENCODED[76:]}\nThe end",
            f"{marker('image/png')}\nThe end",
            id="wrapped_lines",
        ),
        pytest.param(f"data:image/png;base64,\n{ENCODED}", marker("image/png"), id="broken_after_its_header"),
        pytest.param("data:image/png;base64,AAAAA", f"{marker('image/png', b'AAAAA')}", id="broken_base64"),
    ],
)
def test_data_urls_are_replaced_in_any_text(text: str, expected: str):
    found = clean(text)
    assert found == expected
    assert type(found) is str


def test_nested_json_stays_json():
    once = json.dumps({"image": f"data:image/png;base64,{ENCODED}", "next": 1}).replace("/", "\\/")
    assert json.loads(clean(once)) == {"image": marker("image/png"), "next": 1}
    wrapped = json.dumps({"image": f"data:image/png;base64,{ENCODED[:76]}\n{ENCODED[76:]}", "next": 1})
    assert json.loads(clean(wrapped)) == {"image": marker("image/png"), "next": 1}
    twice = json.dumps({"inner": json.dumps({"image": f"data:image/png;base64,{ENCODED}", "next": 1})})
    assert json.loads(json.loads(clean(twice))["inner"]) == {"image": marker("image/png"), "next": 1}


def test_a_huge_data_url_is_replaced():
    data = b"\xff" * 5_000_000
    assert clean(f"data:image/png;base64,{base64.b64encode(data).decode()}") == marker("image/png", data)


@pytest.mark.parametrize("before", ["x" * 2_000, "6 x" * 150 + "x" * 2_000, "6, 65" * 500, "64 " * 500])
def test_a_data_url_is_found_in_any_long_text(before: str):
    assert clean(f"{before}data:image/png;base64,{ENCODED}") == before + marker("image/png")
    assert clean(before) == before


def test_many_broken_ones_take_no_longer_than_their_length():
    for text in (
        "base64," * 100_000,
        "data:;base64, " * 100_000,
        "base64," + "\\" * 1_000_000,
        "base64," + " " * 1_000_000,
    ):
        assert clean(text) == text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(ENCODED[:1_024], ENCODED[:1_024], id="short"),
        pytest.param(LONG, marker("base64", DATA * 4), id="all_of_it"),
        pytest.param(f'{{"data": "{LONG}"}}', f'{{"data": "{marker("base64", DATA * 4)}"}}', id="in_json"),
        pytest.param(f"a,{LONG},b", f"a,{marker('base64', DATA * 4)},b", id="between_commas"),
        pytest.param("word " * 1_000, "word " * 1_000, id="prose"),
        pytest.param("ß" * 2_000, "ß" * 2_000, id="other_letters"),
    ],
)
def test_long_base64_is_replaced_where_a_file_may_be(text: str, expected: str):
    assert clean_data(text) == expected


def test_a_text_of_another_class_becomes_a_plain_one():
    assert type(clean_data(Word.HI)) is str


def test_a_run_is_found_wherever_it_begins():
    run = "A" * 1_025
    for offset in range(0, 600, 7):
        assert run not in clean_data("." * offset + run)
        assert clean_data("." * offset + run[:-1] + "." * 2_000) == "." * offset + run[:-1] + "." * 2_000


@pytest.mark.parametrize(
    "item",
    [
        pytest.param({"type": "function_call_output", "call_id": "c", "output": f'{{"png":"{LONG}"}}'}, id="output"),
        pytest.param({"type": "function_call", "name": "f", "arguments": json.dumps({"png": LONG})}, id="arguments"),
        pytest.param({"type": "mcp_call", "name": "f", "output": f"png {LONG}"}, id="mcp"),
        pytest.param({"type": "new_item", "a": [{"b": LONG}]}, id="unknown_item"),
        pytest.param({"type": "new_item", LONG: 1}, id="key"),
        pytest.param({"role": "user", "content": [{"type": "hologram", "b": LONG}]}, id="unknown_content_part"),
    ],
)
def test_no_base64_leaves_from_places_where_a_file_may_be(item: dict[str, Any]):
    assert LONG[:64] not in json.dumps(input_messages({"input": [item]}))


def test_what_a_user_writes_is_no_file():
    (message,) = input_messages({"input": "x" * 50_000})
    assert message == {"role": "user", "parts": [{"type": "text", "content": "x" * 50_000}]}
