"""What is kept of a body that passes the SDK's parser by: any chunking, any encoding, bounded."""

from __future__ import annotations

import gzip
import zlib
from typing import Any

import anyio
import pytest
from hypothesis import given, strategies as st

from otel_responses._patch.bodies import HEAD_BYTES, TAIL_BYTES, AsyncBody, Body, Tee
from otel_responses.testing import Capture, FakeResponsesAPI, Reply
from tests.patch.ways import BODY

ENCODINGS = {None: bytes, "gzip": gzip.compress, "deflate": zlib.compress, "br": bytes}


def chunked(data: bytes, sizes: list[int]) -> list[bytes]:
    chunks: list[bytes] = []
    for size in sizes:
        chunks.append(data[:size])
        data = data[size:]
    return [*chunks, data]


@given(
    content=st.binary(max_size=2_000),
    sizes=st.lists(st.integers(0, 300), max_size=20),
    encoding=st.sampled_from(list(ENCODINGS)),
)
def test_the_chunking_does_not_matter(content: bytes, sizes: list[int], encoding: str | None) -> None:
    tee = Tee(encoding)
    for chunk in chunked(ENCODINGS[encoding](content), sizes):
        tee.add(chunk)
    assert tee.content() == content
    assert tee.is_whole


def test_no_more_than_the_head_and_the_tail_are_kept() -> None:
    tee = Tee(None)
    for number in range(2_000):
        tee.add(b"%08d" % number * 128)
    content = tee.content()
    assert not tee.is_whole
    assert len(content) <= HEAD_BYTES + 2 + 2 * TAIL_BYTES
    assert content.startswith(b"00000000")
    assert content.endswith(b"00001999")


def test_a_body_that_is_not_what_its_header_says_harms_nobody(caplog: pytest.LogCaptureFixture) -> None:
    tee = Tee("gzip")
    tee.add(b"no gzip at all")
    tee.add(b"no gzip at all")
    assert tee.content() == b""
    assert len(caplog.records) == 1


class Reader:
    """Stands for an exchange: says whether to tee, and notes how the body was closed."""

    def __init__(self, tee: Tee | None) -> None:
        self.tee = tee
        self.closes: list[tuple[Tee | None, bool]] = []
        self.errors: list[BaseException] = []

    def broken(self, error: BaseException) -> None:
        self.errors.append(error)

    def starts(self) -> Tee | None:
        return self.tee

    def closed(self, tee: Tee | None, *, is_read: bool) -> None:
        self.closes.append((tee, is_read))


class Bytes:
    """A byte stream whose close may fail, sync and async."""

    def __init__(self, *, fails: bool = False) -> None:
        self.fails = fails

    def __iter__(self) -> Any:
        yield from (b"a", b"b")

    async def __aiter__(self) -> Any:
        yield b"a"
        yield b"b"

    def close(self) -> None:
        if self.fails:
            raise OSError

    async def aclose(self) -> None:
        self.close()


@pytest.mark.parametrize("tee", [Tee(None), None])
def test_a_body_stays_what_it_is(tee: Tee | None) -> None:
    reader = Reader(tee)
    body = Body(Bytes(), reader)
    assert isinstance(body, Bytes)
    assert list(body) == [b"a", b"b"]
    body.close()
    assert reader.closes == [(tee, True)]


@pytest.mark.parametrize("tee", [Tee(None), None])
def test_an_async_body_stays_what_it_is(tee: Tee | None) -> None:
    reader = Reader(tee)
    body = AsyncBody(Bytes(), reader)

    async def read() -> list[bytes]:
        chunks = [chunk async for chunk in body]
        await body.aclose()
        return chunks

    assert anyio.run(read) == [b"a", b"b"]
    assert reader.closes == [(tee, True)]


def test_a_close_that_fails_is_still_a_close() -> None:
    reader = Reader(None)
    with pytest.raises(OSError):
        Body(Bytes(fails=True), reader).close()
    with pytest.raises(OSError):
        anyio.run(AsyncBody(Bytes(fails=True), reader).aclose)
    assert reader.closes == [(None, False), (None, False)]


def test_lines_that_the_caller_reads_itself_give_usage_and_id(api: FakeResponsesAPI, telemetry: Capture) -> None:
    with api.client().responses.with_streaming_response.create(**BODY, stream=True) as response:
        lines = list(response.iter_lines())
    assert any("response.completed" in line for line in lines)
    (span,) = telemetry.spans()
    assert span["attributes"]["gen_ai.response.id"] == "resp_0001"
    assert span["attributes"]["gen_ai.response.finish_reasons"] == ["stop"]
    assert span["attributes"]["gen_ai.usage.output_tokens"] == 20


def test_a_raw_stream_that_the_server_cuts_is_an_error(api: FakeResponsesAPI, telemetry: Capture) -> None:
    api.enqueue(Reply.answer().end(after_events=4))
    with api.client().responses.with_streaming_response.create(**BODY, stream=True) as response:
        for _ in response.iter_bytes():
            pass
    (span,) = telemetry.spans()
    assert span["attributes"]["error.type"] == "stream_truncated"
    assert span["attributes"]["gen_ai.response.id"] == "resp_0001"


def test_a_raw_stream_that_the_caller_leaves_is_closed(api: FakeResponsesAPI, telemetry: Capture) -> None:
    with api.client().responses.with_streaming_response.create(**BODY, stream=True) as response:
        next(response.iter_lines())
    (span,) = telemetry.spans()
    assert span["attributes"]["openai.call.ended_by"] == "closed"
