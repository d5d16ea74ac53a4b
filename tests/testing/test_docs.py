"""docs/testing.md is true."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

from otel_responses import testing
from otel_responses.testing import Capture, Reply

TEXT = (Path(__file__).parents[2] / "docs" / "testing.md").read_text(encoding="utf-8")


def public(kind: type) -> set[str]:
    return {name for name in vars(kind) if not name.startswith("_")}


def test_its_programs_run() -> None:
    program = "\n".join(re.findall(r"^```python\n(.*?)^```", TEXT, re.DOTALL | re.MULTILINE))
    command = [sys.executable, "-W", "error", "-W", "ignore::ResourceWarning", "-c", program]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_it_names_all_that_there_is() -> None:
    replies = public(Reply) - set(Reply.__dataclass_fields__)
    assert {name for name in replies if f"Reply.{name}(" not in TEXT and f"`.{name}(" not in TEXT} == set()
    assert {name for name in public(Capture) if f"`{name}" not in TEXT} == set()


def test_the_package_has_no_other_public_names() -> None:
    assert {name for name in vars(testing) if not name.startswith("_")} == set(testing.__all__)
