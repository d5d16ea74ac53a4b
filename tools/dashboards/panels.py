"""The kinds of panels, each with a title, a description, a unit and its queries."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from grafana_foundation_sdk.builders import common, dashboard, logs, stat, table, text, timeseries
from grafana_foundation_sdk.models.common import (
    BigValueColorMode,
    GraphDrawStyle,
    GraphGradientMode,
    LegendDisplayMode,
    LegendPlacement,
    LogsSortOrder,
    StackingMode,
    TableCellHeight,
    VisibilityMode,
)
from grafana_foundation_sdk.models.dashboard import (
    DashboardLinkType,
    DashboardRegexMapOptions,
    DataSourceRef,
    DataTransformerConfig,
    DynamicConfigValue,
    RegexMap,
    Threshold,
    ThresholdsMode,
    ValueMap,
    ValueMappingResult,
    VariableOption,
)
from grafana_foundation_sdk.models.text import TextMode

from tools.dashboards.queries import LOKI, PROMETHEUS, TEMPO, Query

WIDTH = 24
TIME = "time:MM-DD HH:mm:ss"
# Of a table of spans: they are in the query, or say what another column says.
UNWANTED = ("Name", "Trace Name", "gen_ai.operation.name", "service.name")

NIL = ValueMap(options={"nil": ValueMappingResult(text="-", index=0)})
# Messages are shown by the last text in their JSON; where there is none, as JSON.
LAST_TEXT = DashboardRegexMapOptions(
    pattern=r'/^[^]*"content":"((?:[^"\\]|\\.)*)"[^]*$/', result=ValueMappingResult(text="$1", index=1)
)
MESSAGES: Mapping[str, object] = {"mappings": [NIL, RegexMap(options=LAST_TEXT)], "custom.inspect": True}

Overrides = Mapping[str, Mapping[str, object]]


def board(uid: str, title: str, description: str, *, since: str) -> dashboard.Dashboard:
    """An empty dashboard with the links to the others and the choice of services."""
    links = dashboard.DashboardLink("otel-responses").type(DashboardLinkType.DASHBOARDS).tags(["otel-responses"])
    service = dashboard.TextBoxVariable("service").label("Service (regular expression)").default_value(".*")
    return (
        dashboard.Dashboard(title)
        .uid(f"otel-responses-{uid}")
        .description(description)
        .tags(["otel-responses"])
        .time(f"now-{since}", "now")
        .refresh("1m")
        .timezone("browser")
        .readonly()
        .link(links.as_dropdown(True).include_vars(True).keep_time(True))
        .with_variable(service)
    )


def number(title: str, description: str, unit: str, query: Query, *, width: int, bad: bool = False) -> stat.Panel:
    """One number; one that is `bad` is red unless it is 0."""
    steps = [Threshold(value=None, color="text"), *([Threshold(value=1, color="red")] if bad else [])]
    panel = stat.Panel().title(title).description(description).unit(unit).no_value("0").span(width).height(3)
    panel = panel.thresholds(dashboard.ThresholdsConfig().mode(ThresholdsMode.ABSOLUTE).steps(steps))
    return panel.color_mode(BigValueColorMode.VALUE).datasource(TEMPO).with_target(query)


def chart(
    title: str,
    description: str,
    unit: str,
    *queries: Query,
    source: DataSourceRef = PROMETHEUS,
    width: int = 12,
    stacked: bool = False,
) -> timeseries.Panel:
    """Lines over time, or bars where the source is Tempo, whose numbers are those of a step."""
    panel = timeseries.Panel().title(title).description(description).unit(unit).min(0).span(width).height(8)
    panel = panel.datasource(source).targets([*queries]).legend(_legend(beside=len(queries) > 1))
    if stacked:
        panel = panel.stacking(common.StackingConfig().mode(StackingMode.NORMAL))
    if source is TEMPO:
        return panel.draw_style(GraphDrawStyle.BARS).fill_opacity(70).line_width(0)
    panel = panel.fill_opacity(20 if stacked else 8).gradient_mode(GraphGradientMode.OPACITY)
    return panel.show_points(VisibilityMode.AUTO)


def listing(
    title: str,
    description: str,
    *queries: Query,
    columns: Overrides,
    order: Sequence[DataTransformerConfig] = (),
    width: int = WIDTH,
    height: int = 10,
) -> table.Panel:
    """A table; `columns` has the settings of each by its name. For an attribute that a span lacks, Tempo says nil."""
    panel = table.Panel().title(title).description(description).unit("short").span(width).height(height)
    panel = panel.mappings([NIL])
    panel = panel.datasource(TEMPO).cell_height(TableCellHeight.SM).targets([*queries]).transformations(list(order))
    for name, settings in columns.items():
        panel = panel.override_by_name(name, [DynamicConfigValue(key, value) for key, value in settings.items()])
    return panel


def groups(
    title: str, description: str, query: Query, *, columns: tuple[str, str], unit: str, width: int, **settings: object
) -> table.Panel:
    """A table of groups and their numbers, the largest first; `settings` are those of the column of groups.

    Tempo answers with a series for each group, whose name is the group.
    """
    group, value = columns
    in_rows = DataTransformerConfig(id_val="reduce", options={"reducers": ["lastNotNull"], "mode": "seriesToRows"})
    order = [in_rows, renamed({"Field": group, "Last *": value}), sorted_by(value, descending=True)]
    return listing(
        title,
        description,
        query,
        columns={value: {"unit": unit, "custom.width": 110}, **({group: settings} if settings else {})},
        order=order,
        width=width,
        height=8,
    )


def lines(title: str, description: str, query: Query, *, height: int = 14) -> logs.Panel:
    """Events with their content, in the order of time; a click on one shows its attributes and leads to its trace."""
    panel = logs.Panel().title(title).description(description).unit("short").span(WIDTH).height(height)
    panel = panel.datasource(LOKI).with_target(query).show_time(True).wrap_log_message(True)
    return panel.prettify_log_message(True).enable_log_details(True).sort_order(LogsSortOrder.ASCENDING)


def note(title: str, description: str, content: str, *, width: int = WIDTH, height: int = 4) -> text.Panel:
    """A text in Markdown."""
    panel = text.Panel().title(title).description(description).mode(TextMode.MARKDOWN).content(content)
    return panel.span(width).height(height)


def sorted_by(field: str, *, descending: bool = False) -> DataTransformerConfig:
    """Rows in the order of a column."""
    return DataTransformerConfig(id_val="sortBy", options={"sort": [{"field": field, "desc": descending}]})


def renamed(names: Mapping[str, str]) -> DataTransformerConfig:
    """Columns by the names that people know."""
    return DataTransformerConfig(id_val="organize", options={"renameByName": dict(names)})


def arranged(names: Mapping[str, str]) -> DataTransformerConfig:
    """Columns of spans by these names and in this order; the others that Tempo adds go, or come last."""
    places = {name: place for place, name in enumerate(names)}
    left_out = dict.fromkeys(UNWANTED, True)
    # The hidden column with the id of the trace has to stay: the link of the span needs it.
    options = {"renameByName": dict(names), "indexByName": places, "excludeByName": left_out}
    return DataTransformerConfig(id_val="organize", options=options)


def choice(name: str, label: str, values: Sequence[str]) -> dashboard.CustomVariable:
    """A variable with these values; others can be typed."""
    variable = dashboard.CustomVariable(name).label(label).values(",".join(values)).allow_custom_value(True)
    return variable.current(VariableOption(selected=True, text=values[0], value=values[0]))


def _legend(*, beside: bool) -> common.VizLegendOptions:
    place = LegendPlacement.RIGHT if beside else LegendPlacement.BOTTOM
    return common.VizLegendOptions().display_mode(LegendDisplayMode.LIST).placement(place).show_legend(True)
