"""The session in W3C baggage: off by default, bounded, and never on the way to the API."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from opentelemetry import baggage
from opentelemetry.baggage.propagation import W3CBaggagePropagator
from opentelemetry.context import Context, attach, get_current
from opentelemetry.instrumentation import httpx as instrumentation
from opentelemetry.sdk.trace import TracerProvider

from otel_responses._records import SessionData
from otel_responses._safe import detach
from otel_responses.session import configure_baggage, current_session, session, step, without_session_baggage
from tests.session.conftest import Loopback


def header(context: Context | None = None) -> str | None:
    carrier: dict[str, str] = {}
    W3CBaggagePropagator().inject(carrier, context)
    return carrier.get("baggage")


def arriving(*entries: str) -> Context:
    return W3CBaggagePropagator().extract({"baggage": ",".join(entries)}, Context())


@pytest.fixture
def request_context() -> Iterator[Context]:
    """The context of a request that came from another service, with its session."""
    context = arriving("helicone.session.id=abc", "helicone.user.id=ada", "helicone.property.City=Z%C3%BCrich", "a=b")
    token = attach(context)
    yield context
    detach(token)


def test_nothing_is_read_or_written_by_default(request_context: Context):
    before = header()
    assert current_session() is None
    with session("Trip"):
        assert header() == before


# Writing


def test_a_session_is_written_at_entry_and_gone_at_exit():
    configure_baggage(read=False, write=True)
    with session("Trip", id="abc", path="/plan", user="ada", properties={"City": "Zürich"}, conversation="conv_1"):
        assert baggage.get_all() == {
            "helicone.session.id": "abc",
            "helicone.session.name": "Trip",
            "helicone.session.path": "/plan",
            "helicone.user.id": "ada",
            "helicone.property.City": "Zürich",
        }
        with step("flights"):
            assert baggage.get_baggage("helicone.session.path") == "/plan/flights"
        assert baggage.get_baggage("helicone.session.path") == "/plan"
    assert baggage.get_all() == {}


def test_an_inner_session_replaces_the_outer_one_and_keeps_what_others_wrote():
    configure_baggage(read=False, write=True)
    token = attach(baggage.set_baggage("tenant", "acme"))
    with session("Outer", id="a", user="ada"), session("Inner", id="b"):
        assert baggage.get_all() == {
            "tenant": "acme",
            "helicone.session.id": "b",
            "helicone.session.name": "Inner",
            "helicone.session.path": "/",
            "helicone.user.id": "ada",
        }
    assert baggage.get_all() == {"tenant": "acme"}
    detach(token)


def test_each_step_of_a_decorated_generator_has_the_baggage():
    configure_baggage(read=False, write=True)

    @session("Trip", id="abc")
    def body() -> Iterator[object]:
        yield baggage.get_baggage("helicone.session.id")
        yield baggage.get_baggage("helicone.session.id")

    for seen in body():
        assert seen == "abc"
        assert baggage.get_all() == {}


def test_baggage_stays_within_the_size_that_receivers_keep(caplog: pytest.LogCaptureFixture):
    configure_baggage(read=False, write=True)
    token = attach(baggage.set_baggage("others", "x" * 2500, baggage.set_baggage("more", "x" * 2500)))
    with session("Trip", id="abc", properties={"東" * 256: "東" * 256} | {f"p{n}": "ü" * 256 for n in range(31)}):
        sent = header()
    detach(token)
    assert sent is not None
    assert 5000 < len(sent) <= 8192
    assert "helicone.session.id=abc" in sent
    assert "helicone.property.p0=" in sent
    assert "helicone.property.p1=" not in sent
    assert [record.getMessage() for record in caplog.records] == [
        "a session is too long for W3C baggage; what does not fit is left out"
    ]


def test_a_member_that_the_propagator_would_drop_is_not_written(caplog: pytest.LogCaptureFixture):
    configure_baggage(read=False, write=True)
    with session("Trip", properties={"東" * 256: "東" * 256, "City": "Rome"}):
        assert [key for key in baggage.get_all() if key.startswith("helicone.property.")] == ["helicone.property.City"]
        header()
    assert len(caplog.records) == 1


def test_a_session_that_came_with_a_request_is_not_mixed_with_the_one_entered(request_context: Context):
    configure_baggage(read=False, write=True)
    with session("Trip", id="mine"):
        assert baggage.get_all() == {
            "a": "b",
            "helicone.session.id": "mine",
            "helicone.session.name": "Trip",
            "helicone.session.path": "/",
        }


def test_baggage_stays_within_64_members():
    configure_baggage(read=False, write=True)
    context = get_current()
    for number in range(50):
        context = baggage.set_baggage(f"other{number}", "\ud800x", context)
    token = attach(context)
    with session("Trip", properties={f"p{number}": "x" for number in range(32)}):
        assert len(baggage.get_all()) == 64
    detach(token)


# Reading


def test_a_session_is_read_where_none_was_entered(request_context: Context):
    configure_baggage(read=True, write=False)
    expected = SessionData(id="abc", user="ada", properties={"City": "Zürich"})
    assert current_session() == expected
    assert current_session(request_context) == expected
    assert current_session(Context()) is None


def test_an_entered_session_comes_first_and_takes_over_from_the_request(request_context: Context):
    configure_baggage(read=True, write=False)
    with session("Trip", id="mine") as data:
        assert current_session() is data
        assert data == SessionData(id="mine", name="Trip", path="/", user="ada", properties={"City": "Zürich"})


def test_a_step_extends_the_path_of_a_session_that_came_with_the_request(request_context: Context):
    configure_baggage(read=True, write=False)
    with step("flights") as data:
        assert data == SessionData(id="abc", path="/flights", user="ada", properties={"City": "Zürich"})


def test_values_from_outside_are_cleaned_and_bounded(caplog: pytest.LogCaptureFixture):
    configure_baggage(read=True, write=False)
    context = arriving(
        "helicone.session.id=a%0Ab",
        "helicone.session.path=plan%2F",
        "helicone.user.id=" + "x" * 300,
        "helicone.property.=nameless",
        *(f"helicone.property.p{number}=x" for number in range(40)),
    )
    data = current_session(baggage.set_baggage("helicone.session.name", 7, context))
    assert data == SessionData(
        id="a b", path="/plan", user="x" * 256, properties={f"p{number}": "x" for number in range(32)}
    )
    assert len(caplog.records) == 2


def test_what_one_service_writes_another_reads():
    configure_baggage(read=True, write=True)
    with session("Zürich & Rome", id="a,b;c=d", user="ada", properties={"Trip City": "100% 東京"}) as data:
        carrier: dict[str, str] = {}
        W3CBaggagePropagator().inject(carrier)
    assert current_session(W3CBaggagePropagator().extract(carrier, Context())) == data


# Keeping it from the API


def test_our_keys_are_taken_out_and_others_stay(request_context: Context):
    assert header(request_context) != "a=b"
    assert header(without_session_baggage(request_context)) == "a=b"


@pytest.mark.parametrize(
    "context",
    [
        pytest.param(Context(), id="no-baggage"),
        pytest.param(baggage.set_baggage("helicone.other", "x", Context()), id="others"),
    ],
)
def test_a_context_without_our_keys_is_given_back_itself(context: Context):
    assert without_session_baggage(context) is context


@pytest.mark.parametrize(
    ("library", "instrumentor"), [("httpx2", "HTTPX2ClientInstrumentor"), ("httpx", "HTTPXClientInstrumentor")]
)
def test_the_http_instrumentation_sends_no_user_id_once_the_context_is_clean(
    library: str, instrumentor: str, loopback: Loopback
):
    http: Any = pytest.importorskip(library)
    if not hasattr(instrumentation, instrumentor):
        pytest.skip(f"this opentelemetry-instrumentation-httpx does not cover {library}")
    configure_baggage(read=False, write=True)
    with http.Client() as client, session("Trip", user="ada", id="abc"):
        getattr(instrumentation, instrumentor).instrument_client(client, tracer_provider=TracerProvider())
        tenant = attach(baggage.set_baggage("tenant", "acme"))
        client.get(loopback.url)
        clean = attach(without_session_baggage(get_current()))
        client.get(loopback.url)
        detach(clean)
        detach(tenant)
    leaking, clean_head = loopback.heads[-2:]
    assert "helicone.user.id=ada" in leaking["baggage"]
    assert clean_head["baggage"] == "tenant=acme"
    assert "traceparent" in clean_head
