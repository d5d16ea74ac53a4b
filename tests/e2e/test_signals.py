"""All three signals: where each goes, in which form, and that it is accepted where there is no place for it."""

from __future__ import annotations

from pathlib import Path

import pytest
from opentelemetry.exporter.otlp.proto.http._log_exporter import OTLPLogExporter
from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
from opentelemetry.sdk._logs import LoggerProvider
from opentelemetry.sdk._logs.export import BatchLogRecordProcessor
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import PeriodicExportingMetricReader

from tests.e2e.pipeline import Pipeline, pipeline
from tests.otlp import attributes, receiver

DETAILS = "gen_ai.client.inference.operation.details"
MESSAGES = [{"role": "user", "parts": [{"type": "text", "content": "Hello!"}]}]


def send_metrics_and_logs(sides: Pipeline, caplog: pytest.LogCaptureFixture) -> None:
    """From a real SDK; a refusal would be in its log."""
    reader = PeriodicExportingMetricReader(OTLPMetricExporter(endpoint=f"{sides.collector.endpoint}/v1/metrics"))
    meters = MeterProvider([reader], shutdown_on_exit=False)
    meters.get_meter("otel_responses").create_histogram("gen_ai.client.operation.duration").record(0.5)
    meters.shutdown()
    loggers = LoggerProvider(shutdown_on_exit=False)
    loggers.add_log_record_processor(
        BatchLogRecordProcessor(OTLPLogExporter(endpoint=f"{sides.collector.endpoint}/v1/logs"))
    )
    logger = loggers.get_logger("otel_responses")
    logger.emit(event_name=DETAILS, attributes={"gen_ai.operation.name": "chat", "gen_ai.input.messages": MESSAGES})
    loggers.shutdown()
    assert [record.message for record in caplog.records if record.levelname in {"WARNING", "ERROR"}] == []


def test_metrics_and_logs_are_accepted_where_nothing_takes_them(
    otelcol: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
):
    with pipeline(otelcol, tmp_path) as sides:
        send_metrics_and_logs(sides, caplog)
        assert sides.metric("otelcol_receiver_accepted_metric_points") == 1
        assert sides.metric("otelcol_receiver_accepted_log_records") == 1


def test_metrics_go_to_prometheus_and_log_events_to_loki(
    otelcol: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
):
    with receiver() as ends:
        environ = {"OTEL_RESPONSES_PROMETHEUS_ENDPOINT": ends.url, "OTEL_RESPONSES_LOKI_ENDPOINT": ends.url}
        with pipeline(otelcol, tmp_path, "prometheus", "loki", environ=environ) as sides:
            send_metrics_and_logs(sides, caplog)
            sides.wait(lambda: ends.paths == {"/v1/metrics", "/v1/logs"})
        assert [metric.name for metric in ends.metrics] == ["gen_ai.client.operation.duration"]
        [event] = ends.logs
        assert attributes(event) == {"event.name": DETAILS, "gen_ai.operation.name": "chat"}
        [content] = event.body.kvlist_value.values
        assert content.key == "gen_ai.input.messages"
        assert "Hello!" in str(content.value)
