"""The content of one call, kept until the call ends: what was sent, and what comes of its stream."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any

from otel_responses._mapping.accumulator import Accumulator
from otel_responses._mapping.content import error_text, fitted_content, redacted_content, redacted_variables
from otel_responses._mapping.credentials import without_credentials
from otel_responses._records import Content, Outcome
from otel_responses._safe import warn_once
from otel_responses.policy import Part, Policy, Redactor, Where

__all__ = ["CapturedContent", "timed"]

Found = Mapping[str, list[Any]]

SLOW_SECONDS = 0.05


class CapturedContent:
    """Holds the request's body and the output as it comes; the policy is asked when the call has ended.

    The body is held as it was when the call was made: a program may append to its list of messages while a stream runs.
    """

    __slots__ = ("_accumulator", "_body", "_policy")

    def __init__(self, body: Mapping[str, Any], policy: Policy) -> None:
        sent: Any = body.get("input")
        self._body: dict[str, Any] = {**body, "input": [*sent]} if type(sent) is list else {**body}
        self._policy = policy
        self._accumulator: Accumulator | None = None

    def streams(self) -> None:
        """Expect events."""
        # More than an attribute holds: what is cut is cut from the whole, and the redactor may shorten it first.
        self._accumulator = Accumulator(4 * self._policy.limits.attribute_bytes)

    def add(self, event: object, kind: str) -> None:
        """Take an event that may tell of output."""
        if self._accumulator is not None:
            self._accumulator.add(event, kind)

    def content(self, outcome: Outcome, seen_by: Callable[[Found], Found] | None = None) -> Content:
        """Return what may be recorded of the call, after `seen_by` has had its way with it.

        Raises:
            Exception: Whatever the redactor raises.
        """
        response = outcome.source
        if response is None and self._accumulator is not None:
            response = {"output": self._accumulator.output()}
        found: Found = redacted_content(self._body, response, outcome.finish_reason, self._policy)
        variables = redacted_variables(self._body, self._policy)
        return fitted_content(found if seen_by is None else seen_by(found), variables, self._policy)

    def error_text(self, error: object) -> str | None:
        """Return an error's message as it may be recorded.

        Raises:
            Exception: Whatever the redactor raises.
        """
        return error_text(without_credentials(str(error), error), self._policy) if error else None


def timed(redact: Redactor) -> Redactor:
    """Return a redactor that logs once when a call of it was slow: it runs in the caller's thread."""

    def redact_in_time(part: Part, where: Where) -> Part | None:
        started = time.perf_counter()
        try:
            return redact(part, where)
        finally:
            taken = time.perf_counter() - started
            if taken > SLOW_SECONDS:
                warn_once("slow redactor", "The redactor took %d ms for one part; it delays the call", taken * 1000)

    return redact_in_time
