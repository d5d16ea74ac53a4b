"""Ids that look like the API's and are the same in every run."""

from __future__ import annotations

from collections import Counter

__all__ = ["Identifiers"]


class Identifiers:
    """Counts up, one count for each prefix: `resp_0001`, `msg_0001`, `msg_0002`."""

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()

    def new(self, prefix: str) -> str:
        self._counts[prefix] += 1
        return f"{prefix}_{self._counts[prefix]:04d}"
