from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from inline_snapshot import snapshot
from opentelemetry.context import Context
from opentelemetry.sdk.trace.sampling import ALWAYS_ON, ParentBased, Sampler, SamplingResult
from opentelemetry.trace import set_span_in_context

from otel_responses._recorder.spans import end_span, start_span
from otel_responses.testing import Capture, capture

START = 1_767_225_600_000_000_000
ATTRIBUTES = {"gen_ai.operation.name": "chat", "gen_ai.provider.name": "openai"}


@pytest.fixture
def telemetry() -> Iterator[Capture]:
    with capture(fixed=True) as telemetry:
        yield telemetry


def record(telemetry: Capture, *, error_type: str | None = None, **attributes: Any) -> dict[str, Any]:
    tracer = telemetry.tracer_provider.get_tracer("test")
    span = start_span(tracer, {**ATTRIBUTES, **attributes}, Context(), START)
    end_span(span, {"gen_ai.response.id": "resp_1"}, error_type, START + 2_000_000_000)
    return telemetry.spans()[-1]


def test_a_whole_span(telemetry: Capture):
    assert record(telemetry, **{"gen_ai.request.model": "gpt-4.1"}) == snapshot(
        {
            "name": "chat gpt-4.1",
            "kind": "CLIENT",
            "status": {"code": "UNSET", "description": None},
            "trace_id": "00000000000000000000000000000001",
            "span_id": "0000000000000001",
            "parent": None,
            "start": 1767225600000000000,
            "end": 1767225602000000000,
            "duration": 2.0,
            "attributes": {
                "gen_ai.operation.name": "chat",
                "gen_ai.provider.name": "openai",
                "gen_ai.request.model": "gpt-4.1",
                "gen_ai.response.id": "resp_1",
            },
            "events": [],
            "links": [],
            "scope": {"name": "test", "version": "", "schema_url": ""},
        }
    )


@pytest.mark.parametrize(
    ("attributes", "name"),
    [
        pytest.param({"gen_ai.request.model": "gpt-4.1"}, "chat gpt-4.1", id="model"),
        pytest.param({}, "chat", id="no_model"),
    ],
)
def test_the_name_is_the_operation_and_the_model(attributes: dict[str, str], name: str, telemetry: Capture):
    assert record(telemetry, **attributes)["name"] == name


@pytest.mark.parametrize(
    ("error_type", "status"),
    [
        pytest.param(None, {"code": "UNSET", "description": None}, id="success_is_unset"),
        pytest.param("429", {"code": "ERROR", "description": "429"}, id="error"),
    ],
)
def test_the_status(error_type: str | None, status: dict[str, str | None], telemetry: Capture):
    assert record(telemetry, error_type=error_type)["status"] == status


def test_a_span_is_the_child_of_the_given_context(telemetry: Capture):
    tracer = telemetry.tracer_provider.get_tracer("test")
    parent = tracer.start_span("parent")
    span = start_span(tracer, ATTRIBUTES, set_span_in_context(parent), START)
    end_span(span, {}, None, START)
    (recorded,) = telemetry.spans()
    assert recorded["parent"] == f"{parent.get_span_context().span_id:016x}"
    assert recorded["trace_id"] == f"{parent.get_span_context().trace_id:032x}"


class Looking(Sampler):
    """A sampler that keeps what it was shown."""

    def __init__(self) -> None:
        self.seen: list[dict[str, Any]] = []

    def should_sample(
        self,
        parent_context: Any,
        trace_id: int,
        name: str,
        kind: Any = None,
        attributes: Any = None,
        links: Any = None,
        trace_state: Any = None,
    ) -> SamplingResult:
        self.seen.append({"name": name, "kind": kind.name, "attributes": dict(attributes)})
        return ALWAYS_ON.should_sample(parent_context, trace_id, name, kind, attributes, links)

    def get_description(self) -> str:
        return "Looking"


def test_samplers_see_the_name_the_kind_and_the_attributes_of_the_start():
    sampler = Looking()
    with capture(fixed=True, sampler=ParentBased(sampler)) as telemetry:
        record(telemetry, **{"gen_ai.request.model": "gpt-4.1"})
    assert sampler.seen == [
        {"name": "chat gpt-4.1", "kind": "CLIENT", "attributes": {**ATTRIBUTES, "gen_ai.request.model": "gpt-4.1"}}
    ]
