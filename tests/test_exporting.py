from __future__ import annotations

import logging
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from queue import SimpleQueue
from typing import Any, cast

import pytest
from opentelemetry import _logs, metrics, trace
from opentelemetry._logs import LogRecord
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.trace import SpanProcessor, TracerProvider

from otel_responses import _open_calls, exporting
from otel_responses.stamping import SessionSpanProcessor
from tests.otlp import Received, attributes, receiver
from tests.providers import providers_set, unset_providers

ALL = ("traces", "metrics", "logs")


@pytest.fixture(autouse=True)
def collector(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> Iterator[Received]:
    caplog.set_level(logging.WARNING)
    for name in [name for name in os.environ if name.startswith("OTEL_")]:
        monkeypatch.delenv(name)
    with receiver() as received, unset_providers():
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", received.url)
        yield received


def record_and_flush() -> None:
    """One span, one metric and one log record, in the ways of a program that knows nothing of us."""
    providers: list[Any] = [trace.get_tracer_provider(), metrics.get_meter_provider(), _logs.get_logger_provider()]
    trace.get_tracer("test").start_span("a span").end()
    metrics.get_meter("test").create_counter("a.counter").add(1)
    _logs.get_logger("test").emit(LogRecord(timestamp=1, body="a record", event_name="an.event"))
    for provider in providers:
        if hasattr(provider, "force_flush"):
            provider.force_flush()


def test_every_signal_leaves_over_otlp(collector: Received, caplog: pytest.LogCaptureFixture):
    exporting.set_up(ALL)
    record_and_flush()
    assert providers_set() == {"traces", "metrics", "logs"}
    assert [span.name for span in collector.spans] == ["a span"]
    assert [metric.name for metric in collector.metrics] == ["a.counter"]
    assert [record.event_name for record in collector.logs] == ["an.event"]
    assert caplog.messages == []


@pytest.mark.parametrize("signal", ALL)
def test_only_the_named_signals_are_set_up(signal: str, collector: Received):
    exporting.set_up([signal])
    record_and_flush()
    assert providers_set() == {signal}
    assert collector.paths == {f"/v1/{signal}"}


def test_the_standard_variables_hold(collector: Received, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("OTEL_SERVICE_NAME", "planner")
    monkeypatch.setenv("OTEL_RESOURCE_ATTRIBUTES", "team=travel")
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_TRACES_HEADERS", "x-key=for-traces")
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_COMPRESSION", "gzip")
    exporting.set_up(["traces"])
    record_and_flush()
    [(_, headers, _)] = collector.requests
    assert collector.resource().items() >= {"service.name": "planner", "team": "travel"}.items()
    assert (headers["x-key"], headers["content-encoding"]) == ("for-traces", "gzip")


def test_the_sampler_of_the_environment_decides(collector: Received, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("OTEL_TRACES_SAMPLER", "always_off")
    exporting.set_up(["traces"])
    record_and_flush()
    assert collector.requests == []


def test_a_signal_has_an_endpoint_of_its_own(collector: Received, monkeypatch: pytest.MonkeyPatch):
    with receiver() as other:
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_METRICS_ENDPOINT", f"{other.url}/v1/metrics")
        exporting.set_up(ALL)
        record_and_flush()
        cast("MeterProvider", metrics.get_meter_provider()).shutdown()
    assert collector.paths == {"/v1/traces", "/v1/logs"}
    assert other.paths == {"/v1/metrics"}


@pytest.mark.parametrize("signal", ALL)
@pytest.mark.parametrize("value", ["none", " None "])
def test_none_leaves_the_signal_without_a_provider(signal: str, value: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv(f"OTEL_{signal.upper()}_EXPORTER", value)
    exporting.set_up(ALL)
    assert providers_set() == set(ALL) - {signal}


def test_an_unknown_exporter_exports_nothing_and_is_reported(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
):
    monkeypatch.setenv("OTEL_TRACES_EXPORTER", "zipkin")
    exporting.set_up(["traces"])
    exporting.set_up(["traces"])
    assert providers_set() == set()
    assert caplog.messages == [
        "OTEL_TRACES_EXPORTER has 'zipkin', which export=True does not know. Allowed: otlp, console, none. traces do not go there"
    ]


def test_beside_an_unknown_exporter_the_known_one_works(
    collector: Received, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
):
    monkeypatch.setenv("OTEL_TRACES_EXPORTER", "zipkin, otlp")
    exporting.set_up(["traces"])
    record_and_flush()
    assert collector.paths == {"/v1/traces"}
    assert len(caplog.messages) == 1


def test_the_console_exporter_prints_each_signal():
    program = """
from opentelemetry import metrics, trace
from otel_responses import exporting
exporting.set_up(["traces", "metrics"])
trace.get_tracer("test").start_span("a span").end()
metrics.get_meter("test").create_counter("a.counter").add(1)
"""
    environ = {**os.environ, "OTEL_TRACES_EXPORTER": "console", "OTEL_METRICS_EXPORTER": "console"}
    done = subprocess.run([sys.executable, "-c", program], env=environ, capture_output=True, text=True, check=True)
    assert '"name": "a span"' in done.stdout
    assert '"name": "a.counter"' in done.stdout
    assert done.stderr == ""


def test_everything_is_flushed_when_the_program_ends(collector: Received):
    program = """
from opentelemetry import _logs, metrics, trace
from opentelemetry._logs import LogRecord
from otel_responses import exporting
exporting.set_up(["traces", "metrics", "logs"])
trace.get_tracer("test").start_span("a span").end()
metrics.get_meter("test").create_counter("a.counter").add(1)
_logs.get_logger("test").emit(LogRecord(timestamp=1, body="a record"))
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert collector.paths == {"/v1/traces", "/v1/metrics", "/v1/logs"}
    assert done.stderr == ""


def test_logs_of_the_program_are_left_alone():
    root = logging.getLogger()
    before = list(root.handlers)
    exporting.set_up(ALL)
    assert root.handlers == before


NO_GRPC = (
    "OTEL_EXPORTER_OTLP_PROTOCOL asks for grpc, whose exporter is not installed. http/protobuf is used instead, so the "
    "endpoint has to be one for HTTP (port 4318). For gRPC: pip install 'otel-responses[otlp-all]'"
)


@pytest.mark.parametrize(
    ("variables", "messages"),
    [
        ({"OTEL_EXPORTER_OTLP_PROTOCOL": "http/protobuf"}, []),
        ({"OTEL_EXPORTER_OTLP_PROTOCOL": ""}, []),
        ({"OTEL_EXPORTER_OTLP_PROTOCOL": "grpc"}, [NO_GRPC]),
        ({"OTEL_EXPORTER_OTLP_TRACES_PROTOCOL": "grpc"}, [NO_GRPC]),
        ({"OTEL_EXPORTER_OTLP_PROTOCOL": "grpc", "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL": "http/protobuf"}, []),
        (
            {"OTEL_EXPORTER_OTLP_PROTOCOL": "http/json"},
            [
                (
                    "OTEL_EXPORTER_OTLP_PROTOCOL is 'http/json', which is not allowed. Allowed: http/protobuf, grpc. "
                    "http/protobuf is used instead"
                )
            ],
        ),
    ],
    ids=str,
)
def test_without_the_grpc_exporter_it_is_http_whatever_the_protocol(
    variables: dict[str, str],
    messages: list[str],
    collector: Received,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
):
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    exporting.set_up(["traces"])
    record_and_flush()
    assert collector.paths == {"/v1/traces"}
    assert caplog.messages == messages


def test_the_grpc_exporter_is_used_where_it_is_installed(install_beside: Callable[..., dict[str, str]]):
    environ = install_beside("opentelemetry-exporter-otlp-proto-grpc", "grpcio")
    program = """
from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter
from otel_responses import exporting
[exporter] = exporting._exporters("traces")
print(type(exporter) is OTLPSpanExporter)
exporter.shutdown()
"""
    environ |= {"OTEL_EXPORTER_OTLP_PROTOCOL": "grpc", "OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:9"}
    done = subprocess.run([sys.executable, "-c", program], env=environ, capture_output=True, text=True, check=True)
    assert done.stdout == "True\n"
    assert done.stderr == ""


def test_an_exporter_that_is_registered_and_cannot_be_imported_counts_as_not_installed(
    collector: Received, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
):
    info = tmp_path / "half_installed-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: half-installed\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[opentelemetry_traces_exporter]\notlp_proto_grpc = not_there:Exporter\n")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc")
    exporting.set_up(["traces"])
    record_and_flush()
    assert collector.paths == {"/v1/traces"}
    assert caplog.messages == [NO_GRPC]


def no_entry_points(**selection: str) -> list[Any]:
    return []


def test_without_any_otlp_exporter_it_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
):
    monkeypatch.setattr(exporting, "entry_points", no_entry_points)
    exporting.set_up(ALL)
    assert providers_set() == set()
    assert caplog.messages == [
        "Nothing is exported: there is no OTLP exporter. Install one with: pip install 'otel-responses[otlp]'"
    ]


def test_a_signal_whose_settings_the_exporter_refuses_does_not_take_the_others_along(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
):
    monkeypatch.setenv("OTEL_PYTHON_EXPORTER_OTLP_HTTP_METRICS_CREDENTIAL_PROVIDER", "a secret")
    exporting.set_up(ALL)
    assert providers_set() == {"traces", "logs"}
    assert caplog.messages == [
        "metrics are not exported: OTLPMetricExporter refused its settings (OTEL_EXPORTER_OTLP_*) with RuntimeError"
    ]


def test_settings_that_the_sdk_refuses_raise_nothing(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture):
    monkeypatch.setenv("OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT", "many")
    exporting.set_up(ALL)
    assert providers_set() == {"metrics", "logs"}
    assert "otel_responses.exporting._set_up" in caplog.text
    assert "many" not in caplog.text


def test_given_span_processors_come_before_the_exporters(collector: Received):
    class Stamp(SpanProcessor):
        def on_start(self, span: Any, parent_context: Any = None) -> None:
            span.set_attribute("stamped", "yes")

        def force_flush(self, timeout_millis: int = 30_000) -> bool:
            return True  # SDK 1.38 returns None here

    exporting.set_up(["traces"], span_processors=[Stamp(), SessionSpanProcessor()])
    record_and_flush()
    assert [attributes(span) for span in collector.spans] == [{"stamped": "yes"}]


@pytest.mark.parametrize("method", ["force_flush", "shutdown"])
def test_calls_that_were_dropped_end_before_a_flush_and_before_a_shutdown(method: str, monkeypatch: pytest.MonkeyPatch):
    settled: list[bool] = []

    class Dropped:
        def settle(self) -> None:
            settled.append(True)

    queue: SimpleQueue[Any] = SimpleQueue()
    monkeypatch.setattr(_open_calls, "_drainer", None)
    monkeypatch.setattr(_open_calls, "_dropped", queue)
    exporting.set_up(["traces"])
    queue.put(Dropped())
    provider = trace.get_tracer_provider()
    assert isinstance(provider, TracerProvider)
    getattr(provider, method)()
    assert settled == [True]
