"""Refuses to compare when the floor emits something else than ours: a ratio would mean nothing."""

from __future__ import annotations

from typing import Any

from benchmarks.replies import client_of
from benchmarks.telemetry import Telemetry
from benchmarks.ways import FLOOR, OURS, WAYS
from benchmarks.workloads import Workload
from otel_responses import uninstrument
from otel_responses.testing import Capture, capture

__all__ = ["DisagreementError", "agree"]

# Measured times differ from call to call.
TIMES = frozenset({"gen_ai.response.time_to_first_chunk"})


class DisagreementError(Exception):
    """The floor has to be brought up to what ours emits."""


def agree(name: str, workload: Workload) -> None:
    """Run `workload` once each way.

    Raises:
        DisagreementError: The spans or the metric records are not the same.
    """
    if workload.by_hand is None:
        return
    floor, ours = _emitted(workload, FLOOR), _emitted(workload, OURS)
    if floor != ours:
        raise DisagreementError(f"{name}: the floor emits {_missing(floor, ours)}, ours emits {_missing(ours, floor)}")


def _emitted(workload: Workload, way: str) -> dict[str, Any]:
    with capture() as captured:
        telemetry = Telemetry(captured.tracer_provider, captured.meter_provider)
        call = WAYS[way](workload, client_of(workload.api()), telemetry)
        assert call is not None
        call()
        uninstrument()
        return {**_span(captured), **_points(captured)}


def _span(captured: Capture) -> dict[str, Any]:
    (span,) = captured.spans()
    values = {key: "measured" if key in TIMES else value for key, value in span["attributes"].items()}
    return {"name": span["name"], "kind": span["kind"], **values}


def _points(captured: Capture) -> dict[str, Any]:
    return {
        f"{metric['name']}, point {number}": (metric["kind"], metric["unit"], point["attributes"], point.get("bounds"))
        for metric in captured.metrics()
        for number, point in enumerate(metric["points"])
    }


def _missing(first: dict[str, Any], second: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in first.items() if second.get(key) != value}
