from __future__ import annotations

import pytest

from otel_responses._mapping.labels import Labels
from otel_responses._records import Endpoint, Outcome, Request

ENDPOINT = Endpoint("openai", "api.openai.com", 443)


class CodedError(Exception):
    """An error of the SDK without a status."""

    def __init__(self, code: str) -> None:
        super().__init__("secret")
        self.code = code


def failed(code: str | None) -> Outcome:
    return Outcome(has_failed=True, error_code=code)


@pytest.mark.parametrize(
    ("outcome", "expected"),
    [
        pytest.param(failed("server_error"), "server_error", id="code"),
        pytest.param(failed("no name at all"), "_OTHER", id="code_that_is_no_name"),
        pytest.param(failed(None), "_OTHER", id="no_code"),
        pytest.param(Outcome(error_code="server_error"), None, id="not_failed"),
    ],
)
def test_the_error_of_a_response(outcome: Outcome, expected: str | None):
    assert Labels().error_of(outcome) == expected


def test_the_codes_of_responses_and_of_exceptions_share_their_places():
    labels = Labels()
    for number in range(25):
        assert labels.error_of(failed(f"a_{number}")) == f"a_{number}"
        assert labels.error_type(CodedError(f"b_{number}")) == f"b_{number}"
    assert labels.error_of(failed("c")) == "_OTHER"
    assert labels.error_type(CodedError("c")) == "_OTHER"


@pytest.mark.parametrize(
    ("outcome", "expected"),
    [
        pytest.param(Outcome(finish_reason="stop", service_tier="flex"), ("stop", "flex"), id="known"),
        pytest.param(Outcome(finish_reason="stop"), ("stop", None), id="no_tier"),
        pytest.param(Outcome(), (None, None), id="nothing"),
        pytest.param(Outcome(finish_reason="new", service_tier="newer"), ("new", "newer"), id="new"),
        pytest.param(Outcome(finish_reason="no name", service_tier="flex"), ("_OTHER", "flex"), id="reason_no_name"),
        pytest.param(Outcome(finish_reason="stop", service_tier="no name"), ("stop", "_OTHER"), id="tier_no_name"),
    ],
)
def test_a_bounded_outcome(outcome: Outcome, expected: tuple[str | None, str | None]):
    bounded = Labels().bounded(outcome)
    assert (bounded.finish_reason, bounded.service_tier) == expected


def test_each_label_has_places_of_its_own():
    labels = Labels()
    for number in range(50):
        labels.bounded(Outcome(finish_reason=f"reason_{number}"))
    last = labels.bounded(Outcome(finish_reason="reason_50", service_tier="tier_50", error_code="code"))
    assert (last.finish_reason, last.service_tier) == ("_OTHER", "tier_50")
    assert labels.error_of(failed("code_50")) == "code_50"


@pytest.mark.parametrize(
    ("model", "expected"),
    [
        pytest.param("gpt-4.1-2025-04-14", "gpt-4.1-2025-04-14", id="of_the_response"),
        pytest.param("no model at all", "_OTHER", id="no_name"),
        pytest.param("a request's model", "a request's model", id="as_in_the_request"),
        pytest.param(None, None, id="none"),
    ],
)
def test_the_metric_attributes_of_a_call(model: str | None, expected: str | None):
    request = Request(ENDPOINT, "a request's model", operation="compact")
    found = Labels().of(request, Outcome(model=model, service_tier="flex"), "429")
    assert found.with_error == {
        "gen_ai.operation.name": "compact",
        "gen_ai.provider.name": "openai",
        "gen_ai.request.model": "a request's model",
        **({} if expected is None else {"gen_ai.response.model": expected}),
        "server.address": "api.openai.com",
        "server.port": 443,
        "openai.response.service_tier": "flex",
        "error.type": "429",
    }
