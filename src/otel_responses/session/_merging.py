"""How several sessions become one: the earlier one wins, field by field."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import reduce

from otel_responses._records import SessionData
from otel_responses.session._values import bounded

__all__ = ["inherit", "merge_sessions"]


def merge_sessions(*sessions: SessionData | None) -> SessionData | None:
    """Return one session where the earlier of `sessions` win, field by field and property by property.

    Name and path belong to an id: they are not taken from a session of another one. Names of properties that differ
    only in case are one property, as they are one header. None where all are None.
    """
    given = [session for session in sessions if session is not None]
    return reduce(_over, given) if given else None


def inherit(inner: SessionData, outer: SessionData | None) -> SessionData:
    """Return `inner` with what a session takes from the one around it: user, properties and conversation."""
    if outer is None:
        return inner
    return _over(inner, SessionData(user=outer.user, properties=outer.properties, conversation=outer.conversation))


def _over(first: SessionData, second: SessionData) -> SessionData:
    if first.id and second.id and first.id != second.id:
        second = replace(second, name=None, path=None)
    return SessionData(
        id=first.id or second.id,
        name=first.name or second.name,
        path=first.path or second.path,
        user=first.user or second.user,
        properties=_properties_over(first.properties, second.properties),
        conversation=first.conversation or second.conversation,
    )


def _properties_over(first: Mapping[str, str], second: Mapping[str, str]) -> Mapping[str, str]:
    if not (first and second):
        return first or second
    taken = {name.lower() for name in first}
    added = [(name, value) for name, value in second.items() if name.lower() not in taken]
    return bounded([*first.items(), *added])
