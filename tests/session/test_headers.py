"""Helicone's headers: read without ever failing, and written so that real HTTP clients send them."""

from __future__ import annotations

from typing import Any
from urllib.parse import unquote

import pytest
from hypothesis import given, settings, strategies as st
from openai import NOT_GIVEN, Omit

from otel_responses._records import SessionData
from otel_responses.session import helicone_headers, session, session_from_headers
from tests.session.conftest import Loopback


@pytest.fixture(params=["httpx2", "httpx"], scope="module")
def http(request: pytest.FixtureRequest) -> Any:
    """The HTTP libraries of the openai SDK, of 3 and of what came before; each as far as it is installed."""
    return pytest.importorskip(request.param)


# Reading


def test_a_session_is_read_from_headers_in_any_case():
    assert session_from_headers(
        {
            "Authorization": "Bearer key",
            "Helicone-Session-Id": "abc",
            "HELICONE-SESSION-NAME": " Trip ",
            "helicone-session-path": "/plan/flights",
            "Helicone-User-Id": b"ada",
            "helicone-property-City": "Zürich",
            "Helicone-Property-Plan": "Zürich".encode(),
        }
    ) == SessionData(
        id="abc", name="Trip", path="/plan/flights", user="ada", properties={"City": "Zürich", "Plan": "Zürich"}
    )


@pytest.mark.parametrize(
    "headers",
    [
        pytest.param({}, id="empty"),
        pytest.param({"Authorization": "Bearer key"}, id="others"),
        pytest.param({"Helicone-Auth": "Bearer key", "Helicone-Cache-Enabled": "true"}, id="other-helicone-headers"),
        pytest.param({"Helicone-Session-Id": Omit(), "Helicone-User-Id": NOT_GIVEN}, id="sentinels"),
        pytest.param({"Helicone-Session-Id": None, "Helicone-User-Id": 7, "Helicone-Property-A": []}, id="no-text"),
        pytest.param({"Helicone-Session-Id": " ", "Helicone-Property-A": "", "Helicone-Property-": "b"}, id="blank"),
        pytest.param({"X-Helicone-Session-Id": "abc"}, id="similar-name"),
    ],
)
def test_headers_without_a_session_give_none(headers: dict[str, object]):
    assert session_from_headers(headers) is None


def test_header_values_are_cleaned_and_not_decoded(caplog: pytest.LogCaptureFixture):
    data = session_from_headers(
        {
            "Helicone-Session-Id": "a\r\nb",
            "Helicone-Session-Name": "100%25",
            "Helicone-Session-Path": "plan/flights/",
            "Helicone-User-Id": b"\xff" + b"x" * 300,
        }
    )
    assert data == SessionData(id="a b", name="100%25", path="/plan/flights", user="\ufffd" + "x" * 255)
    assert len(caplog.records) == 1


def test_more_than_32_properties_in_headers_are_left_out():
    data = session_from_headers({f"Helicone-Property-P{number}": "x" for number in range(40)})
    assert data is not None
    assert list(data.properties) == [f"P{number}" for number in range(32)]


@pytest.mark.parametrize(
    "headers",
    [
        pytest.param({b"Helicone-Session-Id": "abc"}, id="name-of-bytes"),
        pytest.param({1: "abc"}, id="name-of-number"),
        pytest.param(None, id="no-mapping"),
    ],
)
def test_headers_of_a_strange_shape_never_raise(headers: Any):
    assert session_from_headers(headers) is None


@settings(max_examples=100, deadline=None)
@given(
    st.dictionaries(
        st.sampled_from(["Helicone-Session-Id", "helicone-session-path", "Helicone-Property-A", "Helicone-"])
        | st.text(max_size=20),
        st.text(st.characters(), max_size=300) | st.binary(max_size=300) | st.none() | st.integers(),
    )
)
def test_no_header_value_raises(headers: dict[str, object]):
    data = session_from_headers(headers)
    assert data is None or data.path is None or data.path.startswith("/")


# Writing


def test_a_session_is_written_as_headers():
    data = SessionData(
        id="abc", name="Trip", path="/plan", user="ada", properties={"City": "Rome"}, conversation="conv_1"
    )
    assert helicone_headers(data) == {
        "Helicone-Session-Id": "abc",
        "Helicone-Session-Name": "Trip",
        "Helicone-Session-Path": "/plan",
        "Helicone-User-Id": "ada",
        "Helicone-Property-City": "Rome",
    }
    assert helicone_headers(SessionData()) == {}


@pytest.mark.parametrize(
    ("value", "header"),
    [
        pytest.param("Zürich", "Z%C3%BCrich", id="umlaut"),
        pytest.param("100% Zürich", "100%25 Z%C3%BCrich", id="percent-sign-in-an-encoded-value"),
        pytest.param("100%25", "100%25", id="percent-sign-in-a-plain-value"),
        pytest.param(" Trip\t", "Trip", id="blanks-around"),
        pytest.param("a\r\nX-Evil: b", "a%0D%0AX-Evil: b", id="line-break"),
        pytest.param("東京", "%E6%9D%B1%E4%BA%AC", id="kanji"),
        pytest.param("\ud800", "?", id="lone-surrogate"),
        pytest.param("a\x7f", "a%7F", id="delete"),
        pytest.param("~!\"#$&'()*+,/:;=?@[]{}|", "~!\"#$&'()*+,/:;=?@[]{}|", id="punctuation"),
    ],
)
def test_a_header_value_is_printable_ascii(value: str, header: str):
    assert helicone_headers(SessionData(name=value)) == {"Helicone-Session-Name": header}


def test_property_names_that_are_no_http_token_are_left_out_with_one_log_line(caplog: pytest.LogCaptureFixture):
    data = SessionData(properties={"Trip City": "a", "Straße": "b", "a:b": "c", "City": "d"})
    assert helicone_headers(data) == helicone_headers(data) == {"Helicone-Property-City": "d"}
    assert [record.getMessage() for record in caplog.records] == [
        (
            "a session has a property whose name cannot be part of an HTTP header's name; it is not sent to Helicone's "
            "proxy (allowed are letters, digits and !#$%&'*+.^_`|~-)"
        )
    ]


def test_headers_stay_below_8_kib(caplog: pytest.LogCaptureFixture):
    data = SessionData(id="abc", properties={f"P{number}": "東" * 256 for number in range(31)} | {"Small": "x"})
    headers = helicone_headers(data)
    assert list(headers) == [
        "Helicone-Session-Id",
        "Helicone-Property-P0",
        "Helicone-Property-P1",
        "Helicone-Property-P2",
        "Helicone-Property-Small",
    ]
    assert sum(len(f"{name}: {value}\r\n") for name, value in headers.items()) <= 8192
    assert [record.getMessage() for record in caplog.records] == [
        "a session's headers exceed 8192 bytes; what does not fit is left out"
    ]


# Over a real connection: a mock transport takes what a client refuses to send


AWKWARD = {
    "name": "Zürich",
    "user": " ada ",
    "properties": {"Trip City": "lost", "City": "東京\n", "Percent": "100%", "Number": 7, "Ok": "a b"},
}


def test_awkward_values_arrive_over_a_real_connection(http: Any, loopback: Loopback):
    with session(**AWKWARD, id="abc", path="/plan/Zürich") as data, http.Client() as client:  # pyright: ignore[reportArgumentType]
        client.get(loopback.url, headers=helicone_headers(data)).raise_for_status()
    head = loopback.heads[-1]
    assert {name: value for name, value in head.items() if name.startswith("helicone-")} == {
        "helicone-session-id": "abc",
        "helicone-session-name": "Z%C3%BCrich",
        "helicone-session-path": "/plan/Z%C3%BCrich",
        "helicone-user-id": "ada",
        "helicone-property-city": "%E6%9D%B1%E4%BA%AC",
        "helicone-property-percent": "100%",
        "helicone-property-number": "7",
        "helicone-property-ok": "a b",
    }


@pytest.mark.anyio
async def test_awkward_values_arrive_over_a_real_async_connection(http: Any, loopback: Loopback):
    with session("Zürich", id="abc") as data:
        async with http.AsyncClient() as client:
            response = await client.get(loopback.url, headers=helicone_headers(data))
    response.raise_for_status()
    assert unquote(loopback.heads[-1]["helicone-session-name"]) == "Zürich"


def test_clients_do_refuse_the_values_as_they_are(http: Any, loopback: Loopback):
    """Without this the tests above would prove nothing."""
    with http.Client() as client:
        with pytest.raises(UnicodeEncodeError):
            client.get(loopback.url, headers={"Helicone-Session-Name": "Zürich"})
        with pytest.raises(http.LocalProtocolError):
            client.get(loopback.url, headers={"Helicone-Property-Trip City": "Rome"})
        with pytest.raises(http.LocalProtocolError):
            client.get(loopback.url, headers={"Helicone-User-Id": " ada"})


def test_any_session_arrives_as_it_was(http: Any, loopback: Loopback):
    texts = st.text(st.characters(), max_size=40)

    with http.Client() as client:

        @settings(max_examples=60, deadline=None)
        @given(name=texts, user=texts, properties=st.dictionaries(texts, texts, max_size=5))
        def arrives(name: str, user: str, properties: dict[str, str]) -> None:
            with session(name, user=user, properties=properties) as data:
                sent = helicone_headers(data)
            client.get(loopback.url, headers=sent).raise_for_status()
            head = loopback.heads[-1]
            assert head["helicone-session-id"] == data.id
            for header, value in ("helicone-session-name", data.name), ("helicone-user-id", data.user):
                assert decoded(head.get(header), value) == value

        arrives()


def decoded(header: str | None, original: str | None) -> str | None:
    """Undo the encoding, which a value of printable ASCII does not have."""
    is_plain = original is None or (original.isascii() and original.isprintable())
    return header if header is None or is_plain else unquote(header)
