"""OTLP's messages: which path takes which, in protobuf or JSON, and how they are answered."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from google.protobuf import json_format
from google.protobuf.message import DecodeError, Message
from google.rpc.status_pb2 import Status
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest, ExportLogsServiceResponse
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import (
    ExportMetricsServiceRequest,
    ExportMetricsServiceResponse,
)
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
    ExportTraceServiceResponse,
)

from otel_responses.cli.body import Refusal
from otel_responses.cli.telemetry import Telemetry

__all__ = ["GRPC_SENTENCE", "Encoding", "encoding_of", "receive", "signal_of", "status_body"]

GRPC_SENTENCE = (
    "This port speaks OTLP over HTTP, and a program called it with gRPC. "
    "Set OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf for that program."
)


@dataclass(frozen=True, slots=True)
class Encoding:
    """One of the two forms of OTLP over HTTP. `decode` fills the message it is given; any exception means bad data."""

    content_type: str
    decode: Callable[[bytes, Message], object]
    encode: Callable[[Message], bytes]


def _decode_json(body: bytes, message: Message) -> object:
    # OTLP's JSON has ids in hexadecimal, protobuf's reads them as base64: other bytes, but still one id for one span.
    return json_format.Parse(body, message, ignore_unknown_fields=True)


ENCODINGS = {
    encoding.content_type: encoding
    for encoding in (
        Encoding(
            "application/x-protobuf",
            decode=lambda body, message: message.ParseFromString(body),
            encode=lambda message: message.SerializeToString(),
        ),
        Encoding(
            "application/json",
            decode=_decode_json,
            encode=lambda message: json_format.MessageToJson(message, indent=None).encode(),
        ),
    )
}


@dataclass(frozen=True, slots=True)
class Signal:
    """What is sent to one path, what is answered, and who takes it."""

    request: type[Message]
    response: type[Message]
    add: Callable[[Telemetry, Any], None]


SIGNALS = {
    "/v1/traces": Signal(ExportTraceServiceRequest, ExportTraceServiceResponse, Telemetry.add_traces),
    "/v1/metrics": Signal(ExportMetricsServiceRequest, ExportMetricsServiceResponse, Telemetry.add_metrics),
    "/v1/logs": Signal(ExportLogsServiceRequest, ExportLogsServiceResponse, Telemetry.add_logs),
}


def signal_of(path: str) -> Signal:
    """The signal of a path; `Refusal` (404) for another path."""
    signal = SIGNALS.get(path.partition("?")[0].rstrip("/"))
    if signal is None:
        raise Refusal(404, f"There is nothing at {path[:80]!r}; OTLP goes to {', '.join(SIGNALS)}.")
    return signal


def encoding_of(content_type: str) -> Encoding:
    """The encoding of a content type without parameters; `Refusal` (415) for another one."""
    if content_type.startswith("application/grpc"):
        raise Refusal(415, GRPC_SENTENCE)
    if content_type not in ENCODINGS:
        raise Refusal(415, f"Content-Type {content_type[:40]!r} is not known here; these are: {', '.join(ENCODINGS)}.")
    return ENCODINGS[content_type]


def receive(signal: Signal, encoding: Encoding, body: bytes, telemetry: Telemetry) -> bytes:
    """Take one export and give the body of its answer; `Refusal` (400) where the body is no such message."""
    message = signal.request()
    try:
        encoding.decode(body, message)
    except (json_format.ParseError, DecodeError, ValueError, TypeError, AttributeError, RecursionError) as error:
        raise Refusal(400, f"The body is no {signal.request.__name__} in {encoding.content_type}.") from error
    signal.add(telemetry, message)
    return encoding.encode(signal.response())


def status_body(encoding: Encoding, sentence: str) -> bytes:
    """A `google.rpc.Status`, which OTLP wants as the body of a refusal."""
    return encoding.encode(Status(message=sentence))
