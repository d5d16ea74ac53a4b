"""Dashboards, alerts and data sources name what we emit, and every metric that we emit is shown somewhere."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from otel_responses import _semconv
from otel_responses._semconv import RELEASED
from otel_responses.config import Config

GRAFANA = Path(__file__).parents[2] / "grafana"
COLLECTOR = Path(__file__).parents[2] / "collector"
BOARDS = {file.stem: json.loads(file.read_text(encoding="utf-8")) for file in sorted(GRAFANA.glob("dashboards/*.json"))}
PANELS = [
    pytest.param(panel, id=f"{name}: {panel['title']}")
    for name, board in BOARDS.items()
    for panel in board["panels"]
    if panel["type"] != "row"
]
ATTRIBUTE = re.compile(r"(?:span|resource)\.\"?([a-z_.]+[a-z_])")
UNITS = {
    "operation.duration": "seconds",
    "operation.time_to_first_chunk": "seconds",
    "operation.time_per_output_chunk": "seconds",
}
# What is not ours: of the Collector, of Tempo, of Prometheus itself.
FOREIGN = re.compile(r"(otelcol|tempo)_\w+|up")
# Names of other instrumentations and of Helicone that the Collector maps from or to, or takes out.
MAPPED = re.compile(
    r"gen_ai\.(system|(prompt|completion)\b.*|usage\.(prompt|completion)_tokens|response\.max_tokens|tool\.call\..*|retrieval\..*)"
    r"|llm\..*|traceloop\..*|enduser\.id|event\.name|error\.message|(input|output)\.value"
)


def attributes() -> set[str]:
    """The attributes that we put on spans, events and metrics, and those of the resource that every SDK has."""
    names = {
        value for name, value in vars(_semconv).items() if name.isupper() and isinstance(value, str) and "." in value
    }
    return names | {RELEASED.usage_cache_write, "service.name"}


def metrics() -> set[str]:
    """The names that Prometheus gives our metrics, without the endings of histograms."""
    histograms = {RELEASED.duration, RELEASED.time_to_first_chunk, RELEASED.time_per_output_chunk}
    counters = {RELEASED.cache_read_tokens, RELEASED.cache_write_tokens, RELEASED.reasoning_tokens}
    counters |= {_semconv.COST, _semconv.CONTENT_LEFT_OUT}
    named = {
        *(f"{name}_seconds" for name in histograms),
        *(f"{name}_total" for name in counters),
        str(RELEASED.token_usage),
    }
    return {name.replace(".", "_") for name in named}


def targets() -> Iterator[dict[str, Any]]:
    for board in BOARDS.values():
        for panel in board["panels"]:
            yield from panel.get("targets", [])


def promql() -> list[str]:
    alerts = (GRAFANA / "alerts.yaml").read_text(encoding="utf-8")
    sources = (GRAFANA / "provisioning" / "datasources" / "otel-responses.yaml").read_text(encoding="utf-8")
    in_sources = re.findall(r'query: "(.*)"', sources)
    assert len(in_sources) == 2
    # An expression may go on over the deeper lines below it.
    in_alerts = re.findall(r"^ {8}expr: (.*(?:\n {10}.*)*)", alerts, flags=re.MULTILINE)
    assert len(in_alerts) == alerts.count("alert:")
    in_panels = [target["expr"] for target in targets() if target["datasource"]["type"] == "prometheus"]
    return in_panels + in_sources + in_alerts


def named_metrics() -> set[str]:
    words = {word for query in promql() for word in re.findall(r"\b(\w+)(?=\{|\[| > | / |$)", query)}
    return {re.sub(r"_(bucket|sum|count)$", "", word) for word in words if "_" in word or word == "up"}


@pytest.mark.parametrize("panel", PANELS)
def test_every_panel_has_a_title_a_description_a_unit_and_a_query(panel: dict[str, Any]):
    assert panel["title"]
    assert panel["description"]
    if panel["type"] != "text":
        assert panel["fieldConfig"]["defaults"]["unit"]
        assert panel["targets"]
        assert panel["datasource"]["uid"] in {"tempo", "prometheus", "loki"}
        assert {target["datasource"]["uid"] for target in panel["targets"]} == {panel["datasource"]["uid"]}


def test_a_dashboard_cannot_be_edited_where_it_would_be_overwritten():
    assert [board["editable"] for board in BOARDS.values()] == [False] * 4


def test_no_panel_covers_another():
    for board in BOARDS.values():
        cells = [
            (x, y)
            for panel in board["panels"]
            for x in range(panel["gridPos"]["x"], panel["gridPos"]["x"] + panel["gridPos"]["w"])
            for y in range(panel["gridPos"]["y"], panel["gridPos"]["y"] + panel["gridPos"]["h"])
        ]
        assert len(cells) == len(set(cells))
        assert max(x for x, _ in cells) < 24


def test_every_attribute_in_a_traceql_query_is_one_that_we_emit():
    named = {name for target in targets() for name in ATTRIBUTE.findall(target.get("query", ""))}
    assert len(named) > 10
    assert named - attributes() == {"helicone.property"}  # with the name of any property behind it


def test_every_attribute_in_a_logql_query_is_one_that_we_emit():
    queries = [target["expr"] for target in targets() if target["datasource"]["type"] == "loki"]
    named = {name for query in queries for name in re.findall(r"(\w+) ?(?:=|!=|=~|!~) ?\"", query)}
    known = {name.replace(".", "_") for name in attributes()}
    assert len(named) > 4
    assert named - known == {"event_name"}  # which the Collector sets


def test_every_metric_in_a_promql_query_is_one_that_we_emit():
    named = named_metrics()
    assert {name for name in named if not FOREIGN.fullmatch(name)} <= metrics()


def test_every_metric_that_we_emit_is_shown():
    assert metrics() - named_metrics() == set()
    assert len(RELEASED) == 13  # another field may be another metric: name it above


def test_every_attribute_that_a_collector_file_names_is_one_that_we_emit():
    text = "\n".join(file.read_text(encoding="utf-8") for file in COLLECTOR.glob("*.yaml"))
    named = set(re.findall(r'(?:span|log|resource)\.attributes\["([^"]+)"\]', text))
    assert len(named) > 10
    assert {name for name in named if not MAPPED.fullmatch(name)} - attributes() == set()


def test_every_dedicated_column_of_tempo_is_an_attribute_that_we_emit():
    columns = re.findall(r"- \{name: ([\w.]+), type: string", (GRAFANA / "tempo.yaml").read_text(encoding="utf-8"))
    assert len(columns) == 8
    assert set(columns) - attributes() == set()


def test_tempo_cuts_no_attribute_that_we_have_not_cut():
    [limit] = re.findall(r"max_attribute_bytes: (\d+)", (GRAFANA / "tempo.yaml").read_text(encoding="utf-8"))
    assert int(limit) > Config().max_content_bytes
