"""Calls as a tree: sessions, the segments of their paths, calls in the order they started. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from otel_responses.cli.calls import NANOSECONDS, Call

__all__ = ["NO_SESSION", "Branch", "Session", "Totals", "build_sessions", "total"]

DEPTH_MAX = 8  # a longer path keeps its further segments together in the last branch
NO_SESSION = "(no session)"


@dataclass(frozen=True, slots=True)
class Totals:
    """What some calls came to; tokens are None where none was reported, `duration` is from first start to last end."""

    calls: int
    errors: int
    input_tokens: int | None
    cached_tokens: int | None
    output_tokens: int | None
    reasoning_tokens: int | None
    duration: float
    first_chunk: None = None


@dataclass(frozen=True, slots=True)
class Branch:
    """One segment of a path; its children are in the order of their first call."""

    name: str
    children: list[Branch | Call] = field(default_factory=list["Branch | Call"])


@dataclass(frozen=True, slots=True)
class Session:
    """A session with everything under it; without an id it is known by its name alone."""

    name: str
    id: str
    root: Branch
    totals: Totals


def build_sessions(calls: Iterable[Call]) -> tuple[Session, ...]:
    """The sessions of some calls, in any order, by the time of their first call."""
    groups: dict[str, list[Call]] = {}
    for call in sorted(calls, key=lambda call: call.start):
        groups.setdefault(call.session_id or call.session_name, []).append(call)
    return tuple(_build_session(group) for group in groups.values())


def total(calls: Sequence[Call]) -> Totals:
    """Add up some calls."""
    start = min((call.start for call in calls), default=0)
    end = max((call.start + call.duration * NANOSECONDS for call in calls), default=0)
    return Totals(
        calls=len(calls),
        errors=sum(bool(call.error) for call in calls),
        input_tokens=_sum(call.input_tokens for call in calls),
        cached_tokens=_sum(call.cached_tokens for call in calls),
        output_tokens=_sum(call.output_tokens for call in calls),
        reasoning_tokens=_sum(call.reasoning_tokens for call in calls),
        duration=(end - start) / NANOSECONDS,
    )


def _build_session(calls: list[Call]) -> Session:
    branches: dict[tuple[str, ...], Branch] = {(): Branch("/")}
    for call in calls:
        _branch(branches, _segments(call.path)).children.append(call)
    session_id = calls[0].session_id
    name = next((call.session_name for call in calls if call.session_name), "" if session_id else NO_SESSION)
    return Session(name, session_id, branches[()], total(calls))


def _branch(branches: dict[tuple[str, ...], Branch], path: tuple[str, ...]) -> Branch:
    """The branch at a path; what is missing on the way there is made."""
    if path not in branches:
        branches[path] = Branch(path[-1])
        _branch(branches, path[:-1]).children.append(branches[path])
    return branches[path]


def _segments(path: str) -> tuple[str, ...]:
    return tuple(segment for segment in path.split("/", DEPTH_MAX) if segment)


def _sum(counts: Iterable[int | None]) -> int | None:
    given = [count for count in counts if count is not None]
    return sum(given) if given else None
