"""Overview: how much, how fast, how often it fails, and the calls to look at."""

from __future__ import annotations

from collections.abc import Iterator

from grafana_foundation_sdk.builders import stat, table, timeseries
from grafana_foundation_sdk.builders.dashboard import Dashboard, Row
from grafana_foundation_sdk.models.dashboard import DynamicConfigValue

import otel_responses._semconv as semconv
from tools.dashboards import queries as q
from tools.dashboards.panels import TIME, arranged, board, chart, listing, note, number, sorted_by
from tools.dashboards.queries import TEMPO, Query, course, promql, spans, total

SAMPLING = (
    "**Sampling.** Numbers that come from traces, and what Helicone shows, count the spans that were kept. With head "
    "sampling that is a share; rates, latencies, tokens per second and cost per hour here come from metrics, which "
    "count every call. Keep every span of the scope `otel_responses` (an always-on sampler), and sample in the "
    "Collector, after the fork, in the branch of Tempo (`tail-sampling.yaml`): errors and slow calls stay."
)
SELECTED = {
    semconv.REQUEST_MODEL: "Model",
    semconv.ERROR_TYPE: "Error",
    semconv.RESPONSE_FINISH_REASONS: "Finish reason",
    semconv.USAGE_OUTPUT_TOKENS: "Output tokens",
    semconv.SESSION_ID: "Session",
}
COLUMNS = {
    "Start time": "Start time",
    "Span ID": "Call",
    "Duration": "Duration",
    "Trace Service": "Service",
    **SELECTED,
}
BY_MODEL = "{{gen_ai_request_model}}"
REASON = f"span.{semconv.RESPONSE_FINISH_REASONS}"


def overview() -> Dashboard:
    """Return the dashboard."""
    made = board(
        "overview",
        "Responses API: Overview",
        "Calls of the OpenAI Responses API: how many, how fast, what fails, what it costs.",
        since="6h",
    )
    for panel in (*_totals(), *_courses()):
        made = made.with_panel(panel)
    made = made.with_row(Row("Calls to look at")).with_panel(_slow_or_failed())
    return made.with_panel(note("What these numbers count", "Which panels see every call.", SAMPLING))


def _totals() -> Iterator[stat.Panel]:
    output, read = semconv.USAGE_OUTPUT_TOKENS, semconv.USAGE_CACHE_READ
    yield number(
        "Calls",
        "Finished model calls in the range; retries inside a call are not counted.",
        "short",
        total(q.counted()),
        width=6,
    )
    yield number(
        "Failed calls", "Calls that ended with error.type.", "short", total(q.counted(q.FAILED)), width=6, bad=True
    )
    yield number(
        "Cost",
        "USD, of the calls whose model has a known price; needs the extra `cost` in the program.",
        "currencyUSD",
        total(q.summed(semconv.USAGE_COST)),
        width=6,
    )
    yield number(
        "Latency p95",
        "Of whole calls, streams to their last event.",
        "s",
        total(f"{{ {q.CALLS} }} | quantile_over_time(duration, .95)"),
        width=6,
    )
    yield number(
        "Input tokens", "All of them, cached ones too.", "short", total(q.summed(semconv.USAGE_INPUT_TOKENS)), width=6
    )
    yield number("Cached tokens", "Input tokens read from the prompt cache.", "short", total(q.summed(read)), width=6)
    yield number("Output tokens", "All of them, those of reasoning too.", "short", total(q.summed(output)), width=6)
    yield number(
        "Reasoning tokens",
        "Output tokens that nobody sees.",
        "short",
        total(q.summed(semconv.USAGE_REASONING)),
        width=6,
    )


def _courses() -> Iterator[timeseries.Panel]:
    calls, failed = q.DURATION.series("count"), 'error_type!=""'
    yield chart(
        "Calls by model",
        "Calls per second.",
        "reqps",
        promql(q.rate(calls, "gen_ai_request_model"), BY_MODEL),
        stacked=True,
    )
    yield chart(
        "Error rate by model",
        "The share of calls that end with error.type. Calls that the program itself ended are no errors.",
        "percentunit",
        promql(f"{q.rate(calls, 'gen_ai_request_model', failed)} / {q.rate(calls, 'gen_ai_request_model')}", BY_MODEL),
    )
    yield chart(
        "Latency by model",
        "p50, p95 and p99 of whole calls; a point of an exemplar leads to its trace.",
        "s",
        *_quantiles(q.DURATION),
    )
    yield chart(
        "Time to first chunk by model",
        "p50, p95 and p99 of the time to the first output of a stream.",
        "s",
        *_quantiles(q.FIRST_CHUNK),
    )
    yield chart(
        "Tokens by type",
        "Tokens per second; cached ones are part of the input, reasoning is part of the output.",
        "short",
        promql(q.rate(q.INPUT), "input"),
        promql(q.rate(q.OUTPUT), "output", "B"),
        promql(q.rate(q.CACHE_READ), "read from the cache", "C"),
        promql(q.rate(q.CACHE_WRITE), "written to the cache", "D"),
        promql(q.rate(q.REASONING), "reasoning", "E"),
    )
    yield chart(
        "Cache hit rate by model",
        "The share of the input tokens that came from the prompt cache.",
        "percentunit",
        promql(_hit_rate(), BY_MODEL),
    )
    yield chart(
        "Errors by type",
        "Failed calls per second, by error.type.",
        "reqps",
        promql(q.rate(calls, "error_type", failed), "{{error_type}}"),
        stacked=True,
    )
    yield chart(
        "Finish reasons",
        "Finished calls in each step, by the reason.",
        "short",
        course(q.counted(by=REASON)),
        source=TEMPO,
        stacked=True,
    ).override_by_name("error", [DynamicConfigValue("color", {"mode": "fixed", "fixedColor": "red"})])
    yield chart(
        "Cost per hour by model",
        "USD per hour, counted in every call.",
        "currencyUSD",
        promql(f"3600 * {q.rate(q.COST, 'gen_ai_request_model')}", BY_MODEL),
        stacked=True,
    )
    yield chart(
        "Time between chunks",
        "p50 and p95; only where OTEL_RESPONSES_CHUNK_METRIC is on.",
        "s",
        *_quantiles(q.CHUNK_GAP)[:2],
    )


LEVELS = (("A", 0.5), ("B", 0.95), ("C", 0.99))


def _quantiles(histogram: q.Metric) -> list[Query]:
    return [
        promql(q.quantile(level, histogram), f"{BY_MODEL} p{level * 100:.0f}", ref, exemplars=True)
        for ref, level in LEVELS
    ]


def _hit_rate() -> str:
    read = q.rate(q.CACHE_READ, "gen_ai_request_model")
    of_all = q.rate(q.INPUT, "gen_ai_request_model")
    return f"{read} / {of_all}"


def _slow_or_failed() -> table.Panel:
    selected = ", ".join(f"span.{name}" for name in SELECTED)
    return listing(
        "Slow or failed calls",
        "Calls over 10 seconds, or with an error. The id of a call leads to its trace.",
        spans(f"{{ {q.SPANS} && (duration > 10s || span.{semconv.ERROR_TYPE} != nil) }} | select({selected})"),
        columns={
            "Start time": {"custom.width": 135, "unit": TIME},
            "Call": {"custom.width": 150},
            "Duration": {"custom.width": 90},
            "Output tokens": {"custom.width": 120},
            "Session": {"custom.width": 320},
        },
        order=[arranged(COLUMNS), sorted_by("Start time", descending=True)],
    )
