from __future__ import annotations

import pytest

from otel_responses._limits import DEFAULT_LIMITS
from otel_responses._records import NO_USAGE, Endpoint, Outcome, Usage
from otel_responses.policy import Policy


def test_records_are_equal_where_their_fields_are():
    assert Endpoint("openai", "api.openai.com", 443) == Endpoint("openai", "api.openai.com", 443)
    assert Endpoint("openai", "api.openai.com", 443) != Endpoint("openai", "api.openai.com", 8443)
    assert Usage() != Endpoint("openai")
    assert Usage() != (None, None, None, None, None)


def test_what_a_response_said_is_neither_shown_nor_compared():
    outcome = Outcome(model="gpt-4.1", error_message="a prompt", source={"output": "an answer"})
    assert outcome == Outcome(model="gpt-4.1")
    assert repr(outcome) == (
        "Outcome(response_id=None, model='gpt-4.1', finish_reason=None, service_tier=None, conversation_id=None, "
        "status=None, usage=Usage(input_tokens=None, output_tokens=None, cache_read_tokens=None, "
        "cache_write_tokens=None, reasoning_tokens=None), cost=None, is_compacted=False, has_failed=False, "
        "error_code=None)"
    )


def test_a_record_is_no_key():
    with pytest.raises(TypeError, match="unhashable"):
        hash(Usage())


def test_defaults_are_shared():
    assert Outcome().usage is NO_USAGE
    assert Policy().limits is DEFAULT_LIMITS
