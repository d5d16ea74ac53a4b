"""Values that fit a JSON schema."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, strategies as st

from otel_responses.testing._schema import example

PERSON: dict[str, Any] = {"type": "object", "properties": {"name": {"type": "string"}, "boss": {"$ref": "#"}}}


@pytest.mark.parametrize(
    ("schema", "value"),
    [
        pytest.param({"type": "string"}, "text", id="string"),
        pytest.param({"type": "integer"}, 30, id="integer"),
        pytest.param({"type": "number", "minimum": 0.5}, 0.5, id="number with a minimum"),
        pytest.param({"type": "boolean"}, True, id="boolean"),
        pytest.param({"type": "null"}, None, id="null"),
        pytest.param({"type": ["string", "null"]}, "text", id="one of several types"),
        pytest.param({"type": "array", "items": {"type": "integer"}, "minItems": 2}, [30, 30], id="array"),
        pytest.param({"type": "array"}, ["text"], id="array of anything"),
        pytest.param({"const": "fixed"}, "fixed", id="constant"),
        pytest.param({"type": "string", "default": "usual"}, "usual", id="default"),
        pytest.param({"enum": ["red", "blue"]}, "red", id="enumeration"),
        pytest.param({"anyOf": [{"type": "integer"}, {"type": "null"}]}, 30, id="alternatives"),
        pytest.param({"properties": {"city": {"type": "string"}}}, {"city": "Boston"}, id="object without a type"),
        pytest.param({"type": "object"}, {}, id="object without properties"),
        pytest.param({"$ref": "#/$defs/No"}, None, id="reference to nothing"),
        pytest.param({"type": "colour"}, None, id="unknown type"),
        pytest.param({}, None, id="anything"),
        pytest.param(None, None, id="no schema"),
    ],
)
def test_the_value_fits_the_schema(schema: object, value: object) -> None:
    assert example(schema) == value


def test_references_are_followed() -> None:
    defined = {"$defs": {"Size": {"enum": ["small"]}}, "properties": {"size": {"$ref": "#/$defs/Size"}}}
    assert example(defined) == {"size": "small"}


def test_a_schema_that_refers_to_itself_comes_to_an_end() -> None:
    value, depth = example(PERSON), 0
    while value["boss"]:
        value, depth = value["boss"], depth + 1
    assert 2 < depth < 10


KEYS = st.sampled_from(["$ref", "anyOf", "default", "enum", "items", "minItems", "minimum", "properties", "type"])
WORDS = st.sampled_from(["", "#", "#/a", "array", "integer", "object", "string"])
NONSENSE = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 500) | WORDS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=15,
)


@given(NONSENSE)
def test_nonsense_gives_some_value(schema: object) -> None:
    assert json.dumps(example(schema))
