"""The body of an HTTP request, read and unpacked within limits."""

from __future__ import annotations

import re
import zlib
from email.message import Message
from io import BufferedIOBase

__all__ = ["BODY_MAX", "Refusal", "read_body"]

BODY_MAX = 64 * 1024 * 1024  # bytes, as sent and unpacked
LINE_MAX = 1_024  # bytes of a chunk's size line or of a trailer
TRAILERS_MAX = 100
IS_PACKED = {"": False, "identity": False, "gzip": True, "x-gzip": True, "deflate": True}
IS_CHUNKED = {"": False, "identity": False, "chunked": True}


class Refusal(Exception):  # noqa: N818 - it is an answer, not a fault of ours
    """A request that is answered with an HTTP status and one sentence."""

    def __init__(self, status: int, sentence: str) -> None:
        super().__init__(sentence)
        self.status = status
        self.sentence = sentence


def read_body(headers: Message, stream: BufferedIOBase, *, limit: int = BODY_MAX) -> bytes:
    """The body that the headers announce, without its transfer and content encodings.

    Raises `Refusal` (400, 411, 413, 415) for one that is too long, cut short, or packed in a way not known here.
    """
    is_packed = _known(headers, "Content-Encoding", IS_PACKED)
    if _known(headers, "Transfer-Encoding", IS_CHUNKED):
        body = _read_chunks(stream, limit)
    else:
        body = _read(stream, _length(headers), limit)
    return _unpack(body, limit) if is_packed else body


def _known(headers: Message, name: str, known: dict[str, bool]) -> bool:
    encoding = str(headers.get(name, "")).strip().lower()
    if encoding not in known:
        raise Refusal(415, f"{name} {encoding[:40]!r} is not known here; these are: {', '.join(filter(None, known))}.")
    return known[encoding]


def _length(headers: Message) -> int:
    length = str(headers.get("Content-Length", ""))
    if not length:
        raise Refusal(411, "The request has no Content-Length.")
    if not re.fullmatch("[0-9]{1,20}", length):
        raise Refusal(400, f"Content-Length {length[:40]!r} is no number of bytes.")
    return int(length)


def _read(stream: BufferedIOBase, size: int, limit: int) -> bytes:
    if size > limit:
        raise Refusal(413, f"The body is larger than {limit:,} bytes, which is the most that is taken.")
    body = stream.read(size)
    if len(body) < size:
        raise Refusal(400, f"The body ended after {len(body):,} of {size:,} bytes.")
    return body


def _read_chunks(stream: BufferedIOBase, limit: int) -> bytes:
    body = bytearray()
    while size := _chunk_size(stream.readline(LINE_MAX)):
        body += _read(stream, size, limit - len(body))
        if stream.readline(LINE_MAX).strip():
            raise Refusal(400, "A chunk of the body is longer than it says.")
    trailers = 0
    while stream.readline(LINE_MAX).strip() and trailers < TRAILERS_MAX:
        trailers += 1
    return bytes(body)


def _chunk_size(line: bytes) -> int:
    size = line.partition(b";")[0].strip()
    if not re.fullmatch(rb"[0-9A-Fa-f]{1,16}", size):
        raise Refusal(400, f"A chunk of the body has the size {size[:40]!r}, which is no hexadecimal number.")
    return int(size, 16)


def _unpack(body: bytes, limit: int) -> bytes:
    unpacker = zlib.decompressobj(wbits=zlib.MAX_WBITS | 32)  # 32: gzip or zlib, as the bytes themselves say
    try:
        unpacked = unpacker.decompress(body, limit + 1)
    except zlib.error as error:
        raise Refusal(400, "The body is no gzip or zlib data, though its Content-Encoding says so.") from error
    if len(unpacked) > limit:
        raise Refusal(413, f"The body unpacks to more than {limit:,} bytes, which is the most that is taken.")
    if not unpacker.eof:
        raise Refusal(400, "The packed body was cut short.")
    return unpacked
