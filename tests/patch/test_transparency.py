"""The caller's side of it: results, arguments, exceptions and objects stay as they are without us."""

from __future__ import annotations

import asyncio
import copy
from typing import Any

import anyio
import openai
import pytest
from openai import AsyncStream, Stream
from openai.types.responses import Response

import otel_responses
from otel_responses.testing import Capture, FakeResponsesAPI, Reply, capture
from tests.patch.ways import BODY, VERSION

pytestmark = pytest.mark.matrix


def test_a_stream_stays_the_sdks_own_object(api: FakeResponsesAPI, telemetry: Capture) -> None:
    stream = api.client().responses.create(**BODY, stream=True)
    assert type(stream) is Stream
    with stream as entered:
        assert entered is stream
        assert copy.copy(stream)._iterator is stream._iterator
    assert len(telemetry.spans()) == 1


def test_the_iterator_still_answers_to_what_the_sdks_own_one_has(api: FakeResponsesAPI, telemetry: Capture) -> None:
    stream = api.client().responses.create(**BODY, stream=True)
    iterator: Any = stream._iterator
    assert iter(iterator) is iterator
    assert iterator.gi_frame is not None
    iterator.close()
    with pytest.raises(AttributeError, match="no_such_thing"):
        _ = iterator.no_such_thing
    assert list(stream) == []


@pytest.mark.anyio
async def test_an_async_stream_stays_the_sdks_own_object(api: FakeResponsesAPI, telemetry: Capture) -> None:
    stream = await api.async_client().responses.create(**BODY, stream=True)
    assert type(stream) is AsyncStream
    iterator: Any = stream._iterator
    assert aiter(iterator) is iterator
    assert iterator.ag_frame is not None
    await stream.close()
    assert len(telemetry.spans()) == 1


def test_the_events_and_the_response_are_those_without_us(api: FakeResponsesAPI, telemetry: Capture) -> None:
    traced = [type(event) for event in api.client().responses.create(**BODY, stream=True)]
    response = api.client().responses.create(**BODY)
    import otel_responses

    otel_responses.uninstrument()
    plain = [type(event) for event in api.client().responses.create(**BODY, stream=True)]
    assert traced == plain
    assert type(response) is Response
    assert len(telemetry.spans()) == 2


def test_the_callers_headers_and_body_are_not_written_to(api: FakeResponsesAPI, telemetry: Capture) -> None:
    headers, extra = {"X-Mine": "1"}, {"metadata": {"a": "b"}}
    api.client().responses.create(**BODY, extra_headers=headers, extra_body=extra)
    assert (headers, extra) == ({"X-Mine": "1"}, {"metadata": {"a": "b"}})
    assert api.requests[0].headers["x-mine"] == "1"


def test_one_options_object_may_be_used_for_two_requests(api: FakeResponsesAPI, telemetry: Capture) -> None:
    from openai._models import FinalRequestOptions

    client = api.client()
    options = FinalRequestOptions.construct(method="post", url="/responses", json_data=BODY)
    parser = options.post_parser
    client.request(Response, options)
    client.request(cast_to=Response, options=options)
    assert options.post_parser is parser
    ids = [span["attributes"]["gen_ai.response.id"] for span in telemetry.spans()]
    assert ids == ["resp_0001", "resp_0002"]


def test_arguments_that_the_sdk_refuses_raise_as_they_do_without_us(api: FakeResponsesAPI, telemetry: Capture) -> None:
    with pytest.raises(TypeError):
        api.client().responses.create(no_such_argument=1)  # pyright: ignore[reportCallIssue]
    with pytest.raises(TypeError):
        api.client().request()  # pyright: ignore[reportCallIssue]
    assert telemetry.spans() == []


def test_a_prebound_method_is_seen(api: FakeResponsesAPI, telemetry: Capture) -> None:
    import otel_responses

    otel_responses.uninstrument()
    client = api.client()
    create, raw = client.responses.create, client.responses.with_raw_response
    otel_responses.instrument(**telemetry.providers)
    create(**BODY)
    raw.create(**BODY)
    assert len(telemetry.spans()) == 2


@pytest.mark.skipif(VERSION < (1, 74), reason="openai.responses is younger")
def test_the_module_level_client_is_seen(
    api: FakeResponsesAPI, telemetry: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(openai, "api_key", "sk-fake")
    monkeypatch.setattr(openai, "http_client", openai.DefaultHttpxClient(transport=api.transport()))
    monkeypatch.setattr(openai, "_client", None, raising=False)
    openai.responses.create(**BODY)
    openai._reset_client()
    assert len(telemetry.spans()) == 1


@pytest.mark.parametrize(
    "call",
    [
        pytest.param(lambda client: client.models.list(), id="models"),
        pytest.param(lambda client: client.responses.input_items.list("resp_0001"), id="input_items"),
        pytest.param(lambda client: client.responses.delete("resp_0001"), id="delete"),
        pytest.param(lambda client: client.post("/responses/resp_0001/cancel", cast_to=object), id="cancel"),
        pytest.param(lambda client: client.chat.completions.create(model="m", messages=[]), id="chat"),
    ],
)
def test_other_calls_have_no_span_of_ours(call: Any, api: FakeResponsesAPI, telemetry: Capture) -> None:
    client = api.client(max_retries=0)
    client.responses.create(**BODY)
    telemetry.clear()
    try:
        call(client)
    except openai.APIStatusError:
        pass  # what the fake API does not have
    assert len(api.requests) == 2
    assert telemetry.spans() == []


@pytest.mark.anyio
async def test_a_cancelled_task_is_no_error(api: FakeResponsesAPI, telemetry: Capture) -> None:
    api.enqueue(Reply.answer().slow(delay=30), Reply.answer().slow(interval=30))
    client = api.async_client()
    for stream in (False, True):

        async def call(*, stream: bool = stream) -> None:
            result: Any = await client.responses.create(**BODY, stream=stream)
            async for _ in result:
                pass

        task = asyncio.ensure_future(call())
        while len(api.requests) < 1 + stream:
            await anyio.sleep(0.001)
        await anyio.sleep(0.02)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    spans = telemetry.spans()
    assert [span["status"]["code"] for span in spans] == ["UNSET", "UNSET"]
    assert [span["attributes"]["openai.call.ended_by"] for span in spans] == ["cancelled", "cancelled"]


@pytest.mark.parametrize("error", [KeyboardInterrupt, SystemExit])
def test_an_interrupt_inside_a_call_is_no_error_of_it(
    error: type[BaseException], api: FakeResponsesAPI, telemetry: Capture
) -> None:
    def interrupt(request: Any) -> None:
        raise error

    client = api.client()
    client._client.event_hooks = {"request": [interrupt]}
    with pytest.raises(error):
        client.responses.create(**BODY)
    (span,) = telemetry.spans()
    assert span["status"]["code"] == "UNSET"
    assert span["attributes"]["openai.call.ended_by"] == "cancelled"


def test_an_error_of_ours_never_reaches_the_caller(
    api: FakeResponsesAPI, telemetry: Capture, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    from otel_responses import _call
    from otel_responses._mapping import stream

    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError("my prompt")

    monkeypatch.setattr(_call, "request_attributes", broken)
    response = api.client().responses.create(**BODY)
    assert len(telemetry.spans()) == 1
    monkeypatch.setattr(stream.Lifecycle, "add", broken)
    events = list(api.client().responses.create(**BODY, stream=True))
    monkeypatch.setattr(_call, "start_attributes", broken)
    another = api.client().responses.create(**BODY)
    assert response.id == "resp_0001"
    assert events[-1].type == "response.completed"
    assert another.id == "resp_0003"
    assert "ZeroDivisionError" in caplog.text
    assert "my prompt" not in caplog.text


@pytest.mark.parametrize(
    "broken",
    [
        "_patch.http.read_parameters",
        "_captured.CapturedContent.__init__",
        "_call.Call.replied",
        "_patch.exchange.read_reply",
    ],
)
def test_an_error_of_ours_when_a_call_has_begun_leaves_its_span(
    broken: str, api: FakeResponsesAPI, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise ZeroDivisionError("my prompt")

    with capture() as telemetry:
        otel_responses.instrument(**telemetry.providers, capture_content="SPAN_ONLY")
        monkeypatch.setattr(f"otel_responses.{broken}", fail)
        response = api.client().responses.create(**BODY)
        otel_responses.uninstrument()
    (span,) = telemetry.spans()
    assert response.id == span["attributes"]["gen_ai.response.id"] == "resp_0001"
    assert "ZeroDivisionError" in caplog.text
    assert "my prompt" not in caplog.text


def test_a_second_request_inside_the_loop_is_a_call_of_its_own(api: FakeResponsesAPI, telemetry: Capture) -> None:
    client = api.client()
    for _ in client.responses.create(**BODY, stream=True):
        if len(api.requests) == 1:
            client.responses.create(**BODY)
    spans = telemetry.spans()
    assert [span["parent"] for span in spans] == [None, None]
    assert len({span["trace_id"] for span in spans}) == 2


def test_events_and_statuses_of_a_later_sdk_pass(
    api: FakeResponsesAPI, telemetry: Capture, caplog: pytest.LogCaptureFixture
) -> None:
    unknown: list[dict[str, Any]] = [
        {"type": "response.telepathy.delta", "delta": "..."},
        {"type": ["no", "text"]},
        {"no": "type"},
    ]
    api.enqueue(Reply.answer().end(after_events=2, then=unknown), Reply.answer(status="dreaming", output=[{"type": 7}]))
    assert len(list(api.client().responses.create(**BODY, stream=True))) == 5
    api.client().responses.create(**BODY)
    truncated, dreaming = telemetry.spans()
    assert truncated["attributes"]["error.type"] == "stream_truncated"
    assert truncated["attributes"]["gen_ai.response.time_to_first_chunk"] > 0
    assert "gen_ai.response.finish_reasons" not in dreaming["attributes"]
    assert "otel_responses" not in caplog.text
