"""Bounded sets of the values a server may put into a metric label.

Any gateway can send any text as an error code, a service tier or a model name. A label takes the values we know, and
the first few others of this process that look like a name; the rest becomes `_OTHER`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from otel_responses._semconv import OTHER, STREAM_TRUNCATED

__all__ = ["ERROR_CODES", "FINISH_REASONS", "MODEL_NAME", "SERVICE_TIERS", "Vocabulary"]

OTHERS_MAX = 50
_NAME = re.compile(r"[A-Za-z0-9_.-]{1,64}")
MODEL_NAME = re.compile(r"[A-Za-z0-9_.:/@+-]{1,128}")  # also `ft:gpt-4o:acme::8Ab` and `openai/gpt-oss-20b`

# The literals of openai 3.54.0 (types/responses/response_error.py), and codes that its API documents for HTTP errors.
ERROR_CODES = frozenset(
    {
        "bio_policy",
        "context_length_exceeded",
        "data_residency_mismatch",
        "empty_image_file",
        "failed_to_download_image",
        "image_content_policy_violation",
        "image_file_not_found",
        "image_file_too_large",
        "image_parse_error",
        "image_too_large",
        "image_too_small",
        "insufficient_quota",
        "invalid_api_key",
        "invalid_base64_image",
        "invalid_image",
        "invalid_image_format",
        "invalid_image_mode",
        "invalid_image_url",
        "invalid_prompt",
        "misalignment_policy_violation",
        "model_not_found",
        "rate_limit_exceeded",
        "server_error",
        STREAM_TRUNCATED,  # our own
        "unsupported_image_media_type",
        "vector_store_timeout",
    }
)
FINISH_REASONS = frozenset({"stop", "tool_call", "length", "content_filter", "error", "max_messages", "steered"})
SERVICE_TIERS = frozenset({"auto", "default", "flex", "scale", "priority", "fast", "ultrafast"})


class Vocabulary:
    """The values one label may have: `known`, then the first `others_max` new ones that match `pattern`."""

    __slots__ = ("_known", "_others", "_others_max", "_pattern")

    def __init__(
        self,
        known: Iterable[str] = (),
        *,
        others_max: int = OTHERS_MAX,
        pattern: re.Pattern[str] = _NAME,
    ) -> None:
        self._known = frozenset(known)
        self._others: set[str] = set()
        self._others_max = others_max
        self._pattern = pattern

    def admit(self, value: str) -> str:
        """Return `value` where it may become a label, else `_OTHER`."""
        if value in self._known or value in self._others:
            return value
        if len(self._others) >= self._others_max or not self._pattern.fullmatch(value):
            return OTHER
        self._others.add(value)
        return value
