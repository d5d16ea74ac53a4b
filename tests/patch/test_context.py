"""What is current during a call, and what is not afterwards: spans, suppression, sessions, baggage, headers."""

from __future__ import annotations

import contextvars
import logging
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from typing import Any

import openai
import pytest
from opentelemetry import context, trace
from opentelemetry.baggage.propagation import W3CBaggagePropagator
from opentelemetry.instrumentation.httpx import HTTPX2ClientInstrumentor
from opentelemetry.instrumentation.utils import suppress_instrumentation
from opentelemetry.propagate import get_global_textmap, set_global_textmap
from opentelemetry.propagators.composite import CompositePropagator
from opentelemetry.sdk.trace.sampling import ALWAYS_OFF
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

import otel_responses
from otel_responses.testing import Capture, FakeResponsesAPI, capture
from tests.patch.ways import BODY

PROXY = "https://oai.helicone.ai/v1"


@pytest.fixture
def http_spans(telemetry: Capture) -> Iterator[None]:
    """The HTTP instrumentation below ours, with trace context and baggage sent on."""
    usual = get_global_textmap()
    set_global_textmap(CompositePropagator([TraceContextTextMapPropagator(), W3CBaggagePropagator()]))
    HTTPX2ClientInstrumentor().instrument(tracer_provider=telemetry.tracer_provider, skip_dep_check=True)
    yield
    HTTPX2ClientInstrumentor().uninstrument()
    set_global_textmap(usual)


@contextmanager
def served(api: FakeResponsesAPI) -> Iterator[openai.OpenAI]:
    """A client over a real connection: the HTTP instrumentation knows no mock transport."""
    with api.serve() as url, openai.OpenAI(base_url=url, api_key="sk-fake") as client:
        yield client


@pytest.mark.usefixtures("http_spans")
def test_http_spans_are_children_and_the_trace_goes_out(api: FakeResponsesAPI, telemetry: Capture) -> None:
    tracer = telemetry.tracer_provider.get_tracer("program")
    with tracer.start_as_current_span("request") as outer, served(api) as client:
        client.responses.create(**BODY)
        assert trace.get_current_span() is outer
    http, chat, request = telemetry.spans()
    assert [http["parent"], chat["parent"]] == [chat["span_id"], request["span_id"]]
    assert http["span_id"] in api.requests[0].headers["traceparent"]


def test_the_span_is_not_current_while_a_stream_is_read(api: FakeResponsesAPI, telemetry: Capture) -> None:
    for _ in api.client().responses.create(**BODY, stream=True):
        assert trace.get_current_span() is trace.INVALID_SPAN


def test_suppressed_instrumentation_makes_no_span(api: FakeResponsesAPI, telemetry: Capture) -> None:
    client = api.client()
    with suppress_instrumentation():
        client.responses.create(**BODY)
        list(client.responses.create(**BODY, stream=True))
    assert telemetry.spans() == []
    client.responses.create(**BODY)
    assert len(telemetry.spans()) == 1


def test_a_span_that_is_sampled_out_still_has_its_metrics(api: FakeResponsesAPI) -> None:
    with capture(sampler=ALWAYS_OFF) as telemetry:
        otel_responses.instrument(**telemetry.providers)
        list(api.client().responses.create(**BODY, stream=True))
        otel_responses.uninstrument()
    assert telemetry.spans() == []
    assert {metric["name"] for metric in telemetry.metrics()} == {
        "gen_ai.client.operation.duration",
        "gen_ai.client.operation.time_to_first_chunk",
        "gen_ai.client.token.usage",
    }


def test_samplers_see_the_call_and_its_session(api: FakeResponsesAPI) -> None:
    seen: list[dict[str, Any]] = []

    class Sampler(type(ALWAYS_OFF)):
        def should_sample(self, *args: Any, **kwargs: Any) -> Any:
            seen.append(dict(kwargs.get("attributes") or args[4]))
            return super().should_sample(*args, **kwargs)

    with capture(sampler=Sampler(ALWAYS_OFF._decision)) as telemetry:
        otel_responses.instrument(**telemetry.providers)
        with otel_responses.session("Trip", id="s-1"):
            api.client().responses.create(**BODY)
        otel_responses.uninstrument()
    assert seen == [
        {
            "gen_ai.operation.name": "chat",
            "gen_ai.provider.name": "openai",
            "gen_ai.request.model": "gpt-4.1",
            "server.address": "api.openai.com",
            "server.port": 443,
            "helicone.session.id": "s-1",
            "helicone.session.name": "Trip",
            "helicone.session.path": "/",
            "session.id": "s-1",
        }
    ]


# -- sessions ----------------------------------------------------------------------------------------------------------


def session_of(telemetry: Capture) -> dict[str, Any]:
    (span,) = telemetry.spans()
    telemetry.clear()
    return {name: value for name, value in span["attributes"].items() if name.startswith("helicone.")}


def test_headers_of_the_call_count_over_those_of_the_client_over_the_ambient_session(
    api: FakeResponsesAPI, telemetry: Capture
) -> None:
    client = api.client(default_headers={"helicone-user-id": "client", "Helicone-Property-Tier": "client"})
    with otel_responses.session("Trip", id="s-1", user="ambient", properties={"Tier": "ambient", "Kept": "yes"}):
        client.responses.create(**BODY, extra_headers={"Helicone-User-Id": "call"})
        assert session_of(telemetry) == {
            "helicone.session.id": "s-1",
            "helicone.session.name": "Trip",
            "helicone.session.path": "/",
            "helicone.user.id": "call",
            "helicone.property.Tier": "client",
            "helicone.property.Kept": "yes",
        }
        client.responses.create(**BODY)
        assert session_of(telemetry)["helicone.user.id"] == "client"


def test_headers_alone_give_a_session(api: FakeResponsesAPI, telemetry: Capture) -> None:
    headers = {"Helicone-Session-Id": "h-1", "Helicone-Session-Name": "Trip", "Helicone-Session-Path": "/a/b"}
    api.client().responses.create(**BODY, extra_headers=headers)
    assert session_of(telemetry) == {
        "helicone.session.id": "h-1",
        "helicone.session.name": "Trip",
        "helicone.session.path": "/a/b",
    }


def test_a_session_of_the_headers_does_not_mix_with_another_one(api: FakeResponsesAPI, telemetry: Capture) -> None:
    with otel_responses.session("Trip", id="s-1", path="/plan", user="u-1"):
        api.client().responses.create(**BODY, extra_headers={"Helicone-Session-Id": "h-1"})
    assert session_of(telemetry) == {"helicone.session.id": "h-1", "helicone.user.id": "u-1"}


def test_the_conversation_of_the_session_is_recorded_where_the_call_has_none(
    api: FakeResponsesAPI, telemetry: Capture
) -> None:
    with otel_responses.session("Trip", conversation="conv_1"):
        api.client().responses.create(**BODY)
    assert telemetry.spans()[0]["attributes"]["gen_ai.conversation.id"] == "conv_1"


def helicone_headers(api: FakeResponsesAPI) -> dict[str, str]:
    received = api.requests[-1].headers
    return {name: value for name, value in received.items() if name.startswith("helicone-")}


def test_the_session_goes_to_a_helicone_proxy_and_to_no_other_host(api: FakeResponsesAPI, telemetry: Capture) -> None:
    proxied, direct = api.client(base_url=PROXY), api.client()
    with otel_responses.session("Zürich", id="s-1", user="u-1"):
        proxied.responses.create(**BODY)
        assert helicone_headers(api) == {
            "helicone-session-id": "s-1",
            "helicone-session-name": "Z%C3%BCrich",
            "helicone-session-path": "/",
            "helicone-user-id": "u-1",
        }
        direct.responses.create(**BODY)
        assert helicone_headers(api) == {}
    proxied.responses.create(**BODY)
    assert helicone_headers(api) == {}


def test_the_users_own_headers_are_never_overridden(api: FakeResponsesAPI, telemetry: Capture) -> None:
    client = api.client(base_url=PROXY, default_headers={"HELICONE-SESSION-NAME": "mine"})
    headers = {"helicone-session-id": "mine", "X-Other": "1"}
    with otel_responses.session("Trip", id="s-1", user="u-1"):
        client.responses.create(**BODY, extra_headers=headers)
    assert headers == {"helicone-session-id": "mine", "X-Other": "1"}
    assert helicone_headers(api) == {
        "helicone-session-id": "mine",
        "helicone-session-name": "mine",
        "helicone-user-id": "u-1",
    }
    assert api.requests[-1].headers["x-other"] == "1"


def test_a_proxy_of_ones_own_is_known_by_the_setting(api: FakeResponsesAPI, telemetry: Capture) -> None:
    otel_responses.instrument(helicone_hosts=["helicone.example"])
    with otel_responses.session("Trip", id="s-1"):
        api.client(base_url="https://helicone.example:8787/v1").responses.create(**BODY)
    assert helicone_headers(api)["helicone-session-id"] == "s-1"


@pytest.mark.usefixtures("http_spans")
def test_no_session_leaves_in_the_baggage_of_a_call(api: FakeResponsesAPI, telemetry: Capture) -> None:
    otel_responses.instrument(baggage="both")
    with (
        served(api) as client,
        otel_responses.session("Trip", id="s-1", user="u-secret"),
    ):
        client.responses.create(**BODY)
        list(client.responses.create(**BODY, stream=True))
    assert all("u-secret" not in str(request.headers) for request in api.requests)
    assert len(api.requests) == 2


def test_a_closed_coroutine_leaves_no_trace_in_the_log(
    api: FakeResponsesAPI, telemetry: Capture, caplog: pytest.LogCaptureFixture
) -> None:
    """As a task does that the event loop never finishes: the coroutine is closed in another context."""

    async def waiting(request: Any) -> None:
        await Forever()

    client = api.async_client()
    client._client.event_hooks = {"request": [waiting]}
    client._platform = "Linux"  # the SDK asks a thread for it, which needs an event loop
    call = client.responses.create(**BODY)
    before = context.get_current()
    contextvars.copy_context().run(call.send, None)
    contextvars.copy_context().run(call.close)
    assert context.get_current() is before
    assert [record for record in caplog.records if record.levelno >= logging.WARNING] == []
    assert telemetry.spans()[0]["attributes"]["openai.call.ended_by"] == "closed"


class Forever:
    def __await__(self) -> Generator[None]:
        yield


@pytest.mark.usefixtures("http_spans")
def test_calls_without_a_span_of_ours_have_one_of_the_http_instrumentation(
    api: FakeResponsesAPI, telemetry: Capture
) -> None:
    with served(api) as client:
        run = client.responses.create(**BODY, background=True)
        telemetry.clear()
        client.responses.cancel(run.id)
        client.responses.input_items.list(run.id)
        client.responses.input_tokens.count(**BODY)
        client.responses.delete(run.id)
    spans = telemetry.spans()
    assert [span["name"] for span in spans] == ["POST", "GET", "POST", "DELETE"]
    assert all(span["scope"]["name"] != "otel_responses" for span in spans)
    assert all(span["parent"] is None for span in spans)
