"""The `usage` of a response -> Usage record."""

from __future__ import annotations

from otel_responses._mapping.reading import count, field, reader
from otel_responses._records import NO_USAGE, Usage

__all__ = ["read_usage"]


def read_usage(usage: object) -> Usage:
    """Read token counts; a negative one counts as not reported, since counters refuse it."""
    if usage is None:
        return NO_USAGE
    read = reader(usage)
    inputs, outputs = reader(read("input_tokens_details")), read("output_tokens_details")
    return Usage(  # in the order of its fields: by their names takes twice as long
        count(read("input_tokens")),
        count(read("output_tokens")),
        count(inputs("cached_tokens")),
        count(inputs("cache_write_tokens")),
        count(field(outputs, "reasoning_tokens")),
    )
