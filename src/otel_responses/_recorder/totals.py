"""The totals of a counter, kept here and read when metrics are collected: an asynchronous counter of OpenTelemetry.

To the conventions it is the same ("compliant implementations MAY use the asynchronous equivalent instead":
semantic-conventions, general/metrics.md, "Instrument types"), and so it is on the wire. A small call needs four records
of the SDK, one of them of a counter; to add to a total takes a thirtieth of that one.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from threading import RLock
from weakref import WeakKeyDictionary

from opentelemetry.context import Context
from opentelemetry.metrics import (
    CallbackOptions,
    Meter,
    MeterProvider,
    ObservableCounter,
    Observation,
    get_meter_provider,
)
from opentelemetry.trace import INVALID_SPAN, set_span_in_context

from otel_responses._recorder.measurements import record_waiting
from otel_responses._records import Labels

__all__ = ["Totals", "counter"]

# Without it the SDK takes the span that is current where metrics are collected, and makes an exemplar of it.
_NO_SPAN = set_span_in_context(INVALID_SPAN, Context())

# Re-entrant: a signal handler or a finalizer of the program may make a call while its thread is inside.
_lock = RLock()


class Totals:
    """The totals of one counter, by attribute set. They are bounded as the values of the attributes are."""

    __slots__ = ("_by_labels", "instrument")

    def __init__(self) -> None:
        self._by_labels: dict[tuple[tuple[str, str | int], ...], float] = {}
        self.instrument: ObservableCounter | None = None  # kept, for a meter may know its instruments weakly: Logfire's

    def add(self, amount: float, labels: Labels) -> None:
        """Add to the total of an attribute set."""
        key = tuple(labels.items())
        with _lock:
            self._by_labels[key] = self._by_labels.get(key, 0) + amount

    def observe(self, options: CallbackOptions) -> Sequence[Observation]:
        """Return all totals; the SDK asks whenever it collects metrics, in the thread of a reader."""
        record_waiting()
        with _lock:
            totals = list(self._by_labels.items())
        return [Observation(total, dict(key), _NO_SPAN) for key, total in totals]


# Of each provider, by the scope, the schema and the name of a counter. The SDK takes a second counter of a name for the
# first one, and never asks the second one's callback; so whoever instruments again gets the totals of before.
_Known = dict[tuple[str, "str | None", str], Totals]
_known: WeakKeyDictionary[MeterProvider, _Known] = WeakKeyDictionary()
# Those of the global provider, also before there is one: the API then hands the counters on to the one that is set.
_global: _Known = {}


def counter(meter: Meter, provider: MeterProvider | None, name: str, unit: str, description: str) -> Totals:
    """Return the totals of a counter of `meter`, which is of `provider`, or of the global one for None."""
    known = _known_of(provider)
    totals = known.setdefault((meter.name, meter.schema_url, name), Totals())
    totals.instrument = meter.create_observable_counter(name, [totals.observe], unit, description)
    return totals


def _known_of(provider: MeterProvider | None) -> _Known:
    current = get_meter_provider()
    provider = current if provider is None else provider
    return _known.setdefault(provider, _global if provider is current else {})


def _renew_lock() -> None:
    """In a forked child: the thread that held the lock may not have come along."""
    global _lock  # noqa: PLW0603 - one a process
    _lock = RLock()


if hasattr(os, "register_at_fork"):  # pragma: no branch - Windows has no fork
    os.register_at_fork(after_in_child=_renew_lock)
