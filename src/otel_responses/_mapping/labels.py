"""What a server says, bounded so that it may become a label of a metric."""

from __future__ import annotations

from dataclasses import replace

from otel_responses._mapping.attributes import metric_attributes
from otel_responses._mapping.failure import error_type
from otel_responses._mapping.vocabulary import ERROR_CODES, FINISH_REASONS, MODEL_NAME, SERVICE_TIERS, Vocabulary
from otel_responses._records import MetricAttributes, Outcome, Request
from otel_responses._semconv import OTHER

__all__ = ["Labels"]


class Labels:
    """The vocabularies that all calls of one instrumentation share."""

    __slots__ = ("_codes", "_finish_reasons", "_models", "_service_tiers")

    def __init__(self) -> None:
        self._codes = Vocabulary(ERROR_CODES)
        self._finish_reasons = Vocabulary(FINISH_REASONS)
        self._service_tiers = Vocabulary(SERVICE_TIERS)
        self._models = Vocabulary(pattern=MODEL_NAME)

    def error_of(self, outcome: Outcome) -> str | None:
        """Return the `error.type` of a response that came back failed, or None."""
        if not outcome.has_failed:
            return None
        return self._codes.admit(outcome.error_code) if outcome.error_code else OTHER

    def error_type(self, error: BaseException) -> str:
        """Return the `error.type` of an exception; see `failure.error_type`."""
        return error_type(error, self._codes)

    def bounded(self, outcome: Outcome) -> Outcome:
        """Return the outcome with a finish reason and a service tier that may be labels."""
        reason, tier = outcome.finish_reason, outcome.service_tier
        if (reason is None or reason in FINISH_REASONS) and (tier is None or tier in SERVICE_TIERS):
            return outcome
        return replace(
            outcome,
            finish_reason=reason and self._finish_reasons.admit(reason),
            service_tier=tier and self._service_tiers.admit(tier),
        )

    def of(self, request: Request, outcome: Outcome, error: str | None) -> MetricAttributes:
        """Return the metric attributes of a call, whose outcome is bounded."""
        endpoint, model = request.endpoint, outcome.model
        if model is not None and model != request.model:
            model = self._models.admit(model)
        return metric_attributes(
            request.model,
            endpoint.provider,
            endpoint.address,
            endpoint.port,
            model,
            outcome.service_tier,
            error,
            request.operation,
        )
