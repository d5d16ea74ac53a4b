"""The events of a call: log records with attributes and no body."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from opentelemetry._logs import Logger, LogRecord, NoOpLogger, SeverityNumber
from opentelemetry.context import Context

from otel_responses._semconv import DETAILS_EVENT, EXCEPTION_EVENT

__all__ = ["is_wanted", "make_event"]

SEVERITIES: Mapping[str, SeverityNumber] = {
    DETAILS_EVENT: SeverityNumber.DEBUG,
    EXCEPTION_EVENT: SeverityNumber.WARN,
}


def is_wanted(logger: Logger, name: str, context: Context) -> bool:
    """Say whether anybody would get this event, so that it is not built in vain."""
    enabled = getattr(logger, "enabled", None)  # since opentelemetry-api 1.45
    if enabled is None:
        return not isinstance(logger, NoOpLogger)
    return bool(enabled(context=context, severity_number=SEVERITIES[name], event_name=name))


def make_event(name: str, attributes: Mapping[str, Any], context: Context, timestamp: int) -> LogRecord:
    """Return an event in the context of its span; `timestamp` in nanoseconds since 1970."""
    severity = SEVERITIES[name]
    return LogRecord(
        timestamp=timestamp,
        observed_timestamp=timestamp,
        context=context,
        severity_number=severity,
        severity_text=severity.name,
        attributes=attributes,
        event_name=name,
    )
