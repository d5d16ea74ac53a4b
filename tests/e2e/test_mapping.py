"""SDK -> OTLP -> the real Collector -> Helicone's ingest, and beside it what Tempo gets."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from dirty_equals import IsStr
from hypothesis import given, settings, strategies as st
from inline_snapshot import snapshot
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor

from otel_responses import instrument, session, step, uninstrument
from otel_responses.testing import FakeResponsesAPI, Reply
from tests.e2e.pipeline import Pipeline, pipeline, spans_of
from tests.e2e.spans import Message, Recording, answer, call, message, reasoning, request_of, text

NUMBERS = itertools.count()
NASTY = 'quote " back \\ $1 ${env:HOME} $$ ${x} {"type":"text","content":"x"}]} <b>&amp; é中🙂\u2028\n\ttab \x00\x02\x03 \\u0006'


@pytest.fixture(scope="module")
def sides(otelcol: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pipeline]:
    with pipeline(otelcol, tmp_path_factory.mktemp("mapping")) as sides:
        yield sides
        assert sides.helicone.faults == []


def case_name() -> str:
    return f"case-{next(NUMBERS)}"


def shown(sides: Pipeline, **fields: Any) -> Any:
    """What Helicone records for a call with these contents and attributes."""
    name = case_name()
    assert sides.post(request_of(call(name, **fields))) == 200
    return sides.logged(name)


def contents(messages: list[dict[str, Any]]) -> list[tuple[Any, Any]]:
    return [(each["role"], each["content"]) for each in messages]


TOOL_CALL = {"type": "tool_call", "id": "call_1", "name": "get_weather", "arguments": {"city": "Lisbon", "day": 6}}
TOOL_RESULT = {"type": "tool_call_response", "id": "call_1", "response": "22 C <sunny>"}
IMAGE = {"type": "uri", "modality": "image", "uri": "https://example.com/a.png?b=1&c=2"}


@pytest.mark.parametrize(
    ("messages", "expected"),
    [
        pytest.param([], [], id="none"),
        pytest.param([message("user", text("hi"))], [("user", "hi")], id="one"),
        pytest.param([message("user", text(""))], [("user", "")], id="empty text"),
        pytest.param([message("user")], [("user", "")], id="no parts"),
        pytest.param([message("user", text(NASTY))], [("user", NASTY)], id="nasty"),
        pytest.param([message("user", text("a" * 200_000))], [("user", "a" * 200_000)], id="long"),
        pytest.param(
            [message("user" if n % 2 else "assistant", text(f"m{n}")) for n in range(120)],
            [("user" if n % 2 else "assistant", f"m{n}") for n in range(120)],
            id="120 messages in their order",
        ),
        pytest.param([message("developer", text("be brief"))], [("developer", "be brief")], id="developer"),
        pytest.param([message("user", text("a"), text("b"))], [("user", "a\n\nb")], id="two texts"),
        pytest.param(
            [message("user", *(text(f"{n}") for n in range(9)))],
            [("user", "\n\n".join(map(str, range(9))))],
            id="nine texts",
        ),
        pytest.param([message("user", text('"},{"'), text("\\"))], [("user", '"},{"\n\n\\')], id="texts like JSON"),
        pytest.param(
            [message("user", text("a"), reasoning("r"), text("b"))], [("user", "a\n\nb")], id="reasoning between"
        ),
        pytest.param(
            [{"role": "user", "parts": [{"content": "keys", "type": "text", "more": 1}]}],
            [("user", '[{"content":"keys","more":1,"type":"text"}]')],
            id="a text part with more keys",
        ),
        pytest.param(
            [message("user", text("what is this?"), text("?"), IMAGE)],
            [
                (
                    "user",
                    '[{"content":"what is this?\\n\\n?","type":"text"},{"modality":"image","type":"uri","uri":"https://example.com/a.png?b=1&c=2"}]',
                )
            ],
            id="text and image",
        ),
        pytest.param(
            [message("assistant", TOOL_CALL), message("tool", TOOL_RESULT)],
            [
                (
                    "assistant",
                    '[{"arguments":{"city":"Lisbon","day":6},"id":"call_1","name":"get_weather","type":"tool_call"}]',
                ),
                ("tool", '[{"id":"call_1","response":"22 C <sunny>","type":"tool_call_response"}]'),
            ],
            id="tool call and result",
        ),
        pytest.param(
            [message("assistant", {**TOOL_CALL, "arguments": {"order": 9007199254740993, "near": 1234567890123456.5}})],
            [
                (
                    "assistant",
                    '[{"arguments":{"near":1234567890123456.5,"order":9007199254740993},"id":"call_1","name":"get_weather","type":"tool_call"}]',
                )
            ],
            id="a long integer in a tool call",
        ),
        pytest.param(
            [message("assistant", {**TOOL_CALL, "arguments": '{"order":9007199254740993}'})],
            [
                (
                    "assistant",
                    '[{"arguments":"{\\"order\\":9007199254740993}","id":"call_1","name":"get_weather","type":"tool_call"}]',
                )
            ],
            id="arguments as text",
        ),
        pytest.param([{"role": "user", "content": "old form"}], [("user", "old form")], id="content in place of parts"),
    ],
)
def test_request_messages(sides: Pipeline, messages: list[Message], expected: list[tuple[str, str]]):
    assert contents(shown(sides, input=messages).messages) == expected


@pytest.mark.parametrize(
    ("system", "messages", "expected"),
    [
        pytest.param([text("be brief")], [message("user", text("hi"))], ["be brief", "hi"], id="before the messages"),
        pytest.param([text("be brief")], None, ["be brief"], id="alone"),
        pytest.param([text("be brief")], [], ["be brief"], id="no messages"),
        pytest.param([text("a"), text("b")], [message("user", text("hi"))], ["a\n\nb", "hi"], id="two"),
        pytest.param([text(NASTY)], [message("user", text(NASTY))], [NASTY, NASTY], id="nasty"),
        pytest.param('[{"type":"te', '[{"role":"us', ['[{"type":"te', '[{"role":"us'], id="cut off"),
    ],
)
def test_system_instructions_come_first(sides: Pipeline, system: Any, messages: Any, expected: list[str]):
    logged = shown(sides, system=system, input=messages)
    assert contents(logged.messages) == list(zip(["system", "user"], expected, strict=False))


@pytest.mark.parametrize(
    ("output", "expected"),
    [
        pytest.param([answer(text("hello"))], [("hello", "stop")], id="text"),
        pytest.param([answer(reasoning("hm"), text("hello"))], [("hello", "stop")], id="reasoning before"),
        pytest.param(
            [answer(text("hello"), reasoning("hm"), reasoning("so"))], [("hello", "stop")], id="reasoning after"
        ),
        pytest.param(
            [answer(reasoning("a"), reasoning('"b'), text("x"), text("y"))], [("x\n\ny", "stop")], id="several"
        ),
        pytest.param(
            [answer(reasoning("a"), reasoning("b"), finish_reason="length")],
            [('[{"content":"a\\n\\nb","type":"reasoning"}]', "length")],
            id="reasoning alone",
        ),
        pytest.param(
            [answer(reasoning("hm"), TOOL_CALL, finish_reason="tool_call")],
            [
                (
                    '[{"arguments":{"city":"Lisbon","day":6},"id":"call_1","name":"get_weather","type":"tool_call"}]',
                    "tool_call",
                )
            ],
            id="reasoning and tool call",
        ),
        pytest.param(
            [answer(text("a")), answer(text("b"), finish_reason="length")],
            [("a", "stop"), ("b", "length")],
            id="choices",
        ),
        pytest.param([message("assistant", text("a"))], [("a", "stop")], id="finish reason of the span"),
        pytest.param(
            '[{"role":"assistant","parts":[{"ty', [('[{"role":"assistant","parts":[{"ty', "stop")], id="cut off"
        ),
        pytest.param(None, [], id="not captured"),
    ],
)
def test_completions(sides: Pipeline, output: Any, expected: list[tuple[str, str]]):
    choices = shown(sides, output=output).choices
    assert [(choice["content"], choice["finish_reason"]) for choice in choices] == expected
    assert {choice["role"] for choice in choices} <= {"assistant"}


@pytest.mark.parametrize(
    ("output", "status", "expected"),
    [
        pytest.param(None, "429", [("429", "error")], id="type"),
        pytest.param(None, "", [("429", "error")], id="no message"),
        pytest.param(None, "costs $1 \\1 more", [("429: costs $1 \\1 more", "error")], id="type and message"),
        pytest.param(
            [answer(text("Dear"), finish_reason="error")],
            "429",
            [("Dear", "error"), ("429", "error")],
            id="after an answer",
        ),
        pytest.param('[{"ro', "429", [('[{"ro', "error"), ("429", "error")], id="after an answer that was cut off"),
    ],
)
def test_a_failed_call_says_so(sides: Pipeline, output: Any, status: str, expected: list[tuple[str, str]]):
    name = case_name()
    recording = Recording()
    failed = call(
        name,
        output=output,
        error__type="429",
        gen_ai__response__finish_reasons=("error",),
        without=["gen_ai.response.model"],
    )
    recording.add(failed, error=status)
    assert sides.post(recording.request()) == 200
    logged = sides.logged(name)
    assert [(choice["content"], choice["finish_reason"]) for choice in logged.choices] == expected
    assert (logged.properties["Status"], logged.properties["Error-Type"]) == ("error", "429")
    assert logged.model == "gpt-4.1-mini"


def test_the_fields_of_a_call(sides: Pipeline):
    logged = shown(
        sides,
        gen_ai__request__max_tokens=256,
        gen_ai__response__time_to_first_chunk=0.25,
        gen_ai__usage__cache_read__input_tokens=5,
        gen_ai__usage__reasoning__output_tokens=3,
        helicone__session__id="065ebc76",
        helicone__session__name="Trip to Lisbon",
        helicone__session__path="/research/hotels",
        helicone__user__id="ana@example.com",
        helicone__property__Plan="free $1",
    )
    span = logged.span
    assert (logged.provider, logged.model, logged.max_tokens, logged.object, logged.user) == snapshot(
        ("OPENAI", "gpt-4.1-mini-2025-04-14", 256, "chat", "ana@example.com")
    )
    assert logged.usage == snapshot({"prompt_tokens": 12, "completion_tokens": 7, "total_tokens": 19})
    assert logged.properties == {
        "case": IsStr,
        "Plan": "free $1",
        "Service": "trip-planner",
        "Helicone-Session-Id": "065ebc76",
        "Helicone-Session-Name": "Trip to Lisbon",
        "Helicone-Session-Path": "/research/hotels",
        "Time-To-First-Chunk": "0.25",
        "Cached-Tokens": 5,
        "Reasoning-Tokens": 3,
        "Trace-Id": span["traceId"],
        "Span-Id": span["spanId"],
    }
    assert {*itertools.chain.from_iterable(each["value"] for each in span["attributes"])} == {"stringValue", "intValue"}


@pytest.mark.parametrize(
    ("provider", "expected"),
    [
        ("openai", "OPENAI"),
        ("azure.ai.openai", "AZURE"),
        ("aws.bedrock", "AWS"),
        ("gcp.vertex_ai", "GOOGLE"),
        ("my-vllm", "MY-VLLM"),
    ],
)
def test_providers(sides: Pipeline, provider: str, expected: str):
    assert shown(sides, gen_ai__provider__name=provider).provider == expected


@pytest.mark.parametrize(
    ("attributes", "expected"),
    [
        pytest.param({}, None, id="none"),
        pytest.param({"session__id": "s"}, ("s", "/"), id="session.id"),
        pytest.param({"gen_ai__conversation__id": "conv_1"}, ("conv_1", "/"), id="conversation"),
        pytest.param(
            {"gen_ai__conversation__id": "conv_1", "session__id": "s", "helicone__session__id": "h"},
            ("h", "/"),
            id="ours",
        ),
    ],
)
def test_sessions(sides: Pipeline, attributes: dict[str, Any], expected: tuple[str, str] | None):
    properties = shown(sides, **attributes).properties
    found = [properties[name] for name in ("Helicone-Session-Id", "Helicone-Session-Path") if name in properties]
    assert found == list(expected or ())


UNSENT: dict[str, dict[str, Any]] = {
    "queued": call("unsent", without=["gen_ai.response.finish_reasons"]),
    "fetch": call("unsent", gen_ai__operation__name="fetch_response"),
    "tool": call("unsent", gen_ai__operation__name="execute_tool"),
    "agent": call("unsent", gen_ai__operation__name="invoke_agent"),
    "http": {"http.request.method": "POST", "server.address": "api.openai.com"},
    "bare": {},
    "proxy": call("unsent", server__address="oai.helicone.ai"),
    "eu proxy": call("unsent", server__address="eu.oai.Helicone.ai"),
}


@pytest.mark.parametrize("attributes", UNSENT.values(), ids=UNSENT)
def test_what_helicone_never_gets(sides: Pipeline, attributes: dict[str, Any]):
    first, later = case_name(), case_name()
    attempts = sides.helicone.attempts
    request = request_of(attributes, call(first))
    assert sides.post(request) == 200
    sides.logged(first)
    assert sides.post(request_of(call(later))) == 200
    sides.logged(later)
    assert sides.helicone.attempts == attempts + 2
    sides.wait(lambda: {span.span_id for span in sent_spans(request)} <= {span.span_id for span in sides.tempo_spans()})


def test_calls_that_look_like_others_but_count(sides: Pipeline):
    name = case_name()
    background = call(name, openai__response__background=True, server__address="not-helicone.ai.example.com")
    assert sides.post(request_of(background)) == 200
    assert sides.logged(name).properties["case"] == name


def test_a_self_hosted_proxy_is_named_by_the_variable_that_the_sdk_reads(otelcol: Path, tmp_path: Path):
    environ = {"OTEL_RESPONSES_HELICONE_HOSTS": "proxy.example.com,other.example.com"}
    with pipeline(otelcol, tmp_path, environ=environ) as sides:
        hosts = ("other.example.com", "proxy.example.com", "api.openai.com")
        sides.post(request_of(*(call(host, server__address=host) for host in hosts)))
        sides.logged("api.openai.com")
        assert len(sides.helicone.requests) == 1


def test_tempo_gets_what_the_sdk_sent(sides: Pipeline):
    """Ids, times, attributes, events, links, status, resource and scope."""
    recording = Recording()
    name = case_name()
    with recording.tracer.start_as_current_span("agent", attributes={"gen_ai.operation.name": "invoke_agent"}) as agent:
        recording.add(call(name, input=[message("user", text(NASTY))], output=[answer(text("x"))], system=[text("s")]))
        agent.add_event("step", {"n": 1, "texts": ["a", "b"]})
        with recording.tracer.start_as_current_span("linked", attributes={"load": 0.5, "ok": True}) as linked:
            linked.add_link(agent.get_span_context(), {"why": "test"})
            linked.record_exception(ValueError("no"))
        recording.add({"error.type": "500"}, name="failed", error="why")
    recording.add({}, name="bare")
    request = recording.request()
    assert sides.post(request) == 200
    sides.logged(name)
    wanted = {span.span_id: span for span in sent_spans(request)}
    sides.wait(lambda: wanted.keys() <= {span.span_id for span in sides.tempo_spans()})
    got = {span.span_id: span for span in sides.tempo_spans() if span.span_id in wanted}
    assert got == wanted
    [sent] = request.resource_spans
    arrived = next(each for each in sides.tempo_resources() if each.scope_spans[0].spans[0].span_id in wanted)
    assert (arrived.resource, arrived.scope_spans[0].scope, arrived.scope_spans[0].schema_url) == (
        sent.resource,
        sent.scope_spans[0].scope,
        sent.scope_spans[0].schema_url,
    )


def sent_spans(request: ExportTraceServiceRequest) -> list[Span]:
    return spans_of(request.resource_spans)


TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=40) | st.sampled_from(
    [
        NASTY,
        '"',
        "\\",
        '\\"',
        '"}]}',
        '{"type":"text","content":"',
        "$1",
        "$$",
        "${env:PATH}",
        '},{"role":"user","parts":[',
        "\n\n",
    ]
)
PARTS = st.one_of(
    st.builds(text, TEXTS),
    st.builds(reasoning, TEXTS),
    st.builds(
        lambda name, value: {"type": "tool_call", "id": "c", "name": name, "arguments": {"a": value}}, TEXTS, TEXTS
    ),
    st.builds(lambda value: {"type": "tool_call_response", "id": "c", "response": value}, TEXTS),
)
MESSAGES = st.lists(
    st.builds(
        lambda role, parts: message(role, *parts),
        st.sampled_from(["user", "assistant", "tool"]),
        st.lists(PARTS, max_size=5),
    ),
    max_size=6,
)


def content_of(parts: list[Message]) -> Any:
    """What Helicone is to show: a text, or where that is impossible a list of parts."""
    beside = [part for part in parts if part["type"] != "reasoning"] or parts
    merged: list[Message] = []
    for kind, group in itertools.groupby(beside, key=lambda part: part["type"]):
        same = list(group)
        joinable = kind in {"text", "reasoning"}
        merged += [{"type": kind, "content": "\n\n".join(part["content"] for part in same)}] if joinable else same
    if not merged:
        return ""
    return merged[0]["content"] if [part["type"] for part in merged] == ["text"] else merged


@settings(max_examples=60, deadline=None)
@given(messages=MESSAGES, system=st.none() | st.lists(st.builds(text, TEXTS), min_size=1, max_size=3), output=MESSAGES)
def test_any_text_arrives_as_it_was(sides: Pipeline, messages: list[Message], system: Any, output: list[Message]):
    logged = shown(sides, input=messages, system=system, output=output)
    expected = [("system", content_of(system))] if system else []
    expected += [(each["role"], content_of(each["parts"])) for each in messages]
    assert [
        (role, read(content, wanted))
        for (role, content), (_, wanted) in zip(contents(logged.messages), expected, strict=True)
    ] == expected
    wanted_choices = [(each["role"], content_of(each["parts"])) for each in output]
    assert [
        (role, read(content, wanted))
        for (role, content), (_, wanted) in zip(contents(logged.choices), wanted_choices, strict=True)
    ] == wanted_choices


def read(content: str, wanted: Any) -> Any:
    return content if isinstance(wanted, str) else json.loads(content)


def test_real_calls_of_our_sdk(sides: Pipeline):
    """The instrumentation, an exporter with its batches, and calls of a fake API, as a program has them."""
    api = FakeResponsesAPI()
    api.enqueue(Reply.answer(), Reply.failed("server_error"))
    provider = TracerProvider(shutdown_on_exit=False)
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(endpoint=f"{sides.collector.endpoint}/v1/traces")))
    instrument(tracer_provider=provider)
    name = case_name()
    try:
        with session("Trip", properties={"case": name}), step("flights"):
            api.client().responses.create(model="gpt-4.1", input="Hello!")
        with session("Trip", properties={"case": f"{name}-failed"}):
            api.client().responses.create(model="gpt-4.1", input="Hello!")
    finally:
        uninstrument()
        provider.shutdown()
    logged, failed = sides.logged(name), sides.logged(f"{name}-failed")
    assert (logged.provider, logged.properties["Helicone-Session-Path"]) == ("OPENAI", "/flights")
    assert isinstance(logged.usage["total_tokens"], int)
    assert failed.properties["Error-Type"] == "server_error"
    assert [choice["finish_reason"] for choice in failed.choices] == ["error"]
