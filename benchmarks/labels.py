"""The metrics of calls made by hand: the instruments, and the attribute sets that are the same for every call."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from openai.types.responses import Response
from opentelemetry.context import Context
from opentelemetry.metrics import Histogram, Meter, MeterProvider, get_meter

__all__ = ["SERVER", "Instruments"]

SECONDS = tuple(0.01 * 2**power for power in range(14))
TOKENS = tuple(4**power for power in range(14))
SERVER: dict[str, Any] = {
    "gen_ai.operation.name": "chat",
    "gen_ai.provider.name": "openai",
    "server.address": "api.openai.com",
    "server.port": 443,
}


class Instruments:
    """What a call is measured with."""

    def __init__(self, scope: str, provider: MeterProvider | None) -> None:
        meter = get_meter(scope, meter_provider=provider)
        self._duration = _histogram(meter, "gen_ai.client.operation.duration", "s", SECONDS)
        self._first_chunk = _histogram(meter, "gen_ai.client.operation.time_to_first_chunk", "s", SECONDS)
        self._gap = _histogram(meter, "gen_ai.client.operation.time_per_output_chunk", "s", SECONDS)
        self._tokens = _histogram(meter, "gen_ai.client.token.usage", "{token}", TOKENS)
        self._reasoning = meter.create_counter("gen_ai.client.inference.usage.reasoning.output_tokens", "{token}")

    def record(
        self,
        request: Mapping[str, Any],
        response: Response,
        elapsed: float,
        first_chunk: float | None,
        gaps: Sequence[float],
        context: Context,
    ) -> None:
        """Record one call; times in seconds."""
        labels = _labels(request["model"], response.model, response.service_tier)
        self._duration.record(elapsed, labels.plain, context)
        if first_chunk is not None:
            self._first_chunk.record(first_chunk, labels.plain, context)
        for gap in gaps:
            self._gap.record(gap, labels.plain, context)
        usage = response.usage
        assert usage is not None
        self._tokens.record(usage.input_tokens, labels.input_tokens, context)
        self._tokens.record(usage.output_tokens, labels.output_tokens, context)
        reasoning = usage.output_tokens_details.reasoning_tokens
        if reasoning:
            self._reasoning.add(reasoning, labels.by_modality, context)


@dataclass(frozen=True, slots=True)
class _Labels:
    """The attribute sets."""

    plain: Mapping[str, Any]
    input_tokens: Mapping[str, Any]
    output_tokens: Mapping[str, Any]
    by_modality: Mapping[str, Any]


@cache
def _labels(model: str, response_model: str, tier: str | None) -> _Labels:
    models = {"gen_ai.request.model": model, "gen_ai.response.model": response_model}
    plain = {**SERVER, **models, "openai.response.service_tier": tier}
    return _Labels(
        plain,
        {**plain, "gen_ai.token.type": "input"},
        {**plain, "gen_ai.token.type": "output"},
        {**plain, "gen_ai.token.modality": "unknown"},
    )


def _histogram(meter: Meter, name: str, unit: str, boundaries: tuple[float, ...]) -> Histogram:
    return meter.create_histogram(name, unit, explicit_bucket_boundaries_advisory=boundaries)
