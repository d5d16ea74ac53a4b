"""Our own functions, each ready to be called alone, with what one real call of the SDK gave them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import repeat
from typing import Any

import openai
from openai.types.responses import Response
from opentelemetry.context import attach, detach, get_current

from benchmarks import replies
from benchmarks.floor import Floor
from benchmarks.prompts import REQUEST, STREAM, TOOLS
from benchmarks.telemetry import Telemetry
from benchmarks.workloads import SESSION, writing
from otel_responses._call import Call
from otel_responses._captured import CapturedContent
from otel_responses._mapping.attributes import add_response, request_attributes, start_attributes
from otel_responses._mapping.labels import Labels
from otel_responses._mapping.request import read_parameters, read_request
from otel_responses._mapping.response import read_response
from otel_responses._observer import Observer
from otel_responses._patch import http
from otel_responses._patch.clients import copy_options, endpoint
from otel_responses._patch.streams import Events
from otel_responses._recorder.recorder import Recorder
from otel_responses._recorder.spans import end_span, start_span
from otel_responses._records import Endpoint
from otel_responses.config import Config
from otel_responses.policy import CaptureMode
from otel_responses.session import current_session, session, session_from_headers
from otel_responses.testing import FakeResponsesAPI

__all__ = ["FUNCTIONS", "Function"]

Work = Callable[[], object]

ENDPOINT = Endpoint("openai", "api.openai.com", 443)
CONTENT = Config(capture_content=CaptureMode.SPAN_ONLY)
HEADERS: Mapping[str, str] = {"Helicone-Session-Id": SESSION["id"], "Helicone-Session-Path": SESSION["path"]}


@dataclass(frozen=True, slots=True)
class Function:
    """What is counted; `make` returns what is called over and over."""

    name: str
    make: Callable[[], Work]


def _observer(config: Config | None = None, telemetry: Callable[[], Telemetry] = Telemetry.dropped) -> Observer:
    return Observer(config or Config(), Recorder(**telemetry().providers))


class _Seen(openai.OpenAI):
    """Keeps what passes the methods that we wrap."""

    options: Any
    response: Any
    parsed: Any

    def request(self, cast_to: Any, options: Any, **rest: Any) -> Any:
        self.options = options.copy()
        self.parsed = super().request(cast_to, options, **rest)
        return self.parsed

    def _process_response(self, **rest: Any) -> Any:
        self.response = rest["response"]
        return super()._process_response(**rest)


def _seen(request: Mapping[str, Any]) -> _Seen:
    with replies.client(lambda: FakeResponsesAPI(gzip=False)) as client:
        seen = _Seen(api_key="sk-fake", base_url=str(client.base_url), http_client=client._client)  # pyright: ignore[reportPrivateUsage]
        seen.responses.create(**request)
    return seen


def _observed(request: Mapping[str, Any], config: Config, telemetry: Callable[[], Telemetry]) -> Work:
    """Return a whole call of which the SDK's part is left out."""
    seen = _seen(request)
    http.observe_with(_observer(config, telemetry))
    rest = {"response": seen.response, "retries_taken": 0}

    def sdk(cast_to: Any, options: Any, *, stream: bool) -> Any:
        http.process_response(_nothing, seen, (), {"options": options, **rest})
        return options.post_parser(seen.parsed) if options.post_parser else seen.parsed

    return lambda: http.request(sdk, seen, (Response, seen.options), {"stream": False})


def _by_hand(request: dict[str, Any], *, has_content: bool, telemetry: Callable[[], Telemetry]) -> Callable[[], Work]:
    """Return what makes the same telemetry by hand."""

    def make() -> Work:
        response = _seen(request).parsed
        floor = Floor(telemetry().providers, {"capture_content": "SPAN_ONLY"} if has_content else {})

        def call() -> None:
            begun = floor.begin(request)
            detach(attach(begun.context))
            floor.end(begun, response)

        return call

    return make


def _nothing(**kwargs: Any) -> None:
    """Stand for a method of the SDK."""


def _reading_request() -> Work:
    return lambda: read_request(REQUEST, ENDPOINT, is_streaming=False)


def _reading_parameters() -> Work:
    return lambda: read_parameters(REQUEST)


def _reading_response() -> Work:
    response = _seen(REQUEST).parsed
    return lambda: read_response(response)


def _attributes() -> Work:
    request, outcome = read_request(REQUEST, ENDPOINT, is_streaming=False), read_response(_seen(REQUEST).parsed)
    profile, parameters = _observer().recorder.profile, read_parameters(REQUEST)
    return lambda: (
        start_attributes(request, None),
        add_response(request_attributes(request, parameters), outcome, profile),
    )


def _labels() -> Work:
    request, outcome, labels = _reading_request()(), read_response(_seen(REQUEST).parsed), Labels()
    return lambda: labels.of(request, outcome, None)  # pyright: ignore[reportArgumentType]


def _copied_options() -> Work:
    options = _seen(REQUEST).options
    return lambda: copy_options(options)


def _endpoint() -> Work:
    seen, overrides = _seen(REQUEST), Config().provider_by_host
    return lambda: endpoint(seen, "/responses", overrides)


def _current_context() -> Work:
    context = get_current()
    return lambda: detach(attach(context))


def _span() -> Work:
    recorder, context = _observer().recorder, get_current()
    request, outcome = read_request(REQUEST, ENDPOINT, is_streaming=False), read_response(_seen(REQUEST).parsed)
    started, ended = start_attributes(request, None), request_attributes(request, read_parameters(REQUEST))
    add_response(ended, outcome, recorder.profile)
    return lambda: end_span(start_span(recorder.tracer, started, context, 1), ended, None, 2)


def _metrics() -> Work:
    recorder, context = _observer().recorder, get_current()
    request, outcome = read_request(REQUEST, ENDPOINT, is_streaming=False), read_response(_seen(REQUEST).parsed)
    labels, metrics = Labels().of(request, outcome, None), recorder.metrics
    return lambda: (
        metrics.record_times(1.0, None, labels, context),
        metrics.record_usage(outcome.usage, None, labels, context),
    )


def _content(request: Mapping[str, Any]) -> Callable[[], Work]:
    def make() -> Work:
        outcome, policy = read_response(_seen(request).parsed), CONTENT.policy()
        return lambda: CapturedContent(request, policy).content(outcome)

    return make


def _streaming(config: Config) -> tuple[Call, Any]:
    """Return a call whose stream has begun, and an event of it with some text."""
    with replies.client(writing(20)) as client:
        delta = [*client.responses.create(**STREAM, stream=True)][6]
    observer = _observer(config)
    call = observer.open(read_request(STREAM, ENDPOINT, is_streaming=True), None, STREAM, get_current())
    call.streams()
    return call, delta


def _event(config: Config) -> Callable[[], Work]:
    def make() -> Work:
        call, delta = _streaming(config)
        events = Events(repeat(delta), call)
        return lambda: next(events)

    return make


def _ambient_session() -> Work:
    scope = session("City trip", properties={"plan": "pro"}, **SESSION)
    scope.__enter__()
    return current_session


def _entered_session() -> Work:
    def enter() -> None:
        with session("City trip", properties={"plan": "pro"}, **SESSION):
            pass

    return enter


SAMPLED_OUT = Telemetry.sampled_out
DROPPED = Telemetry.dropped
FUNCTIONS = (
    Function("whole small call", lambda: _observed(REQUEST, Config(), DROPPED)),
    Function("the same by hand", _by_hand(REQUEST, has_content=False, telemetry=DROPPED)),
    Function("whole small call, content", lambda: _observed(REQUEST, CONTENT, DROPPED)),
    Function("the same by hand, content", _by_hand(REQUEST, has_content=True, telemetry=DROPPED)),
    Function("whole small call, sampled out", lambda: _observed(REQUEST, Config(), SAMPLED_OUT)),
    Function("the same by hand, sampled out", _by_hand(REQUEST, has_content=False, telemetry=SAMPLED_OUT)),
    Function("whole call with 5 tools, content", lambda: _observed(TOOLS, CONTENT, DROPPED)),
    Function("the same by hand with 5 tools, content", _by_hand(TOOLS, has_content=True, telemetry=DROPPED)),
    Function("whole small call, no provider", lambda: _observed(REQUEST, Config(), Telemetry)),
    Function("of it: OpenTelemetry's span", _span),
    Function("of it: OpenTelemetry's metric records", _metrics),
    Function("of it: OpenTelemetry's current context", _current_context),
    Function("of it: pydantic's copy of the options", _copied_options),
    Function("of it: where the call goes", _endpoint),
    Function("of it: read the request", _reading_request),
    Function("of it: read the model's settings", _reading_parameters),
    Function("of it: read the response", _reading_response),
    Function("of it: attributes of the span", _attributes),
    Function("of it: attributes of the metrics", _labels),
    Function("of it: content", _content(REQUEST)),
    Function("of it: content with 5 tools", _content(TOOLS)),
    Function("one event of a stream", _event(Config())),
    Function("one event of a stream, content", _event(CONTENT)),
    Function("one event of a stream, chunk metric", _event(Config(chunk_metric=True))),
    Function("enter and leave a session", _entered_session),
    Function("find the ambient session", _ambient_session),
    Function("find no ambient session", lambda: current_session),
    Function("read a session from headers", lambda: lambda: session_from_headers(HEADERS)),
    Function("look for a session in no headers", lambda: lambda: session_from_headers({})),
)
