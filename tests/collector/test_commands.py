from __future__ import annotations

import io
import os
import subprocess
import sys
from pathlib import Path

import pytest
from inline_snapshot import snapshot
from rich.console import Console
from typer.testing import CliRunner

from otel_responses.cli.app import app
from otel_responses.cli.collector.demonstration import recorded
from otel_responses.cli.collector.files import NAMES, packaged
from otel_responses.testing._helicone import FakeHelicone
from tests.collector.test_helicone import body, logged_span

SECONDS = 60.0


def invoke(*arguments: str) -> tuple[int, str, str]:
    result = CliRunner().invoke(app, ["collector", *arguments], catch_exceptions=False)
    return result.exit_code, result.stdout, result.stderr


@pytest.fixture
def otelcol(fake: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("OTELCOL", str(fake))
    return fake


def test_config_writes_the_files_and_says_which_were_there(tmp_path: Path):
    (tmp_path / "extras.yaml").write_text("mine: {}")
    exit_code, out, _ = invoke("config", "--out", str(tmp_path))
    assert exit_code == 0
    assert f"{tmp_path / 'base.yaml'}\n" in out
    assert f"{tmp_path / 'extras.yaml'}  (was there, left as it is)\n" in out


def test_check_passes_with_a_key(otelcol: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("HELICONE_API_KEY", "sk-1")
    assert invoke("check") == (
        0,
        f"224 combinations of the files are valid: otelcol version 1.2.3 ({otelcol})\n",
        "",
    )


@pytest.mark.usefixtures("otelcol")
def test_check_fails_clearly_without_a_key():
    exit_code, out, error = invoke("check")
    assert (exit_code, out) == (1, "")
    assert error.startswith("otel-responses: HELICONE_API_KEY is not set.")


@pytest.mark.usefixtures("otelcol")
def test_check_without_helicone_needs_no_key():
    exit_code, out, _ = invoke("check", "--without-helicone")
    assert (exit_code, out[:16]) == (0, "64 combinations ")


@pytest.mark.usefixtures("otelcol")
def test_check_says_what_is_wrong_where(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("FAKE_INVALID", "loki")
    exit_code, out, error = invoke("check", "--without-helicone")
    assert (exit_code, out) == (1, "")
    assert error == snapshot("""\
32 of 64 combinations, such as base + extras + tempo + loki:
Error: loki is bad

otel-responses: The configuration is not valid.
""")


@pytest.mark.parametrize("command", ["check", "run"])
def test_without_a_collector_the_message_says_how_to_get_one(command: str):
    exit_code, _, error = invoke(command)
    assert exit_code == 1
    assert "make collector" in error


@pytest.mark.usefixtures("otelcol")
def test_run_without_a_destination_says_what_to_set():
    exit_code, _, error = invoke("run")
    assert (exit_code, error) == snapshot(
        (
            1,
            "otel-responses: No destination is configured. Set OTEL_RESPONSES_TEMPO_ENDPOINT, HELICONE_API_KEY (or HELICONE_API_KEY_FILE), or both.\n",
        )
    )


def test_run_becomes_the_collector(otelcol: Path, tmp_path: Path):
    (tmp_path / "key").write_text("sk-1\n")
    variables = {
        "FAKE_ECHO": "1",
        "HELICONE_API_KEY_FILE": str(tmp_path / "key"),
        "OTEL_RESPONSES_TEMPO_ENDPOINT": "http://127.0.0.1:4418",
    }
    done = subprocess.run(
        (sys.executable, "-m", "otel_responses", "collector", "run", "--redact"),
        env={**os.environ, **variables},
        capture_output=True,
        encoding="utf-8",
        timeout=SECONDS,
        check=False,
    )
    files = [name for name in NAMES if name in {"base", "tempo", "helicone", "redact", "extras"}]
    assert done.returncode == 0
    assert done.stdout.splitlines() == [*(f"--config={packaged() / name}.yaml" for name in files), "sk-1"]
    assert done.stderr == f"{otelcol}: {', '.join(f'{name}.yaml' for name in files)}\n"


@pytest.mark.usefixtures("otelcol")
def test_the_demo_goes_through_the_collector():
    """The one in its place takes the spans and sends nothing on."""
    result = CliRunner().invoke(app, ["demo", "--collector"], catch_exceptions=False)
    assert (result.exit_code, result.stderr) == (0, "")
    assert "(a Collector, which sends it on to this command)" in result.stdout
    assert "Helicone would record 0 requests:" in result.stdout


def test_the_demo_without_a_collector_says_how_to_get_one():
    result = CliRunner().invoke(app, ["demo", "--collector"], catch_exceptions=False)
    assert result.exit_code == 1
    assert "make collector" in result.stderr


def test_what_helicone_would_record_is_shown_in_the_order_of_the_calls():
    helicone = FakeHelicone()
    property_ = "traceloop.association.properties.Helicone-"
    later = logged_span(
        **{
            f"{property_}Session-Name": "Trip",
            f"{property_}Session-Path": "/flights",
            f"{property_}Property-Error-Type": "429",
            f"{property_}Property-Ended-By": "closed",
        }
    )
    later["startTimeUnixNano"] = "1100000000"
    for span in (later, logged_span(**{"gen_ai.usage.prompt_tokens": 1, "llm.usage.total_tokens": 1234})):
        helicone.reply("POST", "/v1/trace/log", {"Authorization": "Bearer sk-helicone-test"}, body(span))
    console = Console(width=60, record=True, file=io.StringIO())
    console.print(recorded(helicone.requests))
    assert console.export_text() == snapshot("""\

Helicone would record 2 requests:

OPENAI gpt-4.1  1,234 tokens  0.25 s
  user  Hello!
  assistant  Hi.
Trip  /flights  OPENAI gpt-4.1  0.15 s  ended by: closed  e…
  user  Hello!
  assistant  Hi.
""")
