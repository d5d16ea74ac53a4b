"""Every way to call x every way to end, sync and async: exactly one ended span, with what can be known of the call."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import openai
import pytest
from openai import _streaming

from otel_responses.testing import Capture, FakeResponsesAPI, Reply
from tests.patch.ways import CALLS, LEAVES, STREAMS, VERSION, Answer

pytestmark = pytest.mark.matrix

SUMMARY = (
    "error.type",
    "gen_ai.response.finish_reasons",
    "openai.call.ended_by",
    "gen_ai.response.id",
    "gen_ai.usage.input_tokens",
    "gen_ai.usage.output_tokens",
)


def summary(telemetry: Capture) -> dict[str, Any]:
    """The one span, which must be there, as what distinguishes the ways to end."""
    spans = telemetry.spans()
    assert len(spans) == 1
    (span,) = spans
    assert span["name"] == "chat gpt-4.1"
    assert span["kind"] == "CLIENT"
    assert span["end"] > span["start"]
    attributes = span["attributes"]
    assert (span["status"]["code"] == "ERROR") == ("error.type" in attributes)
    duration = next(m for m in telemetry.metrics() if m["name"] == "gen_ai.client.operation.duration")
    assert [(point["count"], point["attributes"].get("error.type")) for point in duration["points"]] == [
        (1, attributes.get("error.type"))
    ]
    return {name: attributes[name] for name in SUMMARY if name in attributes}


def completed(response_id: str = "resp_0001", *, reason: str = "stop") -> dict[str, Any]:
    return {
        "gen_ai.response.finish_reasons": [reason],
        "gen_ai.response.id": response_id,
        "gen_ai.usage.input_tokens": 11,
        "gen_ai.usage.output_tokens": 20,
    }


def failed(kind: str, **known: Any) -> dict[str, Any]:
    return {"error.type": kind, "gen_ai.response.finish_reasons": ["error"], **known}


def left(how: str, **known: Any) -> dict[str, Any]:
    return {"gen_ai.response.finish_reasons": ["error"], "openai.call.ended_by": how, **known}


ID = {"gen_ai.response.id": "resp_0001"}

# What the server does to a call without a stream, the exception the caller gets, and what the span says.
REPLIES: dict[str, tuple[Callable[[], Reply], type[BaseException] | None, dict[str, Any]]] = {
    "completed": (Reply.answer, None, completed()),
    "failed": (lambda: Reply.failed("server_error"), None, failed("server_error", **ID)),
    "failed_with_strange_code": (lambda: Reply.failed("my prompt is: hello"), None, failed("_OTHER", **ID)),
    "incomplete": (Reply.incomplete, None, completed(reason="length")),
    "filtered": (lambda: Reply.incomplete("content_filter"), None, completed(reason="content_filter")),
    "bad_request": (lambda: Reply.error(400), openai.BadRequestError, failed("400")),
    "unauthorized": (lambda: Reply.error(401), openai.AuthenticationError, failed("401")),
    "rate_limited": (lambda: Reply.error(429, retry_after=0), openai.RateLimitError, failed("429")),
    "server_error": (lambda: Reply.error(500), openai.InternalServerError, failed("500")),
    "refused": (lambda: Reply.broken("refused"), openai.APIConnectionError, failed("APIConnectionError")),
    "timeout": (lambda: Reply.broken("timeout"), openai.APITimeoutError, failed("APITimeoutError")),
}


def expected_of_call(call: str, reply: str) -> dict[str, Any]:
    expected = dict(REPLIES[reply][2])
    # The realistic answer to a structured output is shorter.
    if call == "parse" and "gen_ai.usage.output_tokens" in expected:
        expected["gen_ai.usage.output_tokens"] = 4
    return expected


def skip_before(since: tuple[int, int]) -> None:
    if since > VERSION:
        pytest.skip(f"openai {openai.__version__} does not have it")


@pytest.mark.parametrize("reply", REPLIES)
@pytest.mark.parametrize("call", CALLS)
def test_a_call_without_a_stream(call: str, reply: str, api: FakeResponsesAPI, telemetry: Capture) -> None:
    run, _, since = CALLS[call]
    skip_before(since)
    make, error, _ = REPLIES[reply]
    api.enqueue(make())
    client = api.client(max_retries=0)
    if error is None:
        run(client)
    else:
        with pytest.raises(error):
            run(client)
    assert summary(telemetry) == expected_of_call(call, reply)


@pytest.mark.anyio
@pytest.mark.parametrize("reply", REPLIES)
@pytest.mark.parametrize("call", CALLS)
async def test_an_async_call_without_a_stream(call: str, reply: str, api: FakeResponsesAPI, telemetry: Capture) -> None:
    _, run, since = CALLS[call]
    skip_before(since)
    make, error, _ = REPLIES[reply]
    api.enqueue(make())
    client = api.async_client(max_retries=0)
    if error is None:
        await run(client)
    else:
        with pytest.raises(error):
            await run(client)
    assert summary(telemetry) == expected_of_call(call, reply)


def expected_of_leaving(leave: str, *, closes: bool) -> dict[str, Any]:
    if leave == "consumed":
        return completed()
    known = {} if leave in {"never_iterated", "closed_unread"} else ID
    return left("closed" if closes or leave.startswith("closed") else "dropped", **known)


@pytest.mark.parametrize("leave", LEAVES)
@pytest.mark.parametrize("way", STREAMS)
def test_a_stream_that_the_caller_leaves(way: str, leave: str, api: FakeResponsesAPI, telemetry: Capture) -> None:
    stream, _, closes = STREAMS[way]
    LEAVES[leave][0](stream, api.client())
    assert summary(telemetry) == expected_of_leaving(leave, closes=closes)


@pytest.mark.anyio
@pytest.mark.parametrize("leave", LEAVES)
@pytest.mark.parametrize("way", STREAMS)
async def test_an_async_stream_that_the_caller_leaves(
    way: str, leave: str, api: FakeResponsesAPI, telemetry: Capture
) -> None:
    _, stream, closes = STREAMS[way]
    await LEAVES[leave][1](stream, api.async_client())
    assert summary(telemetry) == expected_of_leaving(leave, closes=closes)


ERROR_EVENT = {"type": "error", "code": "rate_limit_exceeded", "message": "Slow down.", "param": None}
# Newer SDKs put an exception of their own around that of the HTTP library.
CUT = "APIConnectionError" if hasattr(_streaming, "request_exceptions") else "RemoteProtocolError"

# What the server does to a stream: the caller's exception or None, and what the span says.
STREAM_REPLIES: dict[str, tuple[Callable[[], Reply], bool, dict[str, Any]]] = {
    "failed": (lambda: Reply.failed("server_error"), False, failed("server_error", **ID)),
    "incomplete": (Reply.incomplete, False, completed(reason="length")),
    "error_event": (
        lambda: Reply.answer().end(after_events=4, then=[ERROR_EVENT]),
        False,
        failed("rate_limit_exceeded", **ID),
    ),
    "truncated": (lambda: Reply.answer().end(after_events=4), False, failed("stream_truncated", **ID)),
    "empty": (lambda: Reply.answer().end(after_events=0), False, failed("stream_truncated")),
    "cut": (lambda: Reply.answer().cut(after_events=4), True, failed(CUT, **ID)),
    "bad_request": (lambda: Reply.error(400), True, failed("400")),
    "refused": (lambda: Reply.broken("refused"), True, failed("APIConnectionError")),
    "timeout": (lambda: Reply.broken("timeout"), True, failed("APITimeoutError")),
}


@pytest.mark.parametrize("reply", STREAM_REPLIES)
@pytest.mark.parametrize("way", STREAMS)
def test_a_stream_that_the_server_ends(way: str, reply: str, api: FakeResponsesAPI, telemetry: Capture) -> None:
    make, raises, expected = STREAM_REPLIES[reply]
    api.enqueue(make())
    client = api.client(max_retries=0)
    if raises:
        with pytest.raises(Exception, match=r".") as caught:
            LEAVES["consumed"][0](STREAMS[way][0], client)
        assert reply == "cut" or isinstance(caught.value, openai.APIError)
    else:
        LEAVES["consumed"][0](STREAMS[way][0], client)
    assert summary(telemetry) == expected


@pytest.mark.anyio
@pytest.mark.parametrize("reply", STREAM_REPLIES)
@pytest.mark.parametrize("way", STREAMS)
async def test_an_async_stream_that_the_server_ends(
    way: str, reply: str, api: FakeResponsesAPI, telemetry: Capture
) -> None:
    make, raises, expected = STREAM_REPLIES[reply]
    api.enqueue(make())
    client = api.async_client(max_retries=0)
    if raises:
        with pytest.raises(Exception, match=r"."):
            await LEAVES["consumed"][1](STREAMS[way][1], client)
    else:
        await LEAVES["consumed"][1](STREAMS[way][1], client)
    assert summary(telemetry) == expected


def test_a_billed_call_whose_answer_does_not_validate_keeps_its_usage(
    api: FakeResponsesAPI, telemetry: Capture
) -> None:
    api.enqueue(Reply.answer(output=[message_item("no JSON at all")]))
    with pytest.raises(ValueError, match="JSON"):
        api.client().responses.parse(model="gpt-4.1", input="Say hello.", text_format=Answer)
    assert summary(telemetry) == {
        **completed(),
        "error.type": "ValidationError",
        "gen_ai.usage.output_tokens": 4,
    }


def message_item(text: str) -> dict[str, Any]:
    part = {"type": "output_text", "text": text, "annotations": []}
    return {"id": "msg_1", "type": "message", "role": "assistant", "status": "completed", "content": [part]}


@pytest.mark.skipif(VERSION < (1, 85), reason="with_raw_response.parse is younger")
def test_a_raw_reply_that_does_not_validate_later_was_a_call_that_ended_well(
    api: FakeResponsesAPI, telemetry: Capture
) -> None:
    api.enqueue(Reply.answer(output=[message_item("no JSON at all")]))
    raw = api.client().responses.with_raw_response.parse(model="gpt-4.1", input="Say hello.", text_format=Answer)
    with pytest.raises(ValueError, match="JSON"):
        raw.parse()
    assert summary(telemetry)["gen_ai.response.finish_reasons"] == ["stop"]
