"""A stand-in for Helicone's OTLP ingest that holds its contract to the letter.

`POST /v1/trace/log` takes OTLP JSON with one span in a request, each attribute a string or an integer. Whatever else it
gets it answers with 500, as Helicone answers every error of its own; a Collector takes that as final.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeAlias

from otel_responses.testing._received import ReceivedRequest
from otel_responses.testing._reply import Reply
from otel_responses.testing._server import serve

__all__ = ["FakeHelicone", "LoggedRequest"]

PATH = "/v1/trace/log"
BODY_MAX = 50 * 1024 * 1024  # bytes
MAX_TOKENS = 50  # what Helicone takes where a span says nothing
PROPERTIES = "traceloop.association.properties."
OWN_PROPERTIES = f"{PROPERTIES}Helicone-Property-"
USER = f"{PROPERTIES}Helicone-User-Id"

Value: TypeAlias = "str | int"
Attributes = Mapping[str, Value]


class IngestError(Exception):
    """What Helicone answers with 500."""


@dataclass(frozen=True, slots=True)
class LoggedRequest:
    """What Helicone records for a span.

    Attributes:
        provider: In upper case.
        model: That of the response, which Helicone shows for the request too.
        messages: The request's, each with `role` and `content`.
        choices: The response's, each with `role`, `content` and `finish_reason`.
        usage: `prompt_tokens`, `completion_tokens`, `total_tokens`.
        max_tokens: 50 where the span has none.
        object: The response's kind.
        user: Empty where there is none.
        properties: The user's by their names, Helicone's own as `Helicone-Session-Id` and so on.
        milliseconds: The latency.
        span: As it came.
    """

    provider: str
    model: Value | None
    messages: list[dict[str, Value | None]]
    choices: list[dict[str, Value | None]]
    usage: dict[str, Value | None]
    max_tokens: Value
    object: Value | None
    user: Value
    properties: dict[str, Value]
    milliseconds: int
    span: Mapping[str, Any]


class FakeHelicone:
    """The ingest; `requests` is what Helicone would show, `faults` what broke its contract.

    `decide` may be set at any time: it is asked before a request is logged, and what it returns is answered instead.
    """

    def __init__(self, key: str = "sk-helicone-test") -> None:
        self.requests: list[LoggedRequest] = []
        self.faults: list[str] = []
        self.attempts = 0
        self.decide: Callable[[LoggedRequest], Reply | None] = lambda _: None
        self._key = key

    @contextmanager
    def serve(self, *, port: int = 0) -> Generator[str]:
        """Listen on 127.0.0.1 until the block ends; gives the URL for the spans."""
        with serve(self, port=port) as base_url:
            yield f"{base_url}/trace/log"

    def reply(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> Reply:
        """Answer one HTTP request."""
        self.attempts += 1
        received = ReceivedRequest.of(method, path, headers, body)
        if (received.method, received.path) != ("POST", PATH):
            return Reply(status=404)
        if received.headers.get("authorization") != f"Bearer {self._key}":
            return Reply(status=401)
        if len(body) > BODY_MAX:
            return Reply(status=413)
        return self._log(received)

    def _log(self, received: ReceivedRequest) -> Reply:
        try:
            request = read_request(received.json)
        except IngestError as error:
            self.faults.append(str(error))
            return Reply(status=500)
        decided = self.decide(request)
        if decided is None:
            self.requests.append(request)
        return decided or Reply()


def read_request(trace: Any) -> LoggedRequest:
    """Read an `ExportTraceServiceRequest`; raises `IngestError`."""
    span = _only_span(trace)
    attributes = _attributes(span)
    model = attributes.get("gen_ai.response.model")
    milliseconds = (int(span["endTimeUnixNano"]) - int(span["startTimeUnixNano"])) // 1_000_000
    return LoggedRequest(
        provider=str(attributes.get("gen_ai.system", "")).upper(),
        model=model,
        messages=list(_indexed(attributes, "gen_ai.prompt", ("role", "content"))),
        choices=list(_indexed(attributes, "gen_ai.completion", ("role", "content", "finish_reason"))),
        usage={
            "prompt_tokens": attributes.get("gen_ai.usage.prompt_tokens"),
            "completion_tokens": attributes.get("gen_ai.usage.completion_tokens"),
            "total_tokens": attributes.get("llm.usage.total_tokens"),
        },
        max_tokens=attributes.get("gen_ai.response.max_tokens", MAX_TOKENS),
        object=attributes.get("llm.request.type"),
        user=attributes.get(USER, attributes.get("llm.user", "")),
        properties={_property_name(key): value for key, value in attributes.items() if _is_property(key)},
        milliseconds=milliseconds,
        span=span,
    )


def _only_span(trace: Any) -> Mapping[str, Any]:
    try:
        spans = [
            span for resource in trace["resourceSpans"] for scope in resource["scopeSpans"] for span in scope["spans"]
        ]
    except (KeyError, TypeError) as error:
        raise IngestError("The body is no ExportTraceServiceRequest in JSON.") from error
    if len(spans) != 1:
        raise IngestError(f"The request has {len(spans)} spans; one that is bad would take the others with it.")
    return spans[0]


def _attributes(span: Mapping[str, Any]) -> Attributes:
    if not span.get("attributes"):
        raise IngestError("The span has no attributes.")
    return {attribute["key"]: _value(attribute) for attribute in span["attributes"]}


def _value(attribute: Mapping[str, Any]) -> Value:
    match attribute["value"]:
        case {"stringValue": str(text)}:
            return text
        case {"intValue": str() | int() as number}:
            return int(number)
        case value:
            raise IngestError(f"Attribute {attribute['key']!r} is a {', '.join(value)}, which reads as nothing.")


def _indexed(attributes: Attributes, prefix: str, names: tuple[str, ...]) -> Iterable[dict[str, Value | None]]:
    """The messages, in the order in which their first attributes stand in the span; one without a role is dropped."""
    indices = dict.fromkeys(key.split(".")[2] for key in attributes if key.startswith(f"{prefix}."))
    for index in indices:
        if f"{prefix}.{index}.role" in attributes:
            yield {name: attributes.get(f"{prefix}.{index}.{name}") for name in names}


def _is_property(key: str) -> bool:
    return key.startswith(f"{PROPERTIES}Helicone-") and key != USER


def _property_name(key: str) -> str:
    return key.removeprefix(OWN_PROPERTIES).removeprefix(PROPERTIES)
