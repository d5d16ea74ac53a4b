"""What a frame says, read with as little parsing as is right."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, strategies as st

from otel_responses._patch.frames import command, kind_of, lane_of, load

TEXTS = st.text(max_size=20)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | TEXTS | st.sampled_from(['"type":"x"', '"stream_id":"b"']),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=8,
)


def both(text: str) -> list[str | bytes]:
    return [text, text.encode("utf-8", "replace")]


@pytest.mark.parametrize(
    ("frame", "kind"),
    [
        pytest.param('{"type":"response.created"}', "response.created", id="first"),
        pytest.param(' {\n "type" : "error" }', "error", id="with_space"),
        pytest.param('{"delta":"x","type":"error"}', "error", id="later"),
        pytest.param('{"type":"r\\u0065"}', "re", id="escaped"),
        pytest.param('{"delta":{"type":"error"}}', None, id="nested"),
        pytest.param('{"type":7}', None, id="number"),
        pytest.param("[]", None, id="array"),
        pytest.param("no JSON", None, id="text"),
        pytest.param("[" * 100_000, None, id="deep"),
        pytest.param("", None, id="empty"),
    ],
)
def test_the_type_of_an_event(frame: str, kind: str | None) -> None:
    assert [kind_of(data) for data in both(frame)] == [kind, kind]


def test_the_type_of_bytes_that_are_no_text() -> None:
    assert kind_of(b"\xff\xfe\x00") is None


@pytest.mark.parametrize(
    ("frame", "lane"),
    [
        pytest.param('{"type":"x","stream_id":"a.B-1_"}', "a.B-1_", id="there"),
        pytest.param('{"type":"x","stream_id" : "a"}', "a", id="with_space"),
        pytest.param('{"type":"x","stream_id":null}', None, id="null"),
        pytest.param('{"type":"x"}', None, id="not_there"),
        pytest.param(json.dumps({"delta": '"stream_id":"b"'}), None, id="in_a_text"),
    ],
)
def test_the_lane_of_an_event(frame: str, lane: str | None) -> None:
    assert [lane_of(data) for data in both(frame)] == [lane, lane]


@given(
    st.dictionaries(st.sampled_from(["type", "delta", "item", "x"]), VALUES),
    st.none() | st.from_regex(r"[\w.-]+", fullmatch=True),
)
def test_reading_by_pattern_is_reading_by_json(event: dict[str, object], lane: str | None) -> None:
    event = {**event, **({"stream_id": lane} if lane is not None else {})}
    kind = event.get("type")
    for frame in both(json.dumps(event)):
        assert kind_of(frame) == (kind if isinstance(kind, str) else None)


@given(TEXTS, st.none() | st.from_regex(r"[A-Za-z0-9_.-]{1,256}", fullmatch=True))
def test_no_text_of_a_delta_is_taken_for_a_lane(text: str, lane: str | None) -> None:
    event = {"type": "response.output_text.delta", "delta": f'"stream_id":"x{text}"'}
    event |= {"stream_id": lane} if lane is not None else {}
    assert [lane_of(frame) for frame in both(json.dumps(event))] == [lane, lane]


@pytest.mark.parametrize(
    ("message", "kind"),
    [
        pytest.param('{"type":"response.create"}', "response.create", id="create"),
        pytest.param(b'{"type":"response.steer"}', "response.steer", id="steer_in_bytes"),
        pytest.param('{"type":"response.unheard_of"}', None, id="unknown"),
        pytest.param(b"\x00", None, id="binary"),
        pytest.param(["{", "}"], None, id="fragments"),
        pytest.param(None, None, id="nothing"),
    ],
)
def test_commands(message: object, kind: str | None) -> None:
    assert command(message).get("type") == kind


def test_a_frame_that_is_no_object_is_an_empty_one() -> None:
    assert [load("7"), load(b"{"), load('{"a":1}')] == [{}, {}, {"a": 1}]
