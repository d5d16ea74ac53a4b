"""The fake API as a real HTTP/1.1 server on loopback."""

from __future__ import annotations

import socket
import sys
import threading
from collections.abc import Generator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, cast

from otel_responses.testing._reply import Answering, Reply

__all__ = ["serve"]

# A stalled reply lets go of its connection after this many seconds, or when the server stops.
STALL_SECONDS = 60.0


@contextmanager
def serve(api: Answering, *, port: int = 0) -> Generator[str]:
    """Answer requests on 127.0.0.1 until the block ends; gives the base URL. Port 0 takes any free one.

    All threads and connections are gone when the block is left.
    """
    server = _Server(api, port)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), name="fake-responses-api", daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/v1"
    finally:
        server.stop()
        thread.join()


class _Server(ThreadingHTTPServer):
    # Joined in server_close(): stop() makes them end, so nothing is left behind.
    daemon_threads = False
    request_queue_size = 128

    def __init__(self, api: Answering, port: int) -> None:
        self.api = api
        self.stopping = threading.Event()
        self._connections: set[socket.socket] = set()
        super().__init__(("127.0.0.1", port), _Handler)

    def stop(self) -> None:
        self.stopping.set()
        self.shutdown()
        # Handlers of idle keep-alive connections wait in a read.
        for connection in tuple(self._connections):
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        self.server_close()

    def process_request(self, request: Any, client_address: Any) -> None:
        self._connections.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        self._connections.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        # A client that hangs up is no error of ours.
        if not isinstance(sys.exc_info()[1], OSError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "fake-responses-api"
    sys_version = ""
    # Every event leaves at once.
    disable_nagle_algorithm = True

    @property
    def _server(self) -> _Server:
        return cast("_Server", self.server)

    def answer(self) -> None:
        if self.headers.get("upgrade", "").lower() == "websocket":
            self._converse()
            return
        length = self.headers.get("content-length", "0")
        body = self.rfile.read(int(length)) if length.isdecimal() else b""
        reply = self._server.api.reply(self.command, self.path, dict(self.headers), body)
        self._server.stopping.wait(reply.delay)
        if reply.fault is None:
            self._send(reply)
        else:
            self._hang_up(stalled=reply.fault == "timeout")

    do_DELETE = do_GET = do_PATCH = do_POST = do_PUT = answer  # noqa: N815 - names that the base class looks for

    def _converse(self) -> None:
        """Speak WebSocket on this connection until it is closed."""
        from otel_responses.testing._websocket import converse  # noqa: PLC0415 - `websockets` is an optional package

        lines = (self.requestline, *(f"{name}: {value}" for name, value in self.headers.items()), "", "")
        handshake = "\r\n".join(lines).encode("latin-1")
        converse(self._server.api, self.path, handshake, self.connection, self._server.stopping)
        self.close_connection = True

    def _send(self, reply: Reply) -> None:
        self.send_response(reply.status)
        for name, value in reply.headers.items():
            self.send_header(name, value)
        self.send_header("transfer-encoding", "chunked")
        self.end_headers()
        for number, chunk in enumerate(reply.chunks):
            self._server.stopping.wait(reply.interval if number else 0)
            self.wfile.write(b"%x\r\n%b\r\n" % (len(chunk), chunk))
        if reply.ending == "complete":
            self.wfile.write(b"0\r\n\r\n")
        else:
            self._hang_up(stalled=reply.ending == "stalled")

    def _hang_up(self, *, stalled: bool) -> None:
        """Close the connection with the response unfinished; a listening port cannot do more to a client."""
        if stalled:
            self._server.stopping.wait(STALL_SECONDS)
        self.close_connection = True

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class's name
        """Say nothing: what was asked is in the API's list of requests."""
