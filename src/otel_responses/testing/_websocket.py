"""The WebSocket side of the fake API: one message in, the events of one reply out, on a connection of the server's.

What the client sends is asked of the API as a `POST`, so that scripted replies serve both ways. Of these, `cut` breaks
the connection off, `stall` sends no more and leaves it open; the fault `disconnected` closes it in good order,
`timeout` says nothing, and the others break it off.
"""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from threading import Event
from typing import Any

from websockets.frames import Frame, Opcode
from websockets.http11 import Request
from websockets.protocol import State
from websockets.server import ServerProtocol

from otel_responses.testing._reply import Answering, Reply
from otel_responses.testing._wire import JsonObject, as_object

__all__ = ["converse"]

READ_BYTES = 65_536
GOING_AWAY = 1001


def converse(api: Answering, path: str, handshake: bytes, connection: socket.socket, stopping: Event) -> None:
    """Shake hands and answer messages until either side closes the connection."""
    Conversation(api, path, connection, stopping).run(handshake)


class Conversation:
    """One connection, and the lanes of the responses that were created on it."""

    def __init__(self, api: Answering, path: str, connection: socket.socket, stopping: Event) -> None:
        self._api = api
        self._path = path
        self._connection = connection
        self._stopping = stopping
        self._protocol = ServerProtocol(max_size=None)
        self._headers: dict[str, str] = {}
        self._lanes: dict[str, str | None] = {}

    def run(self, handshake: bytes) -> None:
        self._protocol.receive_data(handshake)
        for request in [event for event in self._protocol.events_received() if isinstance(event, Request)]:
            # Frames are not compressed one by one.
            self._headers = {n: v for n, v in request.headers.raw_items() if n.lower() != "accept-encoding"}
            self._protocol.send_response(self._protocol.accept(request))
        self._flush()
        for message in self._messages():
            self._answer(message)

    def _messages(self) -> Iterator[bytes]:
        parts: list[bytes] = []
        while self._protocol.state is State.OPEN and (data := self._connection.recv(READ_BYTES)):
            self._protocol.receive_data(data)
            frames = [event for event in self._protocol.events_received() if isinstance(event, Frame)]
            self._flush()  # the answers to a ping and to a close
            for frame in frames:
                if frame.opcode in (Opcode.TEXT, Opcode.BINARY, Opcode.CONT):
                    parts.append(bytes(frame.data))
                    if frame.fin:
                        yield b"".join(parts)
                        parts.clear()

    def _answer(self, message: bytes) -> None:
        sent = as_object(_parsed(message))
        target = sent.get("previous_response_id") if sent.get("type") == "response.steer" else None
        lane = sent.get("stream_id") if target is None else self._lanes.get(target)
        reply = self._api.reply("POST", self._path, self._headers, message)
        self._stopping.wait(reply.delay)
        for number, event in enumerate(_events(reply)):
            self._stopping.wait(reply.interval if number else 0)
            self._send(event, lane)
        if reply.fault == "disconnected":
            self._protocol.send_close(GOING_AWAY)
            self._flush()
        elif reply.ending == "cut" or reply.fault in ("refused", "reset"):
            self._connection.shutdown(socket.SHUT_RDWR)

    def _send(self, event: JsonObject | bytes, lane: Any) -> None:
        if isinstance(event, dict):
            event = {**event, **({"stream_id": lane} if lane is not None and "stream_id" not in event else {})}
            if event.get("type") == "response.created":
                self._lanes[as_object(event.get("response")).get("id", "")] = event.get("stream_id")
            event = json.dumps(event, ensure_ascii=False, separators=(",", ":")).encode()
        if self._protocol.state is State.OPEN:
            self._protocol.send_text(event)
            self._flush()

    def _flush(self) -> None:
        for data in self._protocol.data_to_send():
            if data:
                self._connection.sendall(data)
            else:
                self._connection.shutdown(socket.SHUT_WR)


def _events(reply: Reply) -> Iterator[JsonObject | bytes]:
    """The messages that make up a reply: its events; an HTTP error as an `error` event; else the body as it is."""
    content = b"".join(reply.chunks)
    if reply.headers.get("content-type", "").startswith("text/event-stream"):
        for block in content.split(b"\n\n"):
            data = next((line[len(b"data: ") :] for line in block.split(b"\n") if line.startswith(b"data: ")), None)
            if data is not None:
                yield as_object(_parsed(data)) or data
        return
    document = as_object(_parsed(content))
    if "error" in document:
        yield {"type": "error", "status": reply.status, "error": document["error"]}
    elif content:
        yield content


def _parsed(data: bytes) -> Any:
    try:
        return json.loads(data)
    except ValueError:
        return None
