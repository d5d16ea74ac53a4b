"""The content parts of a message -> parts of the GenAI conventions, by a table of their types."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, cast

from otel_responses._mapping.media import AUDIO, DOCUMENT, IMAGE, media_part
from otel_responses._mapping.plain import entries, one_or_more, plain, plain_item
from otel_responses._mapping.reading import field, reader, text
from otel_responses._mapping.texts import clean, clean_data
from otel_responses.policy import Part

__all__ = [
    "CONTENT_PARTS",
    "content_parts",
    "generic_part",
    "kept",
    "name_of",
    "response_of",
    "screenshot",
    "text_part",
]

_AUDIO_TYPES: Mapping[str, str] = {"mp3": "audio/mpeg"}


def kept(**fields: Any) -> Part:
    """Return the fields that are not None: the schemas know no nulls."""
    if None in fields.values():
        return {name: value for name, value in fields.items() if value is not None}
    return fields


def text_part(content: str) -> Part:
    """Return a text; the Collector's mapping for Helicone relies on these two keys in this order."""
    return {"type": "text", "content": clean(content)}


def generic_part(value: object) -> Part:
    """Return anything else, as plain data with its own type inside."""
    return {"type": "generic", "value": plain_item(value)}


def name_of(value: object, otherwise: str) -> str:
    """Return a tool's name, which the schemas require, or what it is called without one."""
    return text(value) or otherwise


def response_of(output: object, blobs: bool) -> Any:
    """Return a tool's output: the content parts in a list mapped, anything else as plain data; "" for none."""
    if type(output) is str:
        return clean_data(output)
    if not isinstance(output, (list, tuple)):
        found = plain(output)
        return "" if found is None else found
    known = ((one, _known_part(one, blobs)) for one in one_or_more(cast("object", output)))
    return [part for one, parts in known for part in parts or [plain(one)]]


def content_parts(content: object, blobs: bool) -> list[Part]:
    """Return the parts of a message's `content`: a text, a list of content parts, or one of them."""
    if isinstance(content, str):
        return [text_part(content)]
    return [part for one in one_or_more(content) for part in _content_part(one, blobs)]


def _content_part(one: object, blobs: bool) -> list[Part]:
    if isinstance(one, str):
        return [text_part(one)]
    return _known_part(one, blobs) or [generic_part(one)]


def _known_part(one: object, blobs: bool) -> list[Part]:
    reader = CONTENT_PARTS.get(text(field(one, "type")) or "")
    return reader(one, blobs) if reader else []


def _text(part: object, blobs: bool) -> list[Part]:
    """A text, followed by its annotations: citations and file paths."""
    read = reader(part)
    content, annotations = read("text"), read("annotations")
    if not isinstance(content, str):
        return []
    found = text_part(content)
    return [found, *map(generic_part, entries(annotations))] if annotations else [found]


def _refusal(part: object, blobs: bool) -> list[Part]:
    content = field(part, "refusal")
    return [text_part(content)] if isinstance(content, str) else []


def _image(part: object, blobs: bool) -> list[Part]:
    found = media_part(IMAGE, url=field(part, "image_url"), file_id=field(part, "file_id"), blobs=blobs)
    return [found] if found else []


def _file(part: object, blobs: bool) -> list[Part]:
    document = replace(DOCUMENT, filename=text(field(part, "filename")))
    url, data, file_id = (field(part, name) for name in ("file_url", "file_data", "file_id"))
    found = media_part(document, url=url, data=data, file_id=file_id, blobs=blobs)
    return [found] if found else []


def _input_audio(part: object, blobs: bool) -> list[Part]:
    audio = field(part, "input_audio")
    kind = text(field(audio, "format"))
    medium = AUDIO if kind is None else replace(AUDIO, mime_type=_AUDIO_TYPES.get(kind, f"audio/{kind}"))
    found = media_part(medium, data=field(audio, "data"), blobs=blobs)
    return [found] if found else []


def screenshot(output: object, blobs: bool) -> Any:
    """Return what a computer call brought back."""
    return (_image(output, blobs) or [plain(output)])[0]


# Each returns no part where its field is missing; then the content part is generic, as an unknown one is.
CONTENT_PARTS: Mapping[str, Callable[[object, bool], list[Part]]] = {
    "computer_screenshot": _image,
    "input_audio": _input_audio,
    "input_file": _file,
    "input_image": _image,
    "input_text": _text,
    "output_text": _text,
    "reasoning_text": _text,
    "refusal": _refusal,
    "summary_text": _text,
    "text": _text,
}
