"""The embedded OTLP/HTTP receiver: loopback only, one request a connection, every wait and every buffer bounded."""

from __future__ import annotations

import errno
import io
import socket
import sys
import threading
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from functools import partial
from http.server import BaseHTTPRequestHandler
from socketserver import ThreadingTCPServer
from typing import TYPE_CHECKING, Any

from otel_responses._safe import log_once
from otel_responses.cli.attributes import printable
from otel_responses.cli.body import Refusal, read_body
from otel_responses.cli.otlp import GRPC_SENTENCE, Encoding, encoding_of, receive, signal_of, status_body
from otel_responses.cli.telemetry import Telemetry

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

__all__ = ["PortError", "receiving"]

HOST = "127.0.0.1"
FREE_PORT = 14318  # probably: what to suggest in place of a taken one
CONNECTIONS_MAX = 32  # at a time; a further one is told to come back
REQUEST_SECONDS = 10.0  # for a request as a whole, so that no slow client keeps its connection
FAREWELL_SECONDS = 1.0  # for a client to read its answer before the connection is closed
NOTICES_MAX = 20
BUSY = b"HTTP/1.1 503 Service Unavailable\r\nRetry-After: 1\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
PREFACES = {
    b"PRI * HTTP/2.0": Refusal(505, GRPC_SENTENCE),
    b"\x16\x03": Refusal(400, "A program called this port with TLS; its endpoint has to begin with http://."),
}
REASONS = {
    errno.EADDRINUSE: "is taken, perhaps by a Collector or by another `otel-responses view`",
    errno.EACCES: "needs rights that this user has not",
}


class PortError(Exception):
    """The port cannot be listened on; the message says why and what to do."""

    def __init__(self, port: int, error: OSError) -> None:
        reason = REASONS.get(error.errno or 0, f"cannot be used ({error.strerror})")
        super().__init__(
            f"Port {port} on {HOST} {reason}. Choose another one with --port, such as --port {FREE_PORT}, "
            f"and point your program there: OTEL_EXPORTER_OTLP_ENDPOINT=http://{HOST}:{FREE_PORT}"
        )


@contextmanager
def receiving(telemetry: Telemetry, *, port: int, notify: Callable[[str], None]) -> Generator[str]:
    """Receive into `telemetry` while the block runs; gives the endpoint's URL.

    Port 0 takes any free one. `notify` gets a sentence, from another thread, for each kind of request that was refused.
    Raises `PortError`.
    """
    try:
        server = _Server((HOST, port), partial(_Handler, telemetry=telemetry, notices=_Notices(notify)))
    except OSError as error:
        raise PortError(port, error) from error
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield f"http://{HOST}:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _TimedReader(io.RawIOBase):
    """Reads a socket until a deadline, however slowly its bytes come in; then raises TimeoutError."""

    def __init__(self, connection: socket.socket, seconds: float) -> None:
        super().__init__()
        self._connection = connection
        self._deadline = time.monotonic() + seconds

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        self._connection.settimeout(max(self._deadline - time.monotonic(), 0.001))
        return self._connection.recv_into(buffer)


class _Notices:
    """Passes each sentence on once, and no more than twenty in all."""

    def __init__(self, notify: Callable[[str], None]) -> None:
        self._notify = notify
        self._said: set[str] = set()

    def say(self, sentence: str) -> None:
        if sentence not in self._said and len(self._said) < NOTICES_MAX:
            self._said.add(sentence)
            self._notify(printable(sentence))


class _Handler(BaseHTTPRequestHandler):
    """One connection, one request."""

    protocol_version = "HTTP/1.1"

    def __init__(self, *args: Any, telemetry: Telemetry, notices: _Notices) -> None:
        self._telemetry = telemetry
        self._notices = notices
        super().__init__(*args)  # this handles the request

    def setup(self) -> None:
        super().setup()
        self.rfile.close()
        self.rfile = self._stream = io.BufferedReader(_TimedReader(self.connection, REQUEST_SECONDS))

    def handle(self) -> None:
        start = self._stream.peek()
        refusal = next((refusal for preface, refusal in PREFACES.items() if start.startswith(preface)), None)
        if refusal is None:
            self.handle_one_request()
        else:
            self.requestline, self.request_version = "", self.protocol_version
            self._refuse(refusal)

    def do_POST(self) -> None:
        encoding = None
        try:
            signal = signal_of(self.path)
            encoding = encoding_of(self.headers.get_content_type())
            answer = receive(signal, encoding, read_body(self.headers, self.rfile), self._telemetry)
        except Refusal as refusal:
            self._refuse(refusal, encoding)
        else:
            self._answer(200, encoding.content_type, answer)

    def do_GET(self) -> None:
        self._refuse(Refusal(405, "This is an OTLP receiver: programs POST to it, and there is nothing to GET."))

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """Answer what http.server itself refuses like everything else that is refused."""
        self._refuse(Refusal(code, message or "This is no HTTP request that can be answered."))

    def finish(self) -> None:
        """Close when the client has read its answer; closing while it still sends would take the answer away."""
        super().finish()
        with suppress(OSError):
            self.connection.shutdown(socket.SHUT_WR)
            rest = _TimedReader(self.connection, FAREWELL_SECONDS)
            while rest.read(io.DEFAULT_BUFFER_SIZE):
                pass

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - http.server's signature
        """Say nothing: the terminal is for the tree."""

    def _refuse(self, refusal: Refusal, encoding: Encoding | None = None) -> None:
        self._notices.say(refusal.sentence)
        if encoding is None:
            self._answer(refusal.status, "text/plain; charset=utf-8", f"{refusal.sentence}\n".encode())
        else:
            self._answer(refusal.status, encoding.content_type, status_body(encoding, refusal.sentence))

    def _answer(self, status: int, content_type: str, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(body)


class _Server(ThreadingTCPServer):
    """A thread for each connection, up to the limit."""

    allow_reuse_address = sys.platform != "win32"  # there it would let two programs share the port
    request_queue_size = 128
    daemon_threads = True

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self._places = threading.BoundedSemaphore(CONNECTIONS_MAX)

    def process_request(self, request: Any, client_address: Any) -> None:
        if self._places.acquire(blocking=False):
            super().process_request(request, client_address)
            return
        with suppress(OSError):
            request.send(BUSY)
        self.shutdown_request(request)

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        try:
            super().process_request_thread(request, client_address)
        finally:
            self._places.release()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away or was too slow is no fault; one of ours is logged, and the receiver goes on."""
        error = sys.exc_info()[1]
        if isinstance(error, Exception) and not isinstance(error, OSError):
            log_once("otel_responses.cli.receiver", error)
