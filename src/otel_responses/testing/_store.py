"""The responses that the fake API has made, for those who ask for them again."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field

from otel_responses.testing._wire import JsonObject

__all__ = ["ResponseStore", "StoredResponse"]

RESPONSES_MAX = 1_000


@dataclass(frozen=True, slots=True)
class StoredResponse:
    """One response, and what a later request may need of it.

    Attributes:
        response: As it is, or will be, when it is finished.
        context: The input items that the model saw, those of earlier responses included.
        input: The input items of this request alone.
        polls_left: How many more times a background run shows itself unfinished.
    """

    response: JsonObject
    context: list[JsonObject] = field(default_factory=list[JsonObject])
    input: list[JsonObject] = field(default_factory=list[JsonObject])
    polls_left: int = 0


class ResponseStore:
    """Keeps the newest 1,000 responses."""

    def __init__(self) -> None:
        self._responses: OrderedDict[str, StoredResponse] = OrderedDict()

    def put(self, stored: StoredResponse) -> None:
        self._responses[stored.response["id"]] = stored
        if len(self._responses) > RESPONSES_MAX:
            self._responses.popitem(last=False)

    def get(self, response_id: object) -> StoredResponse | None:
        return self._responses.get(str(response_id))

    def delete(self, response_id: str) -> StoredResponse | None:
        return self._responses.pop(response_id, None)
