from __future__ import annotations

import json
import math
import sys
from json import encoder
from typing import Any

import pytest
from hypothesis import given, strategies as st

from otel_responses._json import encode_with, to_json

# What Python has in C, and what is there without it: on PyPy, or where a later Python makes it of other arguments.
MADE: dict[str, Any] = {"c": encoder.c_make_encoder, "none": None, "other_arguments": lambda: None}  # pyright: ignore[reportAttributeAccessIssue]

SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text()
PLAIN: st.SearchStrategy[Any] = st.recursive(
    SCALARS, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=20
)


@pytest.fixture(params=MADE.values(), ids=list(MADE))
def encode(request: pytest.FixtureRequest):
    return encode_with(request.param)


@given(content=PLAIN)
def test_the_json_is_that_of_the_standard_library(content: Any) -> None:
    expected = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
    assert [encode_with(make)(content) for make in MADE.values()] == [expected] * len(MADE)
    assert to_json(content) == expected


@pytest.mark.parametrize("number", [math.nan, math.inf, -math.inf])
def test_what_json_has_no_name_for_is_refused(encode: Any, number: float) -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        encode([number])


def test_what_json_does_not_have_is_refused(encode: Any) -> None:
    with pytest.raises(TypeError, match="not JSON serializable"):
        encode({"a": object()})


def test_keys_are_texts(encode: Any) -> None:
    with pytest.raises(TypeError, match="keys must be str"):
        encode({("a", "b"): 1})


@pytest.mark.skipif(sys.implementation.name != "cpython", reason="other Pythons have no encoder in C")
def test_the_encoder_in_c_is_made_once() -> None:
    calls: list[tuple[object, ...]] = []

    def make(*arguments: object) -> Any:
        calls.append(arguments)
        return MADE["c"](*arguments)

    encode = encode_with(make)
    assert [encode([]), encode({})] == ["[]", "{}"]
    assert len(calls) == 1
    assert not isinstance(getattr(to_json, "__self__", None), json.JSONEncoder)  # what is there without it


def test_content_that_holds_itself_is_no_crash(encode: Any) -> None:
    content: list[Any] = []
    content.append(content)
    with pytest.raises(RecursionError):
        encode(content)
