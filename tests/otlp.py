"""A small OTLP/HTTP receiver on loopback: what the real exporters really sent."""

from __future__ import annotations

import gzip
import threading
from collections.abc import Generator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

MESSAGES: dict[str, Any] = {
    "/v1/traces": ExportTraceServiceRequest,
    "/v1/metrics": ExportMetricsServiceRequest,
    "/v1/logs": ExportLogsServiceRequest,
}


class Received:
    """The requests, decoded, and views of them."""

    def __init__(self) -> None:
        self.requests: list[tuple[str, dict[str, str], Any]] = []
        self.url = ""

    @property
    def paths(self) -> set[str]:
        return {path for path, _, _ in self.requests}

    @property
    def spans(self) -> list[Any]:
        return [span for scope in self._scopes("/v1/traces", "resource_spans", "scope_spans") for span in scope.spans]

    @property
    def metrics(self) -> list[Any]:
        scopes = self._scopes("/v1/metrics", "resource_metrics", "scope_metrics")
        return [metric for scope in scopes for metric in scope.metrics]

    @property
    def logs(self) -> list[Any]:
        return [log for scope in self._scopes("/v1/logs", "resource_logs", "scope_logs") for log in scope.log_records]

    def resource(self) -> dict[str, str]:
        [name] = {field.name for field, _ in self.requests[0][2].ListFields()}
        return attributes(getattr(self.requests[0][2], name)[0].resource)

    def _scopes(self, path: str, resources: str, scopes: str) -> list[Any]:
        messages = [message for sent_to, _, message in self.requests if sent_to == path]
        return [
            scope for message in messages for part in getattr(message, resources) for scope in getattr(part, scopes)
        ]


def attributes(record: Any) -> dict[str, Any]:
    return {item.key: getattr(item.value, item.value.WhichOneof("value")) for item in record.attributes}


@contextmanager
def receiver() -> Generator[Received]:
    received = Received()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            if self.headers.get("content-encoding") == "gzip":
                body = gzip.decompress(body)
            headers = {name.lower(): value for name, value in self.headers.items()}
            received.requests.append((self.path, headers, MESSAGES[self.path].FromString(body)))
            self.send_response(200)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class's name
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        received.url = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield received
        finally:
            server.shutdown()
            thread.join()
