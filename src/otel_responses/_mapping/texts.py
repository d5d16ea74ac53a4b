"""Any text of a program -> a text that can be exported: UTF-8, and with no images or files written into it.

Plain text costs two searches for a substring; patterns are matched only where there is something to find.
"""

from __future__ import annotations

import re

from otel_responses._mapping.binary import BASE64_MIN, decoded, mime_type, size_and_hash

__all__ = ["clean", "clean_data", "data_marker"]

_MARK = re.compile("64,")
# How many sixes are looked at one by one: a text of numbers has one in ten characters.
_SIXES = 200
_HEADER_MAX = 256
# From the end of `base64,` backwards; found in a window, so that a long text without a header costs nothing.
_HEADER = re.compile(r"data:([^\s,\"'<>]*);?$", re.IGNORECASE)
# Base64, percent-encoded too, and in JSON as text, where slashes and line ends are escaped. Wrapped lines belong to it;
# a word after a blank does not.
_PAYLOAD = re.compile(
    r"[A-Za-z0-9+/=_%-]*(?:\\+/[A-Za-z0-9+/=_%-]*)*"
    r"(?:(?:\s|\\+[nr])+(?:[A-Za-z0-9+/=_-]|\\+/){40,})*"
)
_ESCAPES = re.compile(r"\\+[nr]?")
# Without a header in front it takes more than a word to be data.
_BARE_MIN = 64

# A run longer than BASE64_MIN covers at least one block that begins at a multiple of its half.
_BLOCK = BASE64_MIN // 2
_IN_BLOCK = re.compile(rf"[A-Za-z0-9+/_-]{{{_BLOCK}}}")
_RUN = re.compile(rf"(?<![A-Za-z0-9+/_-])[A-Za-z0-9+/_-]{{{BASE64_MIN + 1},}}={{0,3}}")


def clean(text: str) -> str:
    """Return a plain `str` that UTF-8 can encode, with each data URL in it replaced by its type, size and hash."""
    if type(text) is not str or not text.isascii():
        text = _encodable(text)
    return _without_data_urls(text) if _may_have_data_url(text) else text


def clean_data(text: str) -> str:
    """Return `text` as `clean` does, and without long runs of base64: what stands in an unknown place may be a file."""
    if len(text) <= BASE64_MIN and text.isascii() and "64," not in text and type(text) is str:
        return text
    text = clean(text)
    return _RUN.sub(_run_marker, text) if len(text) > BASE64_MIN and _may_have_run(text) else text


def _may_have_data_url(text: str) -> bool:
    """Say whether "64," is in a text. A single character is found ten times as fast, and few texts have many sixes."""
    if len(text) <= BASE64_MIN:
        return "64," in text
    six = -1
    for _ in range(_SIXES):
        six = text.find("6", six + 1)
        if six < 0:
            return False
        if text.startswith("64,", six):
            return True
    return _MARK.search(text, six) is not None


def _encodable(text: str) -> str:
    try:
        str.encode(text, "utf-16-le")  # refuses the same as UTF-8, up to ten times as fast
    except UnicodeEncodeError:  # lone surrogates
        return str.encode(text, "utf-8", "replace").decode()
    return text if type(text) is str else str.__str__(text)


def data_marker(data: bytes, kind: str | None) -> str:
    """Return what stands in a text in place of data; `kind` is its MIME type or how it was written."""
    facts = size_and_hash(data)
    return f"[{kind or 'data'}, {facts['byte_size']} bytes, sha256 {facts['sha256']}]"


def _without_data_urls(text: str) -> str:
    pieces: list[str] = []
    start = 0
    while (found := text.find("64,", start)) >= 0:
        end = found + len("64,")
        if text[max(start, end - len("base64,")) : end].lower() == "base64,":
            piece, end = _described(text, start, end)
        else:
            piece = text[start:end]
        pieces.append(piece)
        start = end
    return "".join((*pieces, text[start:]))


def _described(text: str, start: int, payload_start: int) -> tuple[str, int]:
    """Return the text from `start`, with what stands for the data that begins at `payload_start`, and where it ends.

    Where these are but words the text stays as it is.
    """
    header_end = payload_start - len("base64,")
    window_start = max(start, header_end - _HEADER_MAX)
    header = _HEADER.search(text[window_start:header_end])
    end = _end_of_payload(text, payload_start)
    if end - payload_start < (1 if header else _BARE_MIN):
        return text[start:payload_start], payload_start
    begin, kind = (window_start + header.start(), mime_type(header.group(1))) if header else (header_end, "base64")
    payload = text[payload_start:end]
    if "\\" in payload:
        payload = _ESCAPES.sub("", payload)
    return text[start:begin] + data_marker(decoded(payload), kind), end


def _end_of_payload(text: str, start: int) -> int:
    found = _PAYLOAD.match(text, start)
    return found.end() if found else start


def _may_have_run(text: str) -> bool:
    return any(_IN_BLOCK.match(text, start) for start in range(0, len(text), _BLOCK))


def _run_marker(run: re.Match[str]) -> str:
    return data_marker(decoded(run.group()), "base64")
