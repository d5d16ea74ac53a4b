from __future__ import annotations

from typing import Any

import pytest
from opentelemetry import _logs, metrics, trace
from opentelemetry.sdk._logs import LoggerProvider
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.trace import TracerProvider

from otel_responses._recorder.recorder import Recorder
from otel_responses.testing import capture
from tests.providers import unset_providers

NOT_ONE: dict[str, Any] = {
    "tracer_provider": trace.NoOpTracerProvider(),
    "meter_provider": metrics.NoOpMeterProvider(),
    "logger_provider": _logs.NoOpLoggerProvider(),
}


@pytest.mark.parametrize("signal", NOT_ONE)
def test_one_provider_among_the_given_ones_is_enough(signal: str):
    with capture() as telemetry:
        real: dict[str, Any] = {**NOT_ONE, signal: telemetry.providers[signal]}
        assert Recorder(**real).has_listeners()
    assert not Recorder(**NOT_ONE).has_listeners()


@pytest.mark.parametrize("setter", [trace.set_tracer_provider, metrics.set_meter_provider, _logs.set_logger_provider])
def test_one_provider_that_the_program_sets_later_is_enough(setter: Any):
    kinds = {"tracer": TracerProvider, "meter": MeterProvider, "logger": LoggerProvider}
    (kind,) = (kind for signal, kind in kinds.items() if signal in setter.__name__)
    with unset_providers():
        recorder = Recorder()
        assert not recorder.has_listeners()
        setter(kind())
        assert recorder.has_listeners()


def test_a_disabled_sdk_is_nobody(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("OTEL_SDK_DISABLED", "true")
    with unset_providers():
        recorder = Recorder()
        trace.set_tracer_provider(TracerProvider())
        metrics.set_meter_provider(MeterProvider())
        _logs.set_logger_provider(LoggerProvider())
        assert not recorder.has_listeners()
        assert not Recorder().has_listeners()
