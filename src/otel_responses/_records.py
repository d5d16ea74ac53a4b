"""The frozen records that the layers hand to each other: data only, no behaviour, no imports of ours."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from types import MappingProxyType
from typing import Any, NamedTuple, TypeVar

if sys.version_info < (3, 11):  # pragma: no cover - not on newer ones
    from typing_extensions import dataclass_transform  # a dependency of opentelemetry-api
else:  # pragma: no cover - nor on Python 3.10
    from typing import dataclass_transform

__all__ = [
    "NO_CONTENT",
    "NO_HEADERS",
    "NO_OUTCOME",
    "NO_PARAMETERS",
    "NO_PROPERTIES",
    "NO_USAGE",
    "Content",
    "Endpoint",
    "FetchRequest",
    "Labels",
    "MetricAttributes",
    "Outcome",
    "Request",
    "SessionData",
    "Usage",
    "record",
]

Labels = Mapping[str, "str | int"]

T = TypeVar("T")


@dataclass_transform(frozen_default=True, field_specifiers=(field,))
def record(cls: type[T]) -> type[T]:
    """Make a frozen record of a class, where the type checker is what keeps it frozen.

    A call makes half a dozen of them. A dataclass that is frozen at run time too takes four times as long to make, and
    one that has its own way to compare and to show itself is compiled for twice as long at each import.
    """
    made = dataclass(slots=True, eq=False, repr=False)(cls)
    for name, method in _METHODS.items():
        setattr(made, name, method)
    return made


def _equal(self: Any, other: object) -> bool:
    if type(other) is not type(self):
        return NotImplemented
    return all(getattr(self, one.name) == getattr(other, one.name) for one in fields(self) if one.compare)


def _shown(self: Any) -> str:
    shown = ", ".join(f"{one.name}={getattr(self, one.name)!r}" for one in fields(self) if one.repr)
    return f"{type(self).__qualname__}({shown})"


_METHODS: Mapping[str, Any] = {"__eq__": _equal, "__repr__": _shown, "__hash__": None}


NO_PROPERTIES: Mapping[str, str] = MappingProxyType({})
NO_PARAMETERS: Mapping[str, Any] = MappingProxyType({})
NO_HEADERS: Mapping[str, Any] = NO_PARAMETERS


@dataclass(frozen=True, slots=True)
class SessionData:
    """A Helicone session as a call carries it; a field is None where nobody gave it."""

    id: str | None = None
    name: str | None = None
    path: str | None = None
    user: str | None = None
    properties: Mapping[str, str] = field(default_factory=lambda: NO_PROPERTIES)
    conversation: str | None = None


@record
class Endpoint:
    """Where a request goes: the provider's name in the GenAI conventions, host and port; the protocol if not HTTP."""

    provider: str
    address: str | None = None
    port: int | None = None
    protocol: str | None = None


@record
class Request:
    """What a request body says besides content and parameters; None where the caller left it to the server."""

    endpoint: Endpoint
    model: str | None = None
    is_streaming: bool = False
    conversation_id: str | None = None
    previous_response_id: str | None = None
    service_tier: str | None = None
    operation: str = "chat"
    is_background: bool = False


@record
class FetchRequest:
    """The request of a stored response; the cursor is the number of the last event that the caller has already."""

    endpoint: Endpoint
    response_id: str
    is_streaming: bool = False
    stream_cursor: str | None = None


@record
class Usage:
    """Token counts of one response; None where the provider did not report one."""

    input_tokens: int | None = None
    output_tokens: int | None = None
    cache_read_tokens: int | None = None
    cache_write_tokens: int | None = None
    reasoning_tokens: int | None = None


NO_USAGE = Usage()


@record
class Outcome:
    """What came back, besides its content.

    `error_code` is the provider's own, not yet bounded, or `stream_truncated`. `error_message` and `source`, the
    response that all this was read from, are for content capture alone: they may quote the prompt and the answer.
    `cost` is in USD, and added by the extra `cost`.
    """

    response_id: str | None = None
    model: str | None = None
    finish_reason: str | None = None
    service_tier: str | None = None
    conversation_id: str | None = None
    status: str | None = None
    usage: Usage = field(default_factory=lambda: NO_USAGE)
    cost: float | None = None
    is_compacted: bool = False
    has_failed: bool = False
    error_code: str | None = None
    error_message: object = field(default=None, repr=False, compare=False)
    source: object = field(default=None, repr=False, compare=False)


NO_OUTCOME = Outcome()


class Content(NamedTuple):
    """The same content twice, by attribute name: structured for events, compact JSON text for spans."""

    structured: Mapping[str, Any]
    texts: Mapping[str, str]


NO_CONTENT = Content({}, {})


@record
class MetricAttributes:
    """The attribute sets of one kind of call, one for each way a metric needs them."""

    plain: Labels
    with_error: Labels
    input_tokens: Labels
    output_tokens: Labels
    by_modality: Labels
