from __future__ import annotations

import os
from pathlib import Path

import httpx
import pytest

from otel_responses.cli.collector import running as module
from otel_responses.cli.collector.running import CollectorError, running


def test_it_is_ready_when_the_block_begins_and_gone_when_it_is_left(fake: Path):
    with running(fake, [], os.environ) as collector:
        assert httpx.post(f"{collector.endpoint}/v1/traces", content=b"", trust_env=False).status_code == 200
        assert collector.log == "ready\n"
        assert collector.metrics.endswith("/metrics")
    with pytest.raises(ProcessLookupError):
        os.kill(collector.pid, 0)


def test_one_that_was_killed_is_no_error(fake: Path):
    with running(fake, [], os.environ) as collector:
        collector.kill()
        with pytest.raises(ProcessLookupError):
            os.kill(collector.pid, 0)


def test_one_that_does_not_end_is_killed(fake: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(module, "STOP_SECONDS", 0.1)
    with running(fake, [], {**os.environ, "FAKE_STUBBORN": "1"}) as collector:
        pass
    with pytest.raises(ProcessLookupError):
        os.kill(collector.pid, 0)


def test_one_that_does_not_start_says_why(fake: Path):
    with (
        pytest.raises(CollectorError, match=r"does not start.*\nno such exporter"),
        running(fake, [], {**os.environ, "FAKE_REFUSAL": "no such exporter"}),
    ):
        pass
