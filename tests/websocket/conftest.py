"""A fake API on loopback, and its calls traced into memory with fixed ids and a fixed clock."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

import otel_responses
from otel_responses import _open_calls
from otel_responses.testing import Capture, FakeResponsesAPI, capture
from tests.websocket.talk import KINDS, VERSION, Kind, Talk


@pytest.fixture
def api() -> FakeResponsesAPI:
    return FakeResponsesAPI(text="Rome.", clock=lambda: 1_767_225_600.0)


@pytest.fixture
def telemetry() -> Iterator[Capture]:
    with capture(fixed=True) as telemetry:
        otel_responses.instrument(**telemetry.providers)
        yield telemetry
        otel_responses.uninstrument()
    assert _open_calls._open == {}, "a test left a call open"


@pytest.fixture
def url(api: FakeResponsesAPI) -> Iterator[str]:
    with api.serve() as url:
        yield url


@pytest.fixture(params=[pytest.param(kind, id=kind.name) for kind in KINDS])
def talk(request: pytest.FixtureRequest, url: str, telemetry: Capture) -> Talk:
    """A client of each kind: sync and async, of the stable and of the beta resource."""
    kind: Kind = request.param
    if KINDS[kind] > VERSION:
        pytest.skip("younger than the installed SDK")
    return Talk(kind, url)
