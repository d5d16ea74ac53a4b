"""`otel-responses doctor`: every finding, by what it is found."""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest
from typer.testing import CliRunner

from otel_responses.cli.app import app
from otel_responses.cli.collector.running import free_port
from otel_responses.cli.doctor import collector, export, installation, settings
from otel_responses.cli.doctor.findings import Finding
from otel_responses.cli.doctor.surroundings import Surroundings
from otel_responses.testing._reply import Reply
from otel_responses.testing._server import serve
from tests.otlp import receiver

SECRET = "sk-nobody-may-see-this"
Part = Callable[[Surroundings], Iterable[Finding]]


@pytest.fixture(autouse=True)
def plain_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither the developer's settings nor a proxy reach the command, nor does what listens on the usual ports."""
    for name in [*os.environ]:
        if name.startswith(("OTEL_", "OPENAI_", "HELICONE_")) or name.lower().endswith("_proxy"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("COLUMNS", "400")
    monkeypatch.setenv("OTEL_RESPONSES_COLLECTOR_METRICS_PORT", str(free_port()))
    monkeypatch.setitem(export.PORTS, "http/protobuf", free_port())


def found(part: Part, **environ: str) -> list[str]:
    """What a part finds, as `level: text`."""
    return [f"{finding.level}: {finding.text}" for finding in part(Surroundings.read(environ))]


def only(part: Part, **environ: str) -> str:
    [finding] = found(part, **environ)
    return finding


def doctor() -> tuple[int, str]:
    result = CliRunner().invoke(app, ["doctor"], catch_exceptions=False)
    assert result.stderr == ""
    return result.exit_code, result.stdout


@contextmanager
def answering(reply: Reply) -> Iterator[str]:
    """A server that always answers this; gives its URL."""

    class Server:
        def reply(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> Reply:
            return reply

    with serve(Server()) as base_url:
        yield base_url.removesuffix("/v1")


@contextmanager
def saying(text: bytes) -> Iterator[int]:
    """A server that says this whatever it is asked, and is no HTTP server; gives its port."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def say() -> None:
            connection, _ = server.accept()
            with connection:
                connection.recv(65_536)
                connection.sendall(text)

        thread = threading.Thread(target=say)
        thread.start()
        yield server.getsockname()[1]
        thread.join()


@pytest.fixture
def add_entry_point(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str, str, str], None]:
    """Make a package seem installed that has this entry point."""

    def add(group: str, name: str, target: str) -> None:
        folder = tmp_path / f"beside_{name}-1.0.dist-info"
        folder.mkdir()
        (folder / "METADATA").write_text(f"Metadata-Version: 2.1\nName: beside-{name}\nVersion: 1.0\n")
        (folder / "entry_points.txt").write_text(f"[{group}]\n{name} = {target}\n")
        monkeypatch.syspath_prepend(tmp_path)

    return add


def test_where_all_is_well_it_ends_with_0(monkeypatch: pytest.MonkeyPatch):
    with receiver() as collector_:
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", collector_.url)
        exit_code, out = doctor()
    assert exit_code == 0
    assert out.endswith("No fault found.\n")
    assert collector_.paths == {"/v1/traces", "/v1/metrics", "/v1/logs"}
    assert collector_.spans == []  # an export of nothing
    for title in ("Packages", "Instrumentation", "Settings", "Export", "Sampling", "Content", "Helicone", "Collector"):
        assert f"\n{title}\n" in f"\n{out}"


def test_where_something_keeps_data_away_it_ends_with_1_and_counts(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", f"http://127.0.0.1:{free_port()}")
    exit_code, out = doctor()
    assert exit_code == 1
    assert out.endswith("1 fault keeps data away.\n")
    monkeypatch.setenv("OTEL_SDK_DISABLED", "true")
    assert doctor()[1].endswith("2 faults keep data away.\n")


def test_no_key_no_header_and_no_password_is_shown(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("HELICONE_API_KEY", SECRET)
    monkeypatch.setenv("OPENAI_API_KEY", SECRET)
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_HEADERS", f"authorization=Bearer {SECRET}")
    monkeypatch.setenv("OTEL_RESPONSES_BAGGAGE", f"me:{SECRET}@host")
    with receiver() as collector_:
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", collector_.url.replace("://", f"://me:{SECRET}@"))
        exit_code, out = doctor()
    assert (exit_code, SECRET in out) == (0, False)
    assert {headers["authorization"] for _, headers, _ in collector_.requests} == {f"Bearer {SECRET}"}


def test_a_setting_that_is_not_allowed_is_said_once(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("OTEL_RESPONSES_BAGGAGE", "always")
    assert doctor()[1].count("OTEL_RESPONSES_BAGGAGE is set to 'always', which is not allowed") == 1


def test_versions_are_shown_and_what_is_missing_or_too_old_is_a_fault(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(installation, "PRICES", "no-such-package")
    asked_for = [
        "wrapt<3,>=1.17",
        "rich>=999; extra == 'cli'",
        "no-such-package>=1; extra == 'otlp'",
        "nobody-needs-this; extra == 'hooks'",
        "otel-responses[instruments]; extra == 'cli'",
    ]
    levels = [(finding.level, finding.text) for finding in installation.packages(asked_for)]
    assert [level for level, _ in levels] == ["ok", "fault", "fault", "note"]
    assert levels[0][1].startswith("otel-responses 0.1.0, wrapt ")
    assert levels[1][1].startswith("no-such-package>=1 is needed, found: None")
    assert levels[2][1].startswith("rich>=999 is needed, found: rich ")
    assert "otel-responses[cost]" in levels[3][1]


def test_what_we_ask_for_is_here():
    [versions] = [line for line in doctor()[1].splitlines() if "otel-responses 0.1.0" in line]
    assert all(name in versions for name in ("openai ", "opentelemetry-sdk ", "wrapt "))


def test_prices_that_are_installed_need_no_word(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(installation, "PRICES", "wrapt")
    assert [finding.level for finding in installation.packages(["wrapt"])] == ["ok"]


def test_a_trial_call_gives_a_span_and_leaves_nothing_behind():
    before = found(installation.instrumentation, OTEL_RESPONSES_EXPORT="true")
    assert [line.split(":")[0] for line in before] == ["ok", "ok", "ok"]
    assert before[1] == "ok: A trial call, against a fake API in this process, gives a span"
    assert found(installation.instrumentation, OTEL_RESPONSES_EXPORT="true") == before


def test_without_a_set_up_the_program_has_to_do_it():
    assert found(installation.instrumentation)[-1].startswith("note: OTEL_RESPONSES_EXPORT is not set")


@pytest.mark.parametrize("value", ["openai_responses", "*", "django, openai_responses"])
def test_being_switched_off_is_a_fault(value: str):
    lines = found(installation.instrumentation, OTEL_PYTHON_DISABLED_INSTRUMENTATIONS=value)
    assert f"fault: OTEL_PYTHON_DISABLED_INSTRUMENTATIONS switches it off: {value}" in lines


def test_a_disabled_sdk_is_a_fault():
    assert "fault: OTEL_SDK_DISABLED is true: nothing at all is recorded" in found(
        installation.instrumentation, OTEL_SDK_DISABLED=" True "
    )


def test_a_missing_entry_point_is_a_fault(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(installation, "INSTRUMENTATION_NAME", "nobody")
    assert found(installation.instrumentation)[0].startswith("fault: opentelemetry-instrument does not find it")


def test_a_trial_without_a_span_is_a_fault(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("OTEL_PYTHON_DISABLED_INSTRUMENTATIONS", "*")
    assert installation.trial() == Finding("fault", "A trial call gave no span.")


def test_a_trial_that_fails_is_a_fault(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delattr("openai.resources.responses.Responses.create")
    assert installation.trial().text.startswith("A trial call failed with AttributeError")


def test_no_other_instrumentation_is_installed_here():
    assert only(installation.others) == "ok: No other instrumentation of openai is installed"


def test_another_instrumentation_with_an_entry_point_is_noted(add_entry_point: Callable[[str, str, str], None]):
    add_entry_point(
        "opentelemetry_instrumentor", "openai", "opentelemetry.instrumentation.genai.openai:OpenAIInstrumentor"
    )
    assert only(installation.others).endswith("To switch it off: OTEL_PYTHON_DISABLED_INSTRUMENTATIONS=openai")
    switched_off = only(installation.others, OTEL_PYTHON_DISABLED_INSTRUMENTATIONS="django, openai")
    assert switched_off == "ok: No other instrumentation of openai is installed"


def test_another_instrumentation_that_programs_call_is_noted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / "logfire").mkdir()
    (tmp_path / "logfire" / "__init__.py").touch()
    monkeypatch.syspath_prepend(tmp_path)
    assert only(installation.others).endswith("To switch it off: no call of logfire.instrument_openai()")


@pytest.mark.parametrize(
    ("variable", "value", "text"),
    [
        ("OTEL_RESPONSES_CHUNK_METRIC", "yes", "OTEL_RESPONSES_CHUNK_METRIC is true"),
        ("OTEL_RESPONSES_MAX_CONTENT_CHARS", "100", "OTEL_RESPONSES_MAX_CONTENT_CHARS is 100"),
        ("OTEL_RESPONSES_PROVIDER_BY_HOST", "a.b=c, d=e", "OTEL_RESPONSES_PROVIDER_BY_HOST is a.b=c, d=e"),
        (
            "OTEL_RESPONSES_HELICONE_HOSTS",
            "me.here",
            "OTEL_RESPONSES_HELICONE_HOSTS is ai-gateway.helicone.ai, gateway.helicone.ai, me.here, oai.helicone.ai",
        ),
        (
            "OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT",
            "span_only",
            "OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT is SPAN_ONLY",
        ),
        (
            "OTEL_SEMCONV_STABILITY_OPT_IN",
            "http,gen_ai_latest_experimental",
            "OTEL_SEMCONV_STABILITY_OPT_IN: latest_experimental is true",
        ),
    ],
)
def test_settings_are_shown_as_they_are_in_force(variable: str, value: str, text: str):
    assert only(settings.settings, **{variable: value}) == f"ok: {text}"


def test_without_settings_it_says_so():
    assert only(settings.settings) == "ok: Every setting has its default"


def test_a_value_that_is_not_allowed_and_a_name_that_nobody_reads_are_noted():
    lines = found(settings.settings, OTEL_RESPONSES_BAGGAGE="always", OTEL_RESPONSES_EXPORTS="1", OTEL_RESPONSES_=" ")
    assert lines[0] == "ok: OTEL_RESPONSES_BAGGAGE is none"
    assert lines[1].startswith("note: OTEL_RESPONSES_BAGGAGE is set to 'always', which is not allowed")
    assert "note: OTEL_RESPONSES_EXPORTS is read by nothing of ours. Is OTEL_RESPONSES_EXPORT meant?" in lines


def test_a_name_like_no_other_is_noted_without_a_guess():
    name = f"OTEL_RESPONSES_{'Z' * 60}"
    assert found(settings.settings, **{name: "1"})[-1] == f"note: {name} is read by nothing of ours."


@pytest.mark.parametrize(
    "variable", ["OTEL_RESPONSES_TEMPO_ENDPOINT", "OTEL_RESPONSES_QUEUE_DIR", "OTEL_RESPONSES_COLLECTOR_MEMORY_MIB"]
)
def test_the_variables_of_the_collector_are_known(variable: str):
    assert only(settings.settings, **{variable: "1"}) == "ok: Every setting has its default"


@pytest.mark.parametrize(
    ("sampler", "level", "words"),
    [
        ("", "ok", "Every call is sampled"),
        ("Parentbased_always_on", "ok", "Every call is sampled"),
        ("always_off", "fault", "no call becomes a span, and Helicone gets none"),
        ("traceidratio", "note", "with 0.1: Helicone and the panels that come from traces show that share"),
        ("my_own", "note", "my_own, a sampler that is not known here"),
    ],
)
def test_what_a_sampler_leaves_over_is_said(sampler: str, level: str, words: str):
    finding = only(settings.sampling, OTEL_TRACES_SAMPLER=sampler, OTEL_TRACES_SAMPLER_ARG="0.1")
    assert finding.startswith(f"{level}: ")
    assert words in finding


def test_the_mode_of_content_and_the_redactor_are_said():
    mode = "OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT"
    assert only(settings.content).startswith("ok: No prompt and no answer is recorded (NO_CONTENT)")
    assert only(settings.content, **{mode: "EVENT_ONLY"}).endswith("EVENT_ONLY, as they are: there is no redactor")
    redacted = only(settings.content, **{mode: "SPAN_ONLY", "OTEL_RESPONSES_REDACT": "patterns"})
    assert redacted == "ok: Prompts and answers are recorded: SPAN_ONLY, after the redactor patterns"


def test_a_redactor_that_cannot_be_loaded_is_a_fault():
    mode = "OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT"
    lines = found(settings.content, **{mode: "SPAN_ONLY", "OTEL_RESPONSES_REDACT": "no.such:thing"})
    assert lines[0].startswith("fault: The redactor 'no.such:thing' cannot be loaded")
    assert lines[1].startswith("ok: No prompt and no answer is recorded")


def test_of_helicone_s_key_only_that_there_is_one(tmp_path: Path):
    assert only(settings.helicone).startswith("note: HELICONE_API_KEY is not set here")
    assert only(settings.helicone, HELICONE_API_KEY=SECRET).startswith("ok: HELICONE_API_KEY is set")
    (tmp_path / "key").write_text(SECRET)
    assert only(settings.helicone, HELICONE_API_KEY_FILE=str(tmp_path / "key")).startswith(
        "ok: HELICONE_API_KEY is set"
    )
    assert only(settings.helicone, HELICONE_API_KEY_FILE=str(tmp_path / "none")).startswith(
        "fault: HELICONE_API_KEY_FILE"
    )


def exported(**environ: str) -> list[str]:
    """What is found of the export, without the line about the service."""
    return found(export.export, **environ)[1:]


def test_the_name_of_the_service_is_said():
    quiet = {f"OTEL_{signal}_EXPORTER": "none" for signal in ("TRACES", "METRICS", "LOGS")}
    assert found(export.export, **quiet)[0].startswith("note: OTEL_SERVICE_NAME is not set")
    assert found(export.export, OTEL_SERVICE_NAME="trips", **quiet)[0] == "ok: The service is called trips"
    attributes = "team=a, service.name = trips"
    assert found(export.export, OTEL_RESOURCE_ATTRIBUTES=attributes, **quiet)[0] == "ok: The service is called trips"


def test_signals_that_do_not_leave_are_said_traces_as_a_fault():
    assert exported(OTEL_TRACES_EXPORTER="none", OTEL_METRICS_EXPORTER="console, none", OTEL_LOGS_EXPORTER="none") == [
        "fault: OTEL_TRACES_EXPORTER is none: no traces leave over OTLP",
        "note: OTEL_METRICS_EXPORTER is console, none: no metrics leave over OTLP",
        "note: OTEL_LOGS_EXPORTER is none: no logs leave over OTLP",
    ]


def test_each_signal_has_its_own_endpoint():
    with receiver() as collector_:
        lines = exported(
            OTEL_EXPORTER_OTLP_ENDPOINT=f"{collector_.url}/",
            OTEL_EXPORTER_OTLP_LOGS_ENDPOINT=f"{collector_.url}/v1/logs",
        )
    assert lines == [
        f"ok: {signal} go to {collector_.url}/v1/{signal}, which takes them" for signal in ("traces", "metrics", "logs")
    ]


def test_an_address_that_does_not_answer_is_said_once():
    url = f"http://127.0.0.1:{free_port()}"
    assert exported(OTEL_EXPORTER_OTLP_ENDPOINT=url) == [
        f"fault: {url}/v1/traces does not answer (Connection refused). To see calls here and now: otel-responses view"
    ]


@pytest.mark.parametrize(
    ("status", "advice"),
    [
        (401, "the headers are wrong or missing (OTEL_EXPORTER_OTLP_HEADERS)"),
        (404, "OTEL_EXPORTER_OTLP_ENDPOINT is the base URL, to which /v1/traces and the like are added"),
        (307, "it does not take them"),
    ],
)
def test_what_an_endpoint_answers_is_explained(status: int, advice: str):
    headers = {"location": "http://127.0.0.1:1/elsewhere"}
    with answering(Reply(status=status, headers=headers)) as url:
        lines = exported(OTEL_EXPORTER_OTLP_ENDPOINT=url)
    assert lines[0] == f"fault: {url}/v1/traces answers {status}: {advice}"
    assert lines[1] == f"note: {url}/v1/metrics answers {status}: {advice}"


def test_what_is_no_http_server_does_not_answer():
    with saying(b"\x00\x00\x12\x04\r\n\r\n") as port:
        lines = exported(OTEL_EXPORTER_OTLP_ENDPOINT=f"http://127.0.0.1:{port}")
    assert lines[0].startswith(f"fault: http://127.0.0.1:{port}/v1/traces does not answer (BadStatusLine)")


@pytest.mark.parametrize("endpoint", ["localhost:4318", "http://", "http://host:99999", "ftp://host"])
def test_what_is_no_url_is_said(endpoint: str):
    assert exported(OTEL_EXPORTER_OTLP_ENDPOINT=endpoint)[0] == (
        "fault: The endpoint for traces is no URL with http or https: none leave"
    )


def test_an_endpoint_without_tls_does_not_answer_to_https():
    with answering(Reply()) as url:
        lines = exported(OTEL_EXPORTER_OTLP_ENDPOINT=url.replace("http://", "https://"))
    assert lines[0].startswith("fault: https://127.0.0.1:")
    assert "does not answer" in lines[0]


def test_certificates_that_are_not_there_are_said():
    lines = exported(
        OTEL_EXPORTER_OTLP_ENDPOINT="https://127.0.0.1:1", OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE="/no/such/file"
    )
    assert "(No such file or directory)" in lines[0]


def test_what_goes_through_a_proxy_is_not_asked(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    assert exported(OTEL_EXPORTER_OTLP_ENDPOINT="http://collector.example:4318")[0] == (
        "note: traces go to http://collector.example:4318/v1/traces through a proxy of the environment, "
        "which is not asked here"
    )


def test_the_port_of_the_other_protocol_is_said(monkeypatch: pytest.MonkeyPatch):
    port = free_port()
    monkeypatch.setitem(export.PORTS, "grpc", port)
    lines = exported(OTEL_EXPORTER_OTLP_ENDPOINT=f"http://127.0.0.1:{port}")
    assert f" {port} is the port of grpc, and OTEL_EXPORTER_OTLP_PROTOCOL asks for http/protobuf." in lines[0]


def test_grpc_needs_its_exporter(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(export.EXPORTERS, "grpc", "no_such_exporter")
    assert exported(OTEL_EXPORTER_OTLP_PROTOCOL="grpc")[0] == (
        "fault: The grpc exporter is not installed: pip install 'otel-responses[otlp-all]'"
    )


@pytest.mark.parametrize("scheme", ["", "http://"])
def test_grpc_is_asked_for_a_connection_only(scheme: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(export.EXPORTERS, "grpc", "otlp_proto_http")  # some exporter that is installed
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = f"127.0.0.1:{server.getsockname()[1]}"
        lines = exported(OTEL_EXPORTER_OTLP_PROTOCOL="grpc", OTEL_EXPORTER_OTLP_ENDPOINT=scheme + address)
    assert lines[0] == f"ok: traces go to http://{address} by gRPC, where something listens."


METRICS = """\
# HELP otelcol_exporter_sent_spans Number of spans
otelcol_process_uptime 12.5
otelcol_receiver_accepted_spans{receiver="otlp",transport="http"} 1200
otelcol_receiver_refused_spans{receiver="otlp",transport="http"} 3
otelcol_exporter_queue_capacity{data_type="traces",exporter="otlp_http/tempo"} 100
otelcol_exporter_queue_size{data_type="traces",exporter="otlp_http/tempo"} 90
otelcol_exporter_sent_spans{exporter="otlp_http/tempo"} 1.2e+03
otelcol_exporter_queue_capacity{data_type="traces",exporter="otlp_http/helicone"} 100
otelcol_exporter_queue_size{data_type="traces",exporter="otlp_http/helicone"} 0
otelcol_exporter_send_failed_spans{exporter="otlp_http/helicone"} 7
otelcol_exporter_queue_capacity{data_type="metrics",exporter="otlp_http/prometheus"} 100
otelcol_exporter_sent_metric_points{exporter="otlp_http/prometheus"} 50
otelcol_exporter_enqueue_failed_metric_points{exporter="otlp_http/prometheus"} 2
"""


def measured(text: str) -> list[str]:
    with answering(Reply(chunks=(text.encode(),))) as url:
        return found(collector.collector, OTEL_RESPONSES_COLLECTOR_METRICS_PORT=url.rpartition(":")[2])


def test_what_the_collector_took_sent_and_lost():
    assert measured(METRICS) == [
        "ok: The Collector has received 1,200 spans, and refused 3",
        "fault: otlp_http/helicone has lost 7 and sent none: see the Collector's log; 401 is a wrong key",
        "note: otlp_http/prometheus has sent 50 and lost 2: see the Collector's log",
        "ok: otlp_http/tempo has sent 1,200",
        "note: The queue to otlp_http/tempo is nearly full (90 of 100): the other side is away",
    ]


def test_a_collector_that_got_nothing_yet():
    assert measured("otelcol_process_uptime 12.5\n") == ["note: The Collector runs and has received no span yet"]


def test_what_is_no_collector_does_not_count():
    assert measured("up 1\n")[0].startswith("note: No Collector shows its metrics on 127.0.0.1:")


@pytest.mark.parametrize("port", ["", "no number", "70000"])
def test_no_collector_is_no_fault(port: str):
    port = port or str(free_port())
    assert only(collector.collector, OTEL_RESPONSES_COLLECTOR_METRICS_PORT=port) == (
        f"note: No Collector shows its metrics on 127.0.0.1:{port}: there is none, or not here"
    )


def test_without_variables_the_default_endpoint_is_asked():
    assert exported()[0].startswith(
        f"fault: http://localhost:{export.PORTS['http/protobuf']}/v1/traces does not answer"
    )
