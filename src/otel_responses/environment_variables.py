"""The names of our environment variables, for `opentelemetry-instrument` and for people.

`opentelemetry-instrument` makes an option of every `OTEL_*` name here (`--responses_export`), and does not start when
two packages list the same one. So this module lists only names that begin with `OTEL_RESPONSES_`, and imports nothing.
"""

from __future__ import annotations

from typing import Final

__all__ = [
    "OTEL_RESPONSES_BAGGAGE",
    "OTEL_RESPONSES_CHUNK_METRIC",
    "OTEL_RESPONSES_EXPORT",
    "OTEL_RESPONSES_HELICONE_HOSTS",
    "OTEL_RESPONSES_PROVIDER_BY_HOST",
    "OTEL_RESPONSES_STAMP_SESSION",
]

OTEL_RESPONSES_BAGGAGE: Final = "OTEL_RESPONSES_BAGGAGE"
OTEL_RESPONSES_CHUNK_METRIC: Final = "OTEL_RESPONSES_CHUNK_METRIC"
OTEL_RESPONSES_EXPORT: Final = "OTEL_RESPONSES_EXPORT"
OTEL_RESPONSES_HELICONE_HOSTS: Final = "OTEL_RESPONSES_HELICONE_HOSTS"
OTEL_RESPONSES_PROVIDER_BY_HOST: Final = "OTEL_RESPONSES_PROVIDER_BY_HOST"
OTEL_RESPONSES_STAMP_SESSION: Final = "OTEL_RESPONSES_STAMP_SESSION"
