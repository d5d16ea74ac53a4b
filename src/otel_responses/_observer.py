"""Who opens the calls: one instrumentation, with all that its calls share."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from opentelemetry.context import Context
from opentelemetry.trace import Link

from otel_responses import _open_calls
from otel_responses._call import Call
from otel_responses._recorder.recorder import Recorder
from otel_responses._records import Request, SessionData
from otel_responses._safe import guard
from otel_responses._shared import Shared
from otel_responses.config import Config
from otel_responses.session import current_session, merge_sessions

__all__ = ["Observer"]

CallT = TypeVar("CallT", bound=Call)


class Observer(Shared):
    """Opens calls."""

    def __init__(self, config: Config, recorder: Recorder, *, first_call: Callable[[], None] | None = None) -> None:
        super().__init__(config, recorder)
        self._first_call = first_call

    def session(self, given: SessionData | None, context: Context) -> SessionData | None:
        """Return the session of a call: what its headers give, over the one of `context`."""
        session = current_session(context) if context else None  # nothing is in an empty one
        return merge_sessions(given, session) if given else session

    def open(
        self,
        request: Request,
        session: SessionData | None,
        body: Mapping[str, Any],
        context: Context,
        links: Sequence[Link] = (),
    ) -> Call:
        """Start the span of a call as a child of that of `context`, linked to that of the turn before it."""
        conversation = request.conversation_id or (session and session.conversation)
        if not links and (request.previous_response_id or conversation):
            links = self.known_spans.links(request.previous_response_id, conversation)
        return self.start(Call(self, request, session, context, links), body)

    def announce(self) -> None:
        """Do what is to be done once, at the first call."""
        first_call, self._first_call = self._first_call, None
        if first_call is not None:
            guard(first_call)()

    def start(self, call: CallT, body: Mapping[str, Any]) -> CallT:
        """Let a call begin, with the body that was sent."""
        if self._first_call is not None:
            self.announce()
        if self.may_capture:
            call.capture(body)
        _open_calls.add(call)
        return call
