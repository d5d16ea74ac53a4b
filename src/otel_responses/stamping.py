"""The session on every span of the program, not only on ours. Needs the OpenTelemetry SDK."""

from __future__ import annotations

from opentelemetry.context import Context
from opentelemetry.sdk.trace import Span, SpanProcessor

from otel_responses._mapping.sessions import session_attributes
from otel_responses._safe import guard
from otel_responses.session import current_session

__all__ = ["SessionSpanProcessor"]


class SessionSpanProcessor(SpanProcessor):
    """Puts the session on every span that starts inside one; attributes that the span has already stay as they are.

    `provider.add_span_processor(SessionSpanProcessor())`, before the processors that export.
    """

    def on_start(self, span: Span, parent_context: Context | None = None) -> None:
        _stamp(span, parent_context)

    def force_flush(self, timeout_millis: int = 30_000) -> bool:
        return True  # SDK 1.38's base class returns None, and its provider then flushes no processor after this one


@guard
def _stamp(span: Span, parent_context: Context | None) -> None:
    data = current_session(parent_context)
    if data is None:
        return
    present = span.attributes or {}
    span.set_attributes({name: value for name, value in session_attributes(data).items() if name not in present})
