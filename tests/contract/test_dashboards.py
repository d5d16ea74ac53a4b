"""Dashboards, alerts and data sources name what we emit, and every metric that we emit is shown somewhere."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from otel_responses import _semconv
from otel_responses._semconv import MAIN, RELEASED, Profile
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
    """The names that Prometheus gives our metrics, released ones and main's, without the endings of histograms."""
    return {name for profile in (RELEASED, MAIN) for name in metrics_of(profile)}


def metrics_of(profile: Profile) -> set[str]:
    seconds = {profile.duration, profile.time_to_first_chunk, profile.time_per_output_chunk}
    counters = {profile.cache_read_tokens, profile.cache_write_tokens, profile.reasoning_tokens}
    counters |= {profile.total_input_tokens, profile.total_output_tokens, _semconv.COST, _semconv.CONTENT_LEFT_OUT}
    named = {
        *(f"{name}_seconds" for name in seconds),
        *(f"{name}_total" for name in counters if name),
        *(name for name in (profile.token_usage, profile.input_tokens, profile.output_tokens) if name),
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


def test_every_data_source_that_is_named_is_provided():
    sources = (GRAFANA / "provisioning" / "datasources" / "otel-responses.yaml").read_text(encoding="utf-8")
    provided = set(re.findall(r"^    uid: (\w+)$", sources, flags=re.MULTILINE))
    named = {target["datasource"]["uid"] for target in targets()} | set(re.findall(r"datasourceUid: (\w+)", sources))
    assert provided == named == {"tempo", "prometheus", "loki"}


def test_a_dashboard_cannot_be_edited_where_it_would_be_overwritten():
    assert [board["editable"] for board in BOARDS.values()] == [False] * 4


def test_no_query_of_tempo_is_streamed():
    """Grafana 12.4 to 13.2 show nothing, that is 0, for an instant query whose answer is streamed."""
    sources = (GRAFANA / "provisioning" / "datasources" / "otel-responses.yaml").read_text(encoding="utf-8")
    assert "streamingEnabled: {search: false, metrics: false}" in sources


def test_a_table_of_spans_keeps_the_hidden_column_that_its_links_need():
    tables = [panel for board in BOARDS.values() for panel in board["panels"] if shows_spans(panel)]
    assert len(tables) == 2
    for panel in tables:
        [left_out] = [
            change["options"]["excludeByName"] for change in panel["transformations"] if change["id"] == "organize"
        ]
        assert "traceIdHidden" not in left_out


def test_a_table_of_groups_has_a_row_for_each():
    """Tempo answers an instant query with a series for each group, of which Grafana shows one at a time."""
    tables = [panel for board in BOARDS.values() for panel in board["panels"] if panel["type"] == "table"]
    tables = [panel for panel in tables if not shows_spans(panel)]
    assert len(tables) == 8
    assert [panel["title"] for panel in tables if panel["transformations"][0]["id"] != "reduce"] == []


def shows_spans(panel: dict[str, Any]) -> bool:
    return any(target.get("tableType") == "spans" for target in panel.get("targets", []))


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


@pytest.mark.parametrize(("profile", "other"), [(RELEASED, MAIN), (MAIN, RELEASED)])
def test_every_query_and_alert_knows_both_names_of_a_metric(profile: Profile, other: Profile):
    """So that a program shows whichever it uses."""
    only_here, only_there = metrics_of(profile) - metrics_of(other), metrics_of(other) - metrics_of(profile)
    for query in promql():
        named = {re.sub(r"_(bucket|sum|count)$", "", word) for word in re.findall(r"\w+(?=\{|\[)", query)}
        assert bool(named & only_here) == bool(named & only_there), query


def test_every_label_in_a_promql_query_and_in_an_alert_is_one_that_we_emit():
    """Or one of Prometheus, of its histograms, or of the Collector."""
    queries, alerts = "\n".join(promql()), (GRAFANA / "alerts.yaml").read_text(encoding="utf-8")
    named = {name for names in re.findall(r"\b(?:by|on) ?\(([^)]*)\)", queries) for name in re.split(r"[, ]+", names)}
    named |= set(re.findall(r"(\w+) ?(?:=~|!~|!=|=)\"", queries)) | set(re.findall(r"\$labels\.(\w+)", alerts))
    assert len(named) > 8
    assert named - {name.replace(".", "_") for name in attributes()} == {
        "__name__",
        "exporter",
        "job",
        "le",
        "receiver",
    }


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


def test_every_dimension_of_tempo_s_own_metrics_is_an_attribute_that_we_emit():
    lists = re.findall(
        r"(?:dimensions|peer_attributes): \[(.*)\]", (GRAFANA / "tempo.yaml").read_text(encoding="utf-8")
    )
    assert len(lists) == 3
    assert {name for names in lists for name in names.split(", ")} - attributes() == set()


def test_tempo_cuts_no_attribute_that_we_have_not_cut():
    [limit] = re.findall(r"max_attribute_bytes: (\d+)", (GRAFANA / "tempo.yaml").read_text(encoding="utf-8"))
    assert int(limit) > Config().max_content_bytes
