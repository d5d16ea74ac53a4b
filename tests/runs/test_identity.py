"""The request's id and its retries are known of every call: answered, streamed, fetched, refused, broken off."""

from __future__ import annotations

from typing import Any

import openai
import pytest

from otel_responses.testing import Capture, FakeResponsesAPI, Reply
from tests.runs.clients import BODY

pytestmark = pytest.mark.matrix

REFUSED = Reply.error(429, retry_after=0)


def identity(telemetry: Capture) -> tuple[Any, Any]:
    attributes = telemetry.spans()[-1]["attributes"]
    return attributes.get("openai.request.id"), attributes.get("http.request.resend_count")


@pytest.mark.parametrize("retries", [0, 2])
def test_of_a_call_a_stream_and_a_fetch(retries: int, api: FakeResponsesAPI, telemetry: Capture) -> None:
    client = api.client(max_retries=2)
    api.enqueue(*[REFUSED] * retries)
    response = client.responses.create(**BODY)
    assert identity(telemetry) == (response._request_id, retries or None)
    api.enqueue(*[REFUSED] * retries)
    with client.responses.create(**BODY, stream=True) as stream:
        list(stream)
        assert identity(telemetry) == (stream.response.headers["x-request-id"], retries or None)
    api.enqueue(*[REFUSED] * retries)
    fetched = client.responses.retrieve(response.id)
    assert identity(telemetry) == (fetched._request_id, retries or None)


@pytest.mark.anyio
async def test_of_an_async_call_and_stream(api: FakeResponsesAPI, telemetry: Capture) -> None:
    client = api.async_client(max_retries=2)
    api.enqueue(REFUSED)
    response = await client.responses.create(**BODY)
    assert identity(telemetry) == (response._request_id, 1)
    api.enqueue(REFUSED, REFUSED)
    async with await client.responses.create(**BODY, stream=True) as stream:
        async for _ in stream:
            pass
        assert identity(telemetry) == (stream.response.headers["x-request-id"], 2)


@pytest.mark.parametrize("stream", [False, True])
def test_of_a_refusal(stream: bool, api: FakeResponsesAPI, telemetry: Capture) -> None:
    api.enqueue(*[REFUSED] * 3)
    with pytest.raises(openai.RateLimitError) as caught:
        api.client(max_retries=2).responses.create(**BODY, stream=stream)
    assert identity(telemetry) == (caught.value.request_id, 2)


def test_of_a_timeout_only_the_retries_are_known(api: FakeResponsesAPI, telemetry: Capture) -> None:
    api.enqueue(Reply.broken("timeout"), Reply.broken("timeout"))
    with pytest.raises(openai.APITimeoutError):
        api.client(max_retries=1).responses.create(**BODY)
    assert identity(telemetry) == (None, 1)


def test_of_a_stream_that_fails_or_breaks_off(api: FakeResponsesAPI, telemetry: Capture) -> None:
    client = api.client(max_retries=1)
    api.enqueue(REFUSED, Reply.answer().cut(after_events=3))
    with pytest.raises(Exception, match=r"."):
        list(client.responses.create(**BODY, stream=True))
    assert identity(telemetry) == ("req_0002", 1)
    api.enqueue(Reply.failed())
    list(client.responses.create(**BODY, stream=True))
    assert identity(telemetry) == ("req_0003", None)
