"""`responses.connect()` of the real SDK against a real server: one ended span a turn, however it ends."""

from __future__ import annotations

import gc
import json
from typing import Any

import pytest
from dirty_equals import IsInt
from inline_snapshot import snapshot
from opentelemetry import trace
from opentelemetry.instrumentation.utils import suppress_instrumentation
from websockets.exceptions import ConnectionClosedError, ConnectionClosedOK

import otel_responses
from otel_responses._call import drain
from otel_responses.testing import Capture, FakeResponsesAPI, Reply
from tests.websocket.talk import CREATE, HAS_CONNECT, HAS_LANES, RECONNECTS, STEERS, TERMINAL, Connection, Talk, settled

pytestmark = [pytest.mark.anyio, pytest.mark.matrix, HAS_CONNECT]


def response(response_id: str, status: str = "completed", **fields: Any) -> dict[str, Any]:
    return {"id": response_id, "object": "response", "model": "gpt-4.1-2025-04-14", "status": status, **fields}


def created(response_id: str, **fields: Any) -> dict[str, Any]:
    previous = fields.pop("previous_response_id", None)
    body = response(response_id, "in_progress", output=[], previous_response_id=previous)
    return {"type": "response.created", "response": body, **fields}


def completed(response_id: str, **fields: Any) -> dict[str, Any]:
    usage = {"input_tokens": 3, "output_tokens": int(response_id[-1]), "total_tokens": 0}
    return {"type": "response.completed", "response": response(response_id, output=[], usage=usage), **fields}


def delta(text: str = "R", **fields: Any) -> dict[str, Any]:
    return {"type": "response.output_text.delta", "delta": text, "item_id": "msg_1", **fields}


def seen(telemetry: Capture, *names: str) -> list[tuple[Any, ...]]:
    """These attributes of every span, in the order in which the calls began."""
    return [tuple(span["attributes"].get(name) for name in names) for span in by_start(telemetry)]


def by_start(telemetry: Capture) -> list[dict[str, Any]]:
    return sorted(telemetry.spans(), key=lambda span: span["start"])


def ends(telemetry: Capture) -> list[tuple[Any, ...]]:
    """Id, finish reason, error and who ended it, of every call."""
    names = ("gen_ai.response.id", "gen_ai.response.finish_reasons", "error.type", "openai.call.ended_by")
    return [(found[0], (found[1] or [None])[0], *found[2:]) for found in seen(telemetry, *names)]


async def test_a_turn_is_a_span_like_that_of_a_streamed_call(talk: Talk, telemetry: Capture) -> None:
    async with talk.connection() as connection:
        await connection.create(temperature=0.5)
        event = await connection.until()
    assert event.response.id == "resp_0001"
    assert telemetry.spans() == snapshot(
        [
            {
                "name": "chat gpt-4.1",
                "kind": "CLIENT",
                "status": {"code": "UNSET", "description": None},
                "trace_id": "00000000000000000000000000000001",
                "span_id": "0000000000000001",
                "parent": None,
                "start": 1767225600000000000,
                "end": 1767225600010000000,
                "duration": 0.01,
                "attributes": {
                    "gen_ai.operation.name": "chat",
                    "gen_ai.provider.name": "openai",
                    "gen_ai.request.model": "gpt-4.1",
                    "gen_ai.request.stream": True,
                    "gen_ai.request.temperature": 0.5,
                    "gen_ai.response.finish_reasons": ["stop"],
                    "gen_ai.response.id": "resp_0001",
                    "gen_ai.response.model": "gpt-4.1-2025-04-14",
                    "gen_ai.response.time_to_first_chunk": 0.003,
                    "gen_ai.usage.input_tokens": 14,
                    "gen_ai.usage.output_tokens": 2,
                    "network.protocol.name": "websocket",
                    "openai.api.type": "responses",
                    "openai.response.service_tier": "default",
                    "server.address": "127.0.0.1",
                    "server.port": IsInt(),
                },
                "events": [],
                "links": [],
                "scope": {
                    "name": "otel_responses",
                    "version": "0.1.0",
                    "schema_url": "https://opentelemetry.io/schemas/1.41.0",
                },
            }
        ]
    )


async def test_the_metrics_of_a_turn(talk: Talk, telemetry: Capture) -> None:
    async with talk.connection() as connection:
        await connection.create()
        await connection.until()
    names = {metric["name"]: len(metric["points"]) for metric in telemetry.metrics()}
    assert names == snapshot(
        {
            "gen_ai.client.operation.duration": 1,
            "gen_ai.client.operation.time_to_first_chunk": 1,
            "gen_ai.client.token.usage": 2,
        }
    )


async def test_turns_of_one_connection(talk: Talk, telemetry: Capture) -> None:
    async with talk.connection() as connection:
        await connection.create()
        first = await connection.until()
        await connection.create(previous_response_id=first.response.id)
        await connection.until()
    assert seen(telemetry, "gen_ai.response.id", "gen_ai.request.previous_response.id") == [
        ("resp_0001", None),
        ("resp_0002", "resp_0001"),
    ]


async def test_a_turn_is_a_child_of_the_span_around_its_send(talk: Talk, telemetry: Capture) -> None:
    tracer = trace.get_tracer("test", tracer_provider=telemetry.tracer_provider)
    async with talk.connection() as connection:
        with tracer.start_as_current_span("agent"):
            await connection.create()
        await connection.until()
    spans = {span["name"]: span for span in telemetry.spans()}
    assert spans["chat gpt-4.1"]["parent"] == spans["agent"]["span_id"]


async def test_the_session_is_that_around_the_send_over_that_of_the_headers(talk: Talk, telemetry: Capture) -> None:
    async with talk.connection(extra_headers={"Helicone-User-Id": "ada"}) as connection:
        for name in ("Rome", "Paris"):
            with otel_responses.session(name, user="bob"):
                await connection.create()
            await connection.until()
    assert seen(telemetry, "helicone.session.name", "helicone.user.id") == [("Rome", "ada"), ("Paris", "ada")]


@RECONNECTS
async def test_the_session_may_come_from_the_headers_of_the_client(talk: Talk, telemetry: Capture) -> None:
    client = talk.client(default_headers={"Helicone-Session-Id": "s-1"})
    async with talk.connection(client) as connection:
        await connection.create()
        await connection.until()
    assert seen(telemetry, "helicone.session.id") == [("s-1",)]


async def test_content_is_captured_as_over_http(
    talk: Talk, telemetry: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    otel_responses.uninstrument()
    monkeypatch.setenv("OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT", "SPAN_ONLY")
    otel_responses.instrument(**telemetry.providers)
    async with talk.connection() as connection:
        await connection.create()
        await connection.until()
    assert seen(telemetry, "gen_ai.input.messages", "gen_ai.output.messages") == snapshot(
        [
            (
                '[{"role":"user","parts":[{"type":"text","content":"Where is the Colosseum?"}]}]',
                '[{"role":"assistant","parts":[{"type":"text","content":"Rome."}],"finish_reason":"stop"}]',
            )
        ]
    )


async def test_the_output_of_a_turn_that_was_cut_is_what_had_come(
    talk: Talk, api: FakeResponsesAPI, telemetry: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    otel_responses.uninstrument()
    monkeypatch.setenv("OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT", "SPAN_ONLY")
    otel_responses.instrument(**telemetry.providers)
    api.enqueue(Reply.answer().cut(after_events=5))
    async with talk.connection() as connection:
        await connection.create()
        assert await connection.ends() is ConnectionClosedError
    assert seen(telemetry, "gen_ai.output.messages") == snapshot(
        [('[{"role":"assistant","parts":[{"type":"text","content":"Rome."}],"finish_reason":"error"}]',)]
    )


@RECONNECTS
@pytest.mark.parametrize(
    "frame", ['{"model":"gpt-4.1","type":"response.create"}', b'{"type": "response.create", "model": "m"}']
)
async def test_raw_sends_are_seen(talk: Talk, telemetry: Capture, frame: str | bytes) -> None:
    async with talk.connection() as connection:
        await settled(connection.sdk.send_raw(frame))
        await connection.until()
    assert ends(telemetry) == [("resp_0001", "stop", None, None)]


@RECONNECTS
async def test_what_was_queued_before_the_connection_is_seen(talk: Talk, telemetry: Capture) -> None:
    manager = talk.manager()
    manager.send(CREATE)
    connection = Connection(await settled(manager.enter()))
    await connection.until()
    await connection.close()
    assert ends(telemetry) == [("resp_0001", "stop", None, None)]


@HAS_LANES
async def test_lanes_send_past_the_connection_and_are_seen(talk: Talk, telemetry: Capture) -> None:
    from openai.lib import responses_websocket as lanes

    limits = lanes.ResponsesWebSocketLimits(8, 128, 512, 2**20, 2**20)
    if talk.kind.is_async:
        async with talk.connection() as connection:
            async with lanes.AsyncResponsesWebSocketSession(connection.sdk, limits=limits) as async_session:
                async_lane = async_session.lane("a")
                await async_lane.send({**CREATE, "input": "One"})  # pyright: ignore[reportArgumentType]
                assert (await async_lane.get_final_response()).status == "completed"
    else:
        async with talk.connection() as connection:
            with lanes.ResponsesWebSocketSession(connection.sdk, limits=limits) as session:
                lane = session.lane("a")
                lane.send({**CREATE, "input": "One"})  # pyright: ignore[reportArgumentType]
                assert lane.get_final_response(timeout=30).status == "completed"
    assert ends(telemetry) == [("resp_0001", "stop", None, None)]


async def test_frames_go_to_the_turns_of_their_lanes(talk: Talk, api: FakeResponsesAPI, telemetry: Capture) -> None:
    api.enqueue(Reply.events([created("resp_1")]))
    a, b = {"stream_id": "a"}, {"stream_id": "b"}
    late = [
        delta(**b),
        completed("resp_3", **b),
        delta(stream_id=None),
        completed("resp_1", stream_id=None),
        completed("resp_2", **a),
    ]
    api.enqueue(Reply.events([created("resp_2", **a)]), Reply.events([created("resp_3", **b), *late]))
    async with talk.connection() as connection:
        await connection.send(CREATE)
        await connection.send({**CREATE, **a})
        await connection.send({**CREATE, **b})
        for _ in range(3):
            await connection.until("response.completed")
    names = ("gen_ai.response.id", "gen_ai.usage.output_tokens")
    assert seen(telemetry, *names) == [("resp_1", 1), ("resp_2", 2), ("resp_3", 3)]
    first_chunks = [found is not None for (found,) in seen(telemetry, "gen_ai.response.time_to_first_chunk")]
    assert first_chunks == [True, False, True]


@STEERS
async def test_the_successor_of_a_steered_response_is_a_span_linked_to_it(
    talk: Talk, telemetry: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    if talk.kind.is_beta:
        pytest.skip("the beta resource cannot steer")
    otel_responses.uninstrument()
    monkeypatch.setenv("OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT", "SPAN_ONLY")
    otel_responses.instrument(**telemetry.providers)
    tracer = trace.get_tracer("test", tracer_provider=telemetry.tracer_provider)
    async with talk.connection() as connection:
        with tracer.start_as_current_span("agent"), otel_responses.session("Rome", id="s-1"):
            await connection.create(temperature=0.5)
        first = await connection.until("response.created")
        await settled(connection.sdk.response.steer(input="In French.", previous_response_id=first.response.id))
        await connection.until()
        await connection.until()
    first_span, successor, agent = by_start(telemetry)  # the clock of our calls stands in January
    assert successor["parent"] == first_span["parent"] == agent["span_id"]
    assert [link["span_id"] for link in successor["links"]] == [first_span["span_id"]]
    assert successor["attributes"] == snapshot(
        {
            "gen_ai.input.messages": '[{"role":"user","parts":[{"type":"text","content":"In French."}]}]',
            "gen_ai.operation.name": "chat",
            "gen_ai.output.messages": '[{"role":"assistant","parts":[{"type":"text","content":"Rome."}],"finish_reason":"stop"}]',
            "gen_ai.provider.name": "openai",
            "gen_ai.request.model": "gpt-4.1",
            "gen_ai.request.previous_response.id": "resp_0001",
            "gen_ai.request.stream": True,
            "gen_ai.request.temperature": 0.5,
            "gen_ai.response.finish_reasons": ["stop"],
            "gen_ai.response.id": "resp_0002",
            "gen_ai.response.model": "gpt-4.1-2025-04-14",
            "gen_ai.response.time_to_first_chunk": 0.003,
            "gen_ai.usage.input_tokens": 22,
            "gen_ai.usage.output_tokens": 2,
            "helicone.session.id": "s-1",
            "helicone.session.name": "Rome",
            "helicone.session.path": "/",
            "network.protocol.name": "websocket",
            "openai.api.type": "responses",
            "openai.response.service_tier": "default",
            "server.address": "127.0.0.1",
            "server.port": IsInt(),
            "session.id": "s-1",
        }
    )


async def test_a_warm_up_is_no_call(talk: Talk, telemetry: Capture) -> None:
    async with talk.connection() as connection:
        await connection.send({**CREATE, "generate": False})
        warm = await connection.until()
        await connection.create(previous_response_id=warm.response.id)
        await connection.until()
    assert ends(telemetry) == [("resp_0002", "stop", None, None)]


@pytest.mark.parametrize("lane", [None, "a"])
async def test_an_error_event_ends_the_turn_of_its_lane(
    talk: Talk, api: FakeResponsesAPI, telemetry: Capture, lane: str | None
) -> None:
    api.enqueue(Reply.error(429))
    async with talk.connection() as connection:
        await connection.send({**CREATE, **({"stream_id": lane} if lane else {})})
        await connection.until("error")
        await connection.create()
        await connection.until()
    assert ends(telemetry) == [(None, "error", "429", None), ("resp_0001", "stop", None, None)]
    assert by_start(telemetry)[0]["status"] == {"code": "ERROR", "description": "429"}


async def test_a_failed_response(talk: Talk, api: FakeResponsesAPI, telemetry: Capture) -> None:
    api.enqueue(Reply.failed("server_error"), Reply.incomplete())
    async with talk.connection() as connection:
        for _ in range(2):
            await connection.create()
            await connection.until()
    assert ends(telemetry) == [("resp_0001", "error", "server_error", None), ("resp_0002", "length", None, None)]


async def test_a_close_with_turns_open(talk: Talk, api: FakeResponsesAPI, telemetry: Capture) -> None:
    api.enqueue(Reply.answer().stall(after_events=2), Reply.broken("timeout"))
    async with talk.connection() as connection:
        await connection.create()
        await connection.until("response.created")
        await connection.send({**CREATE, "stream_id": "a"})
        await connection.close()
    assert ends(telemetry) == [("resp_0001", "error", None, "closed"), (None, "error", None, "closed")]
    assert {span["status"]["code"] for span in telemetry.spans()} == {"UNSET"}


async def test_an_exception_of_the_program_closes_the_connection(
    talk: Talk, api: FakeResponsesAPI, telemetry: Capture
) -> None:
    api.enqueue(Reply.answer().stall(after_events=2))
    with pytest.raises(ZeroDivisionError):
        async with talk.connection() as connection:
            await connection.create()
            await connection.until("response.created")
            raise ZeroDivisionError
    assert ends(telemetry) == [("resp_0001", "error", None, "closed")]


async def test_a_connection_that_breaks(talk: Talk, api: FakeResponsesAPI, telemetry: Capture) -> None:
    api.enqueue(Reply.answer().cut(after_events=3))
    async with talk.connection() as connection:
        await connection.create()
        assert await connection.ends() is ConnectionClosedError
    assert ends(telemetry) == [("resp_0001", "error", "ConnectionClosedError", None)]


async def test_a_server_that_closes_in_good_order_cuts_the_response(
    talk: Talk, api: FakeResponsesAPI, telemetry: Capture
) -> None:
    api.enqueue(Reply.broken("disconnected"))
    async with talk.connection() as connection:
        await connection.create()
        assert await connection.ends() is ConnectionClosedOK
    assert ends(telemetry) == [(None, "error", "stream_truncated", None)]


async def test_a_send_that_fails(talk: Talk, api: FakeResponsesAPI, telemetry: Capture) -> None:
    api.enqueue(Reply.broken("reset"))
    async with talk.connection() as connection:
        await connection.create()
        await connection.ends()
        with pytest.raises(ConnectionClosedError):
            await connection.create()
    assert [end[2:] for end in ends(telemetry)] == [("ConnectionClosedError", None)] * 2


@RECONNECTS
async def test_a_connection_that_is_made_again_is_followed(
    talk: Talk, api: FakeResponsesAPI, telemetry: Capture
) -> None:
    api.enqueue(Reply.answer().cut(after_events=3))
    options = {"on_reconnecting": lambda event: None, "initial_delay": 0.001}
    async with talk.connection(**options) as connection:
        await connection.create()
        events = connection.events()
        for _ in range(3):
            await anext(events)
        connection.sdk._send_queue.enqueue(json.dumps(CREATE))  # as `send` does while the connection is made again
        assert [event.type async for event in events if event.type in TERMINAL] == ["response.completed"]
    assert ends(telemetry) == [
        ("resp_0001", "error", "ConnectionClosedError", None),
        ("resp_0002", "stop", None, None),
    ]


async def test_a_connection_that_is_dropped(talk: Talk, api: FakeResponsesAPI, telemetry: Capture) -> None:
    api.enqueue(Reply.answer().stall(after_events=2))
    manager = talk.manager()
    connection = Connection(await settled(manager.enter()))
    await connection.create()
    await connection.until("response.created")
    raw = connection.sdk._connection.__wrapped__
    del connection, manager
    gc.collect()
    drain()
    assert ends(telemetry) == [("resp_0001", "error", None, "dropped")]
    await settled(raw.close())


async def test_no_span_where_instrumentation_is_suppressed(talk: Talk, telemetry: Capture) -> None:
    async with talk.connection() as connection:
        with suppress_instrumentation():
            await connection.create()
        await connection.until()
        await connection.create()
        await connection.until()
    assert ends(telemetry) == [("resp_0002", "stop", None, None)]


async def test_what_we_do_not_know_passes(talk: Talk, api: FakeResponsesAPI, telemetry: Capture) -> None:
    strange = [{"type": "response.from.the.future", "response": 7}, {"delta": "no type"}, {"type": 7}]
    api.enqueue(Reply.events([created("resp_1"), *strange, completed("resp_1")]))
    async with talk.connection() as connection:
        await connection.create()
        received = [await connection.recv() for _ in range(5)]
    assert [getattr(event, "type", None) for event in received[1:4]] == ["response.from.the.future", None, 7]
    assert ends(telemetry) == [("resp_1", "stop", None, None)]


async def test_a_connection_from_before_is_not_seen_and_one_from_then_goes_on(talk: Talk, telemetry: Capture) -> None:
    async with talk.connection() as connection:
        await connection.create()
        await connection.until("response.created")
        otel_responses.uninstrument()
        await connection.until()
        await connection.create()
        await connection.until()
        async with talk.connection() as unseen:
            otel_responses.instrument(**telemetry.providers)
            await unseen.create()
            await unseen.until()
        await connection.create()
        await connection.until()
    assert ends(telemetry) == [("resp_0001", "stop", None, None), ("resp_0004", "stop", None, None)]


async def test_the_caller_gets_what_the_sdk_gives(talk: Talk, api: FakeResponsesAPI, telemetry: Capture) -> None:
    async def events() -> list[Any]:
        api.enqueue(Reply.events([created("resp_1"), delta(), completed("resp_1")]))
        async with talk.connection() as connection:
            await connection.create()
            return [await connection.recv() for _ in range(3)]

    watched = await events()
    otel_responses.uninstrument()
    assert [(type(event), event.to_json()) for event in watched] == [
        (type(event), event.to_json()) for event in await events()
    ]
