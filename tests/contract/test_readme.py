"""The README is true: its programs run, its commands exist, and its tables name all that there is."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from otel_responses import _semconv
from otel_responses.config import SETTINGS
from otel_responses.testing import FakeResponsesAPI

ROOT = Path(__file__).parent.parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
PROGRAMS = re.findall(r"^```python\n(.*?)^```", README, re.DOTALL | re.MULTILINE)


def emitted_names() -> Iterator[str]:
    """Yield every attribute and metric that `_semconv` knows."""
    constants = (value for name, value in vars(_semconv).items() if name.isupper() and isinstance(value, str))
    profiles = (_semconv.RELEASED, _semconv.MAIN)
    metrics = (name for profile in profiles for name in profile)
    yield from (
        value for value in (*constants, *metrics) if isinstance(value, str) and "." in value and "/" not in value
    )


@pytest.mark.parametrize("number", range(len(PROGRAMS)))
def test_programs_run(number: int) -> None:
    with FakeResponsesAPI().serve() as url:
        environment = {**os.environ, "OPENAI_API_KEY": "test", "OPENAI_BASE_URL": url}
        environment |= {f"OTEL_{signal}_EXPORTER": "none" for signal in ("TRACES", "METRICS", "LOGS")}
        command = [sys.executable, "-W", "error", "-W", "ignore::ResourceWarning", "-c", PROGRAMS[number]]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_every_setting_is_in_the_table() -> None:
    assert [setting.env for setting in SETTINGS if f"| `{setting.env}` |" not in README] == []


def test_every_name_that_is_emitted_is_in_a_table() -> None:
    assert [name for name in emitted_names() if f"`{name.rstrip('.')}" not in README] == []


def test_make_targets_exist() -> None:
    targets = set(re.findall(r"^([a-z0-9-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    texts = [README, (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")]
    used = {name for text in texts for name in re.findall(r"(?:^|`)make ([a-z0-9-]+)", text, re.MULTILINE)}
    assert {"demo", "test"} <= used <= targets
