from __future__ import annotations

import base64
import hashlib
from typing import Any

import pytest

from otel_responses._mapping.messages import input_messages
from tests.contract.schemas import INPUT, expect_valid

Part = dict[str, Any]

DATA = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 8
ENCODED = base64.b64encode(DATA).decode()
FACTS = {"byte_size": len(DATA), "sha256": hashlib.sha256(DATA).hexdigest()}


def only_part(content: Part, *, blobs: bool = False) -> Part:
    found = input_messages({"input": [{"role": "user", "content": [content]}]}, blobs=blobs)
    expect_valid(INPUT, found)
    (part,) = found[0].get("parts", [])
    return part


def described(modality: str, mime_type: str | None, facts: Part = FACTS, **more: str) -> Part:
    mime = {} if mime_type is None else {"mime_type": mime_type}
    return {"type": "generic", "value": {"type": modality, "modality": modality, **mime, **facts, **more}}


def image(url: Any) -> Part:
    return {"type": "input_image", "detail": "auto", "image_url": url}


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        pytest.param(image(f"data:image/png;base64,{ENCODED}"), described("image", "image/png"), id="image"),
        pytest.param(image(f"DATA:Image/PNG;BASE64,{ENCODED}"), described("image", "image/png"), id="upper_case"),
        pytest.param(
            image(f"data:image/png;charset=utf-8;base64,{ENCODED}"),
            described("image", "image/png"),
            id="with_a_charset",
        ),
        pytest.param(image(f"data:;base64,{ENCODED}"), described("image", None), id="without_a_type"),
        pytest.param(image(ENCODED), described("image", None), id="without_a_header"),
        pytest.param(
            image("data:image/svg+xml,%3Csvg%3E"),
            described("image", "image/svg+xml", {"byte_size": 5, "sha256": hashlib.sha256(b"<svg>").hexdigest()}),
            id="percent_encoded",
        ),
        pytest.param(
            image("data:text/plain,Z%C3%BCr\ud800ich"),
            described(
                "image", "text/plain", {"byte_size": 8, "sha256": hashlib.sha256("Zür?ich".encode()).hexdigest()}
            ),
            id="percent_encoded_with_a_surrogate",
        ),
        pytest.param(
            image("data:image/png;base64,AAAAA"),
            described("image", "image/png", {"byte_size": 5, "sha256": hashlib.sha256(b"AAAAA").hexdigest()}),
            id="broken",
        ),
        pytest.param(
            image("data:image/png;base64,Zür\ud800ich"),
            described("image", "image/png", {"byte_size": 8, "sha256": hashlib.sha256("Zür?ich".encode()).hexdigest()}),
            id="not_base64_at_all",
        ),
        pytest.param(
            image("data:image/png;base64"),
            described("image", "image/png", {"byte_size": 0, "sha256": hashlib.sha256(b"").hexdigest()}),
            id="cut_in_its_header",
        ),
        pytest.param(
            {"type": "input_file", "filename": "a.pdf", "file_data": f"data:application/pdf;base64,{ENCODED}"},
            described("document", "application/pdf", filename="a.pdf"),
            id="file",
        ),
        pytest.param({"type": "input_file", "file_data": ENCODED}, described("document", None), id="file_as_base64"),
        pytest.param(
            {"type": "input_file", "file_data": f"data:video/mp4;base64,{ENCODED}"},
            described("video", "video/mp4"),
            id="video_as_file",
        ),
        pytest.param(
            {"type": "input_audio", "input_audio": {"data": ENCODED, "format": "mp3"}},
            described("audio", "audio/mpeg"),
            id="mp3",
        ),
        pytest.param(
            {"type": "input_audio", "input_audio": {"data": ENCODED, "format": "wav"}},
            described("audio", "audio/wav"),
            id="wav",
        ),
        pytest.param(
            {"type": "input_audio", "input_audio": {"data": ENCODED}}, described("audio", None), id="audio_of_no_format"
        ),
    ],
)
def test_data_is_described_by_its_size_and_hash(content: Part, expected: Part):
    assert only_part(content) == expected


def test_the_same_data_has_the_same_hash_in_the_alphabet_for_urls():
    url_safe = base64.urlsafe_b64encode(DATA).decode().rstrip("=")
    assert only_part(image(f"data:image/png;base64,{url_safe}")) == described("image", "image/png")


@pytest.mark.parametrize(
    ("content", "modality", "mime_type"),
    [
        pytest.param(image(f"data:image/png;base64,{ENCODED}"), "image", "image/png", id="image"),
        pytest.param(
            {"type": "input_file", "filename": "a.pdf", "file_data": f"data:application/pdf;base64,{ENCODED}"},
            "document",
            "application/pdf",
            id="file",
        ),
        pytest.param(
            {"type": "input_audio", "input_audio": {"data": ENCODED, "format": "wav"}}, "audio", "audio/wav", id="audio"
        ),
    ],
)
def test_data_goes_out_as_it_is_where_blobs_are_asked_for(content: Part, modality: str, mime_type: str):
    expected = {"type": "blob", "modality": modality, "mime_type": mime_type, "content": ENCODED}
    assert only_part(content, blobs=True) == expected


PICTURE = {"type": "input_image", "image_url": "data:image/png;base64,iVBORw0KGgo="}
BLOB = {"type": "blob", "modality": "image", "mime_type": "image/png", "content": "iVBORw0KGgo="}


@pytest.mark.parametrize(
    "item",
    [
        pytest.param({"type": "function_call_output", "output": [PICTURE]}, id="function"),
        pytest.param({"type": "local_shell_call_output", "output": [PICTURE]}, id="local_shell"),
        pytest.param({"type": "computer_call_output", "output": PICTURE}, id="computer"),
        pytest.param(
            {"type": "code_interpreter_call", "outputs": [{"type": "image", "url": PICTURE["image_url"]}]},
            id="code_interpreter",
        ),
        pytest.param({"type": "image_generation_call", "result": "iVBORw0KGgo="}, id="image_generation"),
        pytest.param({"type": "multi_agent_call_output", "output": [PICTURE]}, id="multi_agent"),
        pytest.param({"type": "agent_message", "content": [PICTURE]}, id="message_of_an_agent"),
    ],
)
def test_data_in_any_item_goes_out_only_where_blobs_are_asked_for(item: Part):
    blob, described = ("'content': 'iVBORw0KGgo='", "'byte_size': 8")
    with_blobs, without = (str(input_messages({"input": [item]}, blobs=blobs)) for blobs in (True, False))
    assert (str(BLOB) in with_blobs, described in with_blobs) == (True, False)
    assert (blob in without, described in without) == (False, True)


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://a.example/b/c.png", "https://a.example/b/c.png"),
        ("https://a.example/c.png?sig=canary#canary", "https://a.example/c.png"),
        ("https://user:canary@a.example:444/c@d.png", "https://a.example:444/c@d.png"),
        ("https://user:can@ary@a.example", "https://a.example"),
        ("https://user:canary@a.example/http://b.example/c.png", "https://a.example/http://b.example/c.png"),
        ("https://a.example/c.png#canary", "https://a.example/c.png"),
        (f"https://a.example/{'x' * 2_000}", f"https://a.example/{'x' * 2_000}"),
        ("A" * 1_024, "A" * 1_024),
        ("gs://bucket/c.png", "gs://bucket/c.png"),
        ("https://[broken/c.png", "https://[broken/c.png"),
        ("c.png", "c.png"),
        ("https://a.example/\ud800", "https://a.example/?"),
    ],
    ids=[
        "plain",
        "signed",
        "with_a_user",
        "no_path",
        "with_a_link_in_its_path",
        "with_a_fragment",
        "long",
        "too_short_for_data",
        "other_scheme",
        "broken",
        "relative",
        "surrogate",
    ],
)
@pytest.mark.parametrize(
    ("kind", "key", "modality"), [("input_image", "image_url", "image"), ("input_file", "file_url", "document")]
)
def test_a_link_goes_without_what_may_sign_it(url: str, expected: str, kind: str, key: str, modality: str):
    assert only_part({"type": kind, key: url}) == {"type": "uri", "modality": modality, "uri": expected}


@pytest.mark.parametrize(
    ("content", "modality"),
    [
        pytest.param({"type": "input_image", "file_id": "file-1", "image_url": None}, "image", id="image"),
        pytest.param({"type": "input_file", "file_id": "file-1", "filename": "a.pdf"}, "document", id="file"),
    ],
)
def test_a_file_of_the_provider(content: Part, modality: str):
    assert only_part(content) == {"type": "file", "modality": modality, "file_id": "file-1"}


@pytest.mark.parametrize(
    "content",
    [
        pytest.param({"type": "input_image", "detail": "auto"}, id="image"),
        pytest.param({"type": "input_image", "image_url": {"url": "https://a.example"}}, id="image_of_another_api"),
        pytest.param({"type": "input_image", "image_url": "", "file_id": ""}, id="empty"),
        pytest.param({"type": "input_file", "filename": "a.pdf"}, id="file"),
        pytest.param({"type": "input_file", "file_data": ""}, id="empty_file"),
        pytest.param({"type": "input_audio", "input_audio": {"format": "wav"}}, id="audio"),
        pytest.param({"type": "input_audio"}, id="audio_without_anything"),
    ],
)
def test_what_holds_nothing_is_generic(content: Part):
    assert only_part(content) == {"type": "generic", "value": content}
