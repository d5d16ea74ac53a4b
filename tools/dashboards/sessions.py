"""Sessions: pick one, and see its calls across all its traces."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from grafana_foundation_sdk.builders import logs, stat, table
from grafana_foundation_sdk.builders.dashboard import Dashboard, DashboardLink, Row, TextBoxVariable
from grafana_foundation_sdk.models.dashboard import DashboardLinkType

import otel_responses._semconv as semconv
from tools.dashboards import queries as q
from tools.dashboards.panels import (
    MESSAGES,
    TIME,
    WIDTH,
    arranged,
    board,
    choice,
    groups,
    lines,
    listing,
    note,
    number,
    sorted_by,
)
from tools.dashboards.queries import events, label, spans, total

# $by is the attribute that picks: of the session, of the user, or any property.
BY = ("session.id", "user.id", "helicone.session.name", "gen_ai.conversation.id", "helicone.property.plan")
CHOSEN = 'span."$by" = "$value"'
# Loki has no attribute with a variable for its name: of events, the value alone picks.
EVENTS = " or ".join(f'{label(name)}="$value"' for name in BY[:4])
SPANS = f"{q.SPANS} && {CHOSEN}"
CALLS = f"{q.CALLS} && {CHOSEN}"
SELECTED = {
    semconv.HELICONE_SESSION_PATH: "Path",
    semconv.REQUEST_MODEL: "Model",
    semconv.USAGE_INPUT_TOKENS: "Tokens in",
    semconv.USAGE_OUTPUT_TOKENS: "Tokens out",
    semconv.USAGE_COST: "Cost",
    semconv.ERROR_TYPE: "Error",
    semconv.INPUT_MESSAGES: "Prompt",
    semconv.OUTPUT_MESSAGES: "Answer",
    semconv.SYSTEM_INSTRUCTIONS: "Instructions",
    semconv.HELICONE_SESSION_NAME: "Session name",
    semconv.SESSION_ID: "Session",
}
COLUMNS = {
    "Start time": "Start time",
    "Span ID": "Call",
    "Duration": "Duration",
    **SELECTED,
    "Trace Service": "Service",
}
HELICONE = "https://us.helicone.ai"  # for the EU, https://eu.helicone.ai
IN_HELICONE = {
    "title": "Open the session in Helicone",
    "url": '${helicone}/sessions/${__data.fields["Session name"]:percentencode}/${__value.text:percentencode}',
    "targetBlank": True,
}
WIDTHS = {
    "Start time": 135,
    "Call": 145,
    "Duration": 75,
    "Path": 95,
    "Model": 115,
    "Tokens in": 80,
    "Tokens out": 90,
    "Cost": 90,
    "Error": 100,
    "Prompt": 260,
    "Answer": 260,
    "Instructions": 120,
    "Session name": 120,
    "Session": 120,
}
# What a column needs beside its width.
SETTINGS: dict[str, Mapping[str, object]] = {
    "Start time": {"unit": TIME},
    "Cost": {"unit": "currencyUSD"},
    "Session": {"links": [IN_HELICONE]},
    "Prompt": MESSAGES,
    "Answer": MESSAGES,
    "Instructions": MESSAGES,
}
HOW = (
    "**Pick** what to group by above: a session, a user, a conversation, or a property (type "
    "`helicone.property.` and its name); then click a value in the list, or paste one. Prompt and answer are there "
    "when the program captures content. With head sampling, only the calls that were kept are here: see Overview."
)


def sessions() -> Dashboard:
    """Return the dashboard."""
    made = (
        board("sessions", "Responses API: Sessions", "The calls of a session, of a user or of a property.", since="24h")
        .with_variable(choice("by", "Group by", BY))
        .with_variable(TextBoxVariable("value").label("Value").default_value(""))
        .with_variable(TextBoxVariable("helicone").label("Helicone").default_value(HELICONE))
        .link(_sessions_in_helicone())
        .with_panel(note("How to use this", "How to pick a session, and what is left out.", HOW, height=3))
        .with_panel(_pick())
        .with_row(Row("The chosen one"))
    )
    for panel in _totals():
        made = made.with_panel(panel)
    return made.with_panel(_calls()).with_panel(_content())


def _sessions_in_helicone() -> DashboardLink:
    link = DashboardLink("Sessions in Helicone").type(DashboardLinkType.LINK)
    return link.url("${helicone}/sessions").target_blank(True)


def _pick() -> table.Panel:
    grouped = 'span."$by"'
    counted = q.counted(f"{q.CALLS} && {grouped} != nil", grouped)
    chosen = "${by:queryparam}&var-value=${__value.text:percentencode}&${service:queryparam}&${helicone:queryparam}"
    link = {"title": "Show its calls", "url": f"/d/otel-responses-sessions?${{__url_time_range}}&{chosen}"}
    return groups(
        "Pick one",
        "The groups with the most calls; a click on one shows its calls below.",
        total(f"{counted} | topk(50)"),
        columns=("Value", "Calls"),
        unit="short",
        width=WIDTH,
        links=[link],
    )


def _totals() -> Iterator[stat.Panel]:
    yield number("Calls", "Model calls.", "short", total(q.counted(CALLS)), width=4)
    failed = q.counted(f"{q.FAILED} && {CHOSEN}")
    yield number("Failed", "Calls with error.type.", "short", total(failed), width=4, bad=True)
    yield number(
        "Input tokens", "Cached ones too.", "short", total(q.summed(semconv.USAGE_INPUT_TOKENS, SPANS)), width=4
    )
    yield number(
        "Output tokens",
        "Those of reasoning too.",
        "short",
        total(q.summed(semconv.USAGE_OUTPUT_TOKENS, SPANS)),
        width=4,
    )
    yield number(
        "Cost", "USD, where prices are known.", "currencyUSD", total(q.summed(semconv.USAGE_COST, SPANS)), width=4
    )
    yield number(
        "Time in calls",
        "The durations of the calls, added up.",
        "s",
        total(f"{{ {CALLS} }} | sum_over_time(duration)"),
        width=4,
    )


def _calls() -> table.Panel:
    selected = ", ".join(f"span.{name}" for name in SELECTED)
    return listing(
        "Calls in their order",
        "Every call of the chosen one, across traces. The id of a call leads to its trace, the session to Helicone.",
        spans(f"{{ {SPANS} }} | select({selected})", limit=500),
        columns={name: {"custom.width": width, **SETTINGS.get(name, {})} for name, width in WIDTHS.items()},
        order=[arranged(COLUMNS), sorted_by("Start time")],
        height=10,
    )


def _content() -> logs.Panel:
    return lines(
        "Prompts and answers",
        "The events of the chosen session, user, name or conversation, where the program captures content on events "
        "(EVENT_ONLY or SPAN_AND_EVENT). Its trace id leads to the trace.",
        events(f'{{service_name=~"$service", service_name!=""}} | event_name="{semconv.DETAILS_EVENT}" | {EVENTS}'),
    )
