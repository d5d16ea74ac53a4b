"""`python -m otel_responses` is the command `otel-responses`."""

from __future__ import annotations

from otel_responses.cli import main

main()
