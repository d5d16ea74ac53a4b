"""The commands with the real Collector."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from otel_responses.cli.collector.running import Collector, free_port
from otel_responses.cli.doctor.collector import collector
from otel_responses.cli.doctor.surroundings import Surroundings
from otel_responses.testing._helicone import FakeHelicone
from tests.e2e.pipeline import KEY, SECONDS, FakeTempo, Pipeline, pipeline
from tests.e2e.spans import call, request_of

COMMAND = (sys.executable, "-m", "otel_responses", "collector")


def variables(otelcol: Path, **more: str) -> dict[str, str]:
    bare = {name: value for name, value in os.environ.items() if not name.startswith(("OTEL_", "HELICONE_"))}
    return {**bare, "OTELCOL": str(otelcol), **more}


def command(otelcol: Path, *arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
    environ = variables(otelcol, **more)
    return subprocess.run((*COMMAND, *arguments), env=environ, capture_output=True, text=True, timeout=120, check=False)


def test_every_combination_of_the_files_is_valid(otelcol: Path):
    done = command(otelcol, "check", HELICONE_API_KEY=KEY)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("224 combinations of the files are valid: ")
    assert KEY not in done.stdout


def test_without_a_key_the_check_fails_though_the_collector_would_not(otelcol: Path):
    done = command(otelcol, "check")
    assert (done.returncode, done.stdout) == (1, "")
    assert "HELICONE_API_KEY is not set" in done.stderr


def test_a_fault_in_a_file_is_found(otelcol: Path, tmp_path: Path):
    command(otelcol, "config", "--out", str(tmp_path))
    helicone = tmp_path / "helicone.yaml"
    helicone.write_text(helicone.read_text().replace("ParseJSON(", "ParseJson("))
    done = command(otelcol, "check", "--config", str(tmp_path), HELICONE_API_KEY=KEY)
    assert done.returncode == 1
    assert 'undefined function "ParseJson"' in done.stderr


def test_run_sends_to_both_sides_until_it_is_told_to_end(otelcol: Path, tmp_path: Path):
    """On SIGTERM it sends what it still has."""
    helicone, tempo = FakeHelicone(KEY), FakeTempo()
    ports = {"http": free_port(), "metrics": free_port()}
    with helicone.serve() as url, tempo.serve() as endpoint, (tmp_path / "log").open("w") as log:
        environ = variables(
            otelcol,
            HELICONE_API_KEY=KEY,
            OTEL_RESPONSES_HELICONE_ENDPOINT=url,
            OTEL_RESPONSES_TEMPO_ENDPOINT=endpoint,
            OTEL_RESPONSES_OTLP_GRPC=f"127.0.0.1:{free_port()}",
            OTEL_RESPONSES_OTLP_HTTP=f"127.0.0.1:{ports['http']}",
            OTEL_RESPONSES_COLLECTOR_METRICS_PORT=str(ports["metrics"]),
        )
        process = subprocess.Popen((*COMMAND, "run"), env=environ, stdout=log, stderr=log)
        collector = Collector(process, tmp_path / "log", ports)
        try:
            collector.wait_until_ready()
            sides = Pipeline(collector, helicone, tmp_path / "none")
            assert sides.post(request_of(*(call(f"{n}") for n in range(50)))) == 200
            process.send_signal(signal.SIGTERM)
            assert process.wait(SECONDS) == 0
        finally:
            process.kill()
            process.wait()
    assert (len(helicone.requests), len(tempo.spans)) == (50, 50)
    assert KEY not in collector.log
    assert "base.yaml, tempo.yaml, helicone.yaml, extras.yaml" in collector.log


@pytest.mark.parametrize("field", ["endpoint", "key"])
def test_a_key_that_helicone_does_not_know_shows_in_the_metric(otelcol: Path, tmp_path: Path, field: str):
    """401 and 404 are final: the requests are lost, and counted."""
    helicone = FakeHelicone("sk-another" if field == "key" else KEY)
    with helicone.serve() as url:
        wrong = url if field == "key" else f"{url}/elsewhere"
        with pipeline(otelcol, tmp_path, helicone=helicone, url=wrong) as sides:
            sides.post(request_of(call("a"), call("b")))
            sides.wait(lambda: sides.metric("otelcol_exporter_send_failed_spans") == 2)
            assert helicone.attempts == 2


def test_the_doctor_reads_the_collector_s_own_metrics(otelcol: Path, tmp_path: Path):
    tempo, helicone = FakeTempo(), FakeHelicone("sk-another")
    with (
        tempo.serve() as endpoint,
        pipeline(
            otelcol, tmp_path, "tempo", helicone=helicone, environ={"OTEL_RESPONSES_TEMPO_ENDPOINT": endpoint}
        ) as sides,
    ):
        sides.post(request_of(call("a"), call("b")))
        sides.wait(lambda: sides.metric("otelcol_exporter_send_failed_spans") == 2 and len(tempo.spans) == 2)
        environ = {"OTEL_RESPONSES_COLLECTOR_METRICS_PORT": sides.collector.metrics.split("/")[2].split(":")[1]}
        found = [finding.text for finding in collector(Surroundings.read(environ))]
    assert found == [
        "The Collector has received 2 spans, and refused 0",
        "otlp_http/helicone has lost 2 and sent none: see the Collector's log; 401 is a wrong key",
        "otlp_http/tempo has sent 2",
    ]
