"""An environment without a Collector of the machine's, and a program in its place."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

FAKE = f"""\
#!/bin/sh
case "$1" in
  --version) echo "otelcol version 1.2.3"; exit ;;
  validate)
    case "$* " in *"/${{FAKE_INVALID:-nothing}}.yaml "*) echo "Error: $FAKE_INVALID is bad" >&2; exit 1 ;; esac
    exit ;;
esac
exec "{sys.executable}" "{Path(__file__).with_name("otelcol.py")}" "$@"
"""


@pytest.fixture(autouse=True)
def bare_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in [*os.environ]:
        if name.startswith(("OTEL", "HELICONE_", "OPENAI_")):
            monkeypatch.delenv(name)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))


@pytest.fixture
def fake(tmp_path: Path) -> Path:
    """The path of a program that stands in for the Collector."""
    program = tmp_path / "fake-otelcol"
    program.write_text(FAKE)
    program.chmod(0o755)
    return program
