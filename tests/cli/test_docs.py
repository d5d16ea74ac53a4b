"""docs/cli.md is true."""

from __future__ import annotations

from pathlib import Path

import pytest

from otel_responses.cli import body, conversation, demo, receiver, screen, telemetry, texts

DOCUMENT = (Path(__file__).parents[2] / "docs" / "cli.md").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "sentence",
    [
        f"{body.BODY_MAX // 1024**2} MiB, else 413",
        f"| {receiver.REQUEST_SECONDS:g} s |",
        f"| {receiver.CONNECTIONS_MAX}, else 503",
        f"the newest {telemetry.CALLS_MAX:,};",
        f"the newest {telemetry.CONVERSATIONS_MAX:,} calls",
        f"the newest {screen.LIVE_CONVERSATIONS}\ncalls",
        f"the newest {conversation.PARTS_MAX} parts each",
        f"{conversation.PARTS_MAX} variables",
        f"its first {texts.CHARS_MAX} characters, in {texts.LINES_MAX} lines",
    ],
)
def test_the_bounds_are_those_of_the_code(sentence: str):
    assert sentence in DOCUMENT


def test_the_variables_that_reach_the_demo_are_named():
    others = [name for name in demo.KEPT if not name.startswith("OTEL_RESPONSES_")]
    assert all(f"`{name}`" in DOCUMENT for name in others)
