"""The metrics of a call: the conventions' units and boundaries, recorded in the context of its span."""

from __future__ import annotations

from collections.abc import Sequence

from opentelemetry.context import Context
from opentelemetry.metrics import Histogram, Meter, MeterProvider

from otel_responses._recorder.totals import Totals, counter
from otel_responses._records import MetricAttributes, Usage
from otel_responses._semconv import CONTENT_LEFT_OUT, COST, DURATION_BOUNDARIES, TOKEN_BOUNDARIES, Profile

__all__ = ["Metrics"]


class Metrics:
    """The instruments of one profile of the conventions; `meter` is of `provider`, or of the global one for None."""

    __slots__ = (
        "_chunk_gap",
        "_cost",
        "_counters",
        "_duration",
        "_first_chunk",
        "_input_labels",
        "_input_tokens",
        "_output_labels",
        "_output_tokens",
        "content_left_out",
    )

    def __init__(self, meter: Meter, profile: Profile, provider: MeterProvider | None = None) -> None:
        self._duration = _seconds(meter, profile.duration, "Duration of a call, from the request to its last byte.")
        self._first_chunk = _seconds(meter, profile.time_to_first_chunk, "Time to the first output event of a stream.")
        self._chunk_gap = _seconds(meter, profile.time_per_output_chunk, "Time between two output events of a stream.")
        # (instrument, attribute set) each
        inputs, outputs = _token_histograms(meter, profile)
        self._input_tokens, self._input_labels = inputs
        self._output_tokens, self._output_labels = outputs
        self._counters = _token_counters(meter, profile, provider)
        self._cost = counter(meter, provider, COST, "{USD}", "Cost of calls, of models with a known price.")
        self.content_left_out = meter.create_counter(
            CONTENT_LEFT_OUT, "{call}", "Calls whose content was left out because the redactor failed."
        )

    def record_call(
        self,
        duration: float,
        time_to_first_chunk: float | None,
        usage: Usage,
        cost: float | None,
        attributes: MetricAttributes,
        context: Context,
    ) -> None:
        """Record what `record_times` and `record_usage` do."""
        self.record_times(duration, time_to_first_chunk, attributes, context)
        self.record_usage(usage, cost, attributes, context)

    def record_times(
        self, duration: float, time_to_first_chunk: float | None, attributes: MetricAttributes, context: Context
    ) -> None:
        """Record how long a call took, in seconds; `context` holds the span, so that exemplars point to its trace."""
        self._duration.record(duration, attributes.with_error, context)
        if time_to_first_chunk is not None:
            self._first_chunk.record(time_to_first_chunk, attributes.plain, context)

    def record_gaps(self, gaps: Sequence[float], attributes: MetricAttributes, context: Context) -> None:
        """Record the times between the output events of a stream, in seconds."""
        for gap in gaps:
            self._chunk_gap.record(gap, attributes.plain, context)

    def record_usage(self, usage: Usage, cost: float | None, attributes: MetricAttributes, context: Context) -> None:
        """Record the tokens of a call, and its cost in USD."""
        if usage.input_tokens is not None:
            self._input_tokens.record(usage.input_tokens, getattr(attributes, self._input_labels), context)
        if usage.output_tokens is not None:
            self._output_tokens.record(usage.output_tokens, getattr(attributes, self._output_labels), context)
        for total, count in self._counters:
            tokens = getattr(usage, count)
            if tokens:
                total.add(tokens, attributes.by_modality)
        if cost is not None:
            self._cost.add(cost, attributes.plain)


def _token_histograms(meter: Meter, profile: Profile) -> Sequence[tuple[Histogram, str]]:
    """Return the histograms of input and output, each with the attribute set that goes with it."""
    if profile.token_usage:
        both = _tokens(meter, profile.token_usage, "Tokens of a call, by type.")
        return (both, "input_tokens"), (both, "output_tokens")
    return (
        (_tokens(meter, str(profile.input_tokens), "Input tokens of a call."), "plain"),
        (_tokens(meter, str(profile.output_tokens), "Output tokens of a call."), "plain"),
    )


def _token_counters(meter: Meter, profile: Profile, provider: MeterProvider | None) -> Sequence[tuple[Totals, str]]:
    """Return the counters, each with the field of Usage that it counts."""
    table = (
        (profile.total_input_tokens, "input_tokens", "Input tokens used."),
        (profile.total_output_tokens, "output_tokens", "Output tokens used."),
        (profile.cache_read_tokens, "cache_read_tokens", "Input tokens read from the prompt cache."),
        (profile.cache_write_tokens, "cache_write_tokens", "Input tokens written to the prompt cache."),
        (profile.reasoning_tokens, "reasoning_tokens", "Output tokens spent on reasoning."),
    )
    return [(counter(meter, provider, name, "{token}", text), count) for name, count, text in table if name]


def _seconds(meter: Meter, name: str, text: str) -> Histogram:
    return meter.create_histogram(name, "s", text, explicit_bucket_boundaries_advisory=DURATION_BOUNDARIES)


def _tokens(meter: Meter, name: str, text: str) -> Histogram:
    return meter.create_histogram(name, "{token}", text, explicit_bucket_boundaries_advisory=TOKEN_BOUNDARIES)
