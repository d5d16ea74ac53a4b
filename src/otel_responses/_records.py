"""The frozen records that the layers hand to each other: data only, no behaviour, no imports of ours."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

__all__ = ["Failure", "Outcome", "Request", "SessionData", "Usage"]

NO_PROPERTIES: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class SessionData:
    """A Helicone session as a call carries it; a field is None where nobody gave it."""

    id: str | None = None
    name: str | None = None
    path: str | None = None
    user: str | None = None
    properties: Mapping[str, str] = field(default=NO_PROPERTIES)
    conversation: str | None = None
