"""The session's place in the OpenTelemetry context: which one is current, how one is entered and left."""

from __future__ import annotations

from contextvars import Token
from typing import Final, NamedTuple

from opentelemetry.context import Context, attach, create_key, get_current, get_value, set_value

from otel_responses._records import SessionData
from otel_responses._safe import detach
from otel_responses.session._baggage import session_from_baggage, usage, with_session_baggage

__all__ = ["BodyContext", "current_session", "enter", "leave"]

_KEY: Final = create_key("otel_responses-session")


class _Stay(NamedTuple):
    """What it takes to leave a session: who entered it, the context from before, and the token that puts it back."""

    owner: object
    outer: Context
    token: Token[Context]


class _Entry:
    """One entry into a session. The context holds it, so that every task and thread finds its own entries there.

    `stay` goes when the session is left, or else tasks that each start the next one would keep all their contexts.
    """

    __slots__ = ("data", "stay")

    def __init__(self, data: SessionData) -> None:
        self.data = data
        self.stay: _Stay | None = None


def current_session(context: Context | None = None) -> SessionData | None:
    """Return the session of `context`, which is the current one by default; None outside of any session.

    Where the process reads sessions from baggage, the one that came with the request counts until one is entered.
    """
    entry = get_value(_KEY, context)
    if isinstance(entry, _Entry):
        return entry.data
    return session_from_baggage(context) if usage.read else None


def enter(data: SessionData, owner: object) -> None:
    """Make `data` the current session until `leave` is called with the same `owner`."""
    entry, outer = _Entry(data), get_current()
    entry.stay = _Stay(owner, outer, attach(_context_of(entry, outer)))


def leave(owner: object, error: type[BaseException] | None) -> None:
    """Put back the context from before the innermost entry of `owner`, which ends with `error`.

    Nothing is put back where that entry is not part of the current context: it was made in another one.
    """
    found = _innermost(owner)
    if found is None:
        return
    entry, stay = found
    detach(stay.token)
    if get_current() is stay.outer:
        entry.stay = None
    # A token is void in another thread, where a generator's body may have moved with its context. But what is being
    # closed may be closed by the garbage collector in the middle of somebody else's work: there, only the token counts.
    elif _entry() is entry and error is not GeneratorExit:
        attach(stay.outer)


def _entry(context: Context | None = None) -> _Entry | None:
    value = get_value(_KEY, context)
    return value if isinstance(value, _Entry) else None


def _innermost(owner: object) -> tuple[_Entry, _Stay] | None:
    entry = _entry()
    while entry is not None and (stay := entry.stay) is not None:
        if stay.owner is owner:
            return entry, stay
        entry = _entry(stay.outer)
    return None


def _context_of(entry: _Entry, outer: Context) -> Context:
    context = set_value(_KEY, entry, outer)
    return with_session_baggage(entry.data, context) if usage.write else context


class BodyContext:
    """The context of a generator's body: put in place for each step and taken away after it.

    A step starts from the consumer's context with the session in it, unless the body holds something of its own open
    across a `yield` (a span, a step of the session): then the body keeps its context until it has closed that.
    """

    __slots__ = ("_data", "_given", "_own", "_token")

    def __init__(self, data: SessionData | None) -> None:
        self._data = data
        self._given: Context = Context()
        self._own: Context = self._given

    def __enter__(self) -> None:
        if self._own is self._given:
            self._own = self._given = self._from_consumer()
        self._token = attach(self._own)

    def __exit__(self, *_: object) -> None:
        self._own = get_current()
        detach(self._token)

    def _from_consumer(self) -> Context:
        consumer = get_current()
        return consumer if self._data is None else _context_of(_Entry(self._data), consumer)
