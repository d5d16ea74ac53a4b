"""session() and step() as context managers, what they hold, and what they refuse."""

from __future__ import annotations

import asyncio
import re
from dataclasses import replace
from decimal import Decimal
from enum import Enum
from typing import Any

import pytest
from opentelemetry.context import Context, attach, get_current

from otel_responses._records import SessionData
from otel_responses._safe import detach
from otel_responses.session import current_session, session, step

UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


class Color(str, Enum):
    RED = "red"


def current() -> SessionData:
    data = current_session()
    assert data is not None
    return data


def test_a_session_is_current_inside_its_with_block_only():
    trip = session("Trip", id="abc", path="/plan", user="ada", properties={"City": "Rome"}, conversation="conv_1")
    assert current_session() is None
    with trip as data:
        assert current_session() is data
        assert data == SessionData(
            id="abc", name="Trip", path="/plan", user="ada", properties={"City": "Rome"}, conversation="conv_1"
        )
    assert current_session() is None


@pytest.mark.anyio
async def test_async_with_does_the_same():
    async with session("Trip", id="abc") as data:
        assert current_session() is data
        async with step("flights") as inner:
            assert inner is not None
            assert inner.path == "/flights"
            await asyncio.sleep(0)
            assert current_session() is inner
        assert current_session() is data
    assert current_session() is None


def test_an_exception_passes_and_ends_the_session():
    with pytest.raises(ZeroDivisionError):
        with session("Trip"):
            raise ZeroDivisionError
    assert current_session() is None


def test_without_an_id_a_session_makes_a_uuid_and_keeps_it():
    trip = session("Trip")
    with trip as first:
        pass
    with trip as second:
        pass
    assert first.id is not None
    assert UUID.fullmatch(first.id)
    assert second.id == first.id
    with session("Trip") as other:
        assert other.id != first.id


def test_one_object_may_be_entered_again_inside_itself():
    trip = session("Trip", id="abc")
    with trip as outer:
        with trip as inner:
            assert inner == outer
        assert current_session() is outer
    assert current_session() is None


def test_the_current_session_of_a_given_context_can_be_asked_for():
    with session("Trip") as data:
        context = get_current()
    assert current_session(context) is data
    assert current_session(Context()) is None


def test_an_inner_session_has_its_own_identity_and_takes_over_the_rest():
    with session("Trip", path="/plan", user="ada", properties={"City": "Rome", "Plan": "a"}, conversation="conv_1"):
        with session("Booking", id="b", properties={"plan": "b"}) as inner:
            assert inner == SessionData(
                id="b",
                name="Booking",
                path="/",
                user="ada",
                properties={"plan": "b", "City": "Rome"},
                conversation="conv_1",
            )
        with session("Booking", id="b", user="bob", conversation="conv_2") as inner:
            assert (inner.user, inner.conversation) == ("bob", "conv_2")


def test_an_inner_session_may_share_the_id_of_the_one_around_it():
    with session("Trip") as outer:
        with session("Trip", id=outer.id, path="/book") as inner:
            assert (inner.id, inner.path) == (outer.id, "/book")


def test_steps_extend_the_path_and_nest():
    with session("Trip", path="/plan") as outer:
        with step("flights") as flights:
            assert flights == replace(outer, path="/plan/flights")
            with step("prices"):
                assert current().path == "/plan/flights/prices"
            assert current_session() is flights
        assert current_session() is outer


@pytest.mark.parametrize(
    ("root", "name", "path"),
    [
        pytest.param("/", "flights", "/flights", id="root"),
        pytest.param("/plan/", "flights", "/plan/flights", id="slash-after-path"),
        pytest.param("//plan", "flights", "/plan/flights", id="two-slashes-before-path"),
        pytest.param("/plan", "/flights/", "/plan/flights", id="slashes-around-step"),
        pytest.param("/plan", "flights/rome", "/plan/flights/rome", id="two-segments"),
        pytest.param("/plan", 7, "/plan/7", id="number"),
        pytest.param("/plan", " ", "/plan", id="blank"),
    ],
)
def test_a_step_is_joined_by_one_slash(root: str, name: Any, path: str):
    with session("Trip", path=root), step(name) as data:
        assert data is not None
        assert data.path == path


def test_a_path_that_grows_too_long_is_cut():
    with session("Trip"), step("x" * 200), step("y" * 200) as data:
        assert data is not None
        assert data.path == "/" + "x" * 200 + "/" + "y" * 54


def test_a_step_outside_of_a_session_does_nothing_and_says_so_once(caplog: pytest.LogCaptureFixture):
    before = get_current()
    for _ in range(2):
        with step("flights") as data:
            assert data is None
            assert get_current() is before
    assert [record.getMessage() for record in caplog.records] == [
        "step() does nothing outside of a session; put it inside `with session(...)`"
    ]


def test_one_step_object_works_in_and_outside_of_sessions():
    flights = step("flights")
    with flights, session("Trip", path="/plan"), flights as inner:
        assert inner is not None
        assert inner.path == "/plan/flights"
    assert current_session() is None


def test_leaving_undoes_what_the_body_left_attached():
    before = get_current()
    with session("Trip"):
        attach(get_current().__class__(get_current()))
    assert get_current() is before


def test_leaving_outside_of_the_own_context_does_nothing():
    trip = session("Trip")
    with trip as data:
        token = attach(Context())
        trip.__exit__(None, None, None)
        detach(token)
        assert current_session() is data
    assert current_session() is None


def test_numbers_and_booleans_become_text():
    with session(
        7,
        id=1.5,
        user=True,
        conversation=Color.RED,
        properties={"n": 3, "b": False, "d": Decimal("1.20")},  # pyright: ignore[reportArgumentType]
    ) as data:
        assert data == SessionData(
            id="1.5",
            name="7",
            path="/",
            user="true",
            properties={"n": "3", "b": "false", "d": "1.20"},
            conversation="red",
        )


def test_what_is_empty_counts_as_not_given():
    with session(" ", id="", user="\n", conversation="", properties={"a": None, "b": "", "": "c", "d": "e"}) as data:
        assert data.name is None
        assert data.user is None
        assert data.conversation is None
        assert data.properties == {"d": "e"}
        assert data.id is not None
        assert UUID.fullmatch(data.id)


@pytest.mark.parametrize(
    ("arguments", "error", "sentence"),
    [
        pytest.param(
            {"name": None},
            TypeError,
            "name of session() is None of type NoneType; allowed are text, numbers and booleans, "
            "anything else goes through str() first",
            id="name-none",
        ),
        pytest.param(
            {"name": "Trip", "id": b"abc"},
            TypeError,
            "id of session() is b'abc' of type bytes; allowed are text, numbers and booleans, "
            "anything else goes through str() first",
            id="id-bytes",
        ),
        pytest.param(
            {"name": "Trip", "user": ["ada"]},
            TypeError,
            "user of session() is ['ada'] of type list; allowed are text, numbers and booleans, "
            "anything else goes through str() first",
            id="user-list",
        ),
        pytest.param(
            {"name": "Trip", "properties": ["City"]},
            TypeError,
            "properties of session() is ['City']; allowed is a mapping of names to text, numbers or booleans",
            id="properties-list",
        ),
        pytest.param(
            {"name": "Trip", "properties": {"City": {"name": "Rome"}}},
            TypeError,
            "properties of session()['City'] is {'name': 'Rome'} of type dict; allowed are text, numbers and booleans, "
            "anything else goes through str() first",
            id="property-dict",
        ),
        pytest.param(
            {"name": "Trip", "properties": {("a", "b"): "c"}},
            TypeError,
            "a name in properties of session() is ('a', 'b') of type tuple; allowed are text, numbers and booleans, "
            "anything else goes through str() first",
            id="property-name-tuple",
        ),
        pytest.param(
            {"name": "Trip", "path": "plan"},
            ValueError,
            "path of session() is 'plan'; a path begins with a slash, such as '/plan/flights'",
            id="path-without-slash",
        ),
        pytest.param(
            {"name": "Trip", "path": ""},
            ValueError,
            "path of session() is ''; a path begins with a slash, such as '/plan/flights'",
            id="path-empty",
        ),
    ],
)
def test_bad_shapes_raise_with_a_sentence(arguments: dict[str, Any], error: type[Exception], sentence: str):
    with pytest.raises(error) as caught:
        session(**arguments)
    assert str(caught.value) == sentence


def test_a_step_needs_a_text():
    with pytest.raises(TypeError, match=r"name of step\(\) is None"):
        step(None)  # pyright: ignore[reportArgumentType]


def test_a_long_bad_value_is_not_quoted_whole():
    with pytest.raises(ValueError) as caught:
        session("Trip", path="x" * 200)
    assert len(str(caught.value)) < 130
