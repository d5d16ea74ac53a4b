"""The turns of one WebSocket connection: which response a frame belongs to, and that each turn ends exactly once.

A delta names its lane (`stream_id`, absent on the default one), not its response. The server works through the requests
of a lane one after the other, so what comes belongs to the newest response of the lane that was created, or else to the
oldest request that waits. Steering makes the server go on by itself, with a response that nobody asked for.

A turn ends at the first of: its terminal event; an error event; a send that failed; the end of the connection; its
close; the drop of the connection, by a weak reference to this object, which nothing but the connection holds.
No lock is held here: a close may come from a finalizer.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, ClassVar, NamedTuple

from opentelemetry.context import Context, attach, get_current
from opentelemetry.instrumentation.utils import is_instrumentation_enabled
from opentelemetry.trace import Link, SpanContext, get_current_span

from otel_responses._call import Call
from otel_responses._mapping.reading import field, integer, items, mapping, text
from otel_responses._mapping.request import read_parameters, read_request
from otel_responses._mapping.response import TERMINAL_EVENTS
from otel_responses._observer import Observer
from otel_responses._patch.frames import CREATE, STEER, Frame, command, kind_of, lane_of, load
from otel_responses._records import NO_PARAMETERS, Endpoint, Request, SessionData
from otel_responses._safe import detach, guard

__all__ = ["Turn", "Turns"]

Event = Mapping[str, Any]

# Responses that may still be steered or have a successor; the API has 33 lanes, one response each at a time.
KNOWN_MAX = 64


class Origin(NamedTuple):
    """What the successor of a response takes over from it."""

    request: Request
    parameters: Mapping[str, Any]
    session: SessionData | None
    parent: Context
    span: SpanContext


class Turn:
    """One request on a lane and its response; without a call where it is not observed."""

    __slots__ = ("call", "is_created", "lane", "origin", "response_id")

    def __init__(self, lane: str | None) -> None:
        self.lane = lane
        self.call: Call | None = None
        self.origin: Origin | None = None
        self.response_id: str | None = None
        self.is_created = False


class Turns:
    """Follows what is sent and received over one connection. Every method may be called at any time; none raises."""

    def __init__(
        self, endpoint: Endpoint, session: SessionData | None, observing: Callable[[], Observer | None]
    ) -> None:
        self._endpoint = endpoint
        self._session = session
        self._observing = observing
        self._open: dict[int, Turn] = {}
        self._known: dict[str, Turn] = {}  # by response id, the newest 64, open or ended
        self._steered: dict[str, list[Any]] = {}  # what was sent to steer a response, by its id
        self._accepted: set[str] = set()  # ids of responses whose steering has no successor yet
        self._is_closed = False

    @guard
    def sent(self, message: object) -> Turn | None:
        """Take what is about to be sent; return the turn that it begins, if any."""
        event = command(message)
        kind = event.get("type")
        if kind == STEER:
            self._note_steering(event)
        return self._begin(event) if kind == CREATE else None

    @guard
    def not_sent(self, turn: Turn | None, error: BaseException) -> None:
        """End the turn whose request could not be sent."""
        if turn is not None:
            self._finish(turn, lambda call: call.failed(error))

    @guard
    def received(self, frame: object) -> None:
        """Take a frame of the server, before the caller gets it."""
        if not isinstance(frame, (str, bytes)):
            return
        kind = kind_of(frame)
        step = self._STEPS.get(kind or "")
        if step is not None:
            event = load(frame)
            step(self, event, text(event.get("stream_id")))
        elif kind is not None:
            self._show(frame, kind)

    @guard
    def broken(self, error: BaseException, *, is_regular: bool) -> None:
        """End every turn: the connection ended under them; `is_regular` where the server closed it in good order."""
        for turn in list(self._open.values()):
            self._finish(turn, lambda call: call.truncated() if is_regular else call.failed(error))

    @guard
    def closed(self) -> None:
        """End every turn: the caller closes the connection."""
        self._is_closed = True
        for turn in list(self._open.values()):
            self._finish(turn, lambda call: call.closed())

    def _begin(self, event: Event) -> Turn:
        """Open the turn of a `response.create`. One that only warms up generates nothing and is no call."""
        turn = self._add(text(event.get("stream_id")))
        observer = self._observing()
        if observer is not None and event.get("generate") is not False and is_instrumentation_enabled():
            request, parameters = read_request(event, self._endpoint, is_streaming=True), read_parameters(event)
            self._open_call(turn, observer, request, parameters, observer.session(self._session, get_current()), event)
        return turn

    def _add(self, lane: str | None) -> Turn:
        turn = Turn(lane)
        self._open[id(turn)] = turn
        return turn

    def _open_call(
        self,
        turn: Turn,
        observer: Observer,
        request: Request,
        parameters: Mapping[str, Any],
        session: SessionData | None,
        body: Event,
        predecessor: SpanContext | None = None,
    ) -> None:
        context, links = get_current(), () if predecessor is None else (Link(predecessor),)
        turn.call = call = observer.open(request, session, body, context, links)
        call.parameters = parameters
        span = get_current_span(call.context).get_span_context()
        turn.origin = Origin(request, parameters, session, context, span)
        call.streams()
        call.watch(self)

    def _created(self, event: Event, lane: str | None) -> None:
        response = mapping(event.get("response"))
        previous = text(response.get("previous_response_id"))
        turn = None if previous in self._accepted else self._waiting(lane)
        if turn is None:
            turn = self._succeed(response, lane, previous)
        else:
            self._end_unfinished(lane)
        turn.is_created = True
        self._know(turn, text(response.get("id")))
        if turn.call is not None:
            turn.call.event(event)

    def _succeed(self, response: Event, lane: str | None, previous: str | None) -> Turn:
        """Open the turn of a response that no request seen here asked for: mostly the successor of a steered one."""
        turn = self._add(lane)
        steering = self._forget_steering(previous)
        before = self._known.get(previous or "")
        observer = self._observing()
        if observer is not None and not self._is_closed:
            body = {**response, "input": steering}
            if before is None:
                session = observer.session(self._session, get_current())
                model = text(response.get("model"))
                request = Request(self._endpoint, model, is_streaming=True, previous_response_id=previous)
                self._open_call(turn, observer, request, NO_PARAMETERS, session, body)
            elif before.origin is not None:
                self._inherit(turn, observer, before.origin, body, previous)
        return turn

    def _inherit(self, turn: Turn, observer: Observer, origin: Origin, body: Event, previous: str | None) -> None:
        """A successor has the settings of the response before it and stands beside it, whoever reads the events."""
        request = replace(origin.request, previous_response_id=previous)
        token = attach(origin.parent)
        try:
            self._open_call(turn, observer, request, origin.parameters, origin.session, body, origin.span)
        finally:
            detach(token)

    def _ended(self, event: Event, lane: str | None) -> None:
        response_id = text(field(event.get("response"), "id"))
        turn = self._known.get(response_id or "")
        if turn is None or id(turn) not in self._open:
            turn = self._current(lane)
            if turn is not None and turn.response_id not in (None, response_id):
                return  # the end of a response that is none of ours
        if turn is not None:
            self._finish(turn, lambda call: call.event(event))

    def _refused(self, event: Event, lane: str | None) -> None:
        turn = self._current(lane) or (self._only_waiting() if lane is None else None)
        if turn is None:
            return
        error, status = event.get("error"), integer(event.get("status"))
        if status is not None:  # what the same refusal is called over HTTP
            event = {**event, "code": str(status)}
        headers = {str(name).lower(): value for name, value in mapping(field(error, "headers")).items()}
        if turn.call is not None:
            turn.call.replied(headers, None)
        self._finish(turn, lambda call: call.event(event))

    def _steering_accepted(self, event: Event, lane: str | None) -> None:
        previous = text(field(event.get("steer"), "previous_response_id"))
        if previous in self._known:
            self._accepted.add(previous)

    def _steering_settled(self, event: Event, lane: str | None) -> None:
        """It failed, or waits for the caller's next request: the server will not go on by itself."""
        self._forget_steering(text(field(event.get("steer"), "previous_response_id")))

    def _note_steering(self, event: Event) -> None:
        """Keep what was sent as the input of the successor, where somebody wants it."""
        previous, sent = text(event.get("previous_response_id")), event.get("input")
        steered = self._known.get(previous or "")
        if previous is not None and steered is not None and steered.call is not None and steered.call.wants_output:
            messages = [{"role": "user", "content": sent}] if isinstance(sent, str) else items(sent)
            self._steered.setdefault(previous, []).extend(messages)

    def _forget_steering(self, previous: str | None) -> list[Any]:
        self._accepted.discard(previous or "")
        return self._steered.pop(previous or "", [])

    def _show(self, frame: Frame, kind: str) -> None:
        """Show an event between the first and the last one to its call: its type is mostly enough."""
        turn = self._current(lane_of(frame)) if self._open else None
        if turn is not None and turn.call is not None:
            turn.call.event(load(frame) if turn.call.wants_output else {"type": kind})

    def _know(self, turn: Turn, response_id: str | None) -> None:
        turn.response_id = response_id
        if response_id is None:
            return
        self._known[response_id] = turn
        if len(self._known) > KNOWN_MAX:
            oldest = next(iter(self._known))
            self._known.pop(oldest, None)
            self._forget_steering(oldest)

    def _current(self, lane: str | None) -> Turn | None:
        """Return the turn that the server works at: the newest created one of the lane, else the oldest that waits."""
        found = None
        for turn in list(self._open.values()):
            if turn.is_created and turn.lane == lane:
                found = turn
        return found or self._waiting(lane)

    def _waiting(self, lane: str | None) -> Turn | None:
        return next((turn for turn in list(self._open.values()) if turn.lane == lane and not turn.is_created), None)

    def _only_waiting(self) -> Turn | None:
        waiting = [turn for turn in list(self._open.values()) if not turn.is_created]
        return waiting[0] if len(waiting) == 1 else None

    def _end_unfinished(self, lane: str | None) -> None:
        """The server began with the next request of the lane: what was before it has ended, unseen."""
        for turn in list(self._open.values()):
            if turn.lane == lane and turn.is_created:
                self._finish(turn, lambda call: call.truncated())

    def _finish(self, turn: Turn, end: Callable[[Call], None]) -> None:
        if self._open.pop(id(turn), None) is None:
            return
        call, turn.call = turn.call, None
        if call is not None:
            end(call)

    # The events that are looked into; of all others the type and the lane are enough.
    _STEPS: ClassVar[Mapping[str, Callable[..., None]]] = {
        "response.created": _created,
        **dict.fromkeys(TERMINAL_EVENTS, _ended),
        "error": _refused,
        "response.steer.accepted": _steering_accepted,
        "response.steer.pending": _steering_settled,
        "response.steer.failed": _steering_settled,
    }
