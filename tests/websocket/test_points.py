"""The patch points of WebSocket mode: optional, loaded late by the SDK, and taken off again."""

from __future__ import annotations

import importlib
import logging
import subprocess
import sys

import pytest

import otel_responses
from otel_responses._patch.points import POINTS
from otel_responses.testing import Capture
from tests.websocket.talk import HAS_CONNECT

pytestmark = [pytest.mark.matrix, HAS_CONNECT]


def wrapped() -> list[str]:
    """The methods of the SDK's two resources that have a wrapper now."""
    return [
        f"{point.owner}.{point.method}"
        for point in POINTS
        if point.module.startswith("openai.resources") and point.module in sys.modules
        if hasattr(vars(getattr(sys.modules[point.module], point.owner, object)).get(point.method), "_self_wrapper")
    ]


def test_on_and_off(telemetry: Capture) -> None:
    importlib.import_module("openai.resources.responses.responses")
    assert "ResponsesConnection.__init__" in wrapped()
    otel_responses.uninstrument()
    assert wrapped() == []


def test_nothing_is_said_where_an_sdk_has_no_websocket_mode(
    telemetry: Capture, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    from openai.resources.responses import responses

    otel_responses.uninstrument()
    monkeypatch.delattr(responses, "AsyncResponsesConnection")
    monkeypatch.delattr(responses.ResponsesConnectionManager, "_connect_ws", raising=False)
    with caplog.at_level(logging.DEBUG, "otel_responses"):
        otel_responses.instrument(**telemetry.providers)
        otel_responses.uninstrument()
    assert caplog.messages == []


def test_what_the_sdk_loads_late_is_patched_then() -> None:
    program = """
import sys
import otel_responses
otel_responses.instrument()
assert "openai" not in sys.modules
import openai
from openai.resources.responses import responses
print(type(vars(responses.ResponsesConnection)["__init__"]).__name__)
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=False)
    assert (done.stdout, done.stderr) == ("FunctionWrapper\n", "")
