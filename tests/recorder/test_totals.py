"""The totals of counters: none lost, none twice, whoever instruments how often and whenever the provider is set."""

from __future__ import annotations

import gc
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any
from weakref import ref

import pytest
from opentelemetry import metrics
from opentelemetry.context import Context, attach, detach
from opentelemetry.metrics import CallbackOptions, NoOpMeter, ObservableCounter
from opentelemetry.sdk.metrics import (
    Counter,
    MeterProvider as SdkMeterProvider,
    ObservableCounter as SdkObservableCounter,
)
from opentelemetry.sdk.metrics.export import AggregationTemporality, InMemoryMetricReader
from opentelemetry.sdk.metrics.view import View
from opentelemetry.trace import set_span_in_context

from otel_responses._mapping.attributes import metric_attributes
from otel_responses._recorder import totals
from otel_responses._recorder.recorder import Recorder
from otel_responses._recorder.totals import Totals, counter
from otel_responses._records import Usage
from otel_responses.testing import Capture, capture
from tests.providers import unset_providers

REASONING = "gen_ai.client.inference.usage.reasoning.output_tokens"
COST = "gen_ai.client.cost"
LABELS = {"gen_ai.request.model": "gpt-4.1", "server.port": 443}


@pytest.fixture
def telemetry() -> Iterator[Capture]:
    with capture() as telemetry:
        yield telemetry


def count(recorder: Recorder, reasoning: int, *, model: str = "gpt-4.1", cost: float | None = None) -> None:
    """Count a call with so many tokens of reasoning."""
    labels = metric_attributes(model, "openai", None, None, None, None, None)
    recorder.metrics.record_usage(Usage(reasoning_tokens=reasoning), cost, labels, Context())


def recorder_of(telemetry: Capture | None = None, *, latest: bool = False) -> Recorder:
    return Recorder(meter_provider=telemetry.meter_provider if telemetry else None, latest=latest)


def counted(telemetry: Capture, name: str = REASONING) -> list[float]:
    """The values of all points of a counter, in all scopes."""
    return [point["value"] for metric in telemetry.metrics() if metric["name"] == name for point in metric["points"]]


def test_a_total_is_kept_for_each_attribute_set(telemetry: Capture):
    recorder = recorder_of(telemetry)
    for model, tokens in (("gpt-4.1", 64), ("o3", 100), ("gpt-4.1", 6)):
        count(recorder, tokens, model=model)
    (metric,) = telemetry.metrics()
    assert metric["kind"] == "sum"
    assert {point["attributes"]["gen_ai.request.model"]: point["value"] for point in metric["points"]} == {
        "gpt-4.1": 70,
        "o3": 100,
    }


def test_a_cost_is_a_total_of_fractions(telemetry: Capture):
    recorder = recorder_of(telemetry)
    count(recorder, 0, cost=0.25)
    count(recorder, 0, cost=0.5)
    assert counted(telemetry, COST) == [0.75]
    assert counted(telemetry) == []


def test_each_collection_finds_what_was_counted_up_to_then(telemetry: Capture):
    recorder = recorder_of(telemetry)
    for tokens in (1, 2, 3):
        count(recorder, tokens)
        assert counted(telemetry) == [tokens * (tokens + 1) / 2]


def test_deltas_hold_what_came_since_the_last_collection():
    reader = InMemoryMetricReader(
        {SdkObservableCounter: AggregationTemporality.DELTA, Counter: AggregationTemporality.DELTA}
    )
    recorder = Recorder(meter_provider=SdkMeterProvider([reader], shutdown_on_exit=False))
    found = []
    for tokens in (5, 7):
        count(recorder, tokens)
        found.append(_values(reader))
    assert found == [[5], [7]]


def test_attributes_that_a_view_leaves_out_join_their_totals():
    reader = InMemoryMetricReader()
    view = View(instrument_name=REASONING, attribute_keys={"gen_ai.provider.name"})
    recorder = Recorder(meter_provider=SdkMeterProvider([reader], views=[view], shutdown_on_exit=False))
    count(recorder, 5, model="gpt-4.1")
    count(recorder, 7, model="o3")
    assert _values(reader) == [12]


def _values(reader: InMemoryMetricReader) -> list[float]:
    data = reader.get_metrics_data()
    assert data is not None
    points = [
        point
        for scope in data.resource_metrics[0].scope_metrics
        for metric in scope.metrics
        for point in metric.data.data_points
    ]
    return [point.value for point in points]  # pyright: ignore[reportAttributeAccessIssue]


def test_who_instruments_again_goes_on_with_the_totals(telemetry: Capture):
    for tokens in (1, 2, 4):
        count(recorder_of(telemetry), tokens)
    assert counted(telemetry) == [7]


def test_other_names_have_totals_of_their_own(telemetry: Capture):
    """The scopes differ by their schema: each reports what was counted under its names."""
    count(recorder_of(telemetry), 1)
    count(recorder_of(telemetry, latest=True), 2)
    assert sorted(counted(telemetry)) == [1, 2]


def test_each_provider_has_its_own(telemetry: Capture):
    count(recorder_of(telemetry), 1)
    with capture() as other:
        count(recorder_of(other), 2)
        assert counted(other) == [2]
    assert counted(telemetry) == [1]


def test_the_last_of_some_that_instrument_before_there_is_a_provider_is_heard(telemetry: Capture):
    with unset_providers():
        recorder_of()
        recorder = recorder_of()
        metrics.set_meter_provider(telemetry.meter_provider)
        count(recorder, 3)
        assert counted(telemetry) == [3]


@pytest.mark.parametrize("first", ["global", "given"])
def test_a_provider_is_the_same_whether_it_is_given_or_the_global_one(first: str, telemetry: Capture):
    with unset_providers():
        before = recorder_of() if first == "global" else recorder_of(telemetry)
        metrics.set_meter_provider(telemetry.meter_provider)
        for tokens, recorder in enumerate((before, recorder_of(), recorder_of(telemetry)), 1):
            count(recorder, tokens)
        assert counted(telemetry) == [6]


def test_a_span_that_is_current_while_metrics_are_collected_is_no_exemplar(telemetry: Capture):
    count(recorder_of(telemetry), 64)
    span = telemetry.tracer_provider.get_tracer("test").start_span("flush")
    token = attach(set_span_in_context(span))
    try:
        (metric,) = telemetry.metrics()
    finally:
        detach(token)
    assert [point["exemplars"] for point in metric["points"]] == [[]]


class _Forgetful(NoOpMeter):
    """Knows its instruments by weak references, as Logfire's meter does."""

    def create_observable_counter(self, *args: Any, **kwargs: Any) -> ObservableCounter:
        instrument = super().create_observable_counter(*args, **kwargs)
        self.known = ref(instrument)
        return instrument


def test_a_meter_need_not_keep_our_counters(telemetry: Capture):
    meter = _Forgetful("test")
    total = counter(meter, telemetry.meter_provider, COST, "{USD}", "")
    gc.collect()
    assert meter.known() is total.instrument


def test_threads_that_count_at_once_lose_nothing():
    interval, counts, threads = sys.getswitchinterval(), 20_000, 4
    total = Totals()

    def add() -> None:
        for _ in range(counts):
            total.add(1, LABELS)

    sys.setswitchinterval(1e-6)
    try:
        running = [threading.Thread(target=add) for _ in range(threads)]
        for thread in running:
            thread.start()
        for thread in running:
            thread.join()
    finally:
        sys.setswitchinterval(interval)
    (observation,) = total.observe(CallbackOptions())
    assert observation.value == counts * threads


def test_a_thread_that_is_interrupted_while_it_counts_may_count():
    """By a signal handler or a finalizer of the program that makes a call."""
    total = Totals()
    with totals._lock:
        assert totals._lock.acquire(timeout=1)  # or else the next line would wait for good
        totals._lock.release()
        total.add(1, LABELS)
    assert [one.value for one in total.observe(CallbackOptions())] == [1]


FORK = """
import os, signal, threading, warnings
from otel_responses._recorder import totals

warnings.simplefilter("ignore", DeprecationWarning)  # Python 3.12 warns of a fork with threads
held, done = threading.Event(), threading.Event()

def hold():
    with totals._lock:
        held.set()
        done.wait()

threading.Thread(target=hold).start()
held.wait()
child = os.fork()
if child == 0:
    signal.alarm(20)
    totals.Totals().add(1, {"a": "b"})
    os._exit(0)
_, status = os.waitpid(child, 0)
done.set()
raise SystemExit(status != 0)
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")
def test_a_child_made_by_fork_does_not_wait_for_a_thread_of_its_parent():
    subprocess.run([sys.executable, "-c", FORK], check=True, timeout=60)


def test_a_provider_that_is_gone_leaves_nothing():
    with ExitStack() as cleanup:
        telemetry = cleanup.enter_context(capture())
        count(recorder_of(telemetry), 1)
        assert telemetry.meter_provider in totals._known
        before = len(totals._known)
    del telemetry, cleanup
    gc.collect()
    assert len(totals._known) < before
