"""Sessions from several places become one: headers of the call over headers of the client over the one around it."""

from __future__ import annotations

from otel_responses._records import SessionData
from otel_responses.session import merge_sessions


def test_the_earlier_session_wins_field_by_field():
    call = SessionData(path="/call", user="ada")
    client = SessionData(id="client", path="/client", user="bob")
    ambient = SessionData(id="client", name="Ambient", path="/", conversation="conv_1")
    assert merge_sessions(call, client, ambient) == SessionData(
        id="client", name="Ambient", path="/call", user="ada", conversation="conv_1"
    )


def test_name_and_path_are_not_taken_from_a_session_of_another_id():
    call = SessionData(id="call")
    client = SessionData(user="ada", name="Client")
    ambient = SessionData(id="ambient", name="Ambient", path="/plan", conversation="conv_1")
    assert merge_sessions(call, client, ambient) == SessionData(
        id="call", name="Client", user="ada", conversation="conv_1"
    )


def test_properties_are_merged_name_by_name_whatever_their_case():
    first = SessionData(properties={"City": "Rome", "Plan": "a"})
    second = SessionData(properties={"city": "Oslo", "Team": "x"})
    assert merge_sessions(first, second) == SessionData(properties={"City": "Rome", "Plan": "a", "Team": "x"})


def test_merged_properties_are_32_at_most_and_the_earlier_stay():
    first = SessionData(properties={f"a{number}": "1" for number in range(20)})
    second = SessionData(properties={f"b{number}": "2" for number in range(20)})
    merged = merge_sessions(first, second)
    assert merged is not None
    assert list(merged.properties.values()) == ["1"] * 20 + ["2"] * 12


def test_what_is_none_does_not_count():
    data = SessionData(id="abc")
    assert merge_sessions(None, data, None) is data
    assert merge_sessions(None, None) is None
    assert merge_sessions() is None
