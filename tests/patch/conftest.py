"""A fake API, and its calls traced into memory with fixed ids and a fixed clock."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

import otel_responses
from otel_responses import _open_calls
from otel_responses.testing import Capture, FakeResponsesAPI, capture


@pytest.fixture
def api() -> FakeResponsesAPI:
    return FakeResponsesAPI(clock=lambda: 1_767_225_600.0)


@pytest.fixture
def telemetry() -> Iterator[Capture]:
    with capture(fixed=True) as telemetry:
        otel_responses.instrument(**telemetry.providers)
        yield telemetry
        otel_responses.uninstrument()
    assert _open_calls._open == {}, "a test left a call open"
