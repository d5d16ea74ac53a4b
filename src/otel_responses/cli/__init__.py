"""The command `otel-responses`. It needs the extra `cli`; without it, it says so."""

from __future__ import annotations

import sys

__all__ = ["main"]

MISSING = (
    "otel-responses: the command needs the package {name!r}, which is not installed. "
    "Install it with: pip install 'otel-responses[cli]'"
)


def main() -> None:
    """Run the command; exits with 1 where a package of the extra `cli` is missing."""
    try:
        # An optional extra, and its absence is said in a sentence instead of a traceback.
        from otel_responses.cli.app import app  # noqa: PLC0415
    except ModuleNotFoundError as error:
        if error.name is None or error.name.startswith("otel_responses"):
            raise
        sys.stderr.write(MISSING.format(name=error.name) + "\n")
        raise SystemExit(1) from None
    app()
