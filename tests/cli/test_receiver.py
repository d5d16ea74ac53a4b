from __future__ import annotations

import gzip
import http.client
import json
import logging
import re
import socket
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from google.protobuf.json_format import MessageToJson
from google.protobuf.message import Message
from google.rpc.status_pb2 import Status
from hypothesis import HealthCheck, given, settings, strategies as st
from opentelemetry.exporter.otlp.proto.http import Compression
from opentelemetry.exporter.otlp.proto.http._log_exporter import OTLPLogExporter
from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
    ExportTraceServiceResponse,
)
from opentelemetry.sdk._logs import LoggerProvider
from opentelemetry.sdk._logs.export import SimpleLogRecordProcessor
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import PeriodicExportingMetricReader
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor

from otel_responses.cli import body, receiver
from otel_responses.cli.receiver import PortError, receiving
from otel_responses.cli.telemetry import Telemetry
from tests.cli.messages import span, traces

PROTOBUF, JSON = "application/x-protobuf", "application/json"
GRPC_PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
SECONDS = 30.0


@dataclass
class Running:
    """A receiver that runs: what it took, what it said, and a way to call it."""

    endpoint: str
    telemetry: Telemetry
    notices: list[str]

    @property
    def port(self) -> int:
        return int(self.endpoint.rpartition(":")[2])

    def labels(self) -> list[str]:
        return [call.label for call in self.telemetry.arrived().calls]

    def request(self, method: str, path: str, content: bytes | None = None, **headers: str) -> tuple[int, str, bytes]:
        """Status, content type and body; a header's name is written with _ for each hyphen."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=SECONDS)
        connection.request(method, path, content, {name.replace("_", "-"): value for name, value in headers.items()})
        response = connection.getresponse()
        try:
            return response.status, response.headers["Content-Type"], response.read()
        finally:
            connection.close()

    def post(
        self, content: bytes, content_type: str = PROTOBUF, path: str = "/v1/traces", **headers: str
    ) -> tuple[int, str, bytes]:
        return self.request("POST", path, content, Content_Type=content_type, **headers)

    def talk(self, *sent: bytes, finish: bool = True) -> bytes:
        """Everything that is answered to some bytes."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=SECONDS) as connection:
            for some in sent:
                connection.sendall(some)
            if finish:
                connection.shutdown(socket.SHUT_WR)
            with connection.makefile("rb") as answer:
                return answer.read()

    def is_well(self) -> bool:
        status, _, _ = self.post(traces(span("still there")).SerializeToString())
        return status == 200


@pytest.fixture
def running() -> Iterator[Running]:
    telemetry, notices = Telemetry(), list[str]()
    with receiving(telemetry, port=0, notify=notices.append) as endpoint:
        yield Running(endpoint, telemetry, notices)


@pytest.mark.parametrize("compression", [Compression.NoCompression, Compression.Gzip, Compression.Deflate])
def test_spans_of_the_real_exporter(running: Running, compression: Compression):
    provider = TracerProvider(shutdown_on_exit=False)
    exporter = OTLPSpanExporter(f"{running.endpoint}/v1/traces", compression=compression)
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    tracer = provider.get_tracer("any.scope")
    with tracer.start_as_current_span("GET"):
        tracer.start_span("chat gpt-4.1", attributes={"gen_ai.operation.name": "chat"}).end()
    provider.shutdown()

    assert running.labels() == ["chat gpt-4.1"]
    assert running.telemetry.arrived().other_spans == 1


def test_metrics_of_the_real_exporter(running: Running):
    reader = PeriodicExportingMetricReader(OTLPMetricExporter(f"{running.endpoint}/v1/metrics"), 60_000)
    provider = MeterProvider([reader], shutdown_on_exit=False)
    provider.get_meter("any.scope").create_histogram("gen_ai.client.operation.duration", "s").record(1.5)
    provider.shutdown()

    assert [(metric.name, metric.total) for metric in running.telemetry.arrived().metrics] == [
        ("gen_ai.client.operation.duration", 1.5)
    ]


def test_log_records_of_the_real_exporter(running: Running):
    provider = LoggerProvider(shutdown_on_exit=False)
    provider.add_log_record_processor(SimpleLogRecordProcessor(OTLPLogExporter(f"{running.endpoint}/v1/logs")))
    provider.get_logger("any.scope").emit(body="hello")
    provider.shutdown()

    assert running.telemetry.arrived().log_records == 1


def test_protobuf_is_answered_with_protobuf(running: Running):
    status, content_type, answer = running.post(traces(span()).SerializeToString())
    assert (status, content_type) == (200, PROTOBUF)
    assert ExportTraceServiceResponse.FromString(answer) == ExportTraceServiceResponse()


def test_json_is_answered_with_json(running: Running):
    message = json.loads(MessageToJson(traces(span("chat one"), span("chat two"))))
    spans = message["resourceSpans"][0]["scopeSpans"][0]["spans"]
    for number, each in enumerate(spans):  # OTLP's JSON has hexadecimal ids
        each["traceId"], each["spanId"] = "0af7651916cd43dd8448eb211c80319c", f"b7ad6b716920333{number}"
    spans[0]["aFieldOfTheFuture"] = True
    sent = json.dumps(message).encode()

    for _ in range(2):  # an exporter that repeats itself is no second call
        assert running.post(sent, "application/json; charset=utf-8") == (200, JSON, b"{}")
    assert running.labels() == ["chat one", "chat two"]


@pytest.mark.parametrize(
    ("content", "content_type", "message"),
    [
        pytest.param(
            b"\xff\xff\xff", PROTOBUF, "no ExportTraceServiceRequest in application/x-protobuf", id="protobuf"
        ),
        pytest.param(b"{", JSON, "no ExportTraceServiceRequest in application/json", id="json"),
        pytest.param(b"[1]", JSON, "no ExportTraceServiceRequest", id="json-list"),
        pytest.param(b"\xff", JSON, "no ExportTraceServiceRequest", id="json-encoding"),
        pytest.param(b"[" * 100_000, JSON, "no ExportTraceServiceRequest", id="json-depth"),
        pytest.param(
            b'{"resourceSpans": [{"scopeSpans": [{"spans": [{"name": "\\ud800"}]}]}]}',
            JSON,
            "no Export",
            id="json-surrogate",
        ),
    ],
)
def test_bad_data_is_answered_with_a_status_message(running: Running, content: bytes, content_type: str, message: str):
    status, answered_type, answer = running.post(content, content_type)
    text = json.loads(answer)["message"] if content_type == JSON else Status.FromString(answer).message
    assert (status, answered_type) == (400, content_type)
    assert message in text
    assert running.is_well()


@pytest.mark.parametrize(
    ("expected", "sentence", "request_"),
    [
        pytest.param(404, "There is nothing at '/'", {"path": "/"}, id="no-path"),
        pytest.param(404, "'/v1/traces/v1/traces'; OTLP goes to", {"path": "/v1/traces/v1/traces"}, id="double-path"),
        pytest.param(415, "Content-Type 'text/plain'", {"content_type": "text/plain"}, id="content-type"),
        pytest.param(
            415, "Set OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf", {"content_type": "application/grpc"}, id="grpc"
        ),
        pytest.param(415, "Content-Encoding 'zstd'", {"Content_Encoding": "zstd"}, id="content-encoding"),
        pytest.param(413, "larger than", {"Content_Length": str(body.BODY_MAX + 1)}, id="large"),
    ],
)
def test_what_is_refused_is_said_to_the_program_and_once_on_the_terminal(
    running: Running, expected: int, sentence: str, request_: dict[str, Any]
):
    for _ in range(2):
        status, _, answer = running.post(b"", **request_)
        assert status == expected
        assert sentence in answer.decode()
    assert [sentence in notice for notice in running.notices] == [True]
    assert running.is_well()


def test_a_path_may_end_in_a_slash_or_have_a_query(running: Running):
    for path in ("/v1/traces/", "/v1/traces?key=value"):
        assert running.post(traces(span()).SerializeToString(), path=path)[0] == 200
    assert len(running.labels()) == 2


def test_a_browser_is_told_what_this_is(running: Running):
    status, _, answer = running.request("GET", "/")
    assert status == 405
    assert b"OTLP receiver" in answer
    assert running.request("DELETE", "/v1/traces")[0] == 501


def test_a_large_body_that_is_refused_still_gets_its_answer(running: Running):
    status, _, _ = running.post(bytes(5_000_000), "text/plain")
    assert status == 415


def test_a_body_in_chunks_and_a_client_that_waits_for_leave(running: Running):
    content = gzip.compress(traces(span("chat chunked")).SerializeToString())
    head = b"POST /v1/traces HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-protobuf\r\nContent-Encoding: gzip\r\n"
    chunks = b"%x\r\n%b\r\n0\r\n\r\n" % (len(content), content)
    answer = running.talk(head + b"Expect: 100-continue\r\nTransfer-Encoding: chunked\r\n\r\n", chunks)
    assert re.findall(rb"^HTTP/1.1 (\d+)", answer, re.MULTILINE) == [b"100", b"200"]
    assert running.labels() == ["chat chunked"]


def test_a_grpc_client_is_told_which_variable_to_set(running: Running):
    for _ in range(2):
        answer = running.talk(GRPC_PREFACE + b"\x00\x00\x00\x04\x00\x00\x00\x00\x00", finish=False)
        assert answer.startswith(b"HTTP/1.1 505 ")
        assert b"OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf" in answer
    assert [
        notice for notice in running.notices if "OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf" in notice
    ] == running.notices
    assert len(running.notices) == 1


def test_a_tls_client_is_told_to_use_http(running: Running):
    assert b"begin with http://" in running.talk(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", finish=False)


@pytest.mark.parametrize(
    "sent",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"\r\n\r\n", id="blank-lines"),
        pytest.param(b"hello", id="no-line"),
        pytest.param(b"\x00" * 1000 + b"\n", id="zeros"),
        pytest.param(b"GET " + b"/" * 70_000 + b" HTTP/1.1\r\n\r\n", id="long-line"),
        pytest.param(b"POST /v1/traces HTTP/1.1\r\n" + b"A: b\r\n" * 500, id="many-headers"),
        pytest.param(b"POST /v1/traces HTTP/9.9\r\n\r\n", id="future-version"),
        pytest.param(
            b"POST /v1/traces HTTP/1.1\r\nContent-Length: 5\r\nContent-Type: application/json\r\n\r\n{", id="cut-body"
        ),
        pytest.param(b"POST //[ HTTP/1.1\r\n\r\n", id="no-url"),
    ],
)
def test_garbage_does_no_harm(running: Running, sent: bytes):
    running.talk(sent)
    assert running.is_well()


def test_the_terminal_is_not_flooded_with_notices(running: Running):
    for number in range(30):
        running.post(b"", path=f"/\x1b{number}".encode().decode("latin-1").replace("\x1b", "%1b"))
    assert len(running.notices) == 20


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    head=st.sampled_from([b"", b"POST ", b"POST /v1/traces HTTP/1.1\r\n", b"PRI * HTTP/2.0\r\n\r\n", b"\x16\x03"]),
    sent=st.binary(max_size=400),
)
def test_any_bytes_do_no_harm(running: Running, head: bytes, sent: bytes):
    running.talk(head + sent)
    assert running.is_well()


any_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["resourceSpans", "scopeSpans", "spans", "attributes", "key", "value", "stringValue", "name"]
            ),
            inner,
            max_size=3,
        )
    ),
    max_leaves=12,
)


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(any_json)
def test_any_json_is_taken_or_refused(running: Running, content: Any):
    status, content_type, answer = running.post(json.dumps(content).encode(), JSON)
    assert (status in {200, 400}, content_type) == (True, JSON)
    assert isinstance(json.loads(answer), dict)


def test_a_slow_client_is_left_when_its_time_is_up(monkeypatch: pytest.MonkeyPatch, running: Running):
    monkeypatch.setattr(receiver, "REQUEST_SECONDS", 0.2)
    assert running.talk(finish=False) == b""
    assert running.talk(b"POST /v1/tra", finish=False) == b""
    head = b"POST /v1/traces HTTP/1.1\r\nContent-Type: application/json\r\nContent-Length: 50\r\n\r\n{"
    assert running.talk(head, finish=False) == b""
    monkeypatch.undo()
    assert running.is_well()


def test_a_client_that_is_gone_leaves_no_trace(running: Running, capfd: pytest.CaptureFixture[str]):
    for _ in range(5):
        with socket.create_connection(("127.0.0.1", running.port), timeout=SECONDS) as connection:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\x00\x00\x00\x00\x00\x00\x00")
            connection.sendall(b"POST /v1/traces HTTP/1.1\r\n")
    assert running.is_well()
    assert capfd.readouterr().err == ""


def test_a_fault_of_ours_is_logged_and_the_receiver_goes_on(running: Running, caplog: pytest.LogCaptureFixture):
    del running.telemetry._calls
    assert running.talk(_request(traces(span()))) == b""
    running.telemetry._calls = {}
    assert running.is_well()
    deadline = time.monotonic() + SECONDS
    while not caplog.messages and time.monotonic() < deadline:
        time.sleep(0.01)
    assert "failed with AttributeError in otel_responses.cli.receiver" in caplog.text


def _request(message: Message) -> bytes:
    content = message.SerializeToString()
    return b"POST /v1/traces HTTP/1.1\r\nContent-Type: application/x-protobuf\r\nContent-Length: %d\r\n\r\n%b" % (
        len(content),
        content,
    )


def test_more_connections_than_there_are_places_for_are_told_to_come_back(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(receiver, "CONNECTIONS_MAX", 1)
    telemetry = Telemetry()
    with receiving(telemetry, port=0, notify=print) as endpoint:
        running = Running(endpoint, telemetry, [])
        with socket.create_connection(("127.0.0.1", running.port), timeout=SECONDS) as first:
            first.sendall(b"POST ")
            answer = running.talk(finish=False)
            first.shutdown(socket.SHUT_WR)
            first.recv(1000)
    assert answer.startswith(b"HTTP/1.1 503 ")
    assert b"Retry-After: 1\r\n" in answer


def test_the_port_is_free_again_at_once():
    with receiving(Telemetry(), port=0, notify=print) as endpoint:
        port = int(endpoint.rpartition(":")[2])
    with receiving(Telemetry(), port=port, notify=print) as again:
        assert again == endpoint


def test_only_loopback_is_listened_on(running: Running):
    assert running.endpoint.startswith("http://127.0.0.1:")


def test_a_taken_port_is_a_plain_sentence(running: Running):
    with pytest.raises(
        PortError, match=rf"Port {running.port} on 127.0.0.1 is taken, .* Choose another one with --port"
    ):
        with receiving(Telemetry(), port=running.port, notify=print):
            pass


def test_the_reason_of_another_failure_is_the_system_s_own():
    assert "cannot be used (No such device)" in str(PortError(1, OSError(19, "No such device")))
    assert "needs rights" in str(PortError(1, PermissionError(13, "Permission denied")))


def test_the_exporter_of_a_program_with_a_wrong_path_is_named(running: Running, caplog: pytest.LogCaptureFixture):
    caplog.set_level(logging.CRITICAL + 1)
    provider = TracerProvider(shutdown_on_exit=False)
    provider.add_span_processor(SimpleSpanProcessor(OTLPSpanExporter(running.endpoint)))
    provider.get_tracer("any").start_span("chat").end()
    provider.shutdown()
    assert running.notices == ["There is nothing at '/'; OTLP goes to /v1/traces, /v1/metrics, /v1/logs."]


def test_a_message_of_half_a_megabyte_is_taken(running: Running):
    many = ExportTraceServiceRequest()
    many.CopyFrom(traces(*(span(note="x" * 1000) for _ in range(500))))
    assert running.post(gzip.compress(many.SerializeToString()), Content_Encoding="gzip")[0] == 200
    assert len(running.labels()) == 500
