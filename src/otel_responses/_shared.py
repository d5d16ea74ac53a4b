"""What all calls of one instrumentation share: settings, recorder, and what this process knows of earlier calls."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from opentelemetry.context import Context

from otel_responses._cost import load_price
from otel_responses._known_spans import KnownSpans
from otel_responses._mapping.labels import Labels
from otel_responses._recorder.recorder import Recorder
from otel_responses._runs import Runs
from otel_responses._semconv import DETAILS_EVENT
from otel_responses.capturing import is_capture_allowed
from otel_responses.config import Config
from otel_responses.policy import CaptureMode

if TYPE_CHECKING:
    from otel_responses._captured import CapturedContent
    from otel_responses._completion_hook import Hook

__all__ = ["Shared"]

COMPLETION_HOOK = "OTEL_INSTRUMENTATION_GENAI_COMPLETION_HOOK"


class Shared:
    """One configuration, one recorder, one vocabulary for the labels of metrics, and two bounded tables."""

    def __init__(self, config: Config, recorder: Recorder) -> None:
        self.config = config
        self.recorder = recorder
        self.hook = _hook()
        self.policy = config.policy()
        self.may_capture = self.policy.mode is not CaptureMode.NO_CONTENT or self.hook is not None
        if self.may_capture:
            self._prepare_content()
        self.labels = Labels()
        self.price = load_price()
        self.known_spans = KnownSpans()
        self.runs = Runs()

    def continues(self, earlier: Shared) -> None:
        """Go on with what is known of earlier calls, when the settings change."""
        self.known_spans, self.runs = earlier.known_spans, earlier.runs

    def _prepare_content(self) -> None:
        # The mapping of content takes as long to import as all the rest: only who records content waits for it.
        from otel_responses._captured import CapturedContent, timed  # noqa: PLC0415

        policy = self.policy
        self.policy = replace(policy, redact=timed(policy.redact)) if policy.redact else policy
        self.captured: Callable[[Mapping[str, Any]], CapturedContent] = partial(CapturedContent, policy=self.policy)

    def is_heard(self) -> bool:
        """Say whether anybody would get anything of a call."""
        return self.recorder.has_listeners() or self.hook is not None

    def captures(self, is_recording: bool, context: Context) -> bool:
        """Say whether anybody would get the content of a call, whose span is recording or not."""
        mode = self.policy.mode
        if not self.may_capture or not is_capture_allowed(context):
            return False
        if self.hook is not None or (mode.on_span and is_recording):
            return True
        return mode.on_event and self.recorder.wants(DETAILS_EVENT, context)


def _hook() -> Hook | None:
    """Return the hook that the environment names. Few programs name one, so what speaks to it is imported for these."""
    if not os.environ.get(COMPLETION_HOOK, "").strip():
        return None
    from otel_responses._completion_hook import load_hook  # noqa: PLC0415

    return load_hook(COMPLETION_HOOK)
