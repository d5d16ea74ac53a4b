"""The table: each row is a workload with the telemetry of a program, and what it may cost."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from contextlib import nullcontext
from dataclasses import dataclass, field
from typing import Any

from benchmarks.prompts import DOCUMENT, HISTORY, LARGE, REQUEST, TOOLS
from benchmarks.targets import NONE, Target, all_of, as_much_as, bare_share, floor, microseconds, sum_of
from benchmarks.telemetry import Telemetry
from benchmarks.workloads import (
    Workload,
    concurrent_calls,
    decoded_stream,
    foreign_call,
    helper_stream,
    plain_call,
    session_call,
    stream_of,
    turn,
    wrapped_call,
)

__all__ = ["EVENTS", "ROWS", "Event", "Row"]


@dataclass(frozen=True, slots=True)
class Row:
    """What is measured.

    Attributes:
        name: As it stands in the table.
        workload: What is done.
        telemetry: Makes the telemetry of the program that does it.
        options: What `instrument()` is given besides.
        target: What it may cost.
        runs: Of the workload, in one block.
        rounds: At most so many blocks, where one takes long.
    """

    name: str
    workload: Workload
    telemetry: Callable[[], Telemetry] = Telemetry.dropped
    options: Mapping[str, Any] = field(default_factory=dict[str, Any])
    target: Target = NONE
    runs: int = 10
    rounds: int = 1_000


@dataclass(frozen=True, slots=True)
class Event:
    """A row made of others: what one event of a stream costs the SDK, from two streams of it, and us, from one."""

    name: str
    long: str
    short: str
    events: int
    decoded: str
    target: Target


CONTENT: Mapping[str, Any] = {"capture_content": "SPAN_ONLY"}
# Nothing is cut: by hand nobody cuts, and no peer does.
WHOLE: Mapping[str, Any] = {**CONTENT, "max_content_chars": 10_000_000, "max_content_bytes": 10_000_000}

# What writing the content of the 200 kB prompt once takes, the least that recording it can cost.
DUMPS = "one json.dumps of 200 kB"
MESSAGES = [{"role": "user", "parts": [{"type": "text", "content": DOCUMENT}]}]
WRITING = Workload(nullcontext, lambda _: json.dumps(MESSAGES, ensure_ascii=False, separators=(",", ":")))

ROWS = (
    Row("small call", plain_call(REQUEST), target=floor(1.35)),
    Row("small call, content", plain_call(REQUEST), options=CONTENT, target=floor(1.8)),
    Row("small call in a session", session_call(), target=floor(1.35)),
    Row("5 tools", plain_call(TOOLS), target=floor(1.35)),
    Row("5 tools, content", plain_call(TOOLS), options=CONTENT, target=floor(1.8)),
    Row("200 kB prompt", plain_call(LARGE), target=as_much_as("small call")),
    Row(DUMPS, WRITING),
    Row(
        "200 kB prompt, content",
        plain_call(LARGE),
        options=WHOLE,
        target=sum_of(1.5, DUMPS, "small call, content"),
    ),
    Row(
        "200 kB prompt, content cut to 16,384",
        plain_call(LARGE, is_comparable=False),
        options=CONTENT,
        target=sum_of(1.5, DUMPS, "small call, content"),
    ),
    Row("200-item history", plain_call(HISTORY), target=as_much_as("small call"), runs=2),
    Row("200-item history, content", plain_call(HISTORY), options=CONTENT, target=floor(1.8), runs=2),
    Row("50 async calls at once", concurrent_calls(), target=floor(1.35), runs=1),
    Row("50 async calls at once, content", concurrent_calls(), options=CONTENT, target=floor(1.8), runs=1),
    Row("stream of 10 events", stream_of(10)),
    Row("stream of 10 events, content", stream_of(10), options=CONTENT),
    Row("stream of 200 events", stream_of(200), runs=2),
    Row("stream of 200 events, content", stream_of(200), options=CONTENT, runs=2),
    Row("stream of 200 events, chunk metric", stream_of(200), options={"chunk_metric": True}, runs=2),
    Row("stream of 20,000 events", stream_of(20_000), runs=1, rounds=2),
    Row("20,000 events, decoded (each)", decoded_stream(20_000), runs=1, rounds=10),
    Row("20,000 events, decoded (each), content", decoded_stream(20_000), options=WHOLE, runs=1, rounds=10),
    Row(
        "20,000 events, decoded (each), chunk metric",
        decoded_stream(20_000, is_comparable=False),
        options={"chunk_metric": True},
        runs=1,
        rounds=10,
    ),
    Row(".stream() of 200 events", helper_stream(200), runs=2),
    Row(".stream() of 200 events, content", helper_stream(200), options=CONTENT, runs=2),
    Row("WebSocket turn of 20 events", turn(20)),
    Row("WebSocket turn of 20 events, content", turn(20), options=CONTENT),
    Row("small call, sampled out", plain_call(REQUEST), Telemetry.sampled_out, target=floor(1.2)),
    Row("small call, SDK disabled", plain_call(REQUEST), Telemetry.disabled, target=microseconds(15)),
    Row("small call, no SDK or no provider", plain_call(REQUEST), Telemetry, target=microseconds(15)),
    Row("small call, floor in wrappers", wrapped_call(REQUEST)),
    Row("small call, sampled out, floor in wrappers", wrapped_call(REQUEST), Telemetry.sampled_out),
    Row("foreign call", foreign_call()),
)
EVENTS = (
    Event(
        "one event of a stream",
        "stream of 20,000 events",
        "stream of 200 events",
        19_800,
        "20,000 events, decoded (each)",
        all_of(microseconds(1), bare_share(0.02)),
    ),
    Event(
        "one event of a stream, content",
        "stream of 20,000 events",
        "stream of 200 events",
        19_800,
        "20,000 events, decoded (each), content",
        microseconds(2),
    ),
)
