from __future__ import annotations

from dataclasses import fields, replace
from typing import Any

import pytest
from hypothesis import given
from inline_snapshot import snapshot
from openai.types.responses import Response

from otel_responses._mapping.response import (
    CLIENT_TOOL_CALLS,
    TERMINAL_EVENTS,
    noted_request_id,
    read_reply,
    read_response,
    run_times,
)
from otel_responses._records import Outcome, Usage
from tests.encoding import as_exported
from tests.strategies import as_model, junk, mangled, patiently, responses

MESSAGE = {"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": "Rome."}]}
REASONING = {"type": "reasoning", "summary": []}
CALL = {"type": "function_call", "name": "weather", "arguments": "{}"}

WHOLE: dict[str, Any] = {
    "id": "resp_1",
    "object": "response",
    "created_at": 1_767_225_600,
    "status": "completed",
    "model": "gpt-4.1-2025-04-14",
    "output": [{"type": "compaction", "encrypted_content": "x"}, MESSAGE],
    "conversation": {"id": "conv_1"},
    "service_tier": "flex",
    "error": None,
    "incomplete_details": None,
    "usage": {
        "input_tokens": 36,
        "input_tokens_details": {"cached_tokens": 8, "cache_write_tokens": 4},
        "output_tokens": 87,
        "output_tokens_details": {"reasoning_tokens": 64},
        "total_tokens": 123,
    },
}


def read(**fields: Any) -> Outcome:
    return read_response({"id": "resp_1", "status": "completed", **fields})


@pytest.mark.parametrize(
    "form",
    [
        pytest.param(dict, id="dict"),
        pytest.param(as_model, id="model"),
        pytest.param(lambda body: Response.construct(**body), id="model_of_the_sdk"),
    ],
)
def test_a_whole_response(form: Any):
    assert read_response(form(WHOLE)) == snapshot(
        Outcome(
            response_id="resp_1",
            model="gpt-4.1-2025-04-14",
            finish_reason="stop",
            service_tier="flex",
            conversation_id="conv_1",
            status="completed",
            usage=Usage(
                input_tokens=36, output_tokens=87, cache_read_tokens=8, cache_write_tokens=4, reasoning_tokens=64
            ),
            is_compacted=True,
        )
    )


@pytest.mark.parametrize(
    ("output", "reason"),
    [
        pytest.param([], "stop", id="nothing"),
        pytest.param([MESSAGE], "stop", id="message"),
        pytest.param([CALL], "tool_call", id="call"),
        pytest.param([MESSAGE, CALL], "tool_call", id="message_and_call"),
        pytest.param([CALL, CALL], "tool_call", id="two_calls"),
        pytest.param([CALL, MESSAGE], "stop", id="call_and_message"),
        pytest.param([CALL, REASONING], "tool_call", id="reasoning_after_the_call"),
        pytest.param([REASONING], "stop", id="reasoning_alone"),
        pytest.param([{"type": "custom_tool_call"}], "tool_call", id="custom_tool"),
        pytest.param([{"type": "computer_call"}], "tool_call", id="computer"),
        pytest.param([{"type": "local_shell_call"}], "tool_call", id="local_shell"),
        pytest.param([{"type": "shell_call"}], "tool_call", id="shell"),
        pytest.param([{"type": "shell_call"}, {"type": "shell_call_output"}], "stop", id="shell_of_the_server"),
        pytest.param([{"type": "apply_patch_call"}], "tool_call", id="apply_patch"),
        pytest.param([{"type": "tool_search_call", "execution": "client"}], "tool_call", id="tool_search_by_client"),
        pytest.param([{"type": "tool_search_call", "execution": "server"}], "stop", id="tool_search_by_server"),
        pytest.param([{"type": "web_search_call"}], "stop", id="web_search"),
        pytest.param([{"type": "file_search_call"}], "stop", id="file_search"),
        pytest.param([{"type": "code_interpreter_call"}], "stop", id="code_interpreter"),
        pytest.param([{"type": "image_generation_call"}], "stop", id="image_generation"),
        pytest.param([{"type": "mcp_call"}], "stop", id="mcp"),
        pytest.param([{"type": "mcp_approval_request"}], "stop", id="mcp_approval"),
        pytest.param([{"type": "an_item_of_tomorrow"}], "stop", id="unknown_item"),
        pytest.param([{"type": ["function_call"]}], "stop", id="type_no_text"),
        pytest.param([{}, None, "text", 1], "stop", id="no_items"),
        pytest.param(None, "stop", id="no_output"),
    ],
)
def test_a_completed_response_stops_or_ends_in_client_tool_calls(output: Any, reason: str):
    assert read(output=output).finish_reason == reason


def test_client_tool_calls_are_item_types_of_the_sdk_and_no_results():
    assert all(kind.endswith("_call") for kind in CLIENT_TOOL_CALLS)


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        pytest.param({"status": "completed"}, Outcome(finish_reason="stop", status="completed"), id="completed"),
        pytest.param({"status": None}, Outcome(finish_reason="stop"), id="status_left_out"),
        pytest.param(
            {"status": "incomplete", "incomplete_details": {"reason": "max_output_tokens"}},
            Outcome(finish_reason="length", status="incomplete"),
            id="max_output_tokens",
        ),
        pytest.param(
            {"status": "incomplete", "incomplete_details": {"reason": "content_filter"}},
            Outcome(finish_reason="content_filter", status="incomplete"),
            id="content_filter",
        ),
        pytest.param(
            {"status": "incomplete", "incomplete_details": {"reason": "steered"}},
            Outcome(finish_reason="steered", status="incomplete"),
            id="steered",
        ),
        pytest.param(
            {"status": "incomplete", "incomplete_details": {"reason": "a_reason_of_tomorrow"}},
            Outcome(finish_reason="a_reason_of_tomorrow", status="incomplete"),
            id="unknown_reason",
        ),
        pytest.param(
            {"status": "incomplete", "incomplete_details": None},
            Outcome(finish_reason="error", status="incomplete"),
            id="no_reason",
        ),
        pytest.param(
            {"status": "incomplete", "incomplete_details": {"reason": "max_output_tokens"}, "output": [CALL]},
            Outcome(finish_reason="length", status="incomplete"),
            id="incomplete_in_a_tool_call",
        ),
        pytest.param(
            {"status": "failed", "error": {"code": "server_error", "message": "secret"}},
            Outcome(finish_reason="error", has_failed=True, error_code="server_error", status="failed"),
            id="failed",
        ),
        pytest.param(
            {"status": "failed", "error": None},
            Outcome(finish_reason="error", has_failed=True, status="failed"),
            id="failed_unsaid",
        ),
        pytest.param(
            {"status": "cancelled"}, Outcome(finish_reason="error", status="cancelled"), id="cancelled_is_no_failure"
        ),
        pytest.param({"status": "queued"}, Outcome(status="queued"), id="queued"),
        pytest.param({"status": "in_progress"}, Outcome(status="in_progress"), id="in_progress"),
        pytest.param({"status": "a_status_of_tomorrow"}, Outcome(status="a_status_of_tomorrow"), id="unknown_status"),
    ],
)
def test_how_a_response_ended(fields: dict[str, Any], expected: Outcome):
    assert read_response(fields) == expected


@pytest.mark.parametrize(
    ("status", "ended_as", "expected"),
    [
        pytest.param(None, "failed", Outcome(finish_reason="error", has_failed=True, status="failed"), id="failed"),
        pytest.param(
            "in_progress", "failed", Outcome(finish_reason="error", has_failed=True, status="failed"), id="stale_status"
        ),
        pytest.param(None, "incomplete", Outcome(finish_reason="error", status="incomplete"), id="incomplete"),
        pytest.param("in_progress", "completed", Outcome(finish_reason="stop", status="completed"), id="completed"),
        pytest.param(
            "incomplete",
            "completed",
            Outcome(finish_reason="error", status="incomplete"),
            id="the_response_knows_better",
        ),
    ],
)
def test_the_event_says_how_a_response_ended_that_does_not_say_so_itself(
    status: str | None, ended_as: str, expected: Outcome
):
    assert read_response({"status": status}, ended_as=ended_as) == expected


def test_terminal_events_mean_the_status_in_their_name():
    assert {f"response.{status}": status for status in ("completed", "failed", "incomplete")} == TERMINAL_EVENTS


@pytest.mark.parametrize(
    ("status", "tier"),
    [
        pytest.param("completed", "flex", id="completed"),
        pytest.param("failed", "flex", id="failed"),
        pytest.param("incomplete", "flex", id="incomplete"),
        pytest.param("queued", None, id="queued"),
        pytest.param("in_progress", None, id="in_progress"),
    ],
)
def test_the_tier_is_known_when_the_response_is_finished(status: str, tier: str | None):
    assert read(status=status, service_tier="flex").service_tier == tier


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        pytest.param({"id": "resp_1"}, True, id="dict_with_id"),
        pytest.param({"usage": {}}, True, id="dict_with_usage"),
        pytest.param(as_model({"id": "resp_1"}), True, id="model"),
        pytest.param({"error": {"message": "no"}}, False, id="error_body"),
        pytest.param({}, False, id="empty"),
        pytest.param("resp_1", False, id="text"),
        pytest.param(None, False, id="none"),
        pytest.param([{"id": "resp_1"}], False, id="list"),
    ],
)
def test_what_looks_like_a_response(value: object, expected: bool):
    assert read_reply(value) == (read_response(value) if expected else None)


@patiently
@given(responses())
def test_a_model_of_the_sdk_reads_as_its_dictionary(response: dict[str, Any]):
    assert read_response(Response.construct(**response)) == read_response(response)


@patiently
@given(mangled(responses()) | junk())
def test_whatever_came_back_it_is_read_to_what_can_be_encoded(response: Any):
    outcome = read_response(response)
    assert read_reply(response) in (outcome, None)
    read = {field.name: getattr(outcome, field.name) for field in fields(Outcome) if field.compare}
    texts = {name: value for name, value in read.items() if isinstance(value, str)}
    assert as_exported(texts) == texts


@patiently
@given(mangled(responses()) | junk())
def test_without_details_a_response_reads_as_far_as_metrics_need_it(response: Any):
    whole = read_reply(response)
    unread = {"response_id": None, "conversation_id": None, "finish_reason": None, "is_compacted": False}
    assert read_reply(response, is_detailed=False) == (whole and replace(whole, **unread))


def test_without_details_the_output_is_not_looked_at():
    seen: set[str] = set()

    class Seen(dict[str, Any]):
        def get(self, key: str, default: Any = None) -> Any:
            seen.add(key)
            return super().get(key, default)

    read_reply(Seen(WHOLE), is_detailed=False)
    assert seen.isdisjoint({"conversation", "output"})
    read_reply(Seen(WHOLE))
    assert {"conversation", "output"} <= seen


def test_nothing_reads_as_a_response_that_says_nothing():
    assert read_response(None) == Outcome(finish_reason="stop")


@pytest.mark.parametrize(
    ("created_at", "completed_at", "expected"),
    [
        pytest.param(1, 2.5, (1_000_000_000, 2_500_000_000), id="both"),
        pytest.param(1_767_225_600, None, (1_767_225_600_000_000_000, None), id="not_completed"),
        pytest.param(0, -1, (None, None), id="before_1970"),
        pytest.param(8_000_000_000, 2**33, (8_000_000_000_000_000_000, None), id="after_2242"),
        pytest.param("1", True, (None, None), id="no_numbers"),
        pytest.param(float("nan"), float("inf"), (None, None), id="not_finite"),
    ],
)
def test_when_a_response_was_created_and_completed(created_at: Any, completed_at: Any, expected: object):
    assert run_times({"created_at": created_at, "completed_at": completed_at}) == expected


def test_the_sdk_keeps_the_id_of_the_request_on_what_it_parsed():
    response = Response.model_construct(id="resp_1")
    assert noted_request_id(response) is None
    response._request_id = "req_1"
    assert noted_request_id(response) == "req_1"


@pytest.mark.parametrize("response", [None, {"_request_id": "req_1"}, "text"])
def test_what_the_sdk_did_not_parse_has_no_id_of_a_request(response: object):
    assert noted_request_id(response) is None
