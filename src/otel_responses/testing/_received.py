"""A request as the fake API got it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlsplit

__all__ = ["ReceivedRequest"]


@dataclass(frozen=True, slots=True)
class ReceivedRequest:
    """What a test may assert about a request.

    Attributes:
        method: In upper case.
        path: Without the query.
        query: The query's parameters, the last one of a name.
        headers: With lower-case names.
        body: As it came.
    """

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes

    @classmethod
    def of(cls, method: str, target: str, headers: Mapping[str, str], body: bytes) -> ReceivedRequest:
        url = urlsplit(target)
        lowered = {name.lower(): value for name, value in headers.items()}
        return cls(method.upper(), url.path, dict(parse_qsl(url.query)), lowered, body)

    @property
    def json(self) -> Any:
        """The body's JSON; None where there is no body or it is no JSON."""
        try:
            return json.loads(self.body)
        except ValueError:
            return None
