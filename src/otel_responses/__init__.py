"""OpenTelemetry instrumentation for the OpenAI Responses API, with Helicone sessions.

Importing this package imports neither openai nor the OpenTelemetry SDK.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from otel_responses._version import __version__
from otel_responses.capturing import capture_content
from otel_responses.instrumentor import ResponsesInstrumentor, instrument, uninstrument
from otel_responses.session import session, step

if TYPE_CHECKING:
    from otel_responses.stamping import SessionSpanProcessor

__all__ = [
    "ResponsesInstrumentor",
    "SessionSpanProcessor",
    "__version__",
    "capture_content",
    "instrument",
    "session",
    "step",
    "uninstrument",
]


def __getattr__(name: str) -> Any:
    """Import `SessionSpanProcessor` when it is asked for: its base class is in the SDK."""
    if name == "SessionSpanProcessor":
        from otel_responses.stamping import SessionSpanProcessor  # noqa: PLC0415 - the SDK is an extra

        return SessionSpanProcessor
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
