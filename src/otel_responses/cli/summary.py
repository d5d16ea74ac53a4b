"""What arrived, in a line; and the metrics, in a table."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from otel_responses.cli.figures import amount, counted, seconds, tokens
from otel_responses.cli.metrics import MetricTotal
from otel_responses.cli.telemetry import Arrived
from otel_responses.cli.tree import Totals, total

__all__ = ["metrics_table", "percentile", "summary_text"]


def summary_text(arrived: Arrived) -> Text:
    """Calls, errors, tokens and durations, and what arrived besides."""
    totals = total(arrived.calls)
    parts = [
        Text(counted(totals.calls, "call")),
        Text(counted(totals.errors, "error"), "red" if totals.errors else ""),
        *map(Text, _tokens(totals)),
        *map(Text, _durations([call.duration for call in arrived.calls])),
        *map(Text, _besides(arrived)),
    ]
    return Text(", ").join(parts)


def percentile(values: Sequence[float], share: float) -> float:
    """The nearest-rank percentile of at least one value."""
    return sorted(values)[max(0, math.ceil(share * len(values)) - 1)]


def metrics_table(metrics: Sequence[MetricTotal]) -> RenderableType:
    """Names, records and totals."""
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    table.add_column("metric", overflow="fold")
    table.add_column("records", justify="right")
    table.add_column("total", justify="right")
    for metric in metrics:
        records = "" if metric.records is None else f"{metric.records:,}"
        name = Text(metric.name).append(f" {metric.token_type}".rstrip(), "cyan")
        table.add_row(name, records, Text(amount(metric.total, metric.unit)))
    return table


def _tokens(totals: Totals) -> Iterator[str]:
    if totals.input_tokens is not None or totals.output_tokens is not None:
        yield f"{tokens(totals.input_tokens or 0)} tokens in"
        yield f"{tokens(totals.output_tokens or 0)} out"


def _durations(durations: Sequence[float]) -> Iterator[str]:
    if durations:
        yield f"p50 {seconds(percentile(durations, 0.5))}"
        yield f"p95 {seconds(percentile(durations, 0.95))}"


def _besides(arrived: Arrived) -> Iterator[str]:
    if arrived.other_spans:
        yield counted(arrived.other_spans, "other span")
    if arrived.log_records:
        yield counted(arrived.log_records, "log record")
    if arrived.dropped_calls:
        yield f"{counted(arrived.dropped_calls, 'older call')} no longer shown"
    if arrived.dropped_conversations:
        yield f"messages of {counted(arrived.dropped_conversations, 'older call')} no longer kept"
