from __future__ import annotations

import math

import pytest
from inline_snapshot import snapshot
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValueList
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status

from otel_responses.cli import attributes as read
from otel_responses.cli.calls import Call, read_call
from tests.cli.messages import any_value, pairs, span


def test_a_call_is_read_from_its_span():
    found = span(
        start=2,
        gen_ai__usage__input_tokens=812,
        gen_ai__usage__output_tokens=96,
        gen_ai__usage__cache_read__input_tokens=512,
        gen_ai__usage__reasoning__output_tokens=64,
        gen_ai__response__time_to_first_chunk=0.21,
        gen_ai__response__finish_reasons=["tool_call"],
        helicone__session__id="s1",
        helicone__session__name="Trip",
        helicone__session__path="/plan",
        http__request__resend_count=1,
    )
    found.trace_id, found.span_id = b"t", b"s"

    assert read_call(found) == snapshot(
        Call(
            key=b"ts",
            label="chat gpt-4.1",
            start=2000000000,
            duration=1.5,
            session_id="s1",
            session_name="Trip",
            path="/plan",
            input_tokens=812,
            cached_tokens=512,
            output_tokens=96,
            reasoning_tokens=64,
            first_chunk=0.21,
            finish="tool_call",
            resends=1,
        )
    )


def test_a_span_of_something_else_is_no_call():
    assert read_call(Span(name="GET", attributes=pairs({"http.request.method": "GET"}))) is None


def test_a_span_without_a_name_is_called_by_its_operation():
    found = read_call(span(""))
    assert found is not None
    assert found.label == "chat"


def test_the_standard_session_id_is_enough():
    found = read_call(span(session__id="s2"))
    assert found is not None
    assert (found.session_id, found.session_name) == ("s2", "")


def test_a_span_that_ends_before_it_starts_takes_no_time():
    found = read_call(span(seconds=-1, start=5))
    assert found is not None
    assert found.duration == 0


def test_the_tokens_of_an_agent_are_those_of_the_calls_in_it():
    agent = span("invoke_agent planner", gen_ai__operation__name="invoke_agent", gen_ai__usage__input_tokens=9)
    found = read_call(agent)
    assert found is not None
    assert (found.label, found.input_tokens) == ("invoke_agent planner", None)


def test_an_error_is_told_by_its_type_or_else_by_the_status_alone():
    typed, untyped = span(error__type="429"), span()
    untyped.status.code = Status.STATUS_CODE_ERROR
    assert [found.error for each in (typed, untyped, span()) if (found := read_call(each))] == ["429", "error", ""]


@pytest.mark.parametrize(
    ("value", "count", "seconds"),
    [
        pytest.param(3, 3, 3.0, id="integer"),
        pytest.param(-3, None, None, id="negative"),
        pytest.param(0.5, None, 0.5, id="float"),
        pytest.param(math.inf, None, None, id="infinite"),
        pytest.param(math.nan, None, None, id="not-a-number"),
        pytest.param("3", None, None, id="text"),
        pytest.param(True, None, None, id="boolean"),
    ],
)
def test_numbers_of_a_wrong_kind_are_left_out(value: object, count: int | None, seconds: float | None):
    attributes = {"x": any_value(value)}
    assert (read.count(attributes, "x"), read.seconds(attributes, "x")) == (count, seconds)


def test_an_attribute_without_a_value_is_no_number_and_no_text():
    attributes = {"x": AnyValue(), "y": AnyValue(kvlist_value=KeyValueList())}
    for key in ("x", "y", "missing"):
        assert read.count(attributes, key) is None
        assert read.seconds(attributes, key) is None
        assert read.text(attributes, key) == ""
        assert read.texts(attributes, key) == ()


def test_text_cannot_steer_the_terminal_nor_fill_it():
    assert read.printable("\x1b[31mred\x07\n\u202eright to left") == "\ufffd[31mred\ufffd\ufffd\ufffdright to left"
    assert len(read.printable("x" * 10_000)) == 200
