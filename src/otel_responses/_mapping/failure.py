"""An exception that the SDK raised -> what the conventions call its `error.type`, and who ended the call.

`error.type` is a documented, bounded list (it becomes a metric label): an HTTP status, a provider's code that the
vocabulary admits, the class name of the exception, `stream_truncated`, or `_OTHER`.
"""

from __future__ import annotations

from asyncio import CancelledError

from otel_responses._mapping.reading import field, integer, mapping, text
from otel_responses._mapping.vocabulary import Vocabulary

__all__ = ["CANCELLED", "CLOSED", "DROPPED", "ended_by", "error_type", "resend_count"]

CLOSED, DROPPED, CANCELLED = "closed", "dropped", "cancelled"

# What the caller does to its own call is no error of it.
_ENDED_BY: tuple[tuple[type[BaseException], str], ...] = (
    (GeneratorExit, CLOSED),
    (CancelledError, CANCELLED),
    (KeyboardInterrupt, CANCELLED),
    (SystemExit, CANCELLED),
)
_TRIO_CANCELLED = ("trio", "Cancelled")  # the SDK runs on trio too, which is not imported for this


def ended_by(error: BaseException) -> str | None:
    """Return how the caller ended its call early, or None where `error` is a real error."""
    if (type(error).__module__, type(error).__name__) == _TRIO_CANCELLED:
        return CANCELLED
    return next((how for kind, how in _ENDED_BY if isinstance(error, kind)), None)


def error_type(error: BaseException, codes: Vocabulary) -> str:
    """Return the HTTP status of an API error; without one the provider's code; else the class name."""
    status = integer(field(error, "status_code"))
    if status is not None and 300 <= status <= 999:  # the SDK's own complaint about a reply (200) has a status too
        return str(status)
    code = text(mapping(getattr(error, "__dict__", None)).get("code"))  # that of websockets is a deprecated property
    return codes.admit(code) if code else type(error).__name__


def resend_count(error: BaseException) -> int:
    """Return how many retries had been taken before `error`: the SDK says so in a header of the last request."""
    count = text(field(field(field(error, "request"), "headers"), "x-stainless-retry-count"))
    return integer(int(count)) or 0 if count is not None and count.isdecimal() else 0
