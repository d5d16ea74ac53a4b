"""`otel-responses stack`, with a program in Docker's place that writes down what it was asked."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from otel_responses.cli.app import app


def invoke(*arguments: str) -> tuple[int, str, str]:
    result = CliRunner().invoke(app, ["stack", *arguments], catch_exceptions=False)
    return result.exit_code, result.stdout, result.stderr


@pytest.fixture
def docker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The file that it writes to."""
    asked, program = tmp_path / "asked", tmp_path / "bin" / "docker"
    program.parent.mkdir()
    program.write_text(
        f"#!{sys.executable}\nimport os, sys\n"
        f"open({str(asked)!r}, 'a').write(' '.join(sys.argv[1:]) + '\\n')\n"
        "sys.exit(int(os.environ.get('DOCKER_' + sys.argv[-1].strip('-').upper(), 0)))\n"
    )
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}{os.pathsep}{os.environ['PATH']}")
    return asked


def test_init_writes_all_files_and_no_file_twice(tmp_path: Path):
    folder = tmp_path / "stack"
    exit_code, out, _ = invoke("init", str(folder))
    assert exit_code == 0
    assert f"files written to {folder}" in out
    names = {file.relative_to(folder).as_posix() for file in folder.rglob("*")}
    assert {
        "collector/base.yaml",
        "grafana/compose.yaml",
        "grafana/dashboards/otel-responses-overview.json",
        "grafana/provisioning/datasources/otel-responses.yaml",
    } <= names
    (folder / "grafana" / "tempo.yaml").write_text("mine: {}")
    assert invoke("init", str(folder))[1].startswith("0 files written")
    assert (folder / "grafana" / "tempo.yaml").read_text() == "mine: {}"


def test_up_writes_the_files_starts_all_and_says_where_to_look(docker: Path, tmp_path: Path):
    folder = tmp_path / "stack"
    exit_code, out, _ = invoke("up", str(folder))
    assert exit_code == 0
    assert "http://127.0.0.1:3000" in out
    file = folder / "grafana" / "compose.yaml"
    assert docker.read_text() == f"compose version\ncompose --file {file} up --detach --wait\n"


@pytest.mark.parametrize(
    ("command", "asked"),
    [(["down"], "down"), (["down", "--volumes"], "down --volumes"), (["status"], "ps --all")],
)
def test_down_and_status_ask_docker(docker: Path, tmp_path: Path, command: list[str], asked: str):
    folder = tmp_path / "stack"
    invoke("init", str(folder))
    assert invoke(*command, str(folder))[0] == 0
    assert docker.read_text().splitlines()[-1] == f"compose --file {folder / 'grafana' / 'compose.yaml'} {asked}"


@pytest.mark.usefixtures("docker")
def test_what_was_never_written_is_said(tmp_path: Path):
    exit_code, _, error = invoke("down", str(tmp_path / "nowhere"))
    assert exit_code == 1
    assert "otel-responses stack init" in error


@pytest.mark.usefixtures("docker")
def test_a_failure_of_docker_is_passed_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("DOCKER_WAIT", "17")
    exit_code, out, _ = invoke("up", str(tmp_path / "stack"))
    assert (exit_code, out) == (17, "")


@pytest.mark.parametrize("command", ["up", "down", "status"])
def test_without_docker_the_other_ways_are_named(command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    exit_code, _, error = invoke(command, str(tmp_path / "stack"))
    assert exit_code == 1
    for way in ("otel-responses view", "arize-phoenix", "mlflow", "Tempo, Prometheus and Grafana"):
        assert way in error
    assert not (tmp_path / "stack").exists()


@pytest.mark.usefixtures("docker")
def test_docker_without_compose_counts_as_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("DOCKER_VERSION", "1")
    assert invoke("status", str(tmp_path))[0] == 1
