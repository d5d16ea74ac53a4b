from __future__ import annotations

import gzip
import io
import zlib
from email.message import Message

import pytest
from hypothesis import given, strategies as st

from otel_responses.cli.body import Refusal, read_body


def read(body: bytes, headers: dict[str, str], *, limit: int = 1000) -> bytes:
    """Read a body; a header's name is written with _ for each hyphen."""
    message = Message()
    for name, value in headers.items():
        message[name.replace("_", "-")] = value
    return read_body(message, io.BytesIO(body), limit=limit)


def chunked(*chunks: bytes, end: bytes = b"0\r\n\r\n") -> bytes:
    return b"".join(b"%x\r\n%b\r\n" % (len(chunk), chunk) for chunk in chunks) + end


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        pytest.param(b"hello, and the next", {"Content_Length": "5"}, id="sized"),
        pytest.param(b"hello", {"Content_Length": "5", "Content_Encoding": "identity"}, id="identity"),
        pytest.param(chunked(b"hel", b"lo"), {"Transfer_Encoding": "Chunked"}, id="chunked"),
        pytest.param(b"5;name=value\r\nhello\r\n0\r\nA: b\r\n\r\n", {"Transfer_Encoding": "chunked"}, id="extensions"),
        pytest.param(
            chunked(gzip.compress(b"hello")), {"Transfer_Encoding": "chunked", "Content_Encoding": "GZIP"}, id="both"
        ),
        pytest.param(zlib.compress(b"hello"), {"Content_Length": "13", "Content_Encoding": "deflate"}, id="deflate"),
    ],
)
def test_a_body_is_read_and_unpacked(body: bytes, headers: dict[str, str]):
    assert read(body, headers) == b"hello"


@pytest.mark.parametrize(
    ("status", "sentence", "body", "headers"),
    [
        pytest.param(411, "no Content-Length", b"", {}, id="no-length"),
        pytest.param(400, "'-5' is no number", b"hello", {"Content_Length": "-5"}, id="negative-length"),
        pytest.param(400, "is no number", b"hello", {"Content_Length": "5" * 5000}, id="endless-length"),
        pytest.param(400, "ended after 4 of 5 bytes", b"hell", {"Content_Length": "5"}, id="cut"),
        pytest.param(413, "larger than 1,000 bytes", b"", {"Content_Length": "1001"}, id="large"),
        pytest.param(
            413, "larger than", chunked(b"x" * 600, b"x" * 600), {"Transfer_Encoding": "chunked"}, id="large-chunks"
        ),
        pytest.param(
            400, "hexadecimal", b"0x5\r\nhello\r\n0\r\n\r\n", {"Transfer_Encoding": "chunked"}, id="chunk-size"
        ),
        pytest.param(
            400, "longer than it says", b"4\r\nhello\r\n0\r\n\r\n", {"Transfer_Encoding": "chunked"}, id="long-chunk"
        ),
        pytest.param(400, "hexadecimal", chunked(b"hello", end=b""), {"Transfer_Encoding": "chunked"}, id="cut-chunks"),
        pytest.param(415, "Transfer-Encoding 'gzip'", b"", {"Transfer_Encoding": "gzip"}, id="transfer-encoding"),
        pytest.param(415, "Content-Encoding 'zstd'", b"", {"Content_Encoding": "zstd"}, id="content-encoding"),
        pytest.param(400, "no gzip", b"hello", {"Content_Length": "5", "Content_Encoding": "gzip"}, id="no-gzip"),
        pytest.param(
            400,
            "cut short",
            gzip.compress(b"hello")[:-9],
            {"Content_Length": "16", "Content_Encoding": "gzip"},
            id="cut-gzip",
        ),
    ],
)
def test_a_body_that_is_not_as_announced_is_refused(status: int, sentence: str, body: bytes, headers: dict[str, str]):
    with pytest.raises(Refusal) as refusal:
        read(body, headers)
    assert refusal.value.status == status
    assert sentence in refusal.value.sentence


def test_a_small_body_that_unpacks_to_a_large_one_is_refused_before_it_is_large():
    bomb = gzip.compress(bytes(50_000_000))
    with pytest.raises(Refusal) as refusal:
        read(bomb, {"Content_Length": str(len(bomb)), "Content_Encoding": "gzip"}, limit=100_000)
    assert refusal.value.status == 413


def test_trailers_without_end_are_not_read_to_the_end():
    stream = io.BytesIO(chunked(b"hello", end=b"0\r\n" + b"A: b\r\n" * 5000))
    headers = Message()
    headers["Transfer-Encoding"] = "chunked"
    assert read_body(headers, stream) == b"hello"
    assert len(stream.read()) > 20_000


@given(st.binary(max_size=300), st.sampled_from(["", "chunked"]), st.sampled_from(["", "gzip"]), st.text(max_size=5))
def test_any_bytes_are_read_or_refused(body: bytes, transfer: str, content: str, length: str):
    headers = {"Transfer_Encoding": transfer, "Content_Encoding": content, "Content_Length": length or str(len(body))}
    outcome = None
    try:
        outcome = read(body, headers)
    except Refusal as refusal:
        outcome = refusal
    assert 400 <= outcome.status < 500 if isinstance(outcome, Refusal) else len(outcome) <= 1000
