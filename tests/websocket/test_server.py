"""The WebSocket side of the fake API, with a client of the `websockets` package."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any
from urllib.request import Request, urlopen

import pytest
from websockets.exceptions import ConnectionClosedError, ConnectionClosedOK
from websockets.sync.client import connect
from websockets.sync.connection import Connection

from otel_responses.testing import FakeResponsesAPI, Reply
from tests.websocket.talk import CREATE
from tests.websocket.test_connections import completed, created

HEADERS = {"Authorization": "Bearer sk-fake", "Accept-Encoding": "gzip"}


@pytest.fixture
def socket(url: str) -> Iterator[Connection]:
    with connect(f"{url.replace('http', 'ws')}/responses", additional_headers=HEADERS) as socket:
        yield socket


def send(socket: Connection, **event: Any) -> None:
    socket.send(json.dumps({**CREATE, **event}))


def receive(socket: Connection, last: str = "response.completed") -> list[dict[str, Any]]:
    events = [json.loads(socket.recv(30))]
    while events[-1]["type"] != last:
        events.append(json.loads(socket.recv(30)))
    return events


def test_a_create_brings_the_events_of_a_stream_on_its_lane(api: FakeResponsesAPI, socket: Connection) -> None:
    send(socket)
    assert [event["sequence_number"] for event in receive(socket)] == [*range(9)]
    send(socket, stream_id="a")
    assert {event["stream_id"] for event in receive(socket)} == {"a"}
    asked = api.requests[1]
    assert (asked.method, asked.path, asked.headers["upgrade"]) == ("POST", "/v1/responses", "websocket")
    assert asked.json == {**CREATE, "stream_id": "a"}


def test_a_message_may_come_in_fragments_and_pings_are_answered(socket: Connection) -> None:
    message = json.dumps(CREATE)
    socket.send([message[:20], message[20:30], message[30:]])
    assert receive(socket)[-1]["response"]["status"] == "completed"
    assert socket.ping().wait(30)


def test_a_warm_up_has_no_output(socket: Connection) -> None:
    send(socket, generate=False)
    assert receive(socket)[-1]["response"]["output"] == []


def test_steering_brings_a_successor_on_the_lane_of_the_response(socket: Connection) -> None:
    send(socket, stream_id="a", temperature=0.5)
    previous = receive(socket)[-1]["response"]["id"]
    socket.send(json.dumps({"type": "response.steer", "previous_response_id": previous, "input": "In French."}))
    accepted, first, *_, last = receive(socket)
    assert accepted["steer"] == {"id": "steer_0001", "previous_response_id": previous}
    assert first["response"]["previous_response_id"] == previous
    assert (last["stream_id"], last["response"]["temperature"]) == ("a", 0.5)


def test_steering_of_an_unknown_response_fails(socket: Connection) -> None:
    socket.send(json.dumps({"type": "response.steer", "previous_response_id": "resp_9", "input": "In French."}))
    (failed,) = receive(socket, "response.steer.failed")
    assert failed["steer"]["previous_response_id"] == "resp_9"


@pytest.mark.parametrize("message", ["no JSON", b"\x00", '{"type":"response.create"}'])
def test_what_the_api_refuses_is_an_error_event(socket: Connection, message: str | bytes) -> None:
    socket.send(message)
    (refusal,) = receive(socket, "error")
    assert (refusal["status"], refusal["error"]["type"]) == (400, "invalid_request_error")


def test_scripted_events_may_have_lanes_of_their_own(api: FakeResponsesAPI, socket: Connection) -> None:
    api.enqueue(Reply.events([created("resp_1", stream_id="b"), completed("resp_1")]))
    send(socket, stream_id="a")
    assert [event["stream_id"] for event in receive(socket)] == ["b", "a"]


def test_a_scripted_body_is_one_message(api: FakeResponsesAPI, socket: Connection) -> None:
    broken = Reply(headers={"content-type": "text/event-stream"}, chunks=(b"data: {\n\n", b": comment\n\n"))
    api.enqueue(Reply.text("<html>"), Reply(), broken)
    for _ in range(3):
        send(socket)
    assert [socket.recv(30) for _ in range(2)] == ["<html>", "{"]


def test_a_stalled_reply_leaves_the_connection_open(api: FakeResponsesAPI, socket: Connection) -> None:
    api.enqueue(Reply.answer().stall(after_events=1), Reply.broken("timeout"))
    send(socket)
    send(socket)
    send(socket)
    assert [event["type"] for event in receive(socket)][:2] == ["response.created", "response.created"]


@pytest.mark.parametrize(
    ("reply", "error"),
    [
        pytest.param(Reply.answer().cut(after_events=1), ConnectionClosedError, id="cut"),
        pytest.param(Reply.broken("reset"), ConnectionClosedError, id="reset"),
        pytest.param(Reply.broken("disconnected"), ConnectionClosedOK, id="disconnected"),
    ],
)
def test_the_ends_of_a_connection(
    api: FakeResponsesAPI, socket: Connection, reply: Reply, error: type[Exception]
) -> None:
    api.enqueue(reply)
    send(socket)
    with pytest.raises(error):
        receive(socket)


def test_nothing_is_sent_after_a_close_that_came_with_the_message(socket: Connection) -> None:
    with socket.protocol_mutex:
        socket.protocol.send_text(json.dumps(CREATE).encode())
        socket.protocol.send_close(1000)
        socket.socket.sendall(b"".join(socket.protocol.data_to_send()))
    with pytest.raises(ConnectionClosedOK):
        socket.recv(30)


def test_a_handshake_that_is_none_is_refused(url: str) -> None:
    request = Request(f"{url}/responses", headers={**HEADERS, "Upgrade": "websocket"})
    with pytest.raises(OSError, match="HTTP Error 4"):
        urlopen(request, timeout=30)


def test_the_server_stops_with_connections_open(api: FakeResponsesAPI) -> None:
    with api.serve() as url:
        socket = connect(f"{url.replace('http', 'ws')}/responses", additional_headers=HEADERS)
    with pytest.raises(ConnectionClosedError):
        socket.recv(30)
