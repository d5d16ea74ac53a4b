from __future__ import annotations

import pytest
from opentelemetry import _logs, metrics, trace
from opentelemetry.context import Context

from otel_responses import __version__
from otel_responses._mapping.attributes import metric_attributes
from otel_responses._recorder.events import make_event
from otel_responses._recorder.recorder import Recorder
from otel_responses._recorder.spans import end_span, start_span
from otel_responses._semconv import DETAILS_EVENT, MAIN, RELEASED
from otel_responses.testing import Capture, capture
from tests.providers import unset_providers

ATTRIBUTES = {"gen_ai.operation.name": "chat", "gen_ai.provider.name": "openai"}
START = 1_767_225_600_000_000_000


def record_call(recorder: Recorder) -> None:
    span = start_span(recorder.tracer, ATTRIBUTES, Context(), START)
    end_span(span, {}, None, START + 1)
    labels = metric_attributes(None, "openai", None, None, None, None, None)
    recorder.metrics.record_times(0.1, None, labels, Context())
    recorder.emit(make_event(DETAILS_EVENT, ATTRIBUTES, Context(), START + 1))


def recorded(telemetry: Capture) -> list[dict[str, object]]:
    return [*telemetry.spans(), *telemetry.metrics(), *telemetry.logs()]


@pytest.mark.parametrize(
    ("latest", "schema_url"),
    [
        pytest.param(False, "https://opentelemetry.io/schemas/1.41.0", id="released"),
        pytest.param(True, None, id="main"),
    ],
)
def test_all_signals_have_our_scope_and_the_schema_of_the_names(latest: bool, schema_url: str | None):
    with capture(fixed=True) as telemetry:
        record_call(Recorder(**telemetry.providers, latest=latest))
        found = recorded(telemetry)
    assert len(found) == 3
    for record in found:
        scope = record["scope"]
        assert isinstance(scope, dict)
        assert scope["name"] == "otel_responses"
        assert scope["version"] == __version__
        assert (scope["schema_url"] or None) == schema_url  # an InstrumentationScope makes "" of None


def test_the_profile_follows_the_setting():
    assert Recorder().profile is RELEASED
    assert Recorder(latest=True).profile is MAIN


def test_without_providers_the_global_ones_are_used_also_when_they_are_set_later():
    with unset_providers(), capture(fixed=True) as telemetry:
        recorder = Recorder()
        record_call(recorder)  # nobody listens yet
        trace.set_tracer_provider(telemetry.tracer_provider)
        metrics.set_meter_provider(telemetry.meter_provider)
        _logs.set_logger_provider(telemetry.logger_provider)
        record_call(recorder)
        assert [len(found) for found in (telemetry.spans(), telemetry.metrics(), telemetry.logs())] == [1, 1, 1]


def test_given_providers_come_before_the_global_ones():
    with unset_providers(), capture(fixed=True) as ours, capture(fixed=True) as of_the_program:
        trace.set_tracer_provider(of_the_program.tracer_provider)
        record_call(Recorder(**ours.providers))
        assert len(recorded(ours)) == 3
        assert recorded(of_the_program) == []


def test_calls_whose_content_was_left_out_are_counted():
    with capture(fixed=True) as telemetry:
        recorder = Recorder(**telemetry.providers)
        assert telemetry.metrics() == []
        recorder.count_left_out()
        recorder.count_left_out()
        (metric,) = telemetry.metrics()
    assert (metric["name"], metric["unit"]) == ("otel_responses.content.left_out", "{call}")
    assert [(point["value"], point["attributes"]) for point in metric["points"]] == [(2, {})]
