from __future__ import annotations

from typing import Any, Literal, get_args, get_origin

import pytest
from hypothesis import given
from inline_snapshot import snapshot
from openai.types.responses import ResponseStreamEvent

from otel_responses._mapping.reading import field, text
from otel_responses._mapping.response import TERMINAL_EVENTS, read_response
from otel_responses._mapping.stream import LIFECYCLE_EVENTS, OUTPUT_EVENTS, Lifecycle, is_output
from otel_responses._records import Outcome
from tests.strategies import as_model, event_sequences, patiently, valid_streams

STARTED = {"id": "resp_1", "model": "gpt-4.1-2025-04-14", "status": "in_progress", "service_tier": "auto"}
CREATED = {"type": "response.created", "response": STARTED}


def event_types() -> set[str]:
    """The types of all events that the installed SDK knows."""
    union = get_args(ResponseStreamEvent)[0]
    annotations = [event.model_fields["type"].annotation for event in get_args(union)]
    assert all(get_origin(annotation) is Literal for annotation in annotations)
    return {kind for annotation in annotations for kind in get_args(annotation)}


def follow(*events: Any) -> Lifecycle:
    lifecycle = Lifecycle()
    for event in events:
        lifecycle.add(event, field(event, "type"))
    return lifecycle


def test_the_lifecycle_events_are_the_sdk_s():
    assert event_types() >= LIFECYCLE_EVENTS
    whole_response = {kind for kind in event_types() if kind.count(".") == 1 and kind.startswith("response.")}
    assert whole_response - LIFECYCLE_EVENTS == snapshot(set())


def test_output_events_are_the_deltas_and_the_items():
    assert event_types() >= OUTPUT_EVENTS
    assert sorted(filter(is_output, event_types())) == snapshot(
        [
            "response.audio.delta",
            "response.audio.transcript.delta",
            "response.code_interpreter_call_code.delta",
            "response.custom_tool_call_input.delta",
            "response.function_call_arguments.delta",
            "response.mcp_call_arguments.delta",
            "response.output_item.added",
            "response.output_item.done",
            "response.output_text.delta",
            "response.reasoning_summary_text.delta",
            "response.reasoning_text.delta",
            "response.refusal.delta",
            "response.shell_call_command.delta",
            "response.shell_call_output_content.delta",
        ]
    )


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        pytest.param("response.output_text.delta", True, id="text"),
        pytest.param("response.reasoning_summary_text.delta", True, id="reasoning"),
        pytest.param("response.function_call_arguments.delta", True, id="arguments"),
        pytest.param("response.something_of_tomorrow.delta", True, id="unknown_delta"),
        pytest.param("response.output_item.added", True, id="item_added"),
        pytest.param("response.output_item.done", True, id="item_done"),
        pytest.param("response.created", False, id="created"),
        pytest.param("response.in_progress", False, id="in_progress"),
        pytest.param("response.content_part.added", False, id="content_part"),
        pytest.param("response.output_text.done", False, id="text_done"),
        pytest.param("response.completed", False, id="completed"),
        pytest.param("keepalive", False, id="keepalive"),
    ],
)
def test_the_first_chunk_is_output(kind: str, expected: bool):
    assert is_output(kind) is expected


def test_a_stream_that_completes():
    lifecycle = follow(CREATED)
    assert not lifecycle.has_ended
    done = {"type": "response.completed", "response": {**STARTED, "status": "completed", "service_tier": "default"}}
    assert lifecycle.add(done, "response.completed")
    assert lifecycle.has_ended
    assert lifecycle.outcome == snapshot(
        Outcome(
            response_id="resp_1",
            model="gpt-4.1-2025-04-14",
            finish_reason="stop",
            service_tier="default",
            status="completed",
        )
    )


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        pytest.param(
            {"type": "error", "code": "server_error", "message": "secret"},
            Outcome(
                "resp_1",
                "gpt-4.1-2025-04-14",
                "error",
                has_failed=True,
                error_code="server_error",
                status="in_progress",
            ),
            id="error",
        ),
        pytest.param(
            {"type": "error", "error": {"code": "rate_limit_exceeded", "message": "secret"}},
            Outcome(
                "resp_1",
                "gpt-4.1-2025-04-14",
                "error",
                has_failed=True,
                error_code="rate_limit_exceeded",
                status="in_progress",
            ),
            id="nested_error",
        ),
        pytest.param(
            {"type": "error", "message": "secret"},
            Outcome("resp_1", "gpt-4.1-2025-04-14", "error", has_failed=True, status="in_progress"),
            id="error_without_code",
        ),
        pytest.param(
            {"type": "response.failed", "response": {**STARTED, "status": "failed", "error": {"code": "bio_policy"}}},
            Outcome(
                "resp_1",
                "gpt-4.1-2025-04-14",
                "error",
                "auto",
                has_failed=True,
                error_code="bio_policy",
                status="failed",
            ),
            id="failed",
        ),
        pytest.param(
            {"type": "response.failed", "response": {"id": "resp_1"}},
            Outcome("resp_1", finish_reason="error", has_failed=True, status="failed"),
            id="failed_without_status",
        ),
        pytest.param(
            {"type": "response.failed"},
            Outcome(finish_reason="error", has_failed=True, status="failed"),
            id="failed_without_response",
        ),
        pytest.param(
            {
                "type": "response.incomplete",
                "response": {"id": "resp_1", "incomplete_details": {"reason": "max_output_tokens"}},
            },
            Outcome("resp_1", finish_reason="length", status="incomplete"),
            id="incomplete_without_status",
        ),
    ],
)
def test_a_stream_that_ends_otherwise(event: dict[str, Any], expected: Outcome):
    lifecycle = follow(CREATED, event)
    assert lifecycle.has_ended
    assert lifecycle.outcome == expected


@pytest.mark.parametrize(
    "event",
    [
        pytest.param({"type": "error", "message": "secret"}, id="error"),
        pytest.param({"type": "error", "error": {"message": "secret"}}, id="nested_error"),
        pytest.param({"type": "response.failed", "response": {"error": {"message": "secret"}}}, id="failed"),
    ],
)
def test_the_message_of_an_error_is_kept_for_content_capture_and_not_shown(event: dict[str, Any]):
    outcome = follow(CREATED, event).outcome
    assert outcome.error_message == "secret"
    assert "secret" not in repr(outcome)


def test_only_a_response_that_came_whole_is_the_source_of_content():
    assert follow(CREATED, {"type": "response.completed", "response": STARTED}).outcome.source is STARTED
    assert follow(CREATED, {"type": "error"}).outcome.source is None
    assert follow(CREATED).partial().source is None


@pytest.mark.parametrize(
    ("events", "expected"),
    [
        pytest.param([], Outcome(finish_reason="error"), id="nothing"),
        pytest.param([CREATED], Outcome("resp_1", "gpt-4.1-2025-04-14", "error", status="in_progress"), id="created"),
        pytest.param(
            [as_model(CREATED)],
            Outcome("resp_1", "gpt-4.1-2025-04-14", "error", status="in_progress"),
            id="created_as_model",
        ),
        pytest.param(
            [{"type": "response.queued", "response": {"id": "resp_2", "status": "queued"}}, CREATED],
            Outcome("resp_2", finish_reason="error", status="queued"),
            id="the_first_one_counts",
        ),
        pytest.param(
            [{"type": "response.created"}, {**CREATED, "type": "response.in_progress"}],
            Outcome("resp_1", "gpt-4.1-2025-04-14", "error", status="in_progress"),
            id="created_without_response",
        ),
        pytest.param([{"type": "response.created", "response": 1}], Outcome(finish_reason="error"), id="no_response"),
    ],
)
def test_what_is_known_of_a_stream_that_was_cut(events: list[Any], expected: Outcome):
    lifecycle = follow(*events)
    assert not lifecycle.has_ended
    assert lifecycle.partial() == expected


@patiently
@given(valid_streams())
def test_a_whole_stream_reads_as_its_response(stream: list[dict[str, Any]]):
    lifecycle = follow(*(event for event in stream if event["type"] in LIFECYCLE_EVENTS))
    assert lifecycle.has_ended
    assert lifecycle.outcome == read_response(stream[-1]["response"])


@patiently
@given(event_sequences())
def test_no_sequence_of_events_makes_it_raise(sequence: list[Any]):
    lifecycle = Lifecycle()
    kinds = [text(field(event, "type")) for event in sequence]
    for event, kind in zip(sequence, kinds, strict=True):
        if kind is not None:
            lifecycle.add(event, kind)
    assert lifecycle.has_ended is not {*TERMINAL_EVENTS, "error"}.isdisjoint(kinds)
    assert lifecycle.partial().finish_reason == "error"
