"""The kinds of panels, each with a title, a description, a unit and its queries."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from grafana_foundation_sdk.builders import common, dashboard, logs, stat, table, text, timeseries
from grafana_foundation_sdk.models.common import (
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
    DataSourceRef,
    DataTransformerConfig,
    DynamicConfigValue,
    VariableOption,
)
from grafana_foundation_sdk.models.text import TextMode

from tools.dashboards.queries import LOKI, PROMETHEUS, TEMPO, Query

WIDTH = 24

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


def number(title: str, description: str, unit: str, query: Query, *, width: int) -> stat.Panel:
    """One number."""
    panel = stat.Panel().title(title).description(description).unit(unit).no_value("0").span(width).height(4)
    return panel.datasource(TEMPO).with_target(query)


def chart(
    title: str,
    description: str,
    unit: str,
    *queries: Query,
    source: DataSourceRef = PROMETHEUS,
    width: int = 12,
    stacked: bool = False,
) -> timeseries.Panel:
    """Lines over time."""
    panel = timeseries.Panel().title(title).description(description).unit(unit).min(0).span(width).height(8)
    panel = panel.datasource(source).fill_opacity(20 if stacked else 8).gradient_mode(GraphGradientMode.OPACITY)
    panel = panel.show_points(VisibilityMode.AUTO).legend(_legend()).targets([*queries])
    if stacked:
        panel = panel.stacking(common.StackingConfig().mode(StackingMode.NORMAL))
    return panel


def listing(
    title: str,
    description: str,
    *queries: Query,
    columns: Overrides,
    order: Sequence[DataTransformerConfig] = (),
    width: int = WIDTH,
    height: int = 10,
) -> table.Panel:
    """A table; `columns` has the settings of each by its name."""
    panel = table.Panel().title(title).description(description).unit("short").span(width).height(height)
    panel = panel.datasource(TEMPO).cell_height(TableCellHeight.SM).targets([*queries]).transformations(list(order))
    for name, settings in columns.items():
        panel = panel.override_by_name(name, [DynamicConfigValue(key, value) for key, value in settings.items()])
    return panel


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


def merged() -> DataTransformerConfig:
    """The results of several queries as one table."""
    return DataTransformerConfig(id_val="merge", options={})


def choice(name: str, label: str, values: Sequence[str]) -> dashboard.CustomVariable:
    """A variable with these values; others can be typed."""
    variable = dashboard.CustomVariable(name).label(label).values(",".join(values)).allow_custom_value(True)
    return variable.current(VariableOption(selected=True, text=values[0], value=values[0]))


def _legend() -> common.VizLegendOptions:
    return (
        common.VizLegendOptions()
        .display_mode(LegendDisplayMode.LIST)
        .placement(LegendPlacement.BOTTOM)
        .show_legend(True)
    )
