from __future__ import annotations

import math
from collections import UserDict
from collections.abc import Callable, Iterator
from datetime import date, datetime, timezone
from enum import Enum, IntEnum
from types import MappingProxyType
from typing import Any, ClassVar, NamedTuple

import pytest
from openai.types.responses import ResponseFunctionToolCall, ResponseOutputMessage, ResponseOutputText
from pydantic import BaseModel

from otel_responses._mapping.messages import input_messages, tool_definitions
from otel_responses._mapping.plain import characters, copied, plain, plain_item
from tests.contract.schemas import expect_plain


class Point(NamedTuple):
    x: int
    y: int


class Number(IntEnum):
    ONE = 1


class Choice(Enum):
    RED = "red"
    BOTH = ("red", ["green"])


class Profile(BaseModel):
    name: str
    age: int | None = None


class StrangeDict(UserDict[str, Any]):
    def __iter__(self) -> Iterator[str]:
        raise LookupError


class StrangeList(list[Any]):
    def __iter__(self) -> Iterator[Any]:
        raise LookupError


class StrangeInt(int):
    def __int__(self) -> int:
        raise ArithmeticError


class StrangeText(str):
    __slots__ = ()

    def strip(self, *_: Any) -> str:
        raise UnicodeError

    def __getitem__(self, key: Any) -> str:
        raise UnicodeError


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        pytest.param(None, None, id="none"),
        pytest.param(True, True, id="boolean"),
        pytest.param(7, 7, id="integer"),
        pytest.param(Number.ONE, 1, id="integer_enum"),
        pytest.param(2**63, "9223372036854775808", id="large_integer"),
        pytest.param(-(2**63) - 1, "-9223372036854775809", id="small_integer"),
        pytest.param(2**63 - 1, 2**63 - 1, id="largest_integer"),
        pytest.param(-(2**63), -(2**63), id="smallest_integer"),
        pytest.param(2**1_024 - 1, str(2**1_024 - 1), id="integer_of_1024_bits"),
        pytest.param(2**1_024, "[integer of 1025 bits]", id="integer_of_1025_bits"),
        pytest.param(10**5_000, "[integer of 16610 bits]", id="huge_integer"),
        pytest.param(
            {"headers": 1, "encrypted_content": "x"},
            {"headers": 1, "encrypted_content": "x"},
            id="no_item_holds_no_credentials",
        ),
        pytest.param(0.5, 0.5, id="float"),
        pytest.param(math.nan, "NaN", id="nan"),
        pytest.param(math.inf, "Infinity", id="infinity"),
        pytest.param(-math.inf, "-Infinity", id="minus_infinity"),
        pytest.param(Choice.RED, "red", id="enum"),
        pytest.param(Choice.BOTH, ["red", ["green"]], id="enum_of_lists"),
        pytest.param(date(2026, 11, 22), "2026-11-22", id="date"),
        pytest.param(datetime(2026, 11, 22, tzinfo=timezone.utc), "2026-11-22T00:00:00+00:00", id="time"),
        pytest.param([1, None, (2,)], [1, "null", [2]], id="list"),
        pytest.param(Point(1, 2), [1, 2], id="named_tuple"),
        pytest.param({"a": None, "b": {"c": 1}}, {"b": {"c": 1}}, id="dict"),
        pytest.param(MappingProxyType({"a": 1}), {"a": 1}, id="mapping"),
        pytest.param({1: "a", None: "b", (1,): "d"}, {"1": "a", "NoneType": "b", "tuple": "d"}, id="keys"),
        pytest.param({"\ud800": "\ud800"}, {"?": "?"}, id="surrogates"),
        pytest.param(Profile(name="Ada"), {"name": "Ada"}, id="pydantic_model"),
        pytest.param(object(), {"type": "object"}, id="object"),
        pytest.param({"a": object(), "b": 1}, {"a": {"type": "object"}, "b": 1}, id="object_among_others"),
        pytest.param({1}, {"type": "set"}, id="set"),
        pytest.param(iter([1]), {"type": "list_iterator"}, id="iterator"),
        pytest.param(StrangeDict(a=1), {"type": "StrangeDict"}, id="mapping_that_raises"),
        pytest.param(StrangeList([1]), [], id="list_that_raises"),
        pytest.param([1, StrangeInt(7)], {"type": "list"}, id="number_that_raises"),
    ],
)
def test_any_value_becomes_plain_data(value: Any, expected: Any):
    found = plain(value)
    assert found == expected
    assert type(found) is type(expected)
    if found is not None:
        expect_plain(found)


def test_bytes_are_described():
    expected = "[bytes, 3 bytes, sha256 ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad]"
    for value in (b"abc", bytearray(b"abc"), memoryview(b"abc")):
        assert plain(value) == expected


@pytest.mark.parametrize("held", [lambda value: [value], lambda value: {"a": value}], ids=["list", "object"])
def test_nesting_ends_at_a_depth(held: Callable[[Any], Any]):
    deep, expected = held("bottom"), "[nested too deeply]"
    for _ in range(16):
        deep, expected = held(deep), held(expected)
    assert plain(deep) == expected


@pytest.mark.parametrize("read", [plain, plain_item])
def test_objects_are_as_deep_as_allowed(read: Callable[[object], Any]):
    whole, expected = {"a": "bottom"}, {"a": "[nested too deeply]"}
    for _ in range(15):
        whole, expected = {"a": whole}, {"a": expected}
    assert read(whole) == whole
    assert read({"a": whole}) == expected


def test_data_that_holds_itself_ends():
    items: list[Any] = []
    items += [items] * 10
    fields: dict[str, Any] = {}
    fields.update(dict.fromkeys("abcdefghij", fields))
    for value in (items, fields):
        expect_plain(plain(value), 18)


def test_what_is_left_out_of_a_long_list_is_counted():
    found = plain(list(range(30_000)))
    assert found[:20_000] == list(range(20_000))
    assert found[20_000:] == ["[10000 more left out]"]


def test_what_is_left_out_of_a_large_object_is_counted():
    found = plain({str(number): number for number in range(30_000)})
    assert len(found) == 20_001
    assert found["..."] == "[10000 more left out]"


class Nothing(Enum):
    NOTHING = None


@pytest.mark.parametrize(("value", "name"), [(None, "NoneType"), (Nothing.NOTHING, "Nothing")])
def test_an_item_that_is_nothing_is_described_by_its_class(value: object, name: str):
    assert plain_item(value) == {"type": name}


def test_an_iterator_is_not_consumed():
    items = iter([{"role": "user", "content": "Hello!"}])
    found = input_messages({"input": items})
    assert found == [{"role": "user", "parts": [{"type": "generic", "value": {"type": "list_iterator"}}]}]
    assert list(items) == [{"role": "user", "content": "Hello!"}]


def test_nothing_is_shared_with_the_caller():
    arguments = {"city": ["Rome"]}
    body = {"input": [{"type": "function_call", "name": "f", "arguments": arguments}, {"type": "new", "a": arguments}]}
    found = input_messages(body)
    arguments["city"].append("Paris")
    assert "Paris" not in str(found)
    found[0].get("parts", [])[0]["arguments"]["city"].append("Oslo")
    assert arguments == {"city": ["Rome", "Paris"]}


@pytest.mark.parametrize(
    "item",
    [
        pytest.param({"type": "function_call", "arguments": StrangeText("{}")}, id="text"),
        pytest.param({"role": "user", "content": [{"type": "input_image", "image_url": StrangeText("x")}]}, id="url"),
    ],
)
def test_an_item_that_cannot_be_read_does_not_hide_the_others(item: dict[str, Any]):
    found = input_messages({"input": [item, "Hello!"]})
    assert found == [
        {"role": "user", "parts": [{"type": "generic", "value": {"type": "dict"}}]},
        {"role": "user", "parts": [{"type": "text", "content": "Hello!"}]},
    ]


def test_what_cannot_be_read_is_described_by_its_class():
    assert input_messages({"input": [StrangeDict()]}) == [
        {"role": "user", "parts": [{"type": "generic", "value": {"type": "StrangeDict"}}]}
    ]
    assert tool_definitions({"tools": StrangeList([1])}) == []


def test_a_model_of_the_sdk_reads_like_its_json():
    wire: Any = {
        "type": "function_call",
        "call_id": "c",
        "name": "f",
        "arguments": "{}",
        "async": True,
        "new_field": {"a": 1},
    }
    model = ResponseFunctionToolCall.construct(**wire)
    assert plain_item(model) == wire
    assert input_messages({"input": [model]}) == input_messages({"input": [wire]})


class OldModel:
    """A model of pydantic 1, by what tells that it is one."""

    __fields__: ClassVar[dict[str, Any]] = {"name": None}

    def __init__(self, **values: Any) -> None:
        self.__dict__.update(values)


def test_a_model_of_pydantic_1_reads_like_its_json():
    assert plain(OldModel(name="Ada", async_=True)) == {"name": "Ada", "async": True}


def test_models_within_models_become_dictionaries():
    content: Any = [{"type": "output_text", "text": "Hi", "annotations": [], "logprobs": []}]
    message: Any = ResponseOutputMessage.construct(id="msg_1", content=content)
    assert type(message.content[0]) is ResponseOutputText
    found = copied(message)
    assert (type(found), found["content"]) == (dict, content)
    expected = {"id": "msg_1", "content": content}
    assert plain(message) == expected


def test_characters_are_counted_until_there_are_too_many():
    assert characters({"a": "1234", "b": [5, b"67"], "c": Profile(name="Ada")}, 1_000) == 6 + 4 + 2 + 3 + 2
    endless: list[Any] = []
    endless.append(endless)
    assert characters(endless, 100) == 101
