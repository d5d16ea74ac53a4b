"""A fake API on a real connection, our spans and the HTTP instrumentation's below them, and nothing else in reach.

`make test-frameworks` installs the frameworks in a virtual environment of their own; elsewhere their tests are passed by.
"""

from __future__ import annotations

import socket
from collections.abc import Iterator
from importlib.util import find_spec
from typing import Any

import pytest
from opentelemetry.instrumentation.httpx import HTTPX2ClientInstrumentor

import otel_responses
from otel_responses import _open_calls
from otel_responses.testing import Capture, FakeResponsesAPI, capture

collect_ignore_glob = [] if find_spec("pydantic_ai") else ["test_*.py"]

LOOPBACK = {"127.0.0.1", "::1", "localhost"}


@pytest.fixture(autouse=True)
def loopback_only(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let nothing be reached but loopback, also by a framework's own telemetry in a thread of its own."""
    monkeypatch.setenv("LANGSMITH_TRACING", "false")
    outside: list[str] = []
    connect, getaddrinfo = socket.socket.connect, socket.getaddrinfo

    def check(host: Any) -> None:
        name = host.decode() if isinstance(host, bytes) else host
        if name not in LOOPBACK:
            outside.append(name)
            raise OSError(f"{name} is not on loopback")

    def checked_connect(self: socket.socket, address: Any) -> None:
        check(address[0])
        connect(self, address)

    def checked_getaddrinfo(host: Any, *args: Any, **options: Any) -> Any:
        check(host)
        return getaddrinfo(host, *args, **options)

    monkeypatch.setattr(socket.socket, "connect", checked_connect)
    monkeypatch.setattr(socket, "getaddrinfo", checked_getaddrinfo)
    yield
    assert outside == []


@pytest.fixture
def api() -> FakeResponsesAPI:
    return FakeResponsesAPI()


@pytest.fixture
def url(api: FakeResponsesAPI) -> Iterator[str]:
    with api.serve() as url:
        yield url


@pytest.fixture
def telemetry() -> Iterator[Capture]:
    with capture(fixed=True) as telemetry:
        HTTPX2ClientInstrumentor().instrument(tracer_provider=telemetry.tracer_provider, skip_dep_check=True)
        otel_responses.instrument(**telemetry.providers)
        yield telemetry
        otel_responses.uninstrument()
        HTTPX2ClientInstrumentor().uninstrument()
    assert _open_calls._open == {}, "a test left a call open"
