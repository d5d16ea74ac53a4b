"""`opentelemetry-instrument python app.py`: a program that knows nothing of OpenTelemetry, in a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from importlib.metadata import version
from pathlib import Path

import pytest

from otel_responses.testing import FakeResponsesAPI
from tests.otlp import Received, attributes, receiver

APP = """
import openai
print(openai.OpenAI().responses.create(model="gpt-4.1", input="Hello!").status)
"""
UNHEARD = (
    "OpenAI calls are traced, but no OpenTelemetry provider is set, so nothing is recorded. "
    "Set one up, or let instrument(export=True) or OTEL_RESPONSES_EXPORT=true do that"
)
# What the test environment has for other tests; it would add spans of its own.
OTHERS = "httpx,httpx2,threading"
DISABLED = {"OTEL_PYTHON_DISABLED_INSTRUMENTATIONS": OTHERS}
CONSOLE = {"OTEL_TRACES_EXPORTER": "console", "OTEL_METRICS_EXPORTER": "none", "OTEL_LOGS_EXPORTER": "none"}

Run = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def collector() -> Iterator[Received]:
    with receiver() as received:
        yield received


@pytest.fixture
def run(tmp_path: Path) -> Iterator[Run]:
    """Run a program under `opentelemetry-instrument`, with no other instrumentation and no settings but those given."""
    command = Path(sys.executable).parent / "opentelemetry-instrument"
    with FakeResponsesAPI().serve() as url:

        def run(
            *options: str, app: str = APP, beside: dict[str, str] | None = None, **variables: str
        ) -> subprocess.CompletedProcess[str]:
            (tmp_path / "app.py").write_text(app)
            inherited = {k: v for k, v in (beside or os.environ).items() if not k.startswith(("OTEL_", "OPENAI_"))}
            given = {"OPENAI_BASE_URL": url, "OPENAI_API_KEY": "none", **DISABLED, **variables}
            return subprocess.run(
                [command, *options, sys.executable, "app.py"],
                cwd=tmp_path,
                env=inherited | given,
                capture_output=True,
                text=True,
                timeout=60,
                check=True,
            )

        yield run


def test_without_a_provider_the_program_runs_and_one_line_says_what_is_missing(run: Run):
    done = run()
    assert done.stdout == "completed\n"
    assert done.stderr.splitlines() == [UNHEARD]


def test_the_option_that_the_command_makes_of_our_variable_lets_the_console_exporter_work_without_the_distro(run: Run):
    done = run("--responses_export", "true", **CONSOLE)
    assert '"name": "chat gpt-4.1"' in done.stdout
    assert done.stderr == ""


def test_two_variables_give_otlp_over_http_without_the_distro(run: Run, collector: Received):
    done = run(OTEL_RESPONSES_EXPORT="true", OTEL_EXPORTER_OTLP_ENDPOINT=collector.url)
    assert [span.name for span in collector.spans] == ["chat gpt-4.1"]
    assert "gen_ai.client.operation.duration" in {metric.name for metric in collector.metrics}
    assert done.stderr == ""


@pytest.fixture
def distro(install_beside: Callable[..., dict[str, str]]) -> dict[str, str]:
    return install_beside("opentelemetry-distro")


def test_two_variables_give_otlp_over_http_with_the_distro(run: Run, distro: dict[str, str], collector: Received):
    done = run(
        beside=distro,
        OTEL_EXPORTER_OTLP_PROTOCOL="http/protobuf",
        OTEL_EXPORTER_OTLP_ENDPOINT=collector.url,
    )
    assert [span.name for span in collector.spans] == ["chat gpt-4.1"]
    assert "gen_ai.client.operation.duration" in {metric.name for metric in collector.metrics}
    assert "telemetry.auto.version" in collector.resource(), "the provider is the distro's"
    assert done.stderr == ""


def test_the_console_exporter_works_with_the_distro(run: Run, distro: dict[str, str]):
    done = run(beside=distro, **CONSOLE)
    assert '"name": "chat gpt-4.1"' in done.stdout
    assert done.stderr == ""


def test_an_operator_switches_it_off(run: Run, collector: Received):
    done = run(
        OTEL_PYTHON_DISABLED_INSTRUMENTATIONS=f"openai_responses, {OTHERS}",
        OTEL_RESPONSES_EXPORT="true",
        OTEL_EXPORTER_OTLP_ENDPOINT=collector.url,
    )
    assert done.stdout == "completed\n"
    assert done.stderr == ""
    assert collector.requests == []


def test_a_program_that_calls_instrument_too_gets_one_span_a_call(run: Run, collector: Received):
    app = f"import otel_responses\notel_responses.instrument()\n{APP}"
    done = run(app=app, OTEL_RESPONSES_EXPORT="true", OTEL_EXPORTER_OTLP_ENDPOINT=collector.url)
    assert len(collector.spans) == 1
    assert done.stderr == ""


# A configuration file

CONFIGURATION = """
file_format: "1.0"
tracer_provider:
  processors:
    - simple:
        exporter:
          otlp_http:
            endpoint: {endpoint}/v1/traces
instrumentation/development:
  python:
    openai_responses:
      provider_by_host: {{127.0.0.1: ollama}}
      chunk_metric: true
      helicone_hosts: [proxy.example]
"""


@pytest.fixture
def configuration(
    install_beside: Callable[..., dict[str, str]], distro: dict[str, str], collector: Received, tmp_path: Path
) -> dict[str, str]:
    """The environment for a configuration file, which the distro's configurator reads."""
    beside = install_beside(
        f"opentelemetry-configuration=={version('opentelemetry-instrumentation')}",
        *("attrs", "jsonschema", "jsonschema-specifications", "pyyaml", "referencing", "rpds-py"),
    )
    beside["PYTHONPATH"] += os.pathsep + distro["PYTHONPATH"]
    (tmp_path / "otel.yaml").write_text(CONFIGURATION.format(endpoint=collector.url))
    return beside


def test_a_configuration_file_passes_typed_options_and_the_second_call_says_nothing(
    run: Run, configuration: dict[str, str], collector: Received
):
    done = run(beside=configuration, OTEL_CONFIG_FILE="otel.yaml")
    assert [attributes(span)["gen_ai.provider.name"] for span in collector.spans] == ["ollama"]
    # The one line is about a keyword that the distro itself passes on.
    assert [line for line in done.stderr.splitlines() if "configurator kwargs" not in line] == []


def test_an_operator_switches_it_off_also_in_a_configuration_file(
    run: Run, configuration: dict[str, str], collector: Received
):
    run(
        beside=configuration,
        OTEL_CONFIG_FILE="otel.yaml",
        OTEL_PYTHON_DISABLED_INSTRUMENTATIONS=f"openai_responses,{OTHERS}",
    )
    assert collector.spans == []


# Beside others

OTHER = """
from opentelemetry.instrumentation.instrumentor import BaseInstrumentor

class Other(BaseInstrumentor):
    def instrumentation_dependencies(self):
        return ()

    def _instrument(self, **options):
        print(__name__, "is instrumented")

    def _uninstrument(self, **options):
        pass
"""
LOAD = """
import sys
sys.path.insert(0, "before")
sys.path.append("after")
from importlib.metadata import entry_points
from opentelemetry.instrumentation.auto_instrumentation import _load
names = [point.name for point in entry_points(group="opentelemetry_instrumentor")]
print(*(name for name in names if name in {"first", "openai_responses", "last"}))
_load._load_instrumentors(_load.DefaultDistro())
"""


def test_whatever_the_settings_the_instrumentors_around_it_are_loaded(tmp_path: Path):
    for folder, name in (("before", "first"), ("after", "last")):
        info = tmp_path / folder / f"{name}-1.0.dist-info"
        info.mkdir(parents=True)
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
        (info / "entry_points.txt").write_text(f"[opentelemetry_instrumentor]\n{name} = {name}:Other\n")
        (tmp_path / folder / f"{name}.py").write_text(OTHER)
    nonsense = {
        "OTEL_PYTHON_TRACER_PROVIDER": "not there",
        "OTEL_RESPONSES_BAGGAGE": "everywhere",
        "OTEL_RESPONSES_EXPORT": "true",
        "OTEL_RESPONSES_HELICONE_HOSTS": "http://[",
        "OTEL_RESPONSES_PROVIDER_BY_HOST": "=",
        "OTEL_EXPORTER_OTLP_ENDPOINT": "\\",
        "OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT": "all",
        **DISABLED,
    }
    done = subprocess.run(
        [sys.executable, "-c", LOAD],
        cwd=tmp_path,
        env=os.environ | nonsense,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert done.stdout.splitlines() == [
        "first openai_responses last",
        "first is instrumented",
        "last is instrumented",
    ]
    assert "otel_responses failed with" in done.stderr
