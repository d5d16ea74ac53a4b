"""docs/sessions.md is true."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from otel_responses.testing import FakeResponsesAPI

TEXT = (Path(__file__).parents[2] / "docs" / "sessions.md").read_text(encoding="utf-8")


def test_its_programs_run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    programs = re.findall(r"^```python\n(.*?)^```", TEXT, re.DOTALL | re.MULTILINE)
    names: dict[str, object] = {}
    with FakeResponsesAPI().serve() as url:
        monkeypatch.setenv("OPENAI_API_KEY", "test")
        monkeypatch.setenv("OPENAI_BASE_URL", url)
        for program in programs:
            exec(program, names)
        names["client"].close()  # pyright: ignore[reportAttributeAccessIssue]
    first, *paragraphs = capsys.readouterr().out.splitlines()
    assert re.fullmatch(r"[0-9a-f-]{36} /plan /plan/flights", first)
    assert len(paragraphs) == 2
