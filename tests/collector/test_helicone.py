"""The stand-in for Helicone's ingest is as strict as its contract."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

from otel_responses.testing._helicone import BODY_MAX, FakeHelicone
from otel_responses.testing._reply import Reply

HEADERS = {"Authorization": "Bearer sk-helicone-test", "Content-Type": "application/json"}
PROPERTIES = "traceloop.association.properties."


def value(of: object) -> dict[str, Any]:
    return {"intValue": str(of)} if isinstance(of, int) else {"stringValue": of}


def logged_span(**attributes: object) -> dict[str, Any]:
    given = {
        "gen_ai.system": "openai",
        "gen_ai.response.model": "gpt-4.1",
        "gen_ai.prompt.0.role": "user",
        "gen_ai.prompt.0.content": "Hello!",
        "gen_ai.completion.0.role": "assistant",
        "gen_ai.completion.0.content": "Hi.",
        "gen_ai.completion.0.finish_reason": "stop",
        **attributes,
    }
    return {
        "name": "chat",
        "startTimeUnixNano": "1000000000",
        "endTimeUnixNano": "1250000000",
        "attributes": [{"key": key, "value": value(of)} for key, of in given.items()],
    }


def body(*spans: Any) -> bytes:
    return json.dumps({"resourceSpans": [{"scopeSpans": [{"spans": spans}]}]}).encode()


def answer(helicone: FakeHelicone, content: bytes, *, path: str = "/v1/trace/log", **headers: str) -> int:
    return helicone.reply("POST", path, {**HEADERS, **headers}, content).status


def test_a_span_becomes_a_request():
    helicone = FakeHelicone()
    span = logged_span(
        **{
            "gen_ai.usage.prompt_tokens": 12,
            "gen_ai.response.max_tokens": 256,
            "llm.request.type": "chat",
            f"{PROPERTIES}Helicone-User-Id": "ana",
            f"{PROPERTIES}Helicone-Property-Plan": "free",
            f"{PROPERTIES}Helicone-Session-Id": "s",
        }
    )
    assert answer(helicone, body(span)) == 200
    [request] = helicone.requests
    assert (request.provider, request.model, request.object, request.user) == ("OPENAI", "gpt-4.1", "chat", "ana")
    assert request.messages == [{"role": "user", "content": "Hello!"}]
    assert request.choices == [{"role": "assistant", "content": "Hi.", "finish_reason": "stop"}]
    assert request.usage == {"prompt_tokens": 12, "completion_tokens": None, "total_tokens": None}
    assert request.properties == {"Plan": "free", "Helicone-Session-Id": "s"}
    assert (request.max_tokens, request.milliseconds) == (256, 250)


def test_messages_come_in_the_order_of_their_attributes_and_one_without_a_role_is_dropped():
    helicone = FakeHelicone()
    span = {**logged_span(), "attributes": []}
    for key in ("gen_ai.prompt.1.role", "gen_ai.prompt.0.role", "gen_ai.prompt.2.content", "gen_ai.prompt.1.content"):
        span["attributes"].append({"key": key, "value": value(key[14])})
    answer(helicone, body(span))
    assert helicone.requests[0].messages == [{"role": "1", "content": "1"}, {"role": "0", "content": None}]
    assert (helicone.requests[0].max_tokens, helicone.requests[0].user) == (50, "")


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        pytest.param(body({**logged_span(), "attributes": []}), "The span has no attributes.", id="no attributes"),
        pytest.param(body(logged_span(), logged_span()), "The request has 2 spans", id="two spans"),
        pytest.param(body(), "The request has 0 spans", id="no span"),
        pytest.param(b"\x0a\x01", "The body is no ExportTraceServiceRequest", id="protobuf"),
        pytest.param(b"{}", "The body is no ExportTraceServiceRequest", id="something else"),
        pytest.param(
            body({**logged_span(), "attributes": [{"key": "a", "value": {"doubleValue": 1.5}}]}),
            "Attribute 'a' is a doubleValue, which reads as nothing.",
            id="a double",
        ),
    ],
)
def test_what_breaks_the_contract_is_answered_with_500(content: bytes, fault: str):
    helicone = FakeHelicone()
    assert answer(helicone, content) == 500
    assert helicone.requests == []
    [said] = helicone.faults
    assert said.startswith(fault)


def test_other_answers():
    helicone = FakeHelicone()
    assert answer(helicone, body(logged_span()), path="/v1/trace/log-python") == 404
    assert answer(helicone, body(logged_span()), Authorization="Bearer ") == 401
    assert answer(helicone, b" " * (BODY_MAX + 1)) == 413
    helicone.decide = lambda _: Reply(status=503)
    assert answer(helicone, body(logged_span())) == 503
    assert (helicone.requests, helicone.attempts) == ([], 4)


def test_it_is_served_on_loopback():
    helicone = FakeHelicone()
    with helicone.serve() as url:
        assert httpx.post(url, content=body(logged_span()), headers=HEADERS, trust_env=False).status_code == 200
    assert len(helicone.requests) == 1
