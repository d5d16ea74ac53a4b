"""With redact.yaml no text of a prompt, an answer or an error leaves on any side."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import httpx
import pytest
from google.protobuf import json_format
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest

from tests.e2e.pipeline import Pipeline, pipeline
from tests.e2e.spans import Recording, answer, call, message, text
from tests.otlp import Received, receiver

SECRET = "canary"
SESSION = {"helicone__session__id": "s", "helicone__property__plan": "free"}


def secret_spans() -> Recording:
    recording = Recording()
    contents: dict[str, Any] = {
        "input": [message("user", text(SECRET))],
        "output": [answer(text(SECRET))],
        "system": [text(SECRET)],
        "gen_ai__tool__definitions": SECRET,
        "gen_ai__tool__call__arguments": SECRET,
        "gen_ai__tool__call__result": SECRET,
        "gen_ai__prompt__variable__city": SECRET,
        "gen_ai__prompt__0__content": SECRET,
        "gen_ai__completion__0__content": SECRET,
        "exception__message": SECRET,
        "input__value": SECRET,
        "llm__input_messages__0__message__content": SECRET,
        "traceloop__entity__output": SECRET,
    }
    recording.add(call("plain", **contents, **SESSION))
    recording.add(call("failed", **contents, **SESSION, error__type="429"), error=SECRET)
    with recording.tracer.start_as_current_span("chat", attributes=call("events", **SESSION)) as span:
        span.add_event("gen_ai.user.message", {"content": SECRET, "gen_ai.prompt": SECRET})
        span.add_event("retry", {"n": 1})
        span.record_exception(ValueError(SECRET))
    return recording


def secret_logs() -> ExportLogsServiceRequest:
    secret = {"stringValue": SECRET}
    structured = {"arrayValue": {"values": [{"kvlistValue": {"values": [{"key": "content", "value": secret}]}}]}}
    details = [
        {"key": "gen_ai.input.messages", "value": structured},
        {"key": "gen_ai.output.messages", "value": structured},
        {"key": "gen_ai.system_instructions", "value": structured},
        {"key": "gen_ai.prompt.variable.city", "value": secret},
        {"key": "exception.message", "value": secret},
        {"key": "exception.stacktrace", "value": secret},
        {"key": "exception.type", "value": {"stringValue": "RateLimitError"}},
    ]
    records = [
        {"eventName": "gen_ai.client.inference.operation.details", "attributes": details},
        {"eventName": "gen_ai.choice", "body": structured},
        {"attributes": [{"key": "event.name", "value": {"stringValue": "gen_ai.user.message"}}], "body": secret},
        {"body": {"stringValue": "an ordinary line of the program"}},
    ]
    document = {"resourceLogs": [{"scopeLogs": [{"logRecords": records}]}]}
    return json_format.ParseDict(document, ExportLogsServiceRequest())


def run(otelcol: Path, folder: Path, *names: str) -> tuple[Pipeline, Received]:
    """Send the secrets through the Collector and wait until they, or what is left of them, have arrived."""
    with (
        receiver() as loki,
        pipeline(otelcol, folder, "loki", *names, environ={"OTEL_RESPONSES_LOKI_ENDPOINT": loki.url}) as sides,
    ):
        assert sides.post(secret_spans().request()) == 200
        logs = httpx.post(
            f"{sides.collector.endpoint}/v1/logs",
            content=secret_logs().SerializeToString(),
            headers={"content-type": "application/x-protobuf"},
            trust_env=False,
        )
        assert logs.status_code == 200
        sides.wait(lambda: len(sides.helicone.requests) == 3 and len(sides.tempo_spans()) == 3 and len(loki.logs) == 4)
    return sides, loki


@pytest.mark.parametrize("names", [("redact",), ("redact", "helicone-queue")], ids=["memory", "disk"])
def test_no_text_leaves(otelcol: Path, tmp_path: Path, names: tuple[str, ...]):
    sides, loki = run(otelcol, tmp_path, *names)
    everything = [
        sides.tempo.read_text(),
        *(json.dumps(request.span) for request in sides.helicone.requests),
        *(str(record) for record in loki.logs),
        *(path.read_bytes().decode(errors="replace") for path in tmp_path.rglob("queue/*") if path.is_file()),
    ]
    assert [text for text in everything if SECRET in text] == []


def test_everything_else_stays(otelcol: Path, tmp_path: Path):
    sides, loki = run(otelcol, tmp_path, "redact")
    by_case = {request.properties["case"]: request for request in sides.helicone.requests}
    assert by_case["plain"].properties["plan"] == "free"
    assert by_case["plain"].usage["total_tokens"] == 19
    assert by_case["failed"].choices == [{"role": "assistant", "content": "429", "finish_reason": "error"}]
    [events] = [span.events for span in sides.tempo_spans() if len(span.events) == 3]
    assert [event.name for event in events] == ["gen_ai.user.message", "retry", "exception"]
    assert loki.logs[3].body.string_value == "an ordinary line of the program"
    assert {attribute.key for attribute in loki.logs[0].attributes} == {"event.name", "exception.type"}


def test_without_it_the_texts_are_there(otelcol: Path, tmp_path: Path):
    """So the two tests above can fail."""
    sides, loki = run(otelcol, tmp_path)
    assert sides.tempo.read_text().count(SECRET) > 20
    assert any(SECRET in json.dumps(request.span) for request in sides.helicone.requests)
    assert sum(SECRET in str(record) for record in loki.logs) == 3
