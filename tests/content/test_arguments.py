from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, strategies as st

from otel_responses._mapping.arguments import parsed
from otel_responses._mapping.plain import TOO_DEEP, plain

LEAVES = st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(codec=None), max_size=20)
VALUES = st.recursive(
    LEAVES | st.sampled_from(["data:image/png;base64,AAAA", "\ud800", "x" * 1_100, 2**70, 10**400, "null", "base64,"]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=12,
)


@given(st.dictionaries(st.text(max_size=8), VALUES, max_size=5) | st.lists(VALUES, max_size=5), st.booleans())
def test_any_json_reads_like_the_data_it_stands_for(data: Any, ascii_only: bool):
    for separators in ((",", ":"), (", ", ": ")):
        written = json.dumps(data, ensure_ascii=ascii_only, separators=separators)
        assert parsed(written) == plain(json.loads(written))


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        pytest.param('{"a":[1,-2.5,true,{"b":"c"}]}', {"a": [1, -2.5, True, {"b": "c"}]}, id="all_kinds"),
        pytest.param('\n {"a": "ü"} \n', {"a": "ü"}, id="blanks_around"),
        pytest.param('{"a":null,"b":[null]}', {"b": ["null"]}, id="null"),
        pytest.param('{"a":"\\ud800"}', {"a": "?"}, id="half_of_an_escaped_pair"),
        pytest.param('{"a":"\ud800"}', {"a": "?"}, id="half_of_a_pair"),
        pytest.param('{"a":9223372036854775807}', {"a": 2**63 - 1}, id="longest_integer"),
        pytest.param('{"a":9223372036854775808}', {"a": "9223372036854775808"}, id="longer_integer"),
        pytest.param('{"a":[NaN,-Infinity,1e999]}', {"a": ["NaN", "-Infinity", "Infinity"]}, id="not_finite"),
        pytest.param('{"a":64,"b":1}', {"a": 64, "b": 1}, id="no_data_url"),
    ],
)
def test_arguments_are_data(written: str, expected: Any):
    assert parsed(written) == expected


@pytest.mark.parametrize("six", ["6", "\\u0036"])
def test_a_file_in_arguments_is_described(six: str):
    found = parsed(f'{{"image":"data:image/png;base{six}4,AAAA"}}')
    assert found["image"].startswith("[image/png, 3 bytes, sha256 ")


def test_a_long_run_of_base64_in_arguments_is_described():
    slashes = "\\/".join("A" * 600 for _ in range(2))
    assert parsed(f'{{"image":"{slashes}"}}')["image"].startswith("[base64, ")


@pytest.mark.parametrize(("opening", "closing"), [('{"a":', "}"), ("[", "]")])
def test_arguments_are_as_deep_as_other_data(opening: str, closing: str):
    assert TOO_DEEP not in str(parsed(opening * 16 + "1" + closing * 16))
    assert TOO_DEEP in str(parsed(opening * 17 + "1" + closing * 17))


@pytest.mark.parametrize(
    "written",
    ["", "7", '"a"', "null", "a [b]", '{"a":1', '{"a":1}}', '{"a":1} and more', "[1][2]", "{a}"],
)
def test_what_is_no_json_of_an_object_or_a_list_stays_text(written: str):
    assert parsed(written) == written


def test_digits_beyond_what_python_reads_stay_text():
    written = f'{{"a":{"9" * 5_000}}}'
    assert parsed(written) == plain(written)


def test_what_is_no_text_is_plain_data():
    assert parsed({"a": (1, None)}) == {"a": [1, "null"]}
    assert parsed(None) is None
