"""What calls measured is recorded some calls later: before any collection, once each, and without the faults of others."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Iterator
from functools import partial

import pytest
from opentelemetry.context import Context

from otel_responses._mapping.attributes import metric_attributes
from otel_responses._recorder import measurements
from otel_responses._recorder.measurements import BATCH, add, record_waiting
from otel_responses._recorder.recorder import Recorder
from otel_responses._records import Usage
from otel_responses.testing import capture
from tests.calls import DONE, observing, opened, points

DURATION = "gen_ai.client.operation.duration"


@pytest.fixture(autouse=True)
def nothing_waits() -> Iterator[None]:
    record_waiting()
    yield
    measurements._waiting.clear()


def test_they_wait_for_each_other_and_are_recorded_in_order():
    recorded: list[int] = []
    for number in range(BATCH - 1):
        add(partial(recorded.append, number))
    assert recorded == []
    add(partial(recorded.append, BATCH - 1))
    assert recorded == [*range(BATCH)]


def test_a_collection_lacks_no_call():
    with capture() as telemetry:
        observer = observing(telemetry)
        for calls in (1, 2, 3):
            opened(observer).completed(DONE)
            assert [point["count"] for point in points(telemetry, DURATION)] == [calls]


def test_a_collection_lacks_no_call_of_another_instrumentation():
    with capture() as first, capture() as second:
        opened(observing(first)).completed(DONE)
        opened(observing(second)).completed(DONE)
        assert [point["count"] for point in points(first, DURATION)] == [1]
        assert [point["count"] for point in points(second, DURATION)] == [1]


def test_many_calls_wait_for_no_collection():
    with capture() as telemetry:
        observer = observing(telemetry)
        for _ in range(10 * BATCH + 1):
            opened(observer).completed(DONE)
            assert len(measurements._waiting) < BATCH
        assert [point["count"] for point in points(telemetry, DURATION)] == [10 * BATCH + 1]


def test_a_call_is_recorded_whole():
    labels = metric_attributes("gpt-4.1", "openai", None, None, None, None, None)
    usage = Usage(36, 87, 8, 4, 64)
    with capture() as telemetry:
        metrics = Recorder(**telemetry.providers).metrics
        metrics.record_call(2.5, 0.5, usage, 0.25, labels, Context())
        assert {metric["name"] for metric in telemetry.metrics()} == {
            "gen_ai.client.cost",
            "gen_ai.client.inference.usage.cache_read.input_tokens",
            "gen_ai.client.inference.usage.cache_write.input_tokens",
            "gen_ai.client.inference.usage.reasoning.output_tokens",
            DURATION,
            "gen_ai.client.operation.time_to_first_chunk",
            "gen_ai.client.token.usage",
        }


def test_the_fault_of_one_leaves_the_others(caplog: pytest.LogCaptureFixture):
    recorded: list[int] = []
    for number in range(3):
        add(partial(recorded.append, number))
        add(partial(int, "no number"))
    record_waiting()
    assert recorded == [0, 1, 2]
    (said,) = caplog.records
    assert said.getMessage().startswith("otel_responses failed with ValueError in measurements ")


def test_one_that_records_the_others_leaves_nothing_to_do():
    recorded: list[str] = []
    add(record_waiting)
    add(partial(recorded.append, "once"))
    record_waiting()
    assert recorded == ["once"]


def test_threads_that_record_at_once_record_each_once():
    recorded: list[int] = []

    def work(first: int) -> None:
        for number in range(first, first + 2_000):
            add(partial(recorded.append, number))
            record_waiting()

    threads = [threading.Thread(target=work, args=(2_000 * number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    record_waiting()
    assert sorted(recorded) == [*range(8_000)]


FORK = """
import os, warnings
from otel_responses._recorder import measurements

warnings.simplefilter("ignore", DeprecationWarning)  # Python 3.12 warns of a fork with threads
measurements.add(lambda: os.write(1, b"recorded"))
child = os.fork()
measurements.record_waiting()
if child:
    os.waitpid(child, 0)
os._exit(0)
"""


@pytest.mark.skipif(not hasattr(__import__("os"), "fork"), reason="there is no fork here")
def test_what_waited_in_the_parent_is_recorded_there_alone():
    done = subprocess.run([sys.executable, "-c", FORK], check=True, timeout=60, stdout=subprocess.PIPE)
    assert done.stdout == b"recorded"
