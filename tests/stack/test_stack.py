"""Every query of every panel returns data from the real Tempo, Prometheus and Loki, and says what was sent."""

from __future__ import annotations

import json
import re
from collections import Counter
from typing import Any

import httpx
import pytest
from opentelemetry.exporter.otlp.proto.common.trace_encoder import encode_spans
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.logs.v1.logs_pb2 import LogRecord, ResourceLogs, ScopeLogs
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from tests.e2e.spans import Recording, call
from tests.stack.backends import GRAFANA, wait
from tests.stack.conftest import Stack

VARIABLES = {
    '"$by"': '"session.id"',
    '"$value"': '"trip-1"',
    "$property": "plan",
    "$__rate_interval": "1m",
}
TARGETS = [
    pytest.param(target, id=f"{file.stem.removeprefix('otel-responses-')}: {panel['title']} {target['refId']}")
    for file in sorted(GRAFANA.glob("dashboards/*.json"))
    for panel in json.loads(file.read_text(encoding="utf-8"))["panels"]
    for target in panel.get("targets", [])
]


def filled(query: str, service: str = "trip-planner") -> str:
    for name, value in VARIABLES.items():
        query = query.replace(name, value)
    query = query.replace("$service", service)
    assert "$" not in query
    return query


def ask(stack: Stack, target: dict[str, Any]) -> list[Any]:
    """What Grafana would get for a panel's query."""
    if target["datasource"]["type"] == "loki":
        return stack.loki.query(filled(target["expr"]), stack.since)
    if "expr" in target:
        found = stack.prometheus.query(filled(target["expr"]))
        return [series for series in found if series["value"][1] != "NaN"]
    query = filled(target["query"])
    if target.get("tableType") == "spans":
        return stack.tempo.search(query, stack.since)
    return stack.tempo.series(query, stack.since, instant=target["metricsQueryType"] == "instant")


@pytest.mark.parametrize("target", [each for each in TARGETS if "inference_" in str(each.values)])
def test_every_query_of_our_metrics_knows_the_names_of_main(stack: Stack, target: dict[str, Any]):
    """The program before used those of OTEL_SEMCONV_STABILITY_OPT_IN=gen_ai_latest_experimental."""
    wait(lambda: stack.prometheus.query(filled(target["expr"], "next-planner")), seconds=30)


def target_of(board: str, title: str) -> dict[str, Any]:
    """The one query of a panel."""
    panels = json.loads((GRAFANA / "dashboards" / f"{board}.json").read_text(encoding="utf-8"))["panels"]
    [target] = [target for panel in panels if panel["title"] == title for target in panel["targets"]]
    return target


@pytest.mark.parametrize("target", TARGETS)
def test_every_query_of_every_panel_returns_data(stack: Stack, target: dict[str, Any]):
    wait(lambda: ask(stack, target), seconds=30)


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("Input tokens", "gen_ai.usage.input_tokens"),
        ("Output tokens", "gen_ai.usage.output_tokens"),
        ("Cached tokens", "gen_ai.usage.cache_read.input_tokens"),
        ("Reasoning tokens", "gen_ai.usage.reasoning.output_tokens"),
        ("Cost", "gen_ai.usage.cost"),
    ],
)
def test_the_totals_of_the_overview_are_those_of_what_was_sent(stack: Stack, title: str, name: str):
    sent = sum(call.get(name, 0) for call in stack.program.calls)
    assert sent > 0
    wait_for_total(stack, "otel-responses-overview", title, sent)


def test_the_overview_counts_the_calls_that_were_made_and_that_failed(stack: Stack):
    calls = stack.program.calls
    assert (len(calls), sum("error.type" in call for call in calls)) == (36, 12)
    wait_for_total(stack, "otel-responses-overview", "Calls", 36)
    wait_for_total(stack, "otel-responses-overview", "Failed calls", 12)


def test_the_totals_of_a_session_are_those_of_its_calls(stack: Stack):
    calls = [call for call in stack.program.calls if call["session.id"] == "trip-1"]
    wait_for_total(stack, "otel-responses-sessions", "Calls", len(calls))
    for title, name in (("Input tokens", "gen_ai.usage.input_tokens"), ("Cost", "gen_ai.usage.cost")):
        wait_for_total(stack, "otel-responses-sessions", title, sum(call.get(name, 0) for call in calls))


def wait_for_total(stack: Stack, board: str, title: str, expected: float) -> None:
    """Wait until a panel shows this number: for some seconds, Tempo's metrics lack what its search has already."""
    target = target_of(board, title)
    shown: list[float] = []

    def is_shown() -> bool:
        shown.append(sum(series.get("value", 0) for series in ask(stack, target)))
        return shown[-1] == pytest.approx(expected)

    wait(is_shown, otherwise=lambda: f"{title} is {shown[-1]} and not {expected}")


def test_the_counters_of_prometheus_are_those_of_what_was_sent(stack: Stack):
    calls = stack.program.calls
    expected = {
        "gen_ai_client_operation_duration_seconds_count": len(calls),
        'gen_ai_client_operation_duration_seconds_count{error_type!=""}': sum("error.type" in call for call in calls),
        'gen_ai_client_token_usage_sum{gen_ai_token_type="input"}': sum(
            call.get("gen_ai.usage.input_tokens", 0) for call in calls
        ),
        "gen_ai_client_cost_total": sum(call.get("gen_ai.usage.cost", 0) for call in calls),
    }
    wait(lambda: value(stack, "gen_ai_client_operation_duration_seconds_count") == len(calls))
    assert {query: value(stack, query) for query in expected} == pytest.approx(expected)


def value(stack: Stack, query: str) -> float:
    found = stack.prometheus.query(f"sum by (job) ({query})")
    return sum(float(series["value"][1]) for series in found if series["metric"]["job"] == "trip-planner")


def test_an_exemplar_of_a_metric_leads_to_a_trace(stack: Stack):
    query = "gen_ai_client_operation_duration_seconds_bucket"
    wait(lambda: stack.prometheus.exemplars(query, stack.since))
    traces = {exemplar["labels"]["trace_id"] for exemplar in stack.prometheus.exemplars(query, stack.since)}
    assert traces <= set(stack.program.traces)


def test_a_trace_read_back_is_what_was_exported(stack: Stack):
    for trace_id, spans in stack.program.traces.items():
        sent = [
            span for each in encode_spans(spans).resource_spans for scope in each.scope_spans for span in scope.spans
        ]
        read = stack.tempo.trace(trace_id)
        kept = [span for each in read.resource_spans for scope in each.scope_spans for span in scope.spans]
        assert sorted(map(comparable, kept)) == sorted(map(comparable, sent))


def comparable(span: Span) -> str:
    """A span as text, with its attributes in one order, and without the flags, which Tempo does not keep."""
    attributes = sorted(span.attributes, key=lambda attribute: attribute.key)
    del span.attributes[:]
    span.attributes.extend(attributes)
    span.flags = 0
    span.status.SetInParent()  # no status and an unset one are the same
    return str(span)


def test_a_session_over_three_traces_is_found_whole(stack: Stack):
    found = stack.tempo.search(
        '{ span.session.id = "trip-1" && span.gen_ai.operation.name != nil && resource.service.name = "trip-planner" }',
        stack.since,
    )
    sent = {
        trace: len([span for span in spans if "gen_ai.operation.name" in (span.attributes or {})])
        for trace, spans in stack.program.traces.items()
        if any((span.attributes or {}).get("session.id") == "trip-1" for span in spans)
    }
    assert Counter({trace["traceID"].zfill(32): trace["spanSet"]["matched"] for trace in found}) == Counter(sent)
    assert len(sent) == 6  # three traces in each of two rounds


def test_a_backlog_of_long_calls_arrives_whole(stack: Stack):
    """30 MB in one export, and the events of it: more than Tempo and Loki take in one request."""
    backlog, long = Recording("backlog"), "And the trams? " * 7_000
    for number in range(300):
        backlog.add(call(str(number), input=long))
    headers = {"content-type": "application/x-protobuf"}
    for path, request in (("traces", backlog.request()), ("logs", events_of(backlog))):
        url, body = f"{stack.collector}/v1/{path}", request.SerializeToString()
        assert httpx.post(url, content=body, headers=headers, timeout=60, trust_env=False).is_success
    spans = '{ resource.service.name = "backlog" } | select(span.gen_ai.input.messages)'
    events = '{service_name="backlog"}'
    wait(lambda: len(stack.tempo.search(spans, stack.since)) == 300)
    wait(lambda: sum(len(each["values"]) for each in stack.loki.query(events, stack.since)) == 300)


def events_of(recording: Recording) -> ExportLogsServiceRequest:
    """The events of the same calls, made of their spans."""
    records = [
        LogRecord(
            time_unix_nano=span.start_time_unix_nano,
            trace_id=span.trace_id,
            span_id=span.span_id,
            event_name="gen_ai.client.inference.operation.details",
            attributes=span.attributes,
        )
        for resource in recording.request().resource_spans
        for scope in resource.scope_spans
        for span in scope.spans
    ]
    resource = recording.request().resource_spans[0].resource
    logs = ResourceLogs(resource=resource, scope_logs=[ScopeLogs(log_records=records)])
    return ExportLogsServiceRequest(resource_logs=[logs])


def test_the_alert_rules_are_evaluated_without_an_error(stack: Stack):
    wait(lambda: all(rule["health"] == "ok" for rule in stack.prometheus.rules()))
    assert {rule["name"] for rule in stack.prometheus.rules()} >= {"CallsFail", "SpansLost"}
    assert {rule["lastError"] for rule in stack.prometheus.rules() if "lastError" in rule} == set()


def test_the_calls_of_a_session_show_path_cost_error_prompt_and_answer(stack: Stack):
    target = target_of("otel-responses-sessions", "Calls in their order")
    spans = [span for trace in ask(stack, target) for span in trace["spanSet"]["spans"]]
    calls = [call for call in stack.program.calls if call["session.id"] == "trip-1"]
    shown = Counter(attribute["key"] for span in spans for attribute in span["attributes"] if is_known(attribute))
    assert len(spans) == len(calls)
    for name in (
        "helicone.session.path",
        "gen_ai.usage.cost",
        "error.type",
        "gen_ai.input.messages",
        "gen_ai.output.messages",
    ):
        assert shown[name] == sum(name in call for call in calls) > 0


def test_the_events_of_a_session_show_prompt_and_answer(stack: Stack):
    target = target_of("otel-responses-sessions", "Prompts and answers")
    sent = [content_of(call) for call in stack.program.calls if call["session.id"] == "trip-1"]
    wait(lambda: sum(len(events["values"]) for events in ask(stack, target)) == len(sent))
    shown = [content_of(json.loads(line)) for events in ask(stack, target) for _, line in events["values"]]
    assert Counter(shown) == Counter(sent)
    assert len(set(sent)) > 3


def content_of(attributes: dict[str, Any]) -> str:
    """The messages of a call as one text: on spans they are JSON, in another order of keys."""
    messages = [attributes.get(name) for name in ("gen_ai.input.messages", "gen_ai.output.messages")]
    return json.dumps([json.loads(each) if isinstance(each, str) else each for each in messages], sort_keys=True)


def test_a_trace_leads_to_its_events_and_each_to_its_span(stack: Stack):
    sources = (GRAFANA / "provisioning" / "datasources" / "otel-responses.yaml").read_text(encoding="utf-8")
    [query] = re.findall(r"customQuery: true\n +query: '(.*)'", sources)
    [field] = re.findall(r"matcherType: label, matcherRegex: (\w+), datasourceUid: tempo", sources)
    trace_id, spans = next(trace for trace in stack.program.traces.items() if len(trace[1]) == 3)
    query = query.replace('$${__span.tags["service.name"]}', "trip-planner").replace("$${__trace.traceId}", trace_id)
    wait(lambda: len(stack.loki.query(query, stack.since)) >= 2)
    found = [events["stream"] for events in stack.loki.query(query, stack.since)]
    assert {event[field] for event in found} == {trace_id}
    assert {event["span_id"] for event in found} < {f"{span.context.span_id:016x}" for span in spans if span.context}


def is_known(attribute: dict[str, Any]) -> bool:
    """Whether the span has it: for one that it lacks, Tempo says nil."""
    return attribute["value"] not in ({"stringValue": "nil"}, {"stringValue": ""}, {})
