"""The fake API and the telemetry of the tests of the patches, and a client that is sync in one run and async in another."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

import pytest
from anyio.from_thread import start_blocking_portal

from otel_responses.testing import FakeResponsesAPI
from tests.patch.conftest import api, telemetry
from tests.runs.clients import AsyncCalls, Calls, SyncCalls

__all__ = ["api", "telemetry"]


@pytest.fixture(params=["sync", "async"])
def calls(api: FakeResponsesAPI, request: pytest.FixtureRequest) -> Iterator[Calls]:
    if request.param == "sync":
        with closing(api.client(max_retries=0)) as client:
            yield SyncCalls(client)
        return
    with start_blocking_portal() as portal:
        client = api.async_client(max_retries=0)
        yield AsyncCalls(client, portal)
        portal.call(client.close)
