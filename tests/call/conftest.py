"""Telemetry in memory with fixed ids and a fixed clock; a test ends with no call open."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from otel_responses import _open_calls
from otel_responses._observer import Observer
from otel_responses.testing import Capture, capture
from tests.calls import observing


@pytest.fixture
def telemetry() -> Iterator[Capture]:
    with capture(fixed=True) as telemetry:
        yield telemetry
    assert _open_calls._open == {}, "a test left a call open"


@pytest.fixture
def observer(telemetry: Capture) -> Observer:
    return observing(telemetry)
