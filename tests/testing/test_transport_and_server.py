"""What the two ways to the fake API have of a real one: compression, bodies that are read bit by bit, connections."""

from __future__ import annotations

import http.client
import socket
import subprocess
import sys
import threading
import zlib
from collections.abc import Callable
from typing import Any

import openai
import pytest
from openai import AsyncOpenAI, OpenAI

from otel_responses.testing import FakeResponsesAPI, Reply

HEADERS = {"authorization": "Bearer sk-fake", "accept-encoding": "gzip, deflate"}
BODY = b'{"model":"gpt-4.1","input":"Hi","stream":true}'


def ungzip(chunks: tuple[bytes, ...]) -> list[bytes]:
    decompressor = zlib.decompressobj(wbits=31)
    return [decompressor.decompress(chunk) for chunk in chunks]


def test_bodies_are_compressed_and_each_event_can_be_read_at_once(api: FakeResponsesAPI) -> None:
    reply = api.reply("POST", "/v1/responses", HEADERS, BODY)
    assert reply.headers["content-encoding"] == "gzip"
    events = ungzip(reply.chunks)
    assert len(events) == 22
    assert all(event.startswith(b"event: ") and event.endswith(b"}\n\n") for event in events)


@pytest.mark.parametrize(
    ("gzip", "accepted"), [(False, "gzip"), (True, "deflate")], ids=["switched off", "not accepted"]
)
def test_bodies_are_not_compressed(*, gzip: bool, accepted: str) -> None:
    api = FakeResponsesAPI(gzip=gzip)
    reply = api.reply("POST", "/v1/responses", {**HEADERS, "accept-encoding": accepted}, BODY)
    assert "content-encoding" not in reply.headers
    assert reply.chunks[0].startswith(b"event: response.created\n")


def test_a_reply_without_a_body_is_not_compressed(api: FakeResponsesAPI) -> None:
    api.enqueue(Reply.redirect("/elsewhere"))
    assert "content-encoding" not in api.reply("POST", "/v1/responses", HEADERS, BODY).headers


def test_a_stream_is_open_until_it_is_read_or_closed(connect: Callable[..., OpenAI]) -> None:
    client = connect()
    read, closed = (client.responses.create(model="gpt-4.1", input="Hi", stream=True) for _ in range(2))
    assert not read.response.is_closed
    assert not closed.response.is_closed
    list(read)
    next(iter(closed))
    closed.close()
    assert read.response.is_closed
    assert closed.response.is_closed


@pytest.mark.anyio
async def test_an_async_stream_is_open_until_it_is_closed(connect_async: Callable[..., AsyncOpenAI]) -> None:
    async with connect_async() as client:
        stream = await client.responses.create(model="gpt-4.1", input="Hi", stream=True)
        assert not stream.response.is_closed
        await stream.close()
        assert stream.response.is_closed


def test_options_of_the_client_are_passed_on(api: FakeResponsesAPI) -> None:
    client = api.client(base_url="https://gateway.example.com/openai/v1", default_headers={"x-team": "blue"})
    client.responses.create(model="gpt-4.1", input="Hi", extra_query={"beta": "true"})
    [request] = api.requests
    assert (request.method, request.path, request.query) == ("POST", "/openai/v1/responses", {"beta": "true"})
    assert request.headers["x-team"] == "blue"
    assert request.headers["host"] == "gateway.example.com"
    assert request.json == {"model": "gpt-4.1", "input": "Hi"}


def test_the_clients_do_not_look_at_the_environment(api: FakeResponsesAPI, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_BASE_URL", "http://elsewhere.example.com/v1")
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    assert str(api.client().base_url) == str(api.async_client().base_url) == "https://api.openai.com/v1/"


def test_only_the_newest_requests_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("otel_responses.testing._api.REQUESTS_MAX", 2)
    api = FakeResponsesAPI()
    for path in ("/one", "/two", "/three"):
        api.reply("get", path, {}, b"\xff no JSON")
    assert [(request.method, request.path, request.json) for request in api.requests] == [
        ("GET", "/two", None),
        ("GET", "/three", None),
    ]


def test_the_server_keeps_a_connection_alive(api: FakeResponsesAPI) -> None:
    with api.serve() as url:
        connection = http.client.HTTPConnection(url.split("/")[2], timeout=10)
        for _ in range(3):
            connection.request("POST", "/v1/responses", BODY, {**HEADERS, "accept-encoding": "identity"})
            response = connection.getresponse()
            assert response.read().startswith(b"event: response.created\n")
            assert response.getheader("connection") is None
        connection.close()
    assert len(api.requests) == 3


def test_the_server_survives_a_client_that_hangs_up(api: FakeResponsesAPI, capfd: pytest.CaptureFixture[str]) -> None:
    many = [{"type": "response.output_text.delta", "delta": "x" * 100_000} for _ in range(200)]
    api.enqueue(Reply.events(many))
    with api.serve() as url, OpenAI(base_url=url, api_key="sk-fake") as client:
        with client.responses.create(model="gpt-4.1", input="Hi", stream=True) as stream:
            next(iter(stream))
        assert client.responses.create(model="gpt-4.1", input="Hi").id == "resp_0001"
    assert capfd.readouterr() == ("", "")


def test_the_server_survives_garbage(api: FakeResponsesAPI, capfd: pytest.CaptureFixture[str]) -> None:
    garbage = (b"\x16\x03\x01 not HTTP\r\n\r\n", b"POST /v1/responses HTTP/1.1\r\ncontent-length: x\r\n\r\n")
    with api.serve() as url:
        host, port = url.split("/")[2].split(":")
        for sent in garbage:
            with socket.create_connection((host, int(port)), timeout=10) as connection:
                connection.sendall(sent)
                assert connection.recv(10_000)
        with OpenAI(base_url=url, api_key="sk-fake") as client:
            assert client.responses.create(model="gpt-4.1", input="Hi").status == "completed"
    assert capfd.readouterr() == ("", "")


def test_a_fault_of_the_server_itself_is_shown(capfd: pytest.CaptureFixture[str]) -> None:
    def broken_clock() -> float:
        raise RuntimeError("no time")

    api = FakeResponsesAPI(clock=broken_clock)
    with api.serve() as url, OpenAI(base_url=url, api_key="sk-fake", max_retries=0) as client:
        with pytest.raises(openai.APIConnectionError):
            client.responses.create(model="gpt-4.1", input="Hi")
    assert "RuntimeError: no time" in capfd.readouterr().err


def test_the_server_leaves_nothing_behind(api: FakeResponsesAPI) -> None:
    before = threading.active_count()
    api.enqueue(Reply.answer().stall(after_events=1), Reply.answer().slow(interval=60))
    with api.serve() as url:
        host, port = url.split("/")[2].split(":")
        idle = socket.create_connection((host, int(port)), timeout=10)
        client = OpenAI(base_url=url, api_key="sk-fake", max_retries=0)
        for _ in range(2):
            next(iter(client.responses.create(model="gpt-4.1", input="Hi", stream=True)))
    assert threading.active_count() == before
    with pytest.raises(OSError, match="refused"):
        socket.create_connection((host, int(port)), timeout=10)
    idle.close()
    client.close()


def test_a_program_may_end_while_it_serves(api: FakeResponsesAPI) -> None:
    program = (
        "from otel_responses.testing import FakeResponsesAPI\n"
        "with FakeResponsesAPI().serve() as url:\n"
        "    print(url)\n"
        "    raise SystemExit(3)\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stderr) == (3, "")
    assert done.stdout.startswith("http://127.0.0.1:")


def test_serving_needs_no_openai(api: FakeResponsesAPI) -> None:
    program = (
        "import sys\n"
        "from otel_responses.testing import FakeResponsesAPI\n"
        "with FakeResponsesAPI().serve(): pass\n"
        "print('openai' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout == "False\n"


@pytest.mark.parametrize("method", ["GET", "PUT", "PATCH", "DELETE"])
def test_the_server_takes_every_method(api: FakeResponsesAPI, method: str) -> None:
    with api.serve() as url:
        connection = http.client.HTTPConnection(url.split("/")[2], timeout=10)
        connection.request(method, "/v1/models", headers=HEADERS)
        status: Any = connection.getresponse().status
        connection.close()
    assert (status, api.requests[0].method) == (404, method)
