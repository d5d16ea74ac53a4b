"""Sync and async give the same telemetry, to the last attribute: spans, metrics and events."""

from __future__ import annotations

from typing import Any

import anyio
import pytest

import otel_responses
from otel_responses.testing import FakeResponsesAPI, Reply, capture
from tests.patch.ways import CALLS, LEAVES, STREAMS, VERSION

Telemetry = tuple[list[dict[str, Any]], list[dict[str, Any]], list[dict[str, Any]]]


def measured(run: Any, *, is_async: bool, reply: Reply | None = None) -> Telemetry:
    """What a run leaves behind, with fixed ids and a fixed clock."""
    api = FakeResponsesAPI(clock=lambda: 1_767_225_600.0)
    api.enqueue(*([] if reply is None else [reply]))
    with capture(fixed=True) as telemetry:
        otel_responses.instrument(**telemetry.providers, capture_content="SPAN_AND_EVENT")
        if is_async:
            anyio.run(run, api.async_client())
        else:
            run(api.client())
        otel_responses.uninstrument()
        return telemetry.spans(), telemetry.metrics(), telemetry.logs()


@pytest.mark.parametrize("way", [way for way in CALLS if CALLS[way][2] <= VERSION])
def test_calls(way: str) -> None:
    run, run_async, _ = CALLS[way]
    assert measured(run, is_async=False) == measured(run_async, is_async=True)


@pytest.mark.parametrize("leave", LEAVES)
@pytest.mark.parametrize("way", STREAMS)
def test_streams(way: str, leave: str) -> None:
    stream, stream_async, _ = STREAMS[way]
    leaving, leaving_async = LEAVES[leave]

    def run(client: Any) -> None:
        leaving(stream, client)

    async def run_async(client: Any) -> None:
        await leaving_async(stream_async, client)

    assert measured(run, is_async=False) == measured(run_async, is_async=True)


def test_failures() -> None:
    run, run_async, _ = CALLS["create"]

    def failing(client: Any) -> None:
        with pytest.raises(Exception, match="400"):
            run(client)

    async def failing_async(client: Any) -> None:
        with pytest.raises(Exception, match="400"):
            await run_async(client)

    sync = measured(failing, is_async=False, reply=Reply.error(400))
    spans, metrics, (details, exception) = measured(failing_async, is_async=True, reply=Reply.error(400))
    # The stack is the one thing that must differ.
    assert exception["attributes"].pop("exception.stacktrace") != sync[2][1]["attributes"].pop("exception.stacktrace")
    assert sync == (spans, metrics, [details, exception])
