"""What a program has around a framework's calls, and views of the spans that were left."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from otel_responses import session
from otel_responses.testing import Capture

# Lines of the tree: the program's span, and a model call below it.
PROGRAM = "program: request"
CALL = ("  otel_responses: chat gpt-4.1", "    httpx: POST")
# What each of our spans has in these tests.
COMMON = {
    "gen_ai.operation.name": "chat",
    "gen_ai.provider.name": "openai",
    "gen_ai.request.model": "gpt-4.1",
    "openai.api.type": "responses",
    "server.address": "127.0.0.1",
    "helicone.session.id": "s-1",
    "helicone.session.name": "Trip",
    "helicone.session.path": "/",
    "helicone.user.id": "ada",
    "session.id": "s-1",
    "user.id": "ada",
}
CONTENT = ("gen_ai.system_instructions", "gen_ai.input.messages", "gen_ai.output.messages")


@dataclass(frozen=True, slots=True)
class Used:
    """The responses of a run and what they cost, as the framework reports it or as our spans say."""

    responses: list[str | None]
    input_tokens: int
    output_tokens: int


@contextmanager
def request(telemetry: Capture) -> Iterator[None]:
    """A request that the program serves: a session, and a span of its own."""
    tracer = telemetry.tracer_provider.get_tracer("program")
    with session("Trip", id="s-1", user="ada"), tracer.start_as_current_span("request"):
        yield


def tree(telemetry: Capture) -> list[str]:
    """Every span under its parent, as `scope: name`; siblings in the order in which they began."""
    spans = telemetry.spans()

    def below(parent: str | None, indent: str) -> Iterator[str]:
        for span in sorted(spans, key=lambda span: span["span_id"]):  # the ids count up
            if span["parent"] == parent:
                yield f"{indent}{span['scope']['name'].rpartition('.')[2]}: {span['name']}"
                yield from below(span["span_id"], indent + "  ")

    lines = list(below(None, ""))
    assert len(lines) == len(spans), "a span has a parent that did not end"
    return lines


def calls(telemetry: Capture) -> list[dict[str, Any]]:
    """The attributes of our spans, in the order in which the calls began, without those that all of them have."""
    ours = [span for span in telemetry.spans() if span["scope"]["name"] == "otel_responses"]
    return [_own(span["attributes"]) for span in sorted(ours, key=lambda span: span["span_id"])]


def _own(attributes: dict[str, Any]) -> dict[str, Any]:
    assert {key: attributes.get(key) for key in COMMON} == COMMON
    return {key: value for key, value in attributes.items() if key not in COMMON and key != "server.port"}


def used(telemetry: Capture) -> Used:
    """What our spans say of the whole run."""
    spans = calls(telemetry)
    return Used(
        [span["gen_ai.response.id"] for span in spans],
        sum(span["gen_ai.usage.input_tokens"] for span in spans),
        sum(span["gen_ai.usage.output_tokens"] for span in spans),
    )


def content(telemetry: Capture) -> list[dict[str, Any]]:
    """The instructions and messages of each call."""
    return [{name: json.loads(span[name]) for name in CONTENT if name in span} for span in calls(telemetry)]
