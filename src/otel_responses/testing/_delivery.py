"""The last step before sending: shortening the body, compressing it, adding the API's headers."""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Mapping
from dataclasses import replace

from otel_responses.testing._reply import Reply

__all__ = ["compressed", "shortened", "with_api_headers"]

# Tells zlib to write gzip headers.
GZIP = 16 + zlib.MAX_WBITS


def shortened(reply: Reply) -> Reply:
    """The reply with only the chunks and bytes that it says it keeps, and what follows them."""
    chunks = reply.chunks[: reply.keep_chunks]
    if reply.keep_bytes is not None:
        chunks = (b"".join(chunks)[: reply.keep_bytes],)
    return replace(reply, chunks=chunks + reply.then, keep_chunks=None, keep_bytes=None, then=())


def compressed(reply: Reply) -> Reply:
    """The reply with its body in gzip; every chunk can be read as soon as it is there."""
    if not reply.chunks:
        return reply
    headers = {**reply.headers, "content-encoding": "gzip"}
    return replace(reply, headers=headers, chunks=tuple(_gzip(reply)))


def _gzip(reply: Reply) -> Iterator[bytes]:
    compressor = zlib.compressobj(wbits=GZIP)
    last = len(reply.chunks) - 1
    for number, chunk in enumerate(reply.chunks):
        # A body that is broken off has no gzip trailer either.
        finished = number == last and reply.ending == "complete"
        yield compressor.compress(chunk) + compressor.flush(zlib.Z_FINISH if finished else zlib.Z_SYNC_FLUSH)


def with_api_headers(reply: Reply, request_id: str) -> Reply:
    """The reply with the headers that the real API puts on every response; the reply's own ones win."""
    headers: Mapping[str, str] = {
        "x-request-id": request_id,
        "openai-version": "2020-10-01",
        "openai-organization": "org-fake",
        "openai-processing-ms": "120",
        **reply.headers,
    }
    return replace(reply, headers=headers)
