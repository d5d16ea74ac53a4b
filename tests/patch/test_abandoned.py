"""Calls that nobody ends: dropped in the garbage collector, left open at exit, inherited by a forked child.

Each runs a program of its own with a time limit, because what is tested against is a deadlock or a lost span.
"""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pytest

PRELUDE = """
import gc, json, os, sys, threading, time
from opentelemetry.sdk.metrics import MeterProvider, Counter, Histogram
from opentelemetry.sdk.metrics.export import AggregationTemporality, InMemoryMetricReader
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SimpleSpanProcessor, SpanExporter, SpanExportResult
import otel_responses
from otel_responses.testing import FakeResponsesAPI

class Printer(SpanExporter):
    def export(self, spans):
        for span in spans:
            line = {"pid": os.getpid(), "name": span.name, **dict(span.attributes), "duration": span.end_time - span.start_time}
            os.write(1, (json.dumps(line) + "\\n").encode())
        return SpanExportResult.SUCCESS

delta = AggregationTemporality.DELTA
reader = InMemoryMetricReader(preferred_temporality={Counter: delta, Histogram: delta})
meters = MeterProvider([reader])
tracers = TracerProvider()
api = FakeResponsesAPI()
client = api.client()
body = {"model": "gpt-4.1", "input": "Hello!"}

def instrument(processor):
    tracers.add_span_processor(processor)
    otel_responses.instrument(tracer_provider=tracers, meter_provider=meters)
"""


def run(program: str, *, timeout: float = 60) -> list[dict[str, Any]]:
    """Run a program with the prelude; return the spans it exported."""
    command = [sys.executable, "-W", "error::ResourceWarning", "-c", PRELUDE + program]
    done = subprocess.run(command, capture_output=True, text=True, timeout=timeout, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_cyclic_garbage_drops_streams_while_delta_metrics_are_collected() -> None:
    """Recording in a finalizer would wait for the lock of the aggregation that the same thread holds, for good.

    The collector may run at any allocation under that lock. Here it surely does: where the SDK, under the lock, makes the
    exemplar reservoir for a new set of attributes.
    """
    spans = run(
        """
from opentelemetry.sdk.metrics import SimpleFixedSizeExemplarReservoir
from opentelemetry.sdk.metrics.view import View

def collecting(**options):
    gc.collect()
    return SimpleFixedSizeExemplarReservoir()

reader = InMemoryMetricReader(preferred_temporality={Counter: delta, Histogram: delta})
meters = MeterProvider([reader], views=[View(instrument_name="*", exemplar_reservoir_factory=lambda aggregation: collecting)])

class Holder: pass

def drop_in_a_cycle():
    holder = Holder()
    holder.stream = client.responses.create(**body, stream=True)
    holder.itself = holder
    next(holder.stream)

def reading_in_a_generator():
    with client.responses.create(**body, stream=True) as stream:
        for event in stream:
            yield event

def drop_a_generator_in_a_cycle():
    holder = Holder()
    holder.events = reading_in_a_generator()
    holder.itself = holder
    next(holder.events)

class Closer:
    def __del__(self):
        self.stream.close()

kept = []

def close_in_a_finalizer():
    closer = Closer()
    closer.stream = client.responses.create(**body, stream=True)
    closer.itself = closer
    next(closer.stream)
    kept.append(closer.stream)

instrument(SimpleSpanProcessor(Printer()))
gc.disable()
for number in range(15):
    (drop_in_a_cycle, drop_a_generator_in_a_cycle, close_in_a_finalizer)[number % 3]()
    reader.get_metrics_data()
    client.responses.create(**{**body, "model": f"model-{number}"})
tracers.force_flush()
""",
        timeout=30,
    )
    assert sorted(span.get("openai.call.ended_by", "") for span in spans) == [""] * 15 + ["dropped"] * 15


def test_a_dropped_stream_ends_when_its_last_event_came_not_when_it_was_collected() -> None:
    (span,) = run(
        """
instrument(SimpleSpanProcessor(Printer()))
gc.disable()
stream = client.responses.create(**body, stream=True)
next(stream)
read = time.perf_counter_ns()
started = read
time.sleep(1.5)
del stream
gc.collect()
"""
    )
    assert span["duration"] < 1_000_000_000
    assert span["openai.call.ended_by"] == "dropped"


def test_a_stream_that_is_open_at_exit_ends_before_the_provider_is_shut_down() -> None:
    spans = run(
        """
instrument(BatchSpanProcessor(Printer(), schedule_delay_millis=60_000))
stream = client.responses.create(**body, stream=True)
next(stream)
another = client.responses.create(**body, stream=True)
del another
gc.collect()
"""
    )
    assert [span["openai.call.ended_by"] for span in spans] == ["dropped", "dropped"]


def test_a_call_that_a_daemon_thread_is_in_ends_at_exit() -> None:
    (span,) = run(
        """
from otel_responses.testing import Reply
instrument(BatchSpanProcessor(Printer()))
client.responses.with_raw_response  # imported before the interpreter goes down
api.enqueue(Reply.answer().slow(delay=30))
threading.Thread(target=lambda: client.responses.create(**body), daemon=True).start()
while not api.requests:
    time.sleep(0.01)
"""
    )
    assert span["openai.call.ended_by"] == "dropped"


@pytest.mark.skipif(not hasattr(__import__("os"), "fork"), reason="there is no fork here")
def test_a_forked_child_leaves_the_parents_calls_alone_and_makes_its_own() -> None:
    spans = run(
        """
import warnings
warnings.simplefilter("ignore", DeprecationWarning)  # Python 3.12 warns of a fork with threads
instrument(SimpleSpanProcessor(Printer()))
stream = client.responses.create(**body, stream=True)
next(stream)
dropped = client.responses.create(**body, stream=True)
child = os.fork()
if child == 0:
    list(stream)
    del dropped
    gc.collect()
    own = client.responses.create(**body, stream=True)
    next(own)
    del own
    gc.collect()
    sys.exit()
os.waitpid(child, 0)
os.write(1, (json.dumps({"parent": os.getpid()}) + "\\n").encode())
list(stream)
del dropped
gc.collect()
"""
    )
    parent = next(span["parent"] for span in spans if "parent" in span)
    calls = [span for span in spans if "name" in span]
    assert sorted((span["pid"] == parent, span.get("openai.call.ended_by", "")) for span in calls) == [
        (False, "dropped"),
        (True, ""),
        (True, "dropped"),
    ]


def test_dropped_streams_leave_no_thread_without_a_stream_and_nothing_in_memory() -> None:
    spans = run(
        """
from otel_responses import _open_calls
from otel_responses._call import drain
instrument(SimpleSpanProcessor(Printer()))
client.responses.create(**body)
assert "otel-responses-drain" not in {thread.name for thread in threading.enumerate()}
for _ in range(20):
    stream = client.responses.create(**body, stream=True)
    next(stream)
del stream
gc.collect()
drain()
assert _open_calls._open == {}
from otel_responses._call import Call
from otel_responses._patch.exchange import Exchange
gc.collect()
left = [thing for thing in gc.get_objects() if isinstance(thing, (Call, Exchange, _open_calls.Watch))]
assert left == [], left
otel_responses.uninstrument()
assert gc.callbacks == []
"""
    )
    assert len(spans) == 21
