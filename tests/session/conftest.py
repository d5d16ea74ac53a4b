"""A session test ends outside of every session, and nothing has complained about contexts on its way."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest

from otel_responses.session import configure_baggage, current_session

Run = Callable[[Callable[[], Awaitable[Any]]], Any]

COMPLAINTS = ("opentelemetry.context", "asyncio")


@pytest.fixture(autouse=True)
def no_complaints(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    yield
    configure_baggage(read=False, write=False)
    assert [record.getMessage() for record in caplog.records if record.name in COMPLAINTS] == []
    assert current_session() is None


def run_in_task(body: Callable[[], Awaitable[Any]]) -> Any:
    async def main() -> Any:
        return await asyncio.ensure_future(body())

    return asyncio.run(main())


def run_in_pool(body: Callable[[], Awaitable[Any]]) -> Any:
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(run_in_task, body).result(timeout=30)


@pytest.fixture(params=[run_in_task, run_in_pool], ids=["task", "pool"])
def run(request: pytest.FixtureRequest) -> Run:
    """Run an async function in a fresh task: of this thread, and of a thread pool."""
    return request.param


@dataclass
class Loopback:
    """A real HTTP server that remembers the head of each request."""

    url: str
    heads: list[dict[str, str]] = field(default_factory=list[dict[str, str]])


@pytest.fixture(scope="module")
def loopback() -> Iterator[Loopback]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            seen.heads.append({name.lower(): value for name, value in self.headers.items()})
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    seen = Loopback(f"http://127.0.0.1:{server.server_address[1]}")
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield seen
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
