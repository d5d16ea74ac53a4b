from __future__ import annotations

import math
from collections import UserDict
from enum import Enum
from types import MappingProxyType, SimpleNamespace
from typing import Any

import pytest
import wrapt
from hypothesis import given
from pydantic import BaseModel, ConfigDict

from otel_responses._mapping import reading
from otel_responses._mapping.reading import field, integer, is_object, items, mapping, number, reader, text
from tests.encoding import as_exported
from tests.strategies import Raising, junk, patiently


class Model(str, Enum):
    GPT = "gpt-4.1"


class Strange(UserDict[str, Any]):
    def get(self, key: str, default: Any = None) -> Any:
        raise LookupError(key)


@pytest.mark.parametrize(
    ("source", "value"),
    [
        pytest.param({"id": "resp_1"}, "resp_1", id="dict"),
        pytest.param(MappingProxyType({"id": "resp_1"}), "resp_1", id="mapping"),
        pytest.param(SimpleNamespace(id="resp_1"), "resp_1", id="model"),
        pytest.param({"id": None}, None, id="null"),
        pytest.param({}, None, id="no_such_key"),
        pytest.param(MappingProxyType({}), None, id="no_such_key_in_a_mapping"),
        pytest.param(SimpleNamespace(), None, id="no_such_attribute"),
        pytest.param(None, None, id="none"),
        pytest.param(["id"], None, id="list"),
        pytest.param("id", None, id="text"),
        pytest.param(Raising(), None, id="a_property_that_raises"),
        pytest.param(Strange(id="resp_1"), None, id="a_mapping_that_raises"),
    ],
)
def test_a_field_is_read_of_a_mapping_or_a_model(source: object, value: object):
    assert field(source, "id") == value


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        pytest.param("gpt-4.1", "gpt-4.1", id="text"),
        pytest.param("Zürich", "Zürich", id="not_ascii"),
        pytest.param("a" * 1_024, "a" * 1_024, id="longest"),
        pytest.param("a" * 1_025, "a" * 1_024, id="too_long"),
        pytest.param("a\ud800b", "a?b", id="lone_surrogate"),
        pytest.param(Model.GPT, "gpt-4.1", id="enum"),
        pytest.param(wrapt.ObjectProxy("gpt-4.1"), "gpt-4.1", id="proxy"),
        pytest.param("", None, id="empty"),
        pytest.param(b"gpt-4.1", None, id="bytes"),
        pytest.param(4, None, id="number"),
        pytest.param(True, None, id="boolean"),
        pytest.param(["gpt-4.1"], None, id="list"),
        pytest.param(None, None, id="none"),
    ],
)
def test_a_text_is_one_that_is_not_empty_and_can_be_encoded(value: object, expected: str | None):
    assert text(value) == expected
    assert type(text(value)) in (str, type(None))


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        pytest.param(0, 0, id="zero"),
        pytest.param(-1, -1, id="negative"),
        pytest.param(2**63 - 1, 2**63 - 1, id="largest"),
        pytest.param(-(2**63), -(2**63), id="smallest"),
        pytest.param(2**63, None, id="too_large"),
        pytest.param(-(2**63) - 1, None, id="too_small"),
        pytest.param(True, None, id="boolean"),
        pytest.param(1.0, None, id="float"),
        pytest.param("1", None, id="text"),
        pytest.param(None, None, id="none"),
    ],
)
def test_an_integer_is_one_of_64_bits(value: object, expected: int | None):
    assert integer(value) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        pytest.param(0, 0, id="zero"),
        pytest.param(0.0, 0.0, id="zero_as_float"),
        pytest.param(0.7, 0.7, id="float"),
        pytest.param(math.inf, math.inf, id="infinite"),
        pytest.param(2**63, None, id="too_large"),
        pytest.param(False, None, id="boolean"),
        pytest.param("0.7", None, id="text"),
        pytest.param(None, None, id="none"),
    ],
)
def test_a_number_is_an_integer_or_a_float(value: object, expected: float | None):
    assert number(value) == expected
    assert type(number(value)) is type(expected)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        pytest.param([1, 2], [1, 2], id="list"),
        pytest.param((1, 2), [1, 2], id="tuple"),
        pytest.param(wrapt.ObjectProxy([1, 2]), [1, 2], id="proxy"),
        pytest.param({"a": 1}, [], id="dict"),
        pytest.param("ab", [], id="text"),
        pytest.param(None, [], id="none"),
    ],
)
def test_items_are_those_of_a_list(value: object, expected: list[Any]):
    assert items(value) == expected
    assert type(items(value)) is list


def test_what_is_no_mapping_reads_as_an_empty_one():
    given_mapping = {"a": 1}
    assert mapping(given_mapping) is given_mapping
    assert mapping([("a", 1)]) == mapping(SimpleNamespace(a=1)) == mapping(None) == {}


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        pytest.param({}, True, id="dict"),
        pytest.param(SimpleNamespace(), True, id="model"),
        pytest.param(None, False, id="none"),
        pytest.param("text", False, id="text"),
        pytest.param(b"text", False, id="bytes"),
        pytest.param(1, False, id="integer"),
        pytest.param(1.5, False, id="float"),
        pytest.param([], False, id="list"),
        pytest.param((), False, id="tuple"),
    ],
)
def test_objects_have_fields_and_bare_values_have_none(value: object, expected: bool):
    assert is_object(value) is expected


@patiently
@given(junk())
def test_nothing_makes_reading_raise_and_what_is_read_can_be_encoded(value: object):
    assert is_object(value) in (True, False)
    assert isinstance(items(value), list)
    assert mapping(value) == {} or mapping(value) is value
    read = {"text": text(value), "number": number(value), "integer": integer(value), "field": text(field(value, "id"))}
    known = {name: found for name, found in read.items() if found is not None}
    assert as_exported(known).keys() == known.keys()


def test_of_the_classes_that_were_asked_about_512_are_remembered_at_most():
    sizes: list[int] = []
    for index in range(1_200):
        kind: Any = type(f"Kind{index}", (dict,) if index % 2 else (), {})
        assert mapping(kind()) == {}
        assert field(kind(), "x") is None
        assert is_object(kind())
        sizes.append(len(reading._is_mapping))
    assert max(sizes) == 512
    assert field({"x": 1}, "x") == 1


class Profile(BaseModel):
    """A model of pydantic that keeps what it does not know, as those of the SDK do."""

    model_config = ConfigDict(extra="allow")

    name: str | None = None
    city: str | None = None


@pytest.mark.parametrize(
    "source",
    [
        pytest.param({"name": "Ada", "age": 36}, id="dict"),
        pytest.param(MappingProxyType({"name": "Ada", "age": 36}), id="mapping"),
        pytest.param(SimpleNamespace(name="Ada", age=36), id="object"),
        pytest.param(Profile.model_validate({"name": "Ada", "age": 36}), id="model_with_a_field_it_does_not_know"),
    ],
)
def test_a_reader_reads_what_there_is(source: object):
    read = reader(source)
    assert [read(name) for name in ("name", "age", "city")] == ["Ada", 36, None]


class ClosedProfile(BaseModel):
    """A model of pydantic that keeps nothing that it does not know."""

    name: str | None = None
    city: str | None = None


@pytest.mark.parametrize("model", [Profile, ClosedProfile])
def test_a_reader_of_a_model_without_further_fields(model: type[Profile | ClosedProfile]):
    read = reader(model(name="Ada"))
    assert [read(name) for name in ("name", "city", "age", "model_dump")] == ["Ada", None, None, None]


@pytest.mark.parametrize("source", [None, "name", 7, ["name"]])
def test_a_reader_of_what_has_no_fields_finds_none(source: object):
    assert reader(source)("name") is None
