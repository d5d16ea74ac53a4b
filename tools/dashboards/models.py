"""Models and cost: what each model, tier and level of reasoning is used for, and who pays for what."""

from __future__ import annotations

from collections.abc import Iterator

from grafana_foundation_sdk.builders import table, timeseries
from grafana_foundation_sdk.builders.dashboard import Dashboard, Row, TextBoxVariable

import otel_responses._semconv as semconv
from tools.dashboards import queries as q
from tools.dashboards.panels import board, chart, groups, note
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
    for panel in (*_by_model(), *_courses()):
        made = made.with_panel(panel)
    made = made.with_row(Row("Who pays for what"))
    for panel in _payers():
        made = made.with_panel(panel)
    return made.with_panel(note("Where the prices come from", "How cost is made.", HOW))


def _by_model() -> Iterator[table.Panel]:
    numbers = (
        ("Calls", "short", q.counted(by=MODEL)),
        ("Input tokens", "short", q.summed(semconv.USAGE_INPUT_TOKENS, by=MODEL)),
        ("Output tokens", "short", q.summed(semconv.USAGE_OUTPUT_TOKENS, by=MODEL)),
        ("Cost", "currencyUSD", q.summed(COST, by=MODEL)),
    )
    for name, unit, query in numbers:
        yield groups(
            f"{name} of each model", "In the whole range.", total(query), columns=("Model", name), unit=unit, width=6
        )


def _courses() -> Iterator[timeseries.Panel]:
    yield chart(
        "Calls by model", "Calls in each step.", "short", course(q.counted(by=MODEL)), source=TEMPO, stacked=True
    )
    yield chart(
        "Output tokens per second by model",
        "Counted in every call.",
        "short",
        promql(q.rate(q.OUTPUT, "gen_ai_request_model"), "{{gen_ai_request_model}}"),
        stacked=True,
    )
    yield chart(
        "Calls by service tier",
        "Calls in each step, by the tier that the server really used.",
        "short",
        course(q.counted(f"{q.CALLS} && {TIER} != nil", TIER)),
        source=TEMPO,
        stacked=True,
    )
    yield chart(
        "Latency by service tier",
        "p95 of whole calls.",
        "s",
        promql(
            q.quantile(0.95, q.DURATION, "openai_response_service_tier", 'openai_response_service_tier!=""'),
            "{{openai_response_service_tier}}",
            exemplars=True,
        ),
    )
    yield chart(
        "Calls by level of reasoning",
        "Calls in each step that asked for a level.",
        "short",
        course(q.counted(f"{q.CALLS} && {LEVEL} != nil", LEVEL)),
        source=TEMPO,
        stacked=True,
    )
    yield chart(
        "Reasoning tokens by level",
        "Output tokens spent on reasoning, in each step.",
        "short",
        course(q.summed(semconv.USAGE_REASONING, f"{q.SPANS} && {LEVEL} != nil", LEVEL)),
        source=TEMPO,
        stacked=True,
    )
    yield chart(
        "Tokens of a call by model",
        "p95 of input and of output, of all calls; the range of a bucket is a factor of 4.",
        "short",
        promql(q.quantile(0.95, q.INPUT_OF_CALL), "{{gen_ai_request_model}} in", exemplars=True),
        promql(q.quantile(0.95, q.OUTPUT_OF_CALL), "{{gen_ai_request_model}} out", "B", exemplars=True),
    )
    yield chart(
        "Cost per hour by model and tier",
        "USD per hour, counted in every call.",
        "currencyUSD",
        promql(
            f"3600 * {q.rate(q.COST, 'gen_ai_request_model, openai_response_service_tier')}",
            "{{gen_ai_request_model}} {{openai_response_service_tier}}",
        ),
        stacked=True,
    )


def _payers() -> Iterator[table.Panel]:
    payers = (
        ("session name", f"span.{semconv.HELICONE_SESSION_NAME}"),
        ("user", f"span.{semconv.USER_ID}"),
        ("property", f'span."{semconv.HELICONE_PROPERTY}$property"'),
    )
    for name, attribute in payers:
        query = q.summed(COST, f"{q.SPANS} && {attribute} != nil", attribute)
        yield groups(
            f"Cost by {name}",
            f"USD in the range, the 20 dearest; calls without a {name} are left out.",
            total(f"{query} | topk(20)"),
            columns=(name.capitalize(), "Cost"),
            unit="currencyUSD",
            width=8,
        )
