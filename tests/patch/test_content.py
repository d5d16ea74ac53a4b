"""Content on spans and events, end to end: modes, streams, redaction, narrowing, errors and the completion hook."""

from __future__ import annotations

import gc
import json
import logging
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any, ClassVar

import openai
import pytest
from inline_snapshot import snapshot

import otel_responses
from otel_responses._captured import CapturedContent
from otel_responses._records import Outcome
from otel_responses.policy import Part, Policy, Where
from otel_responses.testing import Capture, FakeResponsesAPI, Reply, capture

BODY: dict[str, Any] = {
    "model": "gpt-4.1",
    "instructions": "Be brief.",
    "input": "Say hello.",
    "tools": [{"type": "function", "name": "add", "description": "Adds.", "parameters": {"type": "object"}}],
}
CONTENT = ("gen_ai.system_instructions", "gen_ai.input.messages", "gen_ai.output.messages", "gen_ai.tool.definitions")

Capturing = Callable[..., AbstractContextManager[Capture]]


@pytest.fixture
def capturing() -> Capturing:
    @contextmanager
    def capturing(mode: str = "SPAN_AND_EVENT", **options: Any) -> Iterator[Capture]:
        with capture(fixed=True) as telemetry:
            otel_responses.instrument(**telemetry.providers, capture_content=mode, **options)
            yield telemetry
            otel_responses.uninstrument()

    return capturing


def on_span(telemetry: Capture) -> dict[str, Any]:
    (span,) = telemetry.spans()
    return {name: json.loads(span["attributes"][name]) for name in CONTENT if name in span["attributes"]}


def on_event(telemetry: Capture) -> dict[str, Any]:
    events = [log for log in telemetry.logs() if log["event_name"] == "gen_ai.client.inference.operation.details"]
    assert len(events) <= 1
    return {name: event["attributes"][name] for event in events for name in CONTENT if name in event["attributes"]}


EXPECTED = {
    "gen_ai.system_instructions": [{"type": "text", "content": "Be brief."}],
    "gen_ai.input.messages": [{"role": "user", "parts": [{"type": "text", "content": "Say hello."}]}],
    "gen_ai.output.messages": [
        {"role": "assistant", "parts": [{"type": "text", "content": "Hello!"}], "finish_reason": "stop"}
    ],
    "gen_ai.tool.definitions": [{"type": "function", "name": "add"}],
}


def hello(api: FakeResponsesAPI, **more: Any) -> None:
    api.enqueue(Reply.answer(output=[message_item("Hello!")]))
    result = api.client().responses.create(**BODY, **more)
    if more.get("stream"):
        for _ in result:
            pass


def message_item(text: str) -> dict[str, Any]:
    part = {"type": "output_text", "text": text, "annotations": []}
    return {"id": "msg_1", "type": "message", "role": "assistant", "status": "completed", "content": [part]}


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize(
    ("mode", "span", "event"),
    [
        ("NO_CONTENT", {}, {}),
        ("SPAN_ONLY", EXPECTED, {}),
        ("EVENT_ONLY", {}, EXPECTED),
        ("SPAN_AND_EVENT", EXPECTED, EXPECTED),
        ("true", {}, {}),
    ],
)
def test_content_goes_where_the_mode_says(
    mode: str, span: Any, event: Any, *, stream: bool, api: FakeResponsesAPI, capturing: Capturing
) -> None:
    with capturing(mode) as telemetry:
        hello(api, stream=stream)
        assert on_span(telemetry) == span
        assert on_event(telemetry) == event


def test_the_details_event(api: FakeResponsesAPI, capturing: Capturing) -> None:
    with capturing("EVENT_ONLY") as telemetry, otel_responses.session("Trip", id="s-1"):
        hello(api)
        (span,), (event,) = telemetry.spans(), telemetry.logs()
    attributes = {name: value for name, value in event["attributes"].items() if name not in CONTENT}
    assert attributes == span["attributes"]
    assert {name: event[name] for name in ("event_name", "severity", "body", "trace_id", "span_id", "time")} == {
        "event_name": "gen_ai.client.inference.operation.details",
        "severity": "DEBUG",
        "body": None,
        "trace_id": span["trace_id"],
        "span_id": span["span_id"],
        "time": span["end"],
    }


def test_json_on_spans_is_compact_and_texts_are_as_the_collector_expects_them(
    api: FakeResponsesAPI, capturing: Capturing
) -> None:
    with capturing("SPAN_ONLY") as telemetry:
        hello(api)
        attributes = telemetry.spans()[0]["attributes"]
    assert attributes["gen_ai.input.messages"] == snapshot(
        '[{"role":"user","parts":[{"type":"text","content":"Say hello."}]}]'
    )


@pytest.mark.parametrize("leave", ["close", "drop", "cut"])
def test_a_stream_that_ends_early_keeps_what_came_of_it(
    leave: str, api: FakeResponsesAPI, capturing: Capturing
) -> None:
    api.enqueue(Reply.answer().cut(after_events=7) if leave == "cut" else Reply.answer())
    with capturing() as telemetry:
        stream = api.client().responses.create(model="gpt-4.1", input="Say hello.", stream=True)
        seen = ""
        try:
            for event in stream:
                seen += event.delta if event.type == "response.output_text.delta" else ""
                if len(seen) > 10 and leave != "cut":
                    break
        except openai.APIConnectionError:
            assert leave == "cut"
        if leave == "close":
            stream.close()
        del stream
        gc.collect()
        (message,) = on_span(telemetry)["gen_ai.output.messages"]
    assert seen
    assert message == {
        "role": "assistant",
        "parts": [{"type": "text", "content": seen}],
        "finish_reason": "error",
    }


def test_what_the_program_appends_later_is_not_part_of_the_call(api: FakeResponsesAPI, capturing: Capturing) -> None:
    history: list[Any] = [{"role": "user", "content": "Say hello."}]
    with capturing() as telemetry:
        stream = api.client().post(
            "/responses",
            cast_to=object,
            body={"model": "m", "input": history, "stream": True},
            stream=True,
            stream_cls=openai.Stream[object],
        )
        history.append({"role": "user", "content": "Later."})
        for _ in stream:
            pass
        assert len(on_span(telemetry)["gen_ai.input.messages"]) == 1


# -- errors ------------------------------------------------------------------------------------------------------------


def refused(api: FakeResponsesAPI) -> None:
    api.enqueue(Reply.error(400, "Your prompt was: Say hello."))
    with pytest.raises(openai.BadRequestError):
        api.client().responses.create(**BODY)


def test_an_error_without_content_says_its_type_alone(api: FakeResponsesAPI, capturing: Capturing) -> None:
    with capturing("NO_CONTENT") as telemetry:
        refused(api)
        (span,), (event,) = telemetry.spans(), telemetry.logs()
    assert span["status"] == {"code": "ERROR", "description": "400"}
    assert span["events"] == []
    stack = event["attributes"].pop("exception.stacktrace")
    assert stack.startswith("Traceback (most recent call last):\n")
    assert stack.endswith("\nopenai.BadRequestError")
    assert "Say hello" not in stack
    assert (event["event_name"], event["severity"]) == ("gen_ai.client.operation.exception", "WARN")
    assert event["attributes"] == {"exception.type": "openai.BadRequestError", "exception.message": "400"}


@pytest.mark.parametrize(
    ("mode", "in_status", "in_event"),
    [("SPAN_ONLY", True, False), ("EVENT_ONLY", False, True), ("SPAN_AND_EVENT", True, True)],
)
def test_an_error_with_content_says_its_message_where_content_goes(
    mode: str, *, in_status: bool, in_event: bool, api: FakeResponsesAPI, capturing: Capturing
) -> None:
    with capturing(mode) as telemetry:
        refused(api)
        event = next(log for log in telemetry.logs() if log["severity"] == "WARN")
        status = telemetry.spans()[0]["status"]
    assert ("Your prompt was" in status["description"]) == in_status
    assert ("Your prompt was" in event["attributes"]["exception.message"]) == in_event


def test_a_failed_response_describes_itself_only_with_content(api: FakeResponsesAPI, capturing: Capturing) -> None:
    for mode, described in (("NO_CONTENT", "server_error"), ("SPAN_ONLY", "It was: Say hello.")):
        api.enqueue(Reply.failed("server_error", "It was: Say hello."))
        with capturing(mode) as telemetry:
            api.client().responses.create(**BODY)
            assert telemetry.spans()[0]["status"] == {"code": "ERROR", "description": described}


def test_what_the_caller_ends_has_no_exception_event(api: FakeResponsesAPI, capturing: Capturing) -> None:
    with capturing() as telemetry:
        api.client().responses.create(**BODY, stream=True).close()
        assert [log["severity"] for log in telemetry.logs()] == ["DEBUG"]


# -- the policy --------------------------------------------------------------------------------------------------------


def shout(part: Part, where: Where) -> Part | None:
    if where.kind == "tool_definition":
        return None
    return {**part, "content": f"{where.role}/{where.kind}/{where.index}"}


def test_the_redactor_decides_about_every_part(api: FakeResponsesAPI, capturing: Capturing) -> None:
    with capturing(redact=shout) as telemetry:
        hello(api)
        assert (
            on_span(telemetry)
            == on_event(telemetry)
            == snapshot(
                {
                    "gen_ai.system_instructions": [{"type": "text", "content": "system/system_instructions/0"}],
                    "gen_ai.input.messages": [{"role": "user", "parts": [{"type": "text", "content": "user/input/0"}]}],
                    "gen_ai.output.messages": [
                        {
                            "role": "assistant",
                            "parts": [{"type": "text", "content": "assistant/output/0"}],
                            "finish_reason": "stop",
                        }
                    ],
                }
            )
        )
        telemetry.clear()
        refused(api)
        assert telemetry.spans()[0]["status"]["description"] == "/error/0"


def test_a_redactor_that_fails_keeps_the_content_in_and_is_counted(
    api: FakeResponsesAPI, capturing: Capturing, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(part: Part, where: Where) -> Part | None:
        raise ZeroDivisionError(part["content"])

    with capturing(redact=broken) as telemetry:
        hello(api)
        hello(api)
        spans = telemetry.spans()
        counter = next(m for m in telemetry.metrics() if m["name"] == "otel_responses.content.left_out")
        assert "Say hello" not in str(telemetry.logs())
    assert all(not span["attributes"].keys() & set(CONTENT) for span in spans)
    assert [point["value"] for point in counter["points"]] == [2]
    assert caplog.text.count("ZeroDivisionError") == 1
    assert "Say hello" not in caplog.text


def test_a_slow_redactor_is_named_once(
    api: FakeResponsesAPI, capturing: Capturing, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    readings = iter(range(1_000))
    monkeypatch.setattr("otel_responses._captured.time.perf_counter", lambda: float(next(readings)))
    with capturing(redact=lambda part, where: part):
        hello(api)
    assert [r.getMessage() for r in caplog.records if "redactor took" in r.getMessage()] == [
        "The redactor took 1000 ms for one part; it delays the call"
    ]


def test_a_redactor_that_cannot_be_loaded_means_no_content(
    api: FakeResponsesAPI, capturing: Capturing, caplog: pytest.LogCaptureFixture
) -> None:
    with capturing(redact="no_such_module:redact") as telemetry:
        hello(api)
        assert on_span(telemetry) == on_event(telemetry) == {}
    assert "No content is recorded" in caplog.text


def test_capture_content_only_narrows(api: FakeResponsesAPI, capturing: Capturing) -> None:
    with capturing() as telemetry:
        with otel_responses.capture_content(False), otel_responses.capture_content(True):
            hello(api)
            refused(api)
        assert on_details(telemetry) == set()
        assert "Say hello" not in str([telemetry.spans(), telemetry.logs()])
        telemetry.clear()
        with otel_responses.capture_content(True):
            hello(api)
        assert on_span(telemetry) == EXPECTED
    with capturing("NO_CONTENT") as telemetry, otel_responses.capture_content(True):
        hello(api)
        assert on_span(telemetry) == {}


def on_details(telemetry: Capture) -> set[str]:
    return {name for log in telemetry.logs() for name in log["attributes"] if name in CONTENT}


def test_the_limits_cut_inside_the_texts(
    api: FakeResponsesAPI, capturing: Capturing, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT", "400")
    with capturing(max_content_chars=60) as telemetry:
        api.client().responses.create(model="m", input="x" * 1_000)
        (message,) = on_span(telemetry)["gen_ai.input.messages"]
        whole = telemetry.spans()[0]["attributes"]["gen_ai.input.messages"]
    assert "of 1000 characters left out]" in message["parts"][0]["content"]
    assert len(whole) <= 400


def test_blobs_and_tool_schemas_are_recorded_only_where_asked_for(api: FakeResponsesAPI, capturing: Capturing) -> None:
    image = {"type": "input_image", "image_url": "data:image/png;base64,aGVsbG8=", "detail": "auto"}
    body: Any = {**BODY, "input": [{"role": "user", "content": [image]}]}
    with capturing() as telemetry:
        api.client().responses.create(**body)
        assert "aGVsbG8" not in str([telemetry.spans(), telemetry.logs()])
        assert "Adds." not in str(telemetry.spans())
    with capturing(capture_blobs=True, capture_tool_schemas=True) as telemetry:
        api.client().responses.create(**body)
        assert "aGVsbG8" in str(telemetry.spans())
        assert "Adds." in str(telemetry.spans())


def test_nothing_is_kept_of_a_call_that_nobody_records(
    api: FakeResponsesAPI, capturing: Capturing, monkeypatch: pytest.MonkeyPatch
) -> None:
    from opentelemetry.sdk.trace.sampling import ALWAYS_OFF

    from otel_responses import _captured

    def refuse(*_: object) -> None:
        raise AssertionError("content was looked at")

    monkeypatch.setattr(_captured, "CapturedContent", refuse)
    with capture(sampler=ALWAYS_OFF) as telemetry:
        otel_responses.instrument(**telemetry.providers, capture_content="SPAN_ONLY")
        hello(api)
        otel_responses.uninstrument()
    with capturing("NO_CONTENT"):
        hello(api)


def test_an_event_without_a_recorded_span_says_as_much_as_one_with_it(api: FakeResponsesAPI) -> None:
    from opentelemetry.sdk.trace.sampling import ALWAYS_OFF, ALWAYS_ON

    said: list[set[str]] = []
    for sampler in (ALWAYS_ON, ALWAYS_OFF):
        with capture(sampler=sampler) as telemetry:
            otel_responses.instrument(**telemetry.providers, capture_content="EVENT_ONLY")
            hello(api)
            otel_responses.uninstrument()
        (event,) = telemetry.logs()
        said.append({*event["attributes"]})
    assert said[0] == said[1]
    assert "openai.request.id" in said[0]


# -- the completion hook -----------------------------------------------------------------------------------------------


class Hook:
    """Sees what every hook sees; changes the answer, and sets references."""

    seen: ClassVar[list[dict[str, Any]]] = []

    def on_completion(self, *, inputs: Any, outputs: Any, span: Any, log_record: Any, **others: Any) -> None:
        self.seen.append({"inputs": inputs, "outputs": outputs, "log_record": log_record, **others})
        outputs[0].parts[0].content = "changed"
        span.set_attribute("gen_ai.output.messages_ref", "file:///1.json")
        if log_record is not None:
            log_record.attributes = {**log_record.attributes, "ref": "file:///1.json"}


@pytest.fixture
def hook(monkeypatch: pytest.MonkeyPatch) -> type[Hook]:
    completion_hook = pytest.importorskip("opentelemetry.util.genai.completion_hook")

    class EntryPoint:
        name = "mine"

        def load(self) -> type[Hook]:
            return Hook

    monkeypatch.setattr(completion_hook, "entry_points", lambda **_: [EntryPoint()])
    monkeypatch.setenv("OTEL_INSTRUMENTATION_GENAI_COMPLETION_HOOK", "mine")
    monkeypatch.setattr(Hook, "seen", [])
    return Hook


@pytest.mark.parametrize("mode", ["NO_CONTENT", "SPAN_ONLY", "EVENT_ONLY", "SPAN_AND_EVENT"])
def test_the_completion_hook_sees_redacted_content_and_may_change_it(
    mode: str, api: FakeResponsesAPI, capturing: Capturing, hook: type[Hook]
) -> None:
    def redact(part: Part, where: Where) -> Part | None:
        return {"type": "text", "content": "[redacted]"} if where.kind == "input" else part

    with capturing(mode, redact=redact) as telemetry:
        hello(api)
        (span,) = telemetry.spans()
        (seen,) = hook.seen
        assert seen["inputs"][0].parts[0].content == "[redacted]"
        assert seen["system_instruction"][0].content == "Be brief."
        assert [tool.name for tool in seen["tool_definitions"]] == ["add"]
        assert span["attributes"]["gen_ai.output.messages_ref"] == "file:///1.json"
        assert (seen["log_record"] is not None) == ("EVENT" in mode)
        for found, wanted in ((on_span(telemetry), "SPAN" in mode), (on_event(telemetry), "EVENT" in mode)):
            assert ("gen_ai.output.messages" in found) == wanted
            if wanted:
                assert found["gen_ai.output.messages"][0]["parts"] == [{"type": "text", "content": "changed"}]
        if "EVENT" in mode:
            assert telemetry.logs()[0]["attributes"]["ref"] == "file:///1.json"


def test_capture_content_false_stops_the_hook_too(
    api: FakeResponsesAPI, capturing: Capturing, hook: type[Hook]
) -> None:
    with capturing(), otel_responses.capture_content(False):
        hello(api)
    assert hook.seen == []


def test_a_hook_without_the_extra_is_said_once(
    api: FakeResponsesAPI, capturing: Capturing, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setitem(sys.modules, "opentelemetry.util.genai.completion_hook", None)
    monkeypatch.setenv("OTEL_INSTRUMENTATION_GENAI_COMPLETION_HOOK", "upload")
    with capturing("SPAN_ONLY") as telemetry:
        hello(api)
        assert on_span(telemetry) == EXPECTED
    messages = [record.getMessage() for record in caplog.records if record.levelno == logging.WARNING]
    assert len(messages) == 1
    assert "pip install 'otel-responses[hooks]'" in messages[0]


def test_a_hook_of_an_unknown_name_is_no_hook(
    api: FakeResponsesAPI, capturing: Capturing, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("opentelemetry.util.genai")
    monkeypatch.setenv("OTEL_INSTRUMENTATION_GENAI_COMPLETION_HOOK", "no such hook")
    with capturing("SPAN_ONLY") as telemetry:
        hello(api)
        assert on_span(telemetry) == EXPECTED


def test_the_hook_is_given_blobs_as_bytes_and_other_parts_as_they_are(
    api: FakeResponsesAPI, capturing: Capturing, hook: type[Hook]
) -> None:
    image = {"type": "input_image", "image_url": "data:image/png;base64,aGVsbG8=", "detail": "auto"}
    unknown = {"type": "telepathy", "thought": "hm"}
    with capturing("SPAN_ONLY", capture_blobs=True) as telemetry:
        api.client().post(
            "/responses", cast_to=object, body={"model": "m", "input": [{"role": "user", "content": [image]}]}
        )
        api.enqueue(Reply.answer())
        api.client().post("/responses", cast_to=object, body={"model": "m", "input": [unknown]})
        first, second = telemetry.spans()
    assert hook.seen[0]["inputs"][0].parts[0].content == b"hello"
    assert '"content":"aGVsbG8="' in first["attributes"]["gen_ai.input.messages"]
    assert '"value":{"type":"telepathy","thought":"hm"}' in second["attributes"]["gen_ai.input.messages"]


def test_events_that_come_without_a_stream_are_not_kept() -> None:
    captured = CapturedContent({"input": "Say hello."}, Policy())
    captured.add({"type": "response.output_text.delta", "delta": "Hello"}, "response.output_text.delta")
    assert "gen_ai.output.messages" not in captured.content(Outcome()).texts
