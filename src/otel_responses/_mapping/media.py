"""Images, audio and files -> parts: a link where there is one, else what may be said of the data.

Data given inline goes out only where blobs are asked for.
"""

from __future__ import annotations

from base64 import b64encode
from dataclasses import dataclass, replace

from otel_responses._mapping.binary import decoded, is_base64, read_data_url, size_and_hash
from otel_responses._mapping.texts import clean
from otel_responses.policy import Part

__all__ = ["AUDIO", "DOCUMENT", "IMAGE", "Medium", "data_part", "file_part", "media_part", "url_part"]

_MODALITIES = frozenset({"image", "audio", "video"})


@dataclass(frozen=True, slots=True)
class Medium:
    """What is known of a medium besides where it is."""

    modality: str
    mime_type: str | None = None
    filename: str | None = None

    def of_type(self, mime_type: str | None) -> Medium:
        """Return the same with the MIME type that its data names; an image that is sent as a file is an image."""
        if mime_type is None:
            return self
        family = mime_type.partition("/")[0]
        return replace(self, mime_type=mime_type, modality=family if family in _MODALITIES else self.modality)


IMAGE, AUDIO, DOCUMENT = Medium("image"), Medium("audio"), Medium("document")


def media_part(
    medium: Medium, *, blobs: bool, url: object = None, data: object = None, file_id: object = None
) -> Part | None:
    """Return the part for the first of these that is a text; None where none is."""
    return url_part(url, medium, blobs=blobs) or data_part(data, medium, blobs=blobs) or file_part(file_id, medium)


def url_part(url: object, medium: Medium, *, blobs: bool) -> Part | None:
    """Return a link without its query, fragment and user, for these may sign it; a data URL becomes its data."""
    if not isinstance(url, str) or not url:
        return None
    if url[:5].lower() == "data:" or is_base64(url):
        return data_part(url, medium, blobs=blobs)
    return {"type": "uri", "modality": medium.modality, "uri": clean(_unsigned(url))}


def data_part(text: object, medium: Medium, *, blobs: bool) -> Part | None:
    """Return what is said of data that is base64 or a data URL: MIME type, size and hash; with `blobs` also itself."""
    if not isinstance(text, str) or not text:
        return None
    url = read_data_url(text)
    data = decoded(text) if url is None else url.data
    medium = medium if url is None else medium.of_type(url.mime_type)
    facts = {"modality": medium.modality}
    if medium.mime_type is not None:
        facts["mime_type"] = medium.mime_type
    if blobs:
        return {"type": "blob", **facts, "content": b64encode(data).decode("ascii")}
    filename = {} if medium.filename is None else {"filename": medium.filename}
    return {"type": "generic", "value": {"type": medium.modality, **facts, **size_and_hash(data), **filename}}


def file_part(file_id: object, medium: Medium) -> Part | None:
    """Return a reference to a file that the provider holds."""
    if not isinstance(file_id, str) or not file_id:
        return None
    return {"type": "file", "modality": medium.modality, "file_id": clean(file_id)}


def _unsigned(url: str) -> str:
    scheme, mark, rest = url.partition("#")[0].partition("?")[0].partition("://")
    authority, slash, path = rest.partition("/")
    return f"{scheme}{mark}{authority.rpartition('@')[2]}{slash}{path}"
