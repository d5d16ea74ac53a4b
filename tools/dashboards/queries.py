"""What the panels ask: TraceQL of Tempo, PromQL of Prometheus, LogQL of Loki. The names in them are ours."""

from __future__ import annotations

from dataclasses import dataclass

from grafana_foundation_sdk.builders import loki, prometheus, tempo
from grafana_foundation_sdk.cog.builder import Builder
from grafana_foundation_sdk.cog.variants import Dataquery
from grafana_foundation_sdk.models.dashboard import DataSourceRef
from grafana_foundation_sdk.models.loki import LokiQueryDirection
from grafana_foundation_sdk.models.tempo import MetricsQueryType, SearchTableType

import otel_responses._semconv as semconv
from otel_responses._semconv import MAIN, RELEASED

TEMPO = DataSourceRef(type_val="tempo", uid="tempo")
PROMETHEUS = DataSourceRef(type_val="prometheus", uid="prometheus")
LOKI = DataSourceRef(type_val="loki", uid="loki")

Query = Builder[Dataquery]

# A background run has two spans: only that of its end has a finish reason. (`= nil` is no way to leave the other out:
# beside another condition, Tempo 3.0.3 misses spans by it.)
MODEL_SPANS = f'span.{semconv.OPERATION_NAME} =~ "{semconv.OPERATION_CHAT}|{semconv.OPERATION_COMPACTION}"'
SERVICE = 'resource.service.name =~ "$service"'
SPANS = f"{MODEL_SPANS} && {SERVICE}"
CALLS = f"{SPANS} && span.{semconv.RESPONSE_FINISH_REASONS} != nil"
FAILED = f"{SPANS} && span.{semconv.ERROR_TYPE} != nil"
JOB = 'job=~"(.*/)?($service)"'


def spans(query: str, *, limit: int = 100) -> Query:
    """A table of the spans that match, the newest where there are more than the limit."""
    builder = _traceql(f"{query} with (most_recent=true)", "A")
    return builder.table_type(SearchTableType.SPANS).limit(limit).spss(100)


def total(query: str, ref: str = "A") -> Query:
    """One number for the whole range, or one for each group: see `panels.groups`."""
    return _traceql(query, ref).metrics_query_type(MetricsQueryType.INSTANT)


def course(query: str, ref: str = "A") -> Query:
    """A series over time, the numbers of each step; without exemplars, whose values have another unit."""
    return _traceql(f"{query} with (exemplars=false)", ref).metrics_query_type(MetricsQueryType.RANGE)


def promql(expression: str, legend: str, ref: str = "A", *, exemplars: bool = False) -> Query:
    """A series over time; exemplars are for those in the unit of the histogram that has them."""
    builder = prometheus.Dataquery().ref_id(ref).datasource(PROMETHEUS).expr(expression)
    return builder.legend_format(legend).range().exemplar(exemplars)


def events(expression: str, *, limit: int = 500) -> Query:
    """Events, the oldest first."""
    builder = loki.Dataquery().ref_id("A").datasource(LOKI).expr(expression).query_type("range")
    return builder.max_lines(limit).direction(LokiQueryDirection.FORWARD)


def summed(attribute: str, condition: str = SPANS, by: str = "") -> str:
    """TraceQL: the sum of a number on spans; for one span without it Tempo returns nothing, hence `!= nil`."""
    grouped = f" by ({by})" if by else ""
    return f"{{ {condition} && span.{attribute} != nil }} | sum_over_time(span.{attribute}){grouped}"


def counted(condition: str = CALLS, by: str = "") -> str:
    """TraceQL: the number of spans."""
    grouped = f" by ({by})" if by else ""
    return f"{{ {condition} }} | count_over_time(){grouped}"


def label(attribute: str) -> str:
    """The name that Loki and Prometheus give one of our attributes."""
    return attribute.replace(".", "_")


@dataclass(frozen=True)
class Metric:
    """What Prometheus calls one of our metrics: by its released name, and by main's where that is another.

    Attributes:
        selectors: Names, each with the labels that belong to it.
    """

    selectors: tuple[tuple[str, str], ...]

    def series(self, suffix: str) -> Metric:
        """One of the series of a histogram: bucket, sum or count."""
        return Metric(tuple((f"{name}_{suffix}", labels) for name, labels in self.selectors))


def metric(*names: str | None, unit: str = "") -> Metric:
    """A metric of these names; with its unit, and "total" for a counter, in each."""
    known = (label(name) for name in names if name)
    return Metric(tuple((f"{name}_{unit}" if unit else name, "") for name in known))


def tokens(kind: str, histogram: str | None, counter: str | None) -> tuple[Metric, Metric]:
    """Tokens of a call and tokens in all: released, both are one histogram of two kinds; main has two metrics."""
    released = (label(str(RELEASED.token_usage)), f'gen_ai_token_type="{kind}"')
    summed_up = (f"{released[0]}_sum", released[1])
    return (
        Metric((released, *metric(histogram).selectors)),
        Metric((summed_up, *metric(counter, unit="total").selectors)),
    )


DURATION = metric(RELEASED.duration, MAIN.duration, unit="seconds")
FIRST_CHUNK = metric(RELEASED.time_to_first_chunk, MAIN.time_to_first_chunk, unit="seconds")
CHUNK_GAP = metric(RELEASED.time_per_output_chunk, MAIN.time_per_output_chunk, unit="seconds")
INPUT_OF_CALL, INPUT = tokens("input", MAIN.input_tokens, MAIN.total_input_tokens)
OUTPUT_OF_CALL, OUTPUT = tokens("output", MAIN.output_tokens, MAIN.total_output_tokens)
CACHE_READ = metric(RELEASED.cache_read_tokens, unit="total")
CACHE_WRITE = metric(RELEASED.cache_write_tokens, unit="total")
REASONING = metric(RELEASED.reasoning_tokens, unit="total")
COST = metric(semconv.COST, unit="total")
LEFT_OUT = metric(semconv.CONTENT_LEFT_OUT, unit="total")


def rate(metric: Metric, by: str = "", labels: str = "") -> str:
    """PromQL: how fast a counter grows, in the chosen services."""
    rates = (
        f"rate({name}{{{','.join(part for part in (JOB, own, labels) if part)}}}[$__rate_interval])"
        for name, own in metric.selectors
    )
    grouped = f" by ({by})" if by else ""
    return f"sum{grouped} ({' or '.join(rates)})"


def quantile(level: float, histogram: Metric, by: str = "gen_ai_request_model", labels: str = "") -> str:
    """PromQL: a quantile of a histogram."""
    return f"histogram_quantile({level}, {rate(histogram.series('bucket'), f'le, {by}', labels)})"


def _traceql(query: str, ref: str) -> tempo.TempoQuery:
    return tempo.TempoQuery().ref_id(ref).datasource(TEMPO).query_type("traceql").query(query)
