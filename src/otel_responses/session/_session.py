"""What users write: `session()` and `step()`, each a context manager, sync and async, and a decorator."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from uuid import uuid4

from otel_responses._records import SessionData
from otel_responses._safe import warn_once
from otel_responses.session import _values
from otel_responses.session._context import current_session
from otel_responses.session._merging import inherit
from otel_responses.session._scope import Scope

__all__ = ["Session", "Step", "session", "step"]


class Session(Scope[SessionData]):
    """What `session()` returns: one id for as long as the object lives, but a new one for each call of a function."""

    __slots__ = ("_given", "_id")

    def __init__(self, given: SessionData) -> None:
        self._given = given
        self._id = given.id or str(uuid4())

    def data(self) -> SessionData:
        return inherit(replace(self._given, id=self._id), current_session())

    def for_call(self) -> Session:
        return Session(self._given)


class Step(Scope["SessionData | None"]):
    """What `step()` returns."""

    __slots__ = ("_name",)

    def __init__(self, name: str) -> None:
        self._name = name

    def data(self) -> SessionData | None:
        around = current_session()
        if around is None:
            warn_once("step", "step() does nothing outside of a session; put it inside `with session(...)`")
            return None
        return replace(around, path=_values.extended(around.path, self._name))


def session(
    name: str | float,
    *,
    id: str | float | None = None,  # noqa: A002 - the word that Helicone and OpenTelemetry use
    path: str = "/",
    user: str | float | None = None,
    properties: Mapping[str, str | float | None] | None = None,
    conversation: str | float | None = None,
) -> Session:
    """Return a Helicone session: every Responses call inside carries its id, name, path, user and properties.

    It works as `with`, as `async with` (both give the `SessionData`) and as a decorator of functions, coroutine
    functions, generator functions and async generator functions. It lives in the OpenTelemetry context, so asyncio
    tasks inherit it, and threads do with opentelemetry-instrumentation-threading.

    A session inside a session has its own id, name and path; user, conversation and properties come from the one
    around it where they are not given (properties name by name).

    `with session(...)` around a `yield` is unsafe, because the consumer of the generator would get into the session:
    decorate the generator function, then the session is there for each step of its body and for nothing else.

    Args:
        name: what the session is about, such as "Trip Planner".
        id: of an existing session; by default a new UUID, for a decorated function one for each call.
        path: where in the session's tree, begins with a slash: "/plan/flights". `step()` extends it.
        user: who it is for.
        properties: up to 32 more; None leaves one out.
        conversation: the id of an OpenAI conversation, when it is known beforehand.

    Numbers and booleans become text. A value longer than 256 characters or with control characters is cut or cleaned,
    and a warning logged once.

    Raises:
        TypeError: a value is neither text nor a number nor a boolean.
        ValueError: `path` does not begin with a slash.
    """
    where = "of session()"
    return Session(
        SessionData(
            id=_optional(id, f"id {where}"),
            name=_values.text(name, f"name {where}") or None,
            path=_values.path(path, f"path {where}"),
            user=_optional(user, f"user {where}"),
            properties=_values.properties(properties, f"properties {where}"),
            conversation=_optional(conversation, f"conversation {where}"),
        )
    )


def step(name: str | float) -> Step:
    """Return a step of the current session: inside, its path is longer by `name`, "/plan" becomes "/plan/flights".

    It works as `session()` does: `with`, `async with`, decorator. Outside of a session it does nothing, `with` gives
    None, and that is logged once.

    Raises:
        TypeError: `name` is neither text nor a number nor a boolean.
    """
    return Step(_values.text(name, "name of step()"))


def _optional(value: object, where: str) -> str | None:
    return None if value is None else _values.text(value, where) or None
