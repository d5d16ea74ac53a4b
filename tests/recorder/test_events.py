from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from inline_snapshot import snapshot
from opentelemetry._logs import Logger, LogRecord, NoOpLogger
from opentelemetry.context import Context
from opentelemetry.sdk._logs import LoggerProvider
from opentelemetry.trace import set_span_in_context

from otel_responses._recorder.events import is_wanted, make_event
from otel_responses._semconv import DETAILS_EVENT, EXCEPTION_EVENT
from otel_responses.testing import Capture, capture

NOW = 1_767_225_600_000_000_000
EVENTS = pytest.mark.parametrize("name", [DETAILS_EVENT, EXCEPTION_EVENT], ids=["details", "exception"])


@pytest.fixture
def telemetry() -> Iterator[Capture]:
    with capture(fixed=True) as telemetry:
        yield telemetry


class OldLogger(Logger):
    """As loggers were before opentelemetry-api 1.45: it cannot say whether it is enabled."""

    enabled: Any = None

    def emit(self, record: LogRecord | None = None, **fields: Any) -> None:
        """Take it."""


def test_a_whole_event(telemetry: Capture):
    span = telemetry.tracer_provider.get_tracer("test").start_span("call")
    attributes = {"gen_ai.input.messages": [{"role": "user", "parts": [{"type": "text", "content": "Hi"}]}]}
    event = make_event(DETAILS_EVENT, attributes, set_span_in_context(span), NOW)
    telemetry.logger_provider.get_logger("test").emit(event)
    assert telemetry.logs() == snapshot(
        [
            {
                "event_name": "gen_ai.client.inference.operation.details",
                "severity": "DEBUG",
                "body": None,
                "attributes": {
                    "gen_ai.input.messages": [{"role": "user", "parts": [{"type": "text", "content": "Hi"}]}]
                },
                "time": 1767225600000000000,
                "trace_id": "00000000000000000000000000000001",
                "span_id": "0000000000000001",
                "scope": {"name": "test", "version": None, "schema_url": ""},
            }
        ]
    )


@pytest.mark.parametrize(
    ("name", "severity"),
    [pytest.param(DETAILS_EVENT, "DEBUG", id="details"), pytest.param(EXCEPTION_EVENT, "WARN", id="exception")],
)
def test_the_severity(name: str, severity: str, telemetry: Capture):
    telemetry.logger_provider.get_logger("test").emit(make_event(name, {}, Context(), NOW))
    assert [log["severity"] for log in telemetry.logs()] == [severity]


@EVENTS
def test_a_logger_that_somebody_listens_to_wants_events(name: str, telemetry: Capture):
    assert is_wanted(telemetry.logger_provider.get_logger("test"), name, Context()) is True


@EVENTS
def test_a_logger_that_nobody_listens_to_wants_none(name: str):
    provider = LoggerProvider(shutdown_on_exit=False)
    assert is_wanted(provider.get_logger("test"), name, Context()) is False
    assert is_wanted(NoOpLogger("test"), name, Context()) is False


@EVENTS
def test_a_logger_that_cannot_say_wants_events(name: str):
    assert is_wanted(OldLogger("test"), name, Context()) is True
