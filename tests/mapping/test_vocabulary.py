from __future__ import annotations

import re
from typing import Any, get_args, get_origin

import pytest
from hypothesis import given, strategies as st
from openai.types.responses import Response, ResponseError
from openai.types.responses.response import IncompleteDetails

from otel_responses._mapping.response import read_response
from otel_responses._mapping.vocabulary import (
    ERROR_CODES,
    FINISH_REASONS,
    MODEL_NAME,
    OTHERS_MAX,
    SERVICE_TIERS,
    Vocabulary,
)
from tests.strategies import patiently, texts

NAME = re.compile(r"[A-Za-z0-9_.-]{1,64}")


def literals(annotation: Any) -> set[str]:
    """The texts that a type of the SDK allows, inside Optional and Union too."""
    found = {part for part in get_args(annotation) if isinstance(part, str)}
    return found.union(*(literals(part) for part in get_args(annotation) if get_origin(part) or get_args(part)))


def test_the_error_codes_of_the_sdk_are_known():
    codes = literals(ResponseError.model_fields["code"].annotation)
    assert "server_error" in codes
    assert codes <= ERROR_CODES


def test_the_service_tiers_of_the_sdk_are_known():
    tiers = literals(Response.model_fields["service_tier"].annotation)
    assert "flex" in tiers
    assert tiers <= SERVICE_TIERS


def test_every_finish_reason_that_the_sdk_allows_for_is_known():
    reasons = literals(IncompleteDetails.model_fields["reason"].annotation)
    assert "max_output_tokens" in reasons
    read = (
        read_response({"status": "incomplete", "incomplete_details": {"reason": reason}}).finish_reason
        for reason in reasons
    )
    assert set(read) | {"stop", "tool_call", "error"} == FINISH_REASONS


def test_our_own_error_type_is_known():
    assert "stream_truncated" in ERROR_CODES


@pytest.mark.parametrize("known", [ERROR_CODES, FINISH_REASONS, SERVICE_TIERS], ids=["codes", "reasons", "tiers"])
def test_what_is_known_looks_like_a_name(known: frozenset[str]):
    assert all(NAME.fullmatch(value) for value in known)


@pytest.mark.parametrize(
    ("value", "admitted"),
    [
        pytest.param("server_error", "server_error", id="known"),
        pytest.param("a_code_of_tomorrow", "a_code_of_tomorrow", id="new"),
        pytest.param("a.b-C_9", "a.b-C_9", id="every_kind_of_character"),
        pytest.param("a" * 64, "a" * 64, id="longest"),
        pytest.param("a" * 65, "_OTHER", id="too_long"),
        pytest.param("my prompt is: hello", "_OTHER", id="a_sentence"),
        pytest.param("Überlast", "_OTHER", id="not_ascii"),
        pytest.param("a\n", "_OTHER", id="line_end"),
        pytest.param("", "_OTHER", id="empty"),
    ],
)
def test_what_becomes_a_label(value: str, admitted: str):
    assert Vocabulary(ERROR_CODES).admit(value) == admitted


@pytest.mark.parametrize(
    ("model", "admitted"),
    [
        pytest.param("gpt-4.1-2025-04-14", True, id="openai"),
        pytest.param("ft:gpt-4o:acme::8Ab", True, id="fine_tuned"),
        pytest.param("openai/gpt-oss-20b@latest", True, id="by_a_gateway"),
        pytest.param("a" * 128, True, id="longest"),
        pytest.param("a" * 129, False, id="too_long"),
        pytest.param("a model", False, id="blank"),
    ],
)
def test_what_looks_like_a_model(model: str, admitted: bool):
    assert Vocabulary(pattern=MODEL_NAME).admit(model) == (model if admitted else "_OTHER")


def test_the_first_fifty_new_values_are_kept_and_stay():
    codes = Vocabulary(ERROR_CODES)
    new = [f"code_{number}" for number in range(60)]
    expected = [*new[:50], *["_OTHER"] * 10]
    assert OTHERS_MAX == 50
    assert [codes.admit(code) for code in new] == expected
    assert [codes.admit(code) for code in new] == expected
    assert codes.admit("server_error") == "server_error"


def test_what_is_refused_takes_no_place():
    codes = Vocabulary(others_max=1)
    assert [codes.admit(code) for code in ("not a name", "first", "second")] == ["_OTHER", "first", "_OTHER"]


@patiently
@given(st.lists(texts() | st.integers(0, 200).map("code_{}".format), max_size=100), st.integers(0, 5))
def test_there_are_never_more_labels_than_the_known_ones_and_the_bound(values: list[str], bound: int):
    vocabulary = Vocabulary({"code_1", "code_2"}, others_max=bound)
    admitted = {vocabulary.admit(value) for value in values} - {"_OTHER", "code_1", "code_2"}
    assert len(admitted) <= bound
    assert all(NAME.fullmatch(value) for value in admitted)
