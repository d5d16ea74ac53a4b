"""Values that come with requests: cleaned, bounded, never an exception, and never quoted in the log."""

from __future__ import annotations

import pytest
from hypothesis import given, settings, strategies as st

from otel_responses.session import session
from otel_responses.session._values import clean

ANY_TEXT = st.text(st.characters(), max_size=400)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        pytest.param("Zürich", "Zürich", id="letters"),
        pytest.param("  ada\n", "ada", id="blanks-around"),
        pytest.param("a\r\nb", "a b", id="line-break"),
        pytest.param("a\x00b\x7fc\x85d\u2028e", "a b c d e", id="controls"),
        pytest.param("a\ud800b", "a b", id="lone-surrogate"),
        pytest.param("x" * 256, "x" * 256, id="long-enough"),
        pytest.param("x" * 257, "x" * 256, id="too-long"),
        pytest.param("x" * 255 + " y", "x" * 255, id="cut-at-a-blank"),
        pytest.param("no\xa0break", "no\xa0break", id="unusual-blank"),
    ],
)
def test_a_value_is_cleaned_and_cut(value: str, expected: str):
    assert clean(value) == expected


@pytest.mark.parametrize("value", ["  ada\n", "no\xa0break", "x" * 256])
def test_a_value_that_is_only_trimmed_is_not_warned_of(value: str, caplog: pytest.LogCaptureFixture):
    clean(value)
    assert caplog.records == []


def test_cut_values_are_warned_of_once_without_quoting_them(caplog: pytest.LogCaptureFixture):
    session("secret " * 100, user="se\x00cret", properties={"secret\x00": "secret\x00x"})
    session("secret " * 100)
    assert [record.getMessage() for record in caplog.records] == [
        "a value of a session had more than 256 characters or held control characters; it was cut or cleaned"
    ]


def test_properties_beyond_32_are_left_out_with_one_warning(caplog: pytest.LogCaptureFixture):
    many = {f"p{number}": number for number in range(40)}
    with session("Trip", properties={"empty": None, **many}) as data:
        assert list(data.properties) == [f"p{number}" for number in range(32)]
    session("Trip", properties=many)
    assert [record.getMessage() for record in caplog.records] == [
        "a session had more than 32 properties; the rest was left out"
    ]


def test_32_properties_are_kept_without_a_warning(caplog: pytest.LogCaptureFixture):
    with session("Trip", properties={f"p{number}": number for number in range(32)}) as data:
        assert len(data.properties) == 32
    assert caplog.records == []


def test_the_callers_mapping_is_copied():
    mine = {"City": "Rome"}
    with session("Trip", properties=mine) as data:
        mine["City"] = "Oslo"
        assert data.properties == {"City": "Rome"}


@settings(max_examples=200, deadline=None)
@given(ANY_TEXT)
def test_a_cleaned_value_is_bounded_encodable_and_stays_as_it_is(value: str):
    cleaned = clean(value)
    assert len(cleaned) <= 256
    assert not any(character < " " or "\x7f" <= character < "\xa0" for character in cleaned)
    assert cleaned.encode().decode() == cleaned
    assert cleaned == cleaned.strip()
    assert clean(cleaned) == cleaned


@settings(max_examples=100, deadline=None)
@given(name=ANY_TEXT, user=ANY_TEXT, properties=st.dictionaries(ANY_TEXT, ANY_TEXT | st.integers() | st.booleans()))
def test_no_text_of_a_request_raises(name: str, user: str, properties: dict[str, str | int | bool]):
    with session(name, id=name, user=user, properties=properties, conversation=user) as data:
        assert data.id
        assert len(data.properties) <= 32
