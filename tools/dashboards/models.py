"""Models and cost: what each model, tier and level of reasoning is used for, and who pays for what."""

from __future__ import annotations

from collections.abc import Iterator

from grafana_foundation_sdk.builders import table, timeseries
from grafana_foundation_sdk.builders.dashboard import Dashboard, Row, TextBoxVariable

import otel_responses._semconv as semconv
from tools.dashboards import queries as q
from tools.dashboards.panels import board, chart, listing, merged, note, sorted_by
from tools.dashboards.queries import TEMPO, course, promql, total

MODEL = f"span.{semconv.REQUEST_MODEL}"
TIER = f"span.{semconv.RESPONSE_SERVICE_TIER}"
LEVEL = f"span.{semconv.REQUEST_REASONING_LEVEL}"
COST = semconv.USAGE_COST
HOW = (
    "Cost is in USD, from the price list of genai-prices in the version that the program has installed (`pip install "
    "'otel-responses[cost]'`). A model, a provider or a service tier without a known price has no cost, rather than a "
    "guess: its calls and tokens are counted all the same. Cached tokens have their own price; those of reasoning are "
    "paid as output."
)


def models() -> Dashboard:
    """Return the dashboard."""
    made = board(
        "models",
        "Responses API: Models and cost",
        "Calls, tokens and cost by model, tier, session and user.",
        since="24h",
    ).with_variable(TextBoxVariable("property").label("Property").default_value("plan"))
    made = made.with_panel(_by_model())
    for panel in _courses():
        made = made.with_panel(panel)
    made = made.with_row(Row("Who pays for what"))
    for panel in _payers():
        made = made.with_panel(panel)
    return made.with_panel(note("Where the prices come from", "How cost is made.", HOW))


def _by_model() -> table.Panel:
    return listing(
        "Models",
        "Calls, tokens and cost of each model in the range.",
        total(q.counted(by=MODEL), "calls"),
        total(q.summed(semconv.USAGE_INPUT_TOKENS, by=MODEL), "input"),
        total(q.summed(semconv.USAGE_OUTPUT_TOKENS, by=MODEL), "output"),
        total(q.summed(COST, by=MODEL), "cost"),
        columns={"Value #cost": {"unit": "currencyUSD"}},
        order=[merged()],
    )


def _courses() -> Iterator[timeseries.Panel]:
    yield chart(
        "Calls by model", "Calls in each step.", "short", course(q.counted(by=MODEL)), source=TEMPO, stacked=True
    )
    yield chart(
        "Output tokens by model",
        "Tokens per second, counted in every call.",
        "short",
        promql(
            q.rate(f"{q.TOKENS}_sum", "gen_ai_request_model", 'gen_ai_token_type="output"'), "{{gen_ai_request_model}}"
        ),
        stacked=True,
    )
    yield chart(
        "Calls by service tier",
        "By the tier that the server really used.",
        "short",
        course(q.counted(f"{q.CALLS} && {TIER} != nil", TIER)),
        source=TEMPO,
        stacked=True,
    )
    yield chart(
        "Latency by service tier",
        "p95.",
        "s",
        promql(q.quantile(0.95, q.DURATION, "openai_response_service_tier"), "{{openai_response_service_tier}}"),
    )
    yield chart(
        "Calls by level of reasoning",
        "Calls that asked for a level.",
        "short",
        course(q.counted(f"{q.CALLS} && {LEVEL} != nil", LEVEL)),
        source=TEMPO,
        stacked=True,
    )
    yield chart(
        "Reasoning tokens by level",
        "Output tokens spent on reasoning.",
        "short",
        course(q.summed(semconv.USAGE_REASONING, f"{q.SPANS} && {LEVEL} != nil", LEVEL)),
        source=TEMPO,
        stacked=True,
    )
    yield chart(
        "Cost by model and tier",
        "USD per hour, counted in every call.",
        "currencyUSD",
        promql(
            f"3600 * {q.rate(q.COST, 'gen_ai_request_model, openai_response_service_tier')}",
            "{{gen_ai_request_model}} {{openai_response_service_tier}}",
        ),
        stacked=True,
        width=24,
    )


def _payers() -> Iterator[table.Panel]:
    groups = (
        ("session name", f"span.{semconv.HELICONE_SESSION_NAME}"),
        ("user", f"span.{semconv.USER_ID}"),
        ("property", f'span."{semconv.HELICONE_PROPERTY}$property"'),
    )
    for name, attribute in groups:
        query = q.summed(COST, f"{q.SPANS} && {attribute} != nil", attribute)
        yield listing(
            f"Cost by {name}",
            f"USD in the range, the 20 dearest; calls without a {name} are left out.",
            total(f"{query} | topk(20)"),
            columns={"Value": {"unit": "currencyUSD"}},
            order=[sorted_by("Value", descending=True)],
            width=8,
        )
