from __future__ import annotations

import logging
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, cast

import openai
import pytest
from hypothesis import HealthCheck, given, settings, strategies as st
from opentelemetry import baggage, trace
from opentelemetry.instrumentation.dependencies import DependencyConflictError
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

import otel_responses
from otel_responses import ResponsesInstrumentor, config, instrument, session, uninstrument
from otel_responses.instrumentor import Options
from otel_responses.testing import Capture, FakeResponsesAPI, capture
from tests.otlp import Received, attributes, receiver
from tests.providers import providers_set, unset_providers


@pytest.fixture(autouse=True)
def log(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> Iterator[pytest.LogCaptureFixture]:
    """A program without providers and settings; what is logged in it, by anybody, from a warning on."""
    caplog.set_level(logging.WARNING)
    for name in [name for name in os.environ if name.startswith("OTEL_")]:
        monkeypatch.delenv(name)
    monkeypatch.setattr(ResponsesInstrumentor(), "_exported", frozenset())
    with unset_providers():
        yield caplog
        uninstrument()


@pytest.fixture
def telemetry() -> Iterator[Capture]:
    with capture() as telemetry:
        yield telemetry


def call(count: int = 1, **options: Any) -> None:
    api = FakeResponsesAPI()
    for _ in range(count):
        api.client().responses.create(model="gpt-4.1", input="Hello!", **options)


def test_a_call_gives_one_span(telemetry: Capture, log: pytest.LogCaptureFixture):
    instrument(**telemetry.providers)
    call()
    assert [span["name"] for span in telemetry.spans()] == ["chat gpt-4.1"]
    assert log.messages == []


def test_off_there_is_none_and_on_again_one(telemetry: Capture, log: pytest.LogCaptureFixture):
    instrument(**telemetry.providers)
    uninstrument()
    call()
    assert telemetry.spans() == []
    instrument(**telemetry.providers)
    call()
    assert len(telemetry.spans()) == 1
    assert log.messages == []


def test_switching_off_twice_or_before_switching_on_is_no_mistake(log: pytest.LogCaptureFixture):
    uninstrument()
    instrument()
    uninstrument()
    uninstrument()
    assert log.messages == []


@pytest.mark.parametrize(
    "again",
    [
        pytest.param(instrument, id="a notebook's cell"),
        pytest.param(lambda: ResponsesInstrumentor().instrument(), id="the class"),
        pytest.param(
            lambda: ResponsesInstrumentor().instrument(skip_dep_check=True, raise_exception_on_conflict=True),
            id="opentelemetry-instrument",
        ),
    ],
)
def test_switching_on_again_keeps_the_options_and_gives_one_span_a_call(
    again: Callable[[], None], telemetry: Capture, log: pytest.LogCaptureFixture
):
    instrument(**telemetry.providers)
    again()
    call()
    assert len(telemetry.spans()) == 1
    assert ResponsesInstrumentor().is_instrumented_by_opentelemetry
    assert log.messages == []


def test_options_add_up_until_the_next_switching_off(telemetry: Capture):
    instrument(**telemetry.providers, provider_by_host={"api.openai.com": "first"})
    instrument(provider_by_host={"api.openai.com": "second"})
    call()
    uninstrument()
    instrument(**telemetry.providers)
    call()
    providers = [span["attributes"]["gen_ai.provider.name"] for span in telemetry.spans()]
    assert providers == ["second", "openai"]


def test_options_come_before_the_environment(telemetry: Capture, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("OTEL_RESPONSES_PROVIDER_BY_HOST", "api.openai.com=from_the_environment")
    instrument(**telemetry.providers)
    call()
    instrument(provider_by_host={"api.openai.com": "from_the_option"})
    call()
    providers = [span["attributes"]["gen_ai.provider.name"] for span in telemetry.spans()]
    assert providers == ["from_the_environment", "from_the_option"]


def test_the_latest_names_are_used_where_they_are_opted_into(telemetry: Capture, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("OTEL_SEMCONV_STABILITY_OPT_IN", "gen_ai_latest_experimental")
    instrument(**telemetry.providers)
    call()
    assert "gen_ai.client.inference.duration" in {metric["name"] for metric in telemetry.metrics()}


@pytest.mark.parametrize(
    ("setting", "expected"),
    [("none", False), ("read", False), ("write", True), ("both", True)],
)
def test_the_session_goes_into_baggage_where_that_is_set(setting: str, expected: bool):
    instrument(baggage=setting)
    with session("trip", id="s-1"):
        assert ("s-1" in baggage.get_all().values()) is expected
    uninstrument()
    with session("trip", id="s-2"):
        assert "s-2" not in baggage.get_all().values()


@pytest.mark.parametrize("names", ["openai_responses", "flask, openai_responses", "*"])
@pytest.mark.parametrize(
    "switch_on",
    [
        pytest.param(instrument, id="function"),
        pytest.param(lambda **options: ResponsesInstrumentor().instrument(**options), id="class"),
        pytest.param(lambda **options: ResponsesInstrumentor().instrument(skip_dep_check=True, **options), id="loader"),
    ],
)
def test_an_operator_switches_it_off_on_every_path(
    switch_on: Callable[..., None],
    names: str,
    telemetry: Capture,
    monkeypatch: pytest.MonkeyPatch,
    log: pytest.LogCaptureFixture,
):
    monkeypatch.setenv("OTEL_PYTHON_DISABLED_INSTRUMENTATIONS", names)
    switch_on(**telemetry.providers, export=True)
    call()
    assert telemetry.spans() == []
    assert not ResponsesInstrumentor().is_instrumented_by_opentelemetry
    assert providers_set() == set()
    assert log.messages == []


def test_the_typed_options_are_those_of_the_table_and_the_providers():
    providers = {"tracer_provider", "meter_provider", "logger_provider"}
    fields = {setting.field for setting in config.SETTINGS}
    assert set(Options.__annotations__) == fields - {"disabled"} | providers


# Providers


def test_a_provider_that_the_program_sets_later_gets_the_spans():
    instrument()
    exporter = InMemorySpanExporter()
    provider = TracerProvider(shutdown_on_exit=False)
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    trace.set_tracer_provider(provider)
    call()
    assert [span.name for span in exporter.get_finished_spans()] == ["chat gpt-4.1"]


@pytest.mark.parametrize("option", ["tracer_provider", "meter_provider", "logger_provider"])
def test_what_is_no_provider_is_reported_and_the_global_one_used(option: str, log: pytest.LogCaptureFixture):
    provider = TracerProvider(shutdown_on_exit=False)
    exporter = InMemorySpanExporter()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    trace.set_tracer_provider(provider)
    instrument(**cast("Any", {option: "a secret"}))
    call()
    method = option.replace("_provider", "").replace("tracer", "get_tracer").replace("meter", "get_meter")
    method = method.replace("logger", "get_logger")
    assert len(exporter.get_finished_spans()) == 1
    assert log.messages == [
        f"instrument({option}=) is a value of type str, which has no {method}(). The global provider is used instead"
    ]


UNHEARD = (
    "OpenAI calls are traced, but no OpenTelemetry provider is set, so nothing is recorded. "
    "Set one up, or let instrument(export=True) or OTEL_RESPONSES_EXPORT=true do that"
)


def test_the_first_call_without_a_provider_says_so_once(log: pytest.LogCaptureFixture):
    instrument()
    assert log.messages == []
    call(2)
    assert log.messages == [UNHEARD]


@pytest.mark.parametrize("base_url", ["https://oai.helicone.ai/v1", "https://api.openai.com/v1"])
def test_without_a_provider_helicone_still_gets_the_session_and_nobody_else(base_url: str):
    api = FakeResponsesAPI()
    instrument()
    with session("Trip", id="s-1"):
        api.client(base_url=base_url).responses.create(model="gpt-4.1", input="Hello!")
    assert api.requests[0].headers.get("helicone-session-id") == ("s-1" if "helicone" in base_url else None)


@pytest.mark.parametrize("option", ["tracer_provider", "meter_provider", "logger_provider"])
def test_one_given_provider_is_enough_to_say_nothing(option: str, telemetry: Capture, log: pytest.LogCaptureFixture):
    instrument(**cast("Any", {option: getattr(telemetry, option)}))
    call()
    assert log.messages == []


@pytest.mark.parametrize(
    "environ",
    [{"OTEL_SDK_DISABLED": "true"}, {"OTEL_RESPONSES_EXPORT": "true", "OTEL_TRACES_EXPORTER": "none"}],
    ids=str,
)
def test_where_nothing_is_to_be_recorded_nothing_is_said(
    environ: Mapping[str, str], monkeypatch: pytest.MonkeyPatch, log: pytest.LogCaptureFixture
):
    for name, value in {"OTEL_METRICS_EXPORTER": "none", "OTEL_LOGS_EXPORTER": "none", **environ}.items():
        monkeypatch.setenv(name, value)
    instrument()
    call()
    assert providers_set() == set()
    assert log.messages == []


# Export


@pytest.fixture
def collector(log: object, monkeypatch: pytest.MonkeyPatch) -> Iterator[Received]:
    with receiver() as received:
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", received.url)
        yield received
        # While there is somebody to take what is left.
        if providers_set() >= {"traces"}:
            cast("TracerProvider", trace.get_tracer_provider()).shutdown()


def flush() -> None:
    cast("TracerProvider", trace.get_tracer_provider()).force_flush()


def test_variables_alone_set_no_provider(collector: Received):
    instrument()
    call()
    assert providers_set() == set()
    assert collector.requests == []


@pytest.mark.parametrize("how", ["option", "environment"])
def test_a_program_without_providers_exports_when_it_asks_for_it(
    how: str, collector: Received, monkeypatch: pytest.MonkeyPatch, log: pytest.LogCaptureFixture
):
    monkeypatch.setenv("OTEL_METRICS_EXPORTER", "none")
    if how == "environment":
        monkeypatch.setenv("OTEL_RESPONSES_EXPORT", "true")
        instrument()
    else:
        instrument(export=True)
    call()
    flush()
    assert providers_set() == {"traces", "logs"}
    assert [span.name for span in collector.spans] == ["chat gpt-4.1"]
    assert log.messages == []


def test_a_second_time_exports_once(
    collector: Received, monkeypatch: pytest.MonkeyPatch, log: pytest.LogCaptureFixture
):
    monkeypatch.setenv("OTEL_METRICS_EXPORTER", "none")
    instrument(export=True)
    instrument(export=True)
    call()
    flush()
    assert len(collector.spans) == 1
    assert log.messages == []


def test_a_provider_that_the_program_has_is_not_touched(collector: Received, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("OTEL_METRICS_EXPORTER", "none")
    provider = TracerProvider(shutdown_on_exit=False)
    trace.set_tracer_provider(provider)
    instrument(export=True)
    call()
    flush()
    assert trace.get_tracer_provider() is provider
    assert providers_set() == {"traces", "logs"}
    assert collector.spans == []


def test_a_given_provider_stands_for_its_signal_and_no_global_one_is_set(
    collector: Received, telemetry: Capture, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("OTEL_LOGS_EXPORTER", "none")
    instrument(tracer_provider=telemetry.tracer_provider, meter_provider=MeterProvider(), export=True)
    assert providers_set() == set()


def test_a_disabled_sdk_is_obeyed(collector: Received, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("OTEL_SDK_DISABLED", "TRUE")
    instrument(export=True)
    assert providers_set() == set()


def test_sessions_are_stamped_on_the_spans_of_the_program_where_that_is_set(
    collector: Received, monkeypatch: pytest.MonkeyPatch, log: pytest.LogCaptureFixture
):
    monkeypatch.setenv("OTEL_METRICS_EXPORTER", "none")
    instrument(export=True, stamp_session=True)
    instrument()
    with session("trip", id="s-1"):
        trace.get_tracer("program").start_span("its own").end()
    flush()
    assert [attributes(span)["session.id"] for span in collector.spans] == ["s-1"]
    assert log.messages == []


@pytest.mark.parametrize("export", [True, False])
def test_stamping_a_provider_of_the_program_is_left_to_the_program(
    export: bool, telemetry: Capture, log: pytest.LogCaptureFixture
):
    instrument(**telemetry.providers, export=export, stamp_session=True)
    instrument()
    assert log.messages == [
        (
            "stamp_session has no effect here: it is for the provider that export=True makes. "
            "To your own, add otel_responses.SessionSpanProcessor()"
        )
    ]


# Others


def test_another_instrumentation_is_reported_at_the_start(
    telemetry: Capture, monkeypatch: pytest.MonkeyPatch, log: pytest.LogCaptureFixture
):
    monkeypatch.setattr(openai.OpenAI, "request", wrapped_by_logfire(openai.OpenAI.request))
    instrument(**telemetry.providers)
    assert ["Logfire records OpenAI calls as well" in message for message in log.messages] == [True]


def test_one_that_came_later_or_wraps_a_single_client_is_reported_at_the_first_call(
    telemetry: Capture, log: pytest.LogCaptureFixture
):
    instrument(**telemetry.providers)
    client = FakeResponsesAPI().client()
    client.request = wrapped_by_logfire(client.request)
    assert log.messages == []
    for _ in range(2):
        client.responses.create(model="gpt-4.1", input="Hello!")
    assert ["Logfire records OpenAI calls as well" in message for message in log.messages] == [True]


def wrapped_by_logfire(function: Any) -> Any:
    scope: dict[str, Any] = {"__name__": "logfire._internal.integrations.llm_providers.llm_provider"}
    exec("def wrap(f): return lambda *args, **kwargs: f(*args, **kwargs)", scope)
    return scope["wrap"](function)


# Never raises

ANYTHING = st.none() | st.booleans() | st.integers() | st.text() | st.lists(st.text()) | st.builds(object)


@settings(max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.dictionaries(st.sampled_from(list(Options.__annotations__)) | st.text(min_size=1), ANYTHING))
def test_no_options_raise(options: dict[str, Any]):
    options = {name: value for name, value in options.items() if name != "export"}
    instrument(**cast("Any", options))
    uninstrument()


def test_a_broken_environment_raises_nothing(monkeypatch: pytest.MonkeyPatch, log: pytest.LogCaptureFixture):
    monkeypatch.setenv("OTEL_PYTHON_TRACER_PROVIDER", "not there")
    for setting in config.SETTINGS:
        monkeypatch.setenv(setting.env, "\N{PILE OF POO}=,")
    instrument()
    call()
    assert "otel_responses.instrumentor.ResponsesInstrumentor._instrument" in log.text


# What is not installed


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str, str], None]:
    """Let the metadata of the environment name one package alone."""

    def only(name: str, version: str) -> None:
        info = tmp_path / f"{name}-{version}.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
        monkeypatch.setattr(sys, "path", [str(tmp_path), *(path for path in sys.path if "site-packages" not in path)])

    return only


NO_OPENAI = (
    "OpenAI calls are not traced: openai 1.66.0 or newer is needed, found: %s. "
    "Install it with: pip install 'otel-responses[instruments]'"
)
NO_SDK = (
    "Nothing is exported: export=True needs the OpenTelemetry SDK and an OTLP exporter. "
    "Install them with: pip install 'otel-responses[otlp]'"
)


@pytest.mark.parametrize(
    ("name", "version", "found"), [("openai", "1.65.5", "openai 1.65.5"), ("something", "1.0", "none")]
)
def test_without_a_fitting_openai_it_says_once_what_to_install(
    name: str, version: str, found: str, installed: Callable[[str, str], None], log: pytest.LogCaptureFixture
):
    installed(name, version)
    instrument(export=True)
    instrument(export=True)
    assert not ResponsesInstrumentor().is_instrumented_by_opentelemetry
    assert providers_set() == set()
    assert log.messages == [NO_OPENAI % found]


@pytest.mark.parametrize("version", ["1.66.0", "1.100.2", "10.0.0", "2.0.0rc1", "3", "1!0.1"])
def test_an_openai_that_fits_is_found_however_its_version_is_written(
    version: str, installed: Callable[[str, str], None], log: pytest.LogCaptureFixture
):
    installed("openai", version)
    instrument()
    assert ResponsesInstrumentor().is_instrumented_by_opentelemetry
    assert log.messages == []


@pytest.mark.parametrize("version", ["0.99.0", "1.9.0", "1", "unknown"])
def test_an_openai_that_does_not_fit_is_not_taken_for_one(version: str, installed: Callable[[str, str], None]):
    installed("openai", version)
    instrument()
    assert not ResponsesInstrumentor().is_instrumented_by_opentelemetry


def test_a_loader_that_asks_for_the_conflict_as_an_error_gets_it(installed: Callable[[str, str], None]):
    installed("openai", "1.65.5")
    with pytest.raises(DependencyConflictError):
        ResponsesInstrumentor().instrument(raise_exception_on_conflict=True)


def test_without_the_sdk_it_says_once_what_to_install(monkeypatch: pytest.MonkeyPatch, log: pytest.LogCaptureFixture):
    for name in ("otel_responses.exporting", "otel_responses.stamping"):
        monkeypatch.setitem(sys.modules, name, None)
        monkeypatch.delattr(otel_responses, name.rpartition(".")[2], raising=False)
    instrument(export=True)
    instrument(export=True)
    assert log.messages == [NO_SDK]


@pytest.fixture
def bare(
    install_beside: Callable[..., dict[str, str]], tmp_path: Path
) -> Callable[[str], subprocess.CompletedProcess[str]]:
    """Run a program with our own dependencies alone: neither openai nor the SDK of OpenTelemetry."""
    own = ("opentelemetry-api", "opentelemetry-instrumentation", "opentelemetry-semantic-conventions")
    environ = install_beside(*own, "packaging", "typing-extensions", "wrapt")
    # The package alone: where it is installed as a wheel, openai and the SDK lie beside it.
    (tmp_path / "otel_responses").symlink_to(Path(otel_responses.__file__).parent)
    environ["PYTHONPATH"] += os.pathsep + str(tmp_path)

    def run(program: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-S", "-c", program]
        return subprocess.run(command, env=environ, capture_output=True, text=True, check=True)

    return run


def test_with_our_own_dependencies_alone_a_program_runs_on(bare: Callable[[str], subprocess.CompletedProcess[str]]):
    done = bare("""
import otel_responses
otel_responses.instrument(export=True)
with otel_responses.session("trip"):
    otel_responses.uninstrument()
# As opentelemetry-instrument calls it, which has looked for openai itself.
otel_responses.ResponsesInstrumentor().instrument(skip_dep_check=True, export=True)
print("ran on")
""")
    assert done.stdout == "ran on\n"
    assert done.stderr.splitlines() == [NO_OPENAI % "none", NO_SDK]


def test_after_a_reload_of_the_sdk_the_next_switching_on_patches_it_again():
    program = """
import sys
import otel_responses
from otel_responses.testing import FakeResponsesAPI, capture

def call():
    import openai
    openai.OpenAI(api_key="none", base_url=url).responses.create(model="gpt-4.1", input="Hello!")
    return len(telemetry.spans())

with FakeResponsesAPI().serve() as url, capture() as telemetry:
    otel_responses.instrument(**telemetry.providers)
    print(call())
    for name in [name for name in sys.modules if name.partition(".")[0] == "openai"]:
        del sys.modules[name]
    print(call())
    otel_responses.instrument()
    print(call())
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["1", "1", "2"]
    assert done.stderr == ""
