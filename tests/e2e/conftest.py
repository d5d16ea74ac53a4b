"""The Collector for the tests: the one at hand or cached; without one they are skipped, or fail where it is required."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from otel_responses.cli.collector.binary import CollectorMissing, find


@pytest.fixture(scope="session")
def otelcol() -> Path:
    try:
        return find()
    except CollectorMissing as missing:
        if os.environ.get("OTEL_RESPONSES_REQUIRE_COLLECTOR"):
            raise
        pytest.skip(str(missing))
