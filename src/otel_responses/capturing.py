"""Where content is not captured, though the operator allows it: a stretch of the program, one call, one session."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from typing import Final

from opentelemetry.context import Context, attach, create_key, get_value, set_value

from otel_responses._safe import detach

__all__ = ["capture_content", "is_capture_allowed"]

_KEY: Final = create_key("otel_responses-capture-content")


@contextmanager
def capture_content(enabled: bool) -> Generator[None]:
    """Keep the content of the calls inside out of all telemetry, where `enabled` is false.

    It only ever narrows. `capture_content(True)` changes nothing: it neither widens what the operator allows
    (`OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT`) nor takes back a `capture_content(False)` around it.
    It lives in the OpenTelemetry context, so asyncio tasks inherit it. Like a session it does not belong around a
    `yield`.
    """
    if enabled:
        yield
        return
    token = attach(set_value(_KEY, value=False))
    try:
        yield
    finally:
        detach(token)


def is_capture_allowed(context: Context | None = None) -> bool:
    """Say whether no `capture_content(False)` is around."""
    return get_value(_KEY, context) is not False
