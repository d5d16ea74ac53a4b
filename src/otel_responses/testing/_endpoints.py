"""The API's endpoints: what each request does to the stored responses, and what it is answered."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from otel_responses.testing._events import stream_events
from otel_responses.testing._identifiers import Identifiers
from otel_responses.testing._items import ENCRYPTED, output_items
from otel_responses.testing._received import ReceivedRequest
from otel_responses.testing._refusals import error, refused, refused_body, unknown_response
from otel_responses.testing._reply import Reply
from otel_responses.testing._request import input_items
from otel_responses.testing._response import pending, response_object, truncated
from otel_responses.testing._store import ResponseStore, StoredResponse
from otel_responses.testing._usage import PromptCache, count_tokens, prompt_text, usage
from otel_responses.testing._wire import JsonObject, as_object

__all__ = ["Endpoints"]

# What the successor of a steered response takes over from it.
INHERITED = ("instructions", "max_output_tokens", "model", "reasoning", "temperature", "text", "tools", "top_p")
# Everything before /responses is the base URL's: /v1, /openai, /openai/v1, a gateway's own prefix.
RESPONSES_PATH = re.compile(r".*?/responses(?:/(?P<rest>.*))?")


class Asked(NamedTuple):
    """One request to one endpoint."""

    received: ReceivedRequest
    id: str
    overrides: Mapping[str, Any]

    @property
    def body(self) -> JsonObject:
        return as_object(self.received.json)


class Endpoints:
    """The Responses API over a store of its own; not safe to use from two threads at once."""

    def __init__(
        self, *, text: str, background_polls: int, cache: PromptCache, clock: Callable[[], float], ids: Identifiers
    ) -> None:
        self._text = text
        self._background_polls = background_polls
        self._cache = cache
        self._clock = clock
        self._ids = ids
        self._store = ResponseStore()

    def answer(self, received: ReceivedRequest, overrides: Mapping[str, Any]) -> Reply:
        """The realistic answer, with `overrides` put over the fields of the object that comes back."""
        if (refusal := refused(received)) is not None:
            return refusal
        matched = RESPONSES_PATH.fullmatch(received.path)
        rest = (matched["rest"] or "").rstrip("/") if matched else None
        for method, pattern, endpoint in ROUTES:
            found = re.fullmatch(pattern, rest) if rest is not None and method == received.method else None
            if found is not None:
                return endpoint(self, Asked(received, found.groupdict().get("id", ""), overrides))
        return error(404, f"Invalid URL ({received.method} {received.path})")

    def create(self, asked: Asked) -> Reply:
        body = asked.body
        if body.get("type") == "response.steer":
            return self._steer(body, asked.overrides)
        previous = body.get("previous_response_id")
        if (refusal := refused_body(body)) is not None:
            return refusal
        if previous is not None and self._store.get(previous) is None:
            message = f"Previous response with id '{previous}' not found."
            return error(400, message, code="previous_response_not_found", param="previous_response_id")
        stored = self._run(body, asked.overrides)
        if body.get("stream") or body.get("type") == "response.create":  # always, over a WebSocket
            return Reply.events(stream_events(stored.response))
        return Reply.json(pending(stored.response, "queued") if body.get("background") else stored.response)

    def _steer(self, body: JsonObject, overrides: Mapping[str, Any]) -> Reply:
        """What a WebSocket brings then: the input is accepted, and the response goes on in a successor."""
        previous = body.get("previous_response_id")
        steer = {"id": self._ids.new("steer"), "previous_response_id": previous}
        stored = self._store.get(previous)
        if stored is None:
            return Reply.events([{"type": "response.steer.failed", "steer": steer, "sequence_number": 0}])
        settings = {name: stored.response[name] for name in INHERITED if stored.response.get(name) is not None}
        successor = self._run({**settings, "previous_response_id": previous, "input": body.get("input")}, overrides)
        accepted = {"type": "response.steer.accepted", "steer": steer, "sequence_number": 0}
        return Reply.events([accepted, *stream_events(successor.response)])

    def _run(self, body: JsonObject, overrides: Mapping[str, Any]) -> StoredResponse:
        items = self._identified(input_items(body))
        context = [*self._earlier(body), *items]
        output = [] if body.get("generate") is False else output_items(body, self._ids, text=self._text)
        response = response_object(
            body,
            response_id=self._ids.new("resp"),
            created_at=int(self._clock()),
            output=output,
            usage=self._usage(body, context, output),
        )
        polls = self._background_polls if body.get("background") else 0
        stored = StoredResponse({**truncated(response), **overrides}, context, items, polls)
        if body.get("store") is not False:
            self._store.put(stored)
        return stored

    def _identified(self, items: Sequence[JsonObject]) -> list[JsonObject]:
        return [{"id": self._ids.new("msg"), **item} for item in items]

    def _earlier(self, body: JsonObject) -> list[JsonObject]:
        stored = self._store.get(body.get("previous_response_id"))
        return [*stored.context, *stored.response["output"]] if stored else []

    def _usage(self, body: JsonObject, context: Sequence[JsonObject], output: Sequence[JsonObject]) -> JsonObject:
        prompt = prompt_text(body, context)
        effort = as_object(body.get("reasoning")).get("effort")
        return usage(prompt, output, cached=self._cache.cached_tokens(prompt), effort=effort)

    def retrieve(self, asked: Asked) -> Reply:
        stored, query = self._store.get(asked.id), asked.received.query
        if stored is None:
            return unknown_response(asked.id)
        if query.get("stream") == "true":
            after = query.get("starting_after", "")
            return Reply.events(stream_events(stored.response)[int(after) + 1 if after.isdecimal() else 0 :])
        if stored.polls_left:
            self._store.put(replace(stored, polls_left=stored.polls_left - 1))
            return Reply.json(pending(stored.response, "in_progress"))
        return Reply.json(stored.response)

    def delete(self, asked: Asked) -> Reply:
        if self._store.delete(asked.id) is None:
            return unknown_response(asked.id)
        return Reply.json({"id": asked.id, "object": "response", "deleted": True})

    def cancel(self, asked: Asked) -> Reply:
        stored = self._store.get(asked.id)
        if stored is None:
            return unknown_response(asked.id)
        if not stored.response["background"]:
            return error(400, "Cannot cancel a synchronous response.")
        if stored.polls_left:
            stored = replace(stored, response=pending(stored.response, "cancelled"), polls_left=0)
            self._store.put(stored)
        return Reply.json(stored.response)

    def list_input_items(self, asked: Asked) -> Reply:
        stored = self._store.get(asked.id)
        if stored is None:
            return unknown_response(asked.id)
        items = stored.input[::-1]  # newest first, as the real one lists them
        ids = [item["id"] for item in items] or [None]
        return Reply.json({"object": "list", "data": items, "first_id": ids[0], "last_id": ids[-1], "has_more": False})

    def compact(self, asked: Asked) -> Reply:
        body = asked.body
        context = [*self._earlier(body), *input_items(body)]
        asked_by_user = [item for item in context if item.get("role") == "user"]
        compaction = {"id": self._ids.new("cmp"), "type": "compaction", "encrypted_content": ENCRYPTED}
        return Reply.json(
            {
                "id": self._ids.new("resp"),
                "object": "response.compaction",
                "created_at": int(self._clock()),
                "output": [*self._identified(asked_by_user), compaction],
                "usage": usage(prompt_text(body, context), [], effort="low"),
                **asked.overrides,
            }
        )

    def count_tokens(self, asked: Asked) -> Reply:
        body = asked.body
        tokens = count_tokens(prompt_text(body, [*self._earlier(body), *input_items(body)]))
        return Reply.json({"object": "response.input_tokens", "input_tokens": tokens, **asked.overrides})


RESPONSE_ID = r"(?P<id>[^/]+)"
# In this order: an id may look like anything, a fixed name comes before it.
ROUTES: tuple[tuple[str, str, Callable[[Endpoints, Asked], Reply]], ...] = (
    ("POST", "", Endpoints.create),
    ("POST", "compact", Endpoints.compact),
    ("POST", "input_tokens", Endpoints.count_tokens),
    ("GET", RESPONSE_ID, Endpoints.retrieve),
    ("DELETE", RESPONSE_ID, Endpoints.delete),
    ("POST", f"{RESPONSE_ID}/cancel", Endpoints.cancel),
    ("GET", f"{RESPONSE_ID}/input_items", Endpoints.list_input_items),
)
