"""Pipeline health: from the programs through the Collector to Tempo, and what to do when there is nothing to see."""

from __future__ import annotations

from collections.abc import Iterator

from grafana_foundation_sdk.builders import timeseries
from grafana_foundation_sdk.builders.dashboard import Dashboard

from tools.dashboards import queries as q
from tools.dashboards.panels import board, chart, note
from tools.dashboards.queries import promql

NO_DATA = """
1. **Received is 0.** The program does not send. Is `OTEL_EXPORTER_OTLP_ENDPOINT` set to `http://127.0.0.1:4318`, and \
the instrumentation on (`OTEL_RESPONSES_EXPORT=true`, or `instrument()` after the providers are set)? A short program \
has to end in the ordinary way: what is killed sends nothing. `otel-responses doctor`, beside the program, \
says what is wrong.
2. **Received, but not sent.** Look at failed and at the queue below, and at the Collector's log. 401 is a wrong key.
3. **Sent, but no traces.** Look at the range at the top right and at the sampler: with head sampling, only the share \
that it keeps is in Tempo, and in Helicone. Metrics count every call.
4. **Traces, but no rates.** Metrics come once a minute, and a rate needs two of them.
"""
FLOW = (
    ("Received", "Spans that the Collector took from programs.", "otelcol_receiver_accepted_spans", "receiver"),
    ("Refused", "Spans that it had no memory for; programs try again.", "otelcol_receiver_refused_spans", "receiver"),
    ("Sent", "Spans that arrived at the other side.", "otelcol_exporter_sent_spans", "exporter"),
    ("Failed", "Spans that did not, and will not.", "otelcol_exporter_send_failed_spans", "exporter"),
)


def pipeline() -> Dashboard:
    """Return the dashboard."""
    made = board(
        "pipeline", "Responses API: Pipeline health", "The Collector's and Tempo's own metrics.", since="1h"
    ).with_panel(note("No data?", "What to do when there is nothing to see.", NO_DATA, height=5))
    for panel in _panels():
        made = made.with_panel(panel)
    return made


def _panels() -> Iterator[timeseries.Panel]:
    for title, description, series, label in FLOW:
        query = promql(f"sum by ({label}) (rate({series}[$__rate_interval]))", f"{{{{{label}}}}}")
        yield chart(title, f"{description} Per second.", "short", query).no_value("Nothing")
    yield chart(
        "Queue",
        "How full each exporter's queue is. A full queue drops what is new.",
        "percentunit",
        promql("otelcol_exporter_queue_size / otelcol_exporter_queue_capacity", "{{exporter}}"),
    ).max(1)
    yield chart(
        "Metric points and log records received",
        "Per second.",
        "short",
        promql("sum(rate(otelcol_receiver_accepted_metric_points[$__rate_interval]))", "metric points"),
        promql("sum(rate(otelcol_receiver_accepted_log_records[$__rate_interval]))", "log records", "B"),
    )
    yield chart(
        "Tempo: spans received",
        "Per second.",
        "short",
        promql("sum(rate(tempo_distributor_spans_received_total[$__rate_interval]))", "spans"),
    )
    yield chart(
        "Tempo: bytes received",
        "Per second.",
        "Bps",
        promql("sum(rate(tempo_distributor_bytes_received_total[$__rate_interval]))", "bytes"),
    )
    yield chart(
        "Are they up?",
        "1 where Prometheus gets an answer.",
        "short",
        promql("up", "{{job}}"),
    )
    yield chart(
        "Content left out",
        "Calls recorded without their content, because the redactor failed. Per second.",
        "reqps",
        promql(q.rate(q.LEFT_OUT, "job"), "{{job}}"),
    ).no_value("Nothing")
