"""Refuses to compare when the floor emits something else than ours: a ratio would mean nothing."""

from __future__ import annotations

from typing import Any

from benchmarks.rows import Row
from benchmarks.telemetry import Telemetry
from benchmarks.ways import FLOOR, OURS, WAYS
from otel_responses.testing import Capture, capture

__all__ = ["DisagreementError", "agree"]

# Measured times differ from call to call.
TIMES = frozenset({"gen_ai.response.time_to_first_chunk"})
TIME_UNIT = "s"


class DisagreementError(Exception):
    """The floor has to be brought up to what ours emits."""


def agree(row: Row) -> None:
    """Run the workload of `row` once each way.

    Raises:
        DisagreementError: The spans, the metric records or the log records are not the same.
    """
    if row.workload.by_hand is None:
        return
    floor, ours = _emitted(row, FLOOR), _emitted(row, OURS)
    if floor != ours:
        missing, added = _missing(floor, ours), _missing(ours, floor)
        raise DisagreementError(f"{row.name}: the floor emits {missing}, ours emits {added}")


def _emitted(row: Row, way: str) -> dict[str, Any]:
    with capture() as captured:
        with WAYS[way](row.workload, Telemetry(**captured.providers), row.options) as call:
            assert call is not None
            captured.clear()  # opening a workload may be a call too
            call()
        return {**_spans(captured), **_points(captured), "logs": captured.logs()}


def _spans(captured: Capture) -> dict[str, Any]:
    return {
        f"span {number}, {key}": "measured" if key in TIMES else value
        for number, span in enumerate(captured.spans())
        for key, value in {"name": span["name"], "kind": span["kind"], **span["attributes"]}.items()
    }


def _points(captured: Capture) -> dict[str, Any]:
    return {
        f"{metric['name']}, point {number}": {
            "unit": metric["unit"],
            **{key: point.get(key) for key in ("attributes", "bounds", "count", *_values(metric["unit"]))},
        }
        for metric in captured.metrics()
        for number, point in enumerate(metric["points"])
    }


def _values(unit: str) -> tuple[str, ...]:
    return () if unit == TIME_UNIT else ("sum", "value")


def _missing(first: dict[str, Any], second: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in first.items() if second.get(key) != value}
