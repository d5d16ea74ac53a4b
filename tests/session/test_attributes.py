"""A session as span attributes."""

from __future__ import annotations

from otel_responses._mapping.sessions import session_attributes
from otel_responses._records import SessionData


def test_a_whole_session():
    data = SessionData(
        id="abc", name="Trip", path="/plan", user="ada", properties={"Trip City": "Rome"}, conversation="conv_1"
    )
    assert session_attributes(data) == {
        "helicone.session.id": "abc",
        "helicone.session.name": "Trip",
        "helicone.session.path": "/plan",
        "helicone.user.id": "ada",
        "session.id": "abc",
        "user.id": "ada",
        "helicone.property.Trip City": "Rome",
    }


def test_an_empty_session():
    assert session_attributes(SessionData()) == {}


def test_32_properties_at_most():
    attributes = session_attributes(SessionData(properties={f"p{number}": "x" for number in range(40)}))
    assert list(attributes) == [f"helicone.property.p{number}" for number in range(32)]
