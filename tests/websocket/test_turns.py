"""Turns driven by hand: what belongs to which, in any order, and that every turn ends exactly once."""

from __future__ import annotations

import gc
import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings, strategies as st

from otel_responses import _open_calls
from otel_responses._call import drain
from otel_responses._observer import Observer
from otel_responses._patch import turns as turns_module
from otel_responses._patch.turns import Turns
from otel_responses._records import Endpoint, SessionData
from otel_responses.policy import CaptureMode
from otel_responses.testing import Capture, capture
from tests.calls import observing
from tests.websocket.test_connections import completed, created, delta, ends, seen

ENDPOINT = Endpoint("openai", "api.openai.com", 443, "websocket")


class Watched:
    """The turns of one connection, and what was observed of them."""

    def __init__(self, telemetry: Capture, **config: Any) -> None:
        self.telemetry = telemetry
        self.observer: Observer | None = observing(telemetry, **config)
        self.turns = Turns(ENDPOINT, SessionData(user="ada"), lambda: self.observer)

    def send(self, **event: Any) -> Any:
        return self.turns.sent(json.dumps({"type": "response.create", "model": "m", **event}))

    def steer(self, previous: object, given: object = "In French.") -> None:
        self.turns.sent(json.dumps({"type": "response.steer", "previous_response_id": previous, "input": given}))

    def get(self, *events: dict[str, Any]) -> None:
        for event in events:
            self.turns.received(json.dumps(event))

    def steering(self, outcome: str, previous: str) -> None:
        self.get({"type": f"response.steer.{outcome}", "steer": {"id": "steer_1", "previous_response_id": previous}})


@pytest.fixture
def telemetry() -> Iterator[Capture]:
    with capture(fixed=True) as telemetry:
        yield telemetry
    assert _open_calls._open == {}, "a test left a call open"


@pytest.fixture
def watched(telemetry: Capture) -> Watched:
    return Watched(telemetry)


def test_what_comes_before_the_response_is_created_belongs_to_the_oldest_that_waits(
    watched: Watched, telemetry: Capture
) -> None:
    watched.send()
    watched.send()
    watched.get(delta(), completed("resp_1"), created("resp_2"), completed("resp_2"))
    assert seen(telemetry, "gen_ai.response.id") == [("resp_1",), ("resp_2",)]


def test_a_response_whose_end_was_never_seen_ends_when_the_next_begins(watched: Watched, telemetry: Capture) -> None:
    watched.send()
    watched.get(created("resp_1"))
    watched.send()
    watched.get(created("resp_2"), completed("resp_2"), completed("resp_1"))
    assert ends(telemetry) == [("resp_1", "error", "stream_truncated", None), ("resp_2", "stop", None, None)]


def test_a_response_nobody_was_seen_to_ask_for_has_a_span_from_its_creation(
    watched: Watched, telemetry: Capture
) -> None:
    watched.get(created("resp_1", previous_response_id="resp_0"), delta(), completed("resp_1"))
    (span,) = telemetry.spans()
    assert span["links"] == []
    names = ("gen_ai.request.model", "gen_ai.request.previous_response.id", "helicone.user.id")
    assert seen(telemetry, *names) == [("gpt-4.1-2025-04-14", "resp_0", "ada")]


def test_the_end_of_another_response_ends_no_turn(watched: Watched, telemetry: Capture) -> None:
    watched.send()
    watched.get(created("resp_1"), completed("resp_9"), completed("resp_1"))
    assert ends(telemetry) == [("resp_1", "stop", None, None)]
    watched.get(completed("resp_1"), completed("resp_9"), {"type": "error"}, delta())
    assert len(telemetry.spans()) == 1


def test_responses_without_ids(watched: Watched, telemetry: Capture) -> None:
    watched.send()
    watched.get({"type": "response.created"}, {"type": "response.completed"})
    watched.send()
    watched.get({"type": "response.created", "response": 7}, {"type": "response.failed", "response": {"status": 1}})
    assert [end[0] for end in ends(telemetry)] == [None, None]


# -- steering --------------------------------------------------------------------------------------------------------


def test_a_successor_goes_before_a_request_that_waits(watched: Watched, telemetry: Capture) -> None:
    watched.send(temperature=0.5)
    watched.get(created("resp_1"))
    watched.steer("resp_1")
    watched.steering("accepted", "resp_1")
    watched.send(previous_response_id="resp_1", temperature=1)
    reason = {"incomplete_details": {"reason": "steered"}, "status": "incomplete"}
    watched.get({"type": "response.incomplete", "response": {"id": "resp_1", **reason}})
    watched.get(created("resp_2", previous_response_id="resp_1"), completed("resp_2"))
    watched.get(created("resp_3", previous_response_id="resp_1"), completed("resp_3"))
    found = seen(telemetry, "gen_ai.response.id", "gen_ai.request.temperature", "gen_ai.response.finish_reasons")
    assert found == [("resp_1", 0.5, ["steered"]), ("resp_3", 1, ["stop"]), ("resp_2", 0.5, ["stop"])]
    successor = next(span for span in telemetry.spans() if span["attributes"]["gen_ai.response.id"] == "resp_2")
    first = next(span for span in telemetry.spans() if span["attributes"]["gen_ai.response.id"] == "resp_1")
    assert [link["span_id"] for link in successor["links"]] == [first["span_id"]]


@pytest.mark.parametrize("outcome", ["pending", "failed"])
def test_steering_that_waits_or_failed_has_no_successor_of_its_own(
    watched: Watched, telemetry: Capture, outcome: str
) -> None:
    watched.send(temperature=0.5)
    watched.get(created("resp_1"))
    watched.steer("resp_1")
    watched.steering("accepted", "resp_1")
    watched.steering(outcome, "resp_1")
    watched.get(completed("resp_1"))
    watched.send(previous_response_id="resp_1", temperature=1)
    watched.get(created("resp_2", previous_response_id="resp_1"), completed("resp_2"))
    assert seen(telemetry, "gen_ai.response.id", "gen_ai.request.temperature") == [("resp_1", 0.5), ("resp_2", 1)]


def test_what_was_sent_to_steer_is_the_input_of_the_successor(telemetry: Capture) -> None:
    watched = Watched(telemetry, capture_content=CaptureMode.SPAN_ONLY)
    watched.send(input="Where?")
    watched.get(created("resp_1"))
    watched.steer("resp_1", "In French.")
    watched.steer("resp_1", [{"role": "user", "content": "Briefly."}])
    watched.steer("resp_9", "of another connection")
    watched.steer(None, "of none")
    watched.get(completed("resp_1"), created("resp_2", previous_response_id="resp_1"), completed("resp_2"))
    messages = [json.loads(found) for (found,) in seen(telemetry, "gen_ai.input.messages")]
    texts = [[part["content"] for message in found for part in message["parts"]] for found in messages]
    assert texts == [["Where?"], ["In French.", "Briefly."]]


def test_the_successor_of_what_is_not_observed_is_not_observed(watched: Watched, telemetry: Capture) -> None:
    watched.send(generate=False)
    watched.get(created("resp_1"), completed("resp_1"))
    watched.get(created("resp_2", previous_response_id="resp_1"), delta(), completed("resp_2"))
    assert telemetry.spans() == []


def test_steering_of_an_unknown_response_is_forgotten(watched: Watched, telemetry: Capture) -> None:
    watched.steering("accepted", "resp_9")
    watched.get({"type": "response.steer.accepted"}, {"type": "response.steer.failed", "steer": 7})
    watched.send()
    watched.get(created("resp_1", previous_response_id="resp_9"), completed("resp_1"))
    assert [end[0] for end in ends(telemetry)] == ["resp_1"]


def test_no_more_than_the_newest_64_responses_are_remembered(watched: Watched, telemetry: Capture) -> None:
    for number in range(200):
        watched.send()
        watched.get(created(f"resp_{number}"))
        watched.steer(f"resp_{number}")
        watched.steering("accepted", f"resp_{number}")
        watched.get(completed(f"resp_{number}"))
    turns = watched.turns
    assert (len(turns._known), len(turns._accepted)) == (turns_module.KNOWN_MAX, turns_module.KNOWN_MAX)
    assert turns._open == {}
    assert len(telemetry.spans()) == 200


# -- errors ----------------------------------------------------------------------------------------------------------


def test_an_error_without_a_lane_is_of_the_default_lane(watched: Watched, telemetry: Capture) -> None:
    watched.send(stream_id="a")
    watched.send()
    watched.get({"type": "error", "error": {"code": "invalid_prompt"}}, completed("resp_1", stream_id="a"))
    assert ends(telemetry) == [("resp_1", "stop", None, None), (None, "error", "invalid_prompt", None)]


def test_an_error_without_a_lane_is_of_the_only_request_that_waits(watched: Watched, telemetry: Capture) -> None:
    watched.send(stream_id="a")
    watched.get(created("resp_1", stream_id="a"))
    watched.send(stream_id="not a name")
    watched.get({"type": "error", "error": {"code": "invalid_stream_id"}}, completed("resp_1", stream_id="a"))
    assert ends(telemetry) == [("resp_1", "stop", None, None), (None, "error", "invalid_stream_id", None)]


def test_an_error_of_the_connection_leaves_its_turns_to_their_own_ends(watched: Watched, telemetry: Capture) -> None:
    watched.send(stream_id="a")
    watched.send(stream_id="b")
    watched.get({"type": "error", "error": {"code": "websocket_connection_limit_reached"}})
    watched.get({"type": "error", "error": {"code": "server_error"}, "stream_id": "c"})
    watched.turns.broken(ValueError("gone"), is_regular=False)
    assert ends(telemetry) == [(None, "error", "ValueError", None)] * 2


def test_the_status_and_the_request_id_of_an_error(watched: Watched, telemetry: Capture) -> None:
    watched.send()
    error = {"code": "rate_limit_exceeded", "headers": {"X-Request-Id": "req_1"}}
    watched.get({"type": "error", "status": 429, "error": error})
    watched.send(generate=False)
    watched.get({"type": "error", "status": 429, "error": error})
    watched.send()
    watched.get({"type": "error", "error": {"message": "No code, no status."}})
    assert seen(telemetry, "error.type", "openai.request.id") == [("429", "req_1"), ("_OTHER", None)]


# -- the connection --------------------------------------------------------------------------------------------------


def test_after_its_close_nothing_is_opened_by_what_still_comes(watched: Watched, telemetry: Capture) -> None:
    watched.send()
    watched.turns.closed()
    watched.get(created("resp_1"), completed("resp_1"))
    assert ends(telemetry) == [(None, "error", None, "closed")]


def test_a_turn_that_is_not_observed_may_fail_to_be_sent(watched: Watched, telemetry: Capture) -> None:
    watched.turns.not_sent(watched.turns.sent("ping"), ValueError())
    watched.turns.not_sent(watched.send(generate=False), ValueError())
    turn = watched.send()
    for _ in range(2):
        watched.turns.not_sent(turn, ValueError())
    assert ends(telemetry) == [(None, "error", "ValueError", None)]


def test_a_turn_begun_while_nobody_observes_keeps_its_place(watched: Watched, telemetry: Capture) -> None:
    watched.observer, observer = None, watched.observer
    watched.send()
    watched.observer = observer
    watched.get(created("resp_1"), delta(), completed("resp_1"))
    watched.observer = None
    watched.get(created("resp_2"), completed("resp_2"))
    assert telemetry.spans() == []


def test_the_turns_of_a_dropped_connection_end_at_their_last_event(telemetry: Capture) -> None:
    watched = Watched(telemetry)
    watched.send()
    watched.get(created("resp_1"))
    del watched
    gc.collect()
    drain()
    assert ends(telemetry) == [("resp_1", "error", None, "dropped")]


# -- anything, in any order ------------------------------------------------------------------------------------------

IDS = st.sampled_from(["resp_1", "resp_2", "resp_3", None, 7])
LANES = st.sampled_from([None, "a", "b", "unknown", 7])
KINDS = st.sampled_from(
    [
        "response.created",
        "response.in_progress",
        "response.output_text.delta",
        "response.completed",
        "response.failed",
        "response.incomplete",
        "response.steer.accepted",
        "response.steer.pending",
        "response.steer.failed",
        "error",
        "response.from.the.future",
        None,
        7,
    ]
)
RESPONSES = st.one_of(
    st.fixed_dictionaries({"id": IDS, "previous_response_id": IDS, "status": st.sampled_from(["completed", None, 7])}),
    st.just(None),
    st.just("no response"),
)
STEERS = st.one_of(st.fixed_dictionaries({"previous_response_id": IDS}), st.just(None))
ERRORS = st.one_of(st.fixed_dictionaries({"code": IDS, "headers": st.just({"X-Request-Id": 7})}), st.just("text"))
EVENTS = st.fixed_dictionaries(
    {"type": KINDS},
    optional={"response": RESPONSES, "stream_id": LANES, "steer": STEERS, "error": ERRORS, "status": IDS, "code": IDS},
)
COMMANDS = st.fixed_dictionaries(
    {"type": st.sampled_from(["response.create", "response.steer", "response.unheard_of"])},
    optional={
        "stream_id": LANES,
        "previous_response_id": IDS,
        "input": st.sampled_from(["text", [], [7], None]),
        "generate": st.sampled_from([True, False, None]),
        "model": IDS,
    },
)
STEPS = st.one_of(
    st.tuples(st.just("sent"), COMMANDS.map(json.dumps)),
    st.tuples(st.just("sent"), COMMANDS.map(lambda command: json.dumps(command).encode())),
    st.tuples(st.just("received"), EVENTS.map(json.dumps)),
    st.tuples(st.just("received"), EVENTS.map(lambda event: json.dumps(event).encode())),
    st.tuples(st.sampled_from(["sent", "received"]), st.text(max_size=5) | st.binary(max_size=5) | st.none()),
    st.tuples(st.sampled_from(["not_sent", "broken", "closed"]), st.none()),
)


@settings(max_examples=200, deadline=None)
@given(steps=st.lists(STEPS, max_size=25), captures=st.booleans())
def test_nothing_raises_and_every_turn_ends_exactly_once(steps: list[tuple[str, Any]], captures: bool) -> None:
    with capture() as telemetry:
        watched = Watched(telemetry, **({"capture_content": CaptureMode.SPAN_ONLY} if captures else {}))
        opened = count_opened(watched)
        turn: Any = None
        for step, value in steps:
            if step == "sent":
                turn = watched.turns.sent(value) or turn
            elif step == "received":
                watched.turns.received(value)
            elif step == "not_sent":
                watched.turns.not_sent(turn, ValueError())
            elif step == "broken":
                watched.turns.broken(ValueError(), is_regular=False)
            else:
                watched.turns.closed()
        watched.turns.closed()
        assert (watched.turns._open, _open_calls._open) == ({}, {})
        assert len(telemetry.spans()) == len(opened)


def count_opened(watched: Watched) -> list[object]:
    """A list that grows by one with every call that is opened."""
    opened: list[object] = []
    observer = watched.observer
    assert observer is not None
    begin = observer.open
    observer.open = lambda *args, **kwargs: opened.append(args) or begin(*args, **kwargs)
    return opened
