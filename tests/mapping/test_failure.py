from __future__ import annotations

import asyncio
import concurrent.futures
from types import SimpleNamespace
from typing import Any

import httpx2
import openai
import pytest
from hypothesis import given

from otel_responses._mapping.failure import ended_by, error_type, resend_count
from otel_responses._mapping.vocabulary import ERROR_CODES, Vocabulary
from tests.strategies import junk, patiently

REQUEST = httpx2.Request("POST", "https://api.openai.com/v1/responses")

# What trio raises in a cancelled task; it is not among our dependencies.
TRIO_CANCELLED = type("Cancelled", (BaseException,), {"__module__": "trio"})


class StrangeError(Exception):
    """An exception with whatever fields a test gives it."""

    def __init__(self, **fields: object) -> None:
        super().__init__("secret")
        self.__dict__.update(fields)


def status_error(status: int, kind: type[openai.APIStatusError] = openai.APIStatusError, **body: Any) -> Exception:
    return kind("secret", response=httpx2.Response(status, request=REQUEST), body=body)


@pytest.mark.parametrize(
    ("error", "how"),
    [
        pytest.param(GeneratorExit(), "closed", id="generator_exit"),
        pytest.param(asyncio.CancelledError(), "cancelled", id="task_cancelled"),
        pytest.param(TRIO_CANCELLED(), "cancelled", id="trio_task_cancelled"),
        pytest.param(KeyboardInterrupt(), "cancelled", id="keyboard_interrupt"),
        pytest.param(SystemExit(1), "cancelled", id="system_exit"),
        pytest.param(TimeoutError(), None, id="timeout"),
        pytest.param(openai.APITimeoutError(REQUEST), None, id="timeout_of_the_sdk"),
        pytest.param(concurrent.futures.CancelledError(), None, id="future_cancelled"),
        pytest.param(type("Cancelled", (Exception,), {})(), None, id="another_that_is_called_cancelled"),
        pytest.param(ValueError(), None, id="error"),
    ],
)
def test_what_the_caller_ends_is_no_error(error: BaseException, how: str | None):
    assert ended_by(error) == how


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        pytest.param(status_error(429, openai.RateLimitError, code="rate_limit_exceeded"), "429", id="rate_limit"),
        pytest.param(status_error(400, openai.BadRequestError, code="invalid_prompt"), "400", id="bad_request"),
        pytest.param(status_error(503, openai.InternalServerError), "503", id="server_error"),
        pytest.param(status_error(307), "307", id="redirect"),
        pytest.param(openai.APITimeoutError(REQUEST), "APITimeoutError", id="timeout"),
        pytest.param(openai.APIConnectionError(request=REQUEST), "APIConnectionError", id="connection"),
        pytest.param(
            openai.APIError("secret", REQUEST, body={"code": "server_error"}), "server_error", id="error_in_a_stream"
        ),
        pytest.param(
            openai.APIError("secret", REQUEST, body={"code": "Tell me a joke"}), "_OTHER", id="code_that_is_no_name"
        ),
        pytest.param(openai.APIError("secret", REQUEST, body={}), "APIError", id="error_without_code"),
        pytest.param(
            openai.APIResponseValidationError(httpx2.Response(200, request=REQUEST), None),
            "APIResponseValidationError",
            id="complaint_about_a_good_reply",
        ),
        pytest.param(httpx2.RemoteProtocolError("secret"), "RemoteProtocolError", id="connection_cut"),
        pytest.param(ValueError("secret"), "ValueError", id="validation"),
        pytest.param(StrangeError(status_code=299), "StrangeError", id="status_of_no_error"),
        pytest.param(StrangeError(status_code=300), "300", id="status_first"),
        pytest.param(StrangeError(status_code=999), "999", id="status_last"),
        pytest.param(StrangeError(status_code=1_000), "StrangeError", id="status_none_of_http"),
        pytest.param(StrangeError(status_code="429"), "StrangeError", id="status_no_integer"),
        pytest.param(StrangeError(status_code=True), "StrangeError", id="status_boolean"),
        pytest.param(StrangeError(status_code=10**20), "StrangeError", id="status_huge"),
        pytest.param(StrangeError(code=7), "StrangeError", id="code_no_text"),
        pytest.param(StrangeError(code=""), "StrangeError", id="code_empty"),
        pytest.param(StrangeError(status_code=None, code="bio_policy"), "bio_policy", id="status_null"),
    ],
)
def test_the_type_of_an_error(error: BaseException, kind: str):
    assert error_type(error, Vocabulary(ERROR_CODES)) == kind


@pytest.mark.parametrize(
    ("headers", "count"),
    [
        pytest.param({"x-stainless-retry-count": "2"}, 2, id="retried"),
        pytest.param(httpx2.Headers({"X-Stainless-Retry-Count": "2"}), 2, id="headers_of_the_http_library"),
        pytest.param({"x-stainless-retry-count": "0"}, 0, id="at_once"),
        pytest.param({}, 0, id="no_header"),
        pytest.param({"x-stainless-retry-count": "two"}, 0, id="no_number"),
        pytest.param({"x-stainless-retry-count": "-1"}, 0, id="negative"),
        pytest.param({"x-stainless-retry-count": "9" * 30}, 0, id="huge"),
        pytest.param({"x-stainless-retry-count": "9" * 10_000}, 0, id="longer_than_an_integer_may_be"),
        pytest.param({"x-stainless-retry-count": 2}, 0, id="no_text"),
        pytest.param(None, 0, id="no_headers"),
        pytest.param(["x-stainless-retry-count"], 0, id="list"),
    ],
)
def test_the_resends_before_an_error(headers: Any, count: int):
    assert resend_count(StrangeError(request=SimpleNamespace(headers=headers))) == count


def test_an_error_of_the_http_library_may_have_no_request():
    error = httpx2.ReadTimeout("secret")
    with pytest.raises(RuntimeError):
        _ = error.request
    assert resend_count(error) == 0


def test_an_error_of_the_sdk_carries_its_last_request():
    request = httpx2.Request("POST", REQUEST.url, headers={"x-stainless-retry-count": "1"})
    assert resend_count(openai.APITimeoutError(request)) == 1


@patiently
@given(junk(), junk(), junk())
def test_no_error_makes_it_raise(status: object, code: object, request: object):
    error = StrangeError(status_code=status, code=code, request=request)
    assert ended_by(error) is None
    assert 1 <= len(error_type(error, Vocabulary(ERROR_CODES))) <= 64
    assert 0 <= resend_count(error) < 2**63
