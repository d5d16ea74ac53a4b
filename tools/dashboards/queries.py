"""What the panels ask: TraceQL of Tempo, PromQL of Prometheus, LogQL of Loki. The names in them are ours."""

from __future__ import annotations

from grafana_foundation_sdk.builders import loki, prometheus, tempo
from grafana_foundation_sdk.cog.builder import Builder
from grafana_foundation_sdk.cog.variants import Dataquery
from grafana_foundation_sdk.models.dashboard import DataSourceRef
from grafana_foundation_sdk.models.loki import LokiQueryDirection
from grafana_foundation_sdk.models.tempo import MetricsQueryType, SearchTableType

import otel_responses._semconv as semconv
from otel_responses._semconv import RELEASED

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


def metric(name: str, unit: str = "", suffix: str = "") -> str:
    """The name that Prometheus gives one of our metrics."""
    return "_".join(part for part in (label(name), unit, suffix) if part)


DURATION = metric(RELEASED.duration, "seconds")
FIRST_CHUNK = metric(RELEASED.time_to_first_chunk, "seconds")
CHUNK_GAP = metric(RELEASED.time_per_output_chunk, "seconds")
TOKENS = metric(str(RELEASED.token_usage))
CACHE_READ = metric(RELEASED.cache_read_tokens, suffix="total")
CACHE_WRITE = metric(RELEASED.cache_write_tokens, suffix="total")
REASONING = metric(RELEASED.reasoning_tokens, suffix="total")
COST = metric(semconv.COST, suffix="total")
LEFT_OUT = metric(semconv.CONTENT_LEFT_OUT, suffix="total")


def rate(series: str, by: str = "", labels: str = "") -> str:
    """PromQL: how fast a counter grows, in the chosen services."""
    matched = ",".join(part for part in (JOB, labels) if part)
    grouped = f" by ({by})" if by else ""
    return f"sum{grouped} (rate({series}{{{matched}}}[$__rate_interval]))"


def quantile(level: float, histogram: str, by: str = "gen_ai_request_model", labels: str = "") -> str:
    """PromQL: a quantile of a histogram."""
    return f"histogram_quantile({level}, {rate(f'{histogram}_bucket', f'le, {by}', labels)})"


def _traceql(query: str, ref: str) -> tempo.TempoQuery:
    return tempo.TempoQuery().ref_id(ref).datasource(TEMPO).query_type("traceql").query(query)
