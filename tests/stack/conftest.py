"""Tempo, Prometheus and Loki for the tests: TEMPO, PROMETHEUS, LOKI name them, else PATH and the cache have them."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass

import pytest

from otel_responses.cli.collector.binary import find
from otel_responses.cli.collector.files import in_order, packaged
from otel_responses.cli.collector.running import free_port, running
from tests.stack.backends import Loki, Prometheus, Tempo, loki, prometheus, tempo, wait
from tests.stack.traffic import Program, program, run
from tools.stack import LOKI, PROMETHEUS, TEMPO, find as find_backend

# One more destination, which takes nothing: the dashboards have to show that.
REFUSED = """
exporters:
  otlp_http/refused: {{endpoint: "{endpoint}"}}
service:
  pipelines:
    traces/refused: {{receivers: [forward], exporters: [otlp_http/refused]}}
"""


@dataclass(frozen=True)
class Stack:
    """What was sent, and where it has to be found.

    Attributes:
        collector: The endpoint of the Collector.
        since: When it began, in seconds since 1970.
    """

    program: Program
    tempo: Tempo
    prometheus: Prometheus
    loki: Loki
    collector: str
    since: int


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """The program's telemetry, sent through the Collector, with everything still running."""
    if not os.environ.get("OTEL_RESPONSES_REQUIRE_STACK"):
        pytest.skip("`make test-stack` runs this: it needs Tempo, Prometheus, Loki and a Collector")
    otelcol, (tempo_binary, prometheus_binary, loki_binary) = find(), map(find_backend, (TEMPO, PROMETHEUS, LOKI))
    folder, since, port = tmp_path_factory.mktemp("stack"), int(time.time()) - 60, free_port()
    with ExitStack() as running_here:
        enter = running_here.enter_context
        traces, events = enter(tempo(tempo_binary, folder, port)), enter(loki(loki_binary, folder))
        environ = {
            **os.environ,
            "OTEL_RESPONSES_TEMPO_ENDPOINT": traces.otlp,
            "OTEL_RESPONSES_PROMETHEUS_ENDPOINT": f"http://127.0.0.1:{port}/api/v1/otlp",
            "OTEL_RESPONSES_LOKI_ENDPOINT": f"{events.url}/otlp",
        }
        refused = folder / "refused.yaml"
        refused.write_text(REFUSED.format(endpoint=f"http://127.0.0.1:{port}/nothing-here"), encoding="utf-8")
        files = [*in_order(("base", "tempo", "prometheus", "loki", "extras"), packaged()), refused]
        collector = enter(running(otelcol, files, environ))
        addresses = {"collector:8888": _address(collector.metrics), "tempo:3200": _address(traces.url)}
        metrics = enter(prometheus(prometheus_binary, folder, port, addresses))
        with program(collector.endpoint, "next-planner", latest=True) as of_tomorrow:
            _send(of_tomorrow, traces, since)
        traced = enter(program(collector.endpoint, "trip-planner"))
        _send(traced, traces, since)
        yield Stack(traced, traces, metrics, events, collector.endpoint, since)


def _address(url: str) -> str:
    return url.removeprefix("http://").removesuffix("/metrics")


def _send(traced: Program, traces: Tempo, since: int) -> None:
    for _ in range(2):  # a rate needs two points
        run(traced)
        traced.flush()
        time.sleep(3)
    service = traced.tracers.resource.attributes["service.name"]
    sent = f'{{ resource.service.name = "{service}" }}'
    wait(lambda: len(traces.search(sent, since)) == len(traced.traces))
