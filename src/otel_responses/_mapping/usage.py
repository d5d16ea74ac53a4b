"""The `usage` of a response -> Usage record."""

from __future__ import annotations

from otel_responses._mapping.reading import field, integer
from otel_responses._records import NO_USAGE, Usage

__all__ = ["read_usage"]


def read_usage(usage: object) -> Usage:
    """Read token counts; a negative one counts as not reported, since counters refuse it."""
    if usage is None:
        return NO_USAGE
    inputs, outputs = field(usage, "input_tokens_details"), field(usage, "output_tokens_details")
    return Usage(
        input_tokens=_count(field(usage, "input_tokens")),
        output_tokens=_count(field(usage, "output_tokens")),
        cache_read_tokens=_count(field(inputs, "cached_tokens")),
        cache_write_tokens=_count(field(inputs, "cache_write_tokens")),
        reasoning_tokens=_count(field(outputs, "reasoning_tokens")),
    )


def _count(value: object) -> int | None:
    count = integer(value)
    return count if count is not None and count >= 0 else None
