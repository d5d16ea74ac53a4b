"""Helicone sessions in the OpenTelemetry context, in request headers and in W3C baggage.

- `_session`: session() and step()
- `_scope`: `with`, `async with` and the decorator of every kind of function
- `_context`: the current session; entering and leaving
- `_headers`: Helicone's request headers
- `_baggage`: W3C baggage
- `_merging`: several sessions into one
- `_values`: given values into bounded text
"""

from __future__ import annotations

from otel_responses.session._baggage import configure_baggage, without_session_baggage
from otel_responses.session._context import current_session
from otel_responses.session._headers import helicone_headers, session_from_headers
from otel_responses.session._merging import merge_sessions
from otel_responses.session._session import session, step

__all__ = [
    "configure_baggage",
    "current_session",
    "helicone_headers",
    "merge_sessions",
    "session",
    "session_from_headers",
    "step",
    "without_session_baggage",
]
