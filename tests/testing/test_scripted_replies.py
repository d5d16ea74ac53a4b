"""Replies that a test chooses: errors, broken connections, streams that end early. Over the transport and the server."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import anyio
import openai
import pytest
from inline_snapshot import snapshot
from openai import AsyncOpenAI, OpenAI

from otel_responses.testing import FakeResponsesAPI, Reply

ERROR_EVENT: dict[str, Any] = {"type": "error", "code": "server_error", "message": "Sorry", "param": None}


def ask(client: OpenAI) -> Any:
    return client.responses.create(model="gpt-4.1", input="Hi")


def received(client: OpenAI) -> tuple[list[str], BaseException | None]:
    """The types of the events that came before the stream ended, and what it ended with."""
    kinds: list[str] = []
    try:
        for event in client.responses.create(model="gpt-4.1", input="Hi", stream=True):
            kinds.append(event.type)  # noqa: PERF401 - what came before an error counts
    except Exception as error:
        return kinds, error
    return kinds, None


async def received_async(client: AsyncOpenAI) -> tuple[list[str], BaseException | None]:
    kinds: list[str] = []
    try:
        async for event in await client.responses.create(model="gpt-4.1", input="Hi", stream=True):
            kinds.append(event.type)  # noqa: PERF401 - what came before an error counts
    except Exception as error:
        return kinds, error
    return kinds, None


FIRST_THREE = ["response.created", "response.in_progress", "response.output_item.added"]


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, openai.BadRequestError),
        (401, openai.AuthenticationError),
        (403, openai.PermissionDeniedError),
        (404, openai.NotFoundError),
        (409, openai.ConflictError),
        (418, openai.APIStatusError),
        (422, openai.UnprocessableEntityError),
        (429, openai.RateLimitError),
        (500, openai.InternalServerError),
        (503, openai.InternalServerError),
        (529, openai.InternalServerError),
    ],
    ids=str,
)
def test_an_error_status_raises_the_error_of_the_sdk(
    api: FakeResponsesAPI, connect: Callable[..., OpenAI], status: int, kind: type[openai.APIStatusError]
) -> None:
    api.enqueue(Reply.error(status))
    with pytest.raises(kind) as raised:
        ask(connect())
    assert raised.value.status_code == status
    assert raised.value.request_id == "req_0001"


def test_an_error_has_the_body_of_the_real_api(api: FakeResponsesAPI) -> None:
    api.enqueue(Reply.error(429), Reply.error(401, "Wrong key", code="wrong"))
    bodies: list[object] = []
    for _ in range(2):
        with pytest.raises(openai.APIStatusError) as raised:
            ask(api.client(max_retries=0))
        bodies.append(raised.value.body)
    assert bodies == snapshot(
        [
            {
                "message": "Rate limit reached. Please try again later.",
                "type": "tokens",
                "param": None,
                "code": "rate_limit_exceeded",
            },
            {"message": "Wrong key", "type": "invalid_request_error", "param": None, "code": "wrong"},
        ]
    )


def test_a_client_retries_as_fast_as_it_is_told(api: FakeResponsesAPI, connect: Callable[..., OpenAI]) -> None:
    api.enqueue(Reply.error(429, retry_after=0.001), Reply.error(500, headers={"retry-after-ms": "1"}))
    assert ask(connect(max_retries=2)).id == "resp_0001"
    assert [request.headers["x-stainless-retry-count"] for request in api.requests] == ["0", "1", "2"]


def test_a_failed_response_comes_with_status_200(api: FakeResponsesAPI, connect: Callable[..., OpenAI]) -> None:
    api.enqueue(Reply.failed("rate_limit_exceeded", "Too much"))
    response = ask(connect())
    assert (response.status, response.error.code, response.error.message) == (
        "failed",
        "rate_limit_exceeded",
        "Too much",
    )
    assert (response.output, response.usage) == ([], None)


def test_an_incomplete_response_names_its_reason(api: FakeResponsesAPI) -> None:
    api.enqueue(Reply.incomplete("content_filter"))
    assert ask(api.client()).incomplete_details.reason == "content_filter"


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        ("refused", openai.APIConnectionError),
        ("reset", openai.APIConnectionError),
        ("disconnected", openai.APIConnectionError),
        ("timeout", openai.APITimeoutError),
    ],
    ids=str,
)
def test_a_fault_raises_the_error_of_the_sdk(
    api: FakeResponsesAPI, connect: Callable[..., OpenAI], fault: Any, kind: type[Exception]
) -> None:
    api.enqueue(Reply.broken(fault))
    client = connect()
    with pytest.raises(kind) as raised:
        ask(client.with_options(timeout=0.2) if fault == "timeout" else client)
    assert type(raised.value) is kind
    assert ask(client).status == "completed"


@pytest.mark.anyio
@pytest.mark.parametrize("fault", ["refused", "reset", "disconnected", "timeout"])
async def test_a_fault_raises_the_same_in_an_async_client(
    api: FakeResponsesAPI, connect_async: Callable[..., AsyncOpenAI], fault: Any
) -> None:
    api.enqueue(Reply.broken(fault))
    async with connect_async(timeout=0.2 if fault == "timeout" else 10) as client:
        with pytest.raises(openai.APIConnectionError):
            await client.responses.create(model="gpt-4.1", input="Hi")


def test_a_stream_is_cut_after_some_events(api: FakeResponsesAPI, connect: Callable[..., OpenAI]) -> None:
    api.enqueue(Reply.answer().cut(after_events=3))
    kinds, error = received(connect())
    assert kinds == FIRST_THREE
    assert isinstance(error, openai.APIConnectionError)


def test_a_stream_is_cut_in_the_middle_of_an_event(api: FakeResponsesAPI, connect: Callable[..., OpenAI]) -> None:
    api.enqueue(Reply.answer().cut(after_bytes=300))
    kinds, error = received(connect())
    assert kinds == []
    assert isinstance(error, openai.APIConnectionError)


def test_a_body_of_json_is_cut(api: FakeResponsesAPI, connect: Callable[..., OpenAI]) -> None:
    api.enqueue(Reply.answer().cut(after_bytes=100))
    with pytest.raises(openai.APIConnectionError):
        ask(connect())


@pytest.mark.anyio
async def test_an_async_stream_is_cut(api: FakeResponsesAPI, connect_async: Callable[..., AsyncOpenAI]) -> None:
    api.enqueue(Reply.answer().cut(after_events=3))
    async with connect_async() as client:
        kinds, error = await received_async(client)
    assert kinds == FIRST_THREE
    assert isinstance(error, openai.APIConnectionError)


def test_a_stream_stalls_until_the_client_gives_up(api: FakeResponsesAPI, connect: Callable[..., OpenAI]) -> None:
    api.enqueue(Reply.answer().stall(after_events=3))
    kinds, error = received(connect(timeout=2))
    assert kinds == FIRST_THREE
    assert isinstance(error, openai.APITimeoutError)


def test_a_stream_may_end_without_its_last_event(api: FakeResponsesAPI, connect: Callable[..., OpenAI]) -> None:
    api.enqueue(Reply.answer().end(after_events=3))
    assert received(connect()) == (FIRST_THREE, None)


def test_a_stream_may_end_with_an_error_event(api: FakeResponsesAPI, connect: Callable[..., OpenAI]) -> None:
    api.enqueue(Reply.answer().end(after_events=3, then=[ERROR_EVENT]))
    assert received(connect()) == ([*FIRST_THREE, "error"], None)


def test_any_events_can_be_streamed(api: FakeResponsesAPI, connect: Callable[..., OpenAI]) -> None:
    api.enqueue(Reply.events([{"type": "response.new_in_2027", "delta": "x"}, {"no": "type"}]))
    stream = connect().responses.create(model="gpt-4.1", input="Hi", stream=True)
    assert [event.to_dict() for event in stream] == [{"type": "response.new_in_2027", "delta": "x"}, {"no": "type"}]


def test_a_body_that_is_no_json_is_passed_on(api: FakeResponsesAPI, connect: Callable[..., OpenAI]) -> None:
    api.enqueue(Reply.text("<html>Please log in</html>"))
    assert ask(connect()) == "<html>Please log in</html>"


def test_any_json_can_be_sent(api: FakeResponsesAPI, connect: Callable[..., OpenAI]) -> None:
    api.enqueue(Reply.json({"id": "resp_mine"}))
    assert ask(connect()).to_dict() == {"id": "resp_mine"}


def test_a_redirect_is_followed(api: FakeResponsesAPI, connect: Callable[..., OpenAI]) -> None:
    api.enqueue(Reply.redirect("/moved/v1/responses"))
    assert ask(connect()).id == "resp_0001"
    assert [request.path for request in api.requests] == ["/v1/responses", "/moved/v1/responses"]


def test_headers_can_be_added_and_changed(api: FakeResponsesAPI, connect: Callable[..., OpenAI]) -> None:
    api.enqueue(Reply.answer().with_headers({"x-request-id": "req_mine", "x-ratelimit-remaining-tokens": "9"}))
    raw = connect().responses.with_raw_response.create(model="gpt-4.1", input="Hi")
    assert raw.request_id == "req_mine"
    assert raw.headers["x-ratelimit-remaining-tokens"] == "9"
    assert raw.headers["openai-processing-ms"] == "120"


def test_a_slow_reply_runs_into_the_timeout_of_a_client(api: FakeResponsesAPI) -> None:
    """Only over a socket: the transport does not know how long the client is willing to wait."""
    api.enqueue(Reply.answer().slow(delay=30))
    with api.serve() as url, OpenAI(base_url=url, api_key="sk-fake", timeout=0.2, max_retries=0) as client:
        with pytest.raises(openai.APITimeoutError):
            ask(client)


def test_delays_are_slept(
    api: FakeResponsesAPI, connect: Callable[..., OpenAI], monkeypatch: pytest.MonkeyPatch
) -> None:
    slept: list[float | None] = []
    monkeypatch.setattr("time.sleep", slept.append)
    monkeypatch.setattr("threading.Event.wait", lambda event, timeout=None: slept.append(timeout))
    api.enqueue(Reply.events([{"type": "one"}, {"type": "two"}, {"type": "three"}]).slow(delay=0.25, interval=0.125))
    received(connect())
    assert [seconds for seconds in slept if seconds in (0.25, 0.125)] == [0.25, 0.125, 0.125]


def test_all_answers_can_be_made_slow(monkeypatch: pytest.MonkeyPatch) -> None:
    slept: list[float] = []
    monkeypatch.setattr("time.sleep", slept.append)
    received(FakeResponsesAPI(delay=0.25, interval=0.125).client())
    assert slept.count(0.25) == 1
    assert slept.count(0.125) == 21


@pytest.mark.anyio
async def test_a_waiting_async_call_can_be_cancelled(
    api: FakeResponsesAPI, connect_async: Callable[..., AsyncOpenAI]
) -> None:
    api.enqueue(Reply.answer().slow(delay=30), Reply.answer().slow(interval=30))
    async with connect_async() as client:
        with anyio.move_on_after(0.1) as waiting:
            await client.responses.create(model="gpt-4.1", input="Hi")
        assert waiting.cancelled_caught
        with anyio.move_on_after(0.2) as reading:
            await received_async(client)
        assert reading.cancelled_caught


def test_scripted_replies_are_used_once_and_in_order(api: FakeResponsesAPI) -> None:
    client = api.client(max_retries=0)
    api.enqueue(Reply.answer(model="one"), Reply.answer(model="two"))
    assert [ask(client).model for _ in range(3)] == ["one", "two", "gpt-4.1-2025-04-14"]


def test_a_refused_request_is_refused_whatever_the_answer_was_to_be(api: FakeResponsesAPI) -> None:
    api.enqueue(Reply.answer(model="one"))
    with pytest.raises(openai.BadRequestError):
        api.client().responses.create(model="", input="Hi")


@pytest.mark.anyio
async def test_many_requests_at_once_get_an_answer_each(
    api: FakeResponsesAPI, connect_async: Callable[..., AsyncOpenAI]
) -> None:
    ids: list[str] = []

    async def one(client: AsyncOpenAI) -> None:
        ids.append((await client.responses.create(model="gpt-4.1", input="Hi")).id)

    async with connect_async() as client, anyio.create_task_group() as tasks:
        for _ in range(20):
            tasks.start_soon(one, client)
    assert sorted(ids) == [f"resp_{number:04d}" for number in range(1, 21)]
