"""docs/privacy.md is true: its table is the one that the leak test holds, its numbers are the defaults, its programs run."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from otel_responses import redaction
from otel_responses.config import SETTINGS
from otel_responses.policy import CaptureMode, Limits
from otel_responses.testing import FakeResponsesAPI
from tests.privacy.places import MODES, ROWS

DOCS = Path(__file__).parents[2] / "docs"
TEXT = (DOCS / "privacy.md").read_text(encoding="utf-8")
PROGRAMS = re.findall(r"^```python\n(.*?)^```", TEXT, re.DOTALL | re.MULTILINE)


def cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.strip().strip("|").split("|")]


def test_the_table_is_the_one_that_is_tested():
    _, _, table = TEXT.partition("<!-- leaves:")
    header, _, *lines = table.partition("<!-- /leaves -->")[0].splitlines()[1:]
    assert cells(header) == ["data", *(f"`{mode}`" for mode in MODES), "redactor"]
    assert lines == [f"| {' | '.join(row.cells())} |" for row in ROWS]


def test_the_modes_are_all_that_there_are():
    assert tuple(mode.name for mode in CaptureMode) == MODES
    assert re.findall(r"^\| `(\w+)` \| (?:nowhere|attributes|both)", TEXT, re.MULTILINE) == list(MODES)


def test_the_limits_are_the_defaults():
    limits = dict(re.findall(r"^\| `(OTEL_RESPONSES_MAX_\w+)` \| (\d+) \|", TEXT, re.MULTILINE))
    assert limits == {
        "OTEL_RESPONSES_MAX_CONTENT_CHARS": str(Limits().part_chars),
        "OTEL_RESPONSES_MAX_CONTENT_BYTES": str(Limits().attribute_bytes),
    }


def test_the_variables_exist():
    assert set(re.findall(r"`(OTEL_RESPONSES_\w+)", TEXT)) <= {setting.env for setting in SETTINGS}


def test_every_ready_redactor_is_described():
    ready = {name for name in redaction.__all__ if name.islower()} - {"load"}
    assert {name for name in ready if not re.search(rf"^\| `{name}[`(]", TEXT, re.MULTILINE)} == set()
    assert {name for name in redaction.__all__ if name.isupper() and f"`{name}`" not in TEXT} == {"GROUP"}
    assert f"`{redaction.GROUP}`" in TEXT


@pytest.mark.parametrize("number", range(len(PROGRAMS)))
def test_programs_run(number: int):
    # `Part | None` is evaluated where the annotations are not postponed; Python 3.10 can.
    with FakeResponsesAPI().serve() as url:
        environment = {**os.environ, "OPENAI_API_KEY": "test", "OPENAI_BASE_URL": url}
        command = [sys.executable, "-W", "error", "-W", "ignore::ResourceWarning", "-c", PROGRAMS[number]]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_links_lead_somewhere():
    readme = (DOCS.parent / "README.md").read_text(encoding="utf-8")
    for target in re.findall(r"\]\(\.\./README\.md#([\w-]+)\)", TEXT):
        assert f"# {target.replace('-', ' ')}" in readme.lower()
