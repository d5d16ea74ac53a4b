"""The Collector of this machine, by its own metrics: what it took, what it sent on, what it lost."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from http.client import HTTPConnection, HTTPException
from typing import Final

from otel_responses.cli.doctor.findings import Finding, fault, fine, note
from otel_responses.cli.doctor.surroundings import Surroundings

__all__ = ["collector"]

SECONDS: Final = 2.0
BYTES_MAX: Final = 4 * 1024**2  # of metrics; a Collector with all our files has some 50 KiB
PORT: Final = "OTEL_RESPONSES_COLLECTOR_METRICS_PORT"
SERIES: Final = re.compile(
    r'^otelcol_(\w+?)\{(?:[^}]*?\b(?:exporter|receiver)="([^"]*)")?[^}]*\} ([0-9.e+]+)$', re.MULTILINE
)
FULL: Final = 0.8


def collector(around: Surroundings) -> Iterator[Finding]:
    """Its health, where one answers on loopback; that there is none is no fault."""
    port = around.variable(PORT) or "8888"
    try:
        text = _metrics(int(port))
    except (OSError, HTTPException, ValueError, OverflowError):
        text = ""
    if "otelcol_" not in text:
        yield note(f"No Collector shows its metrics on 127.0.0.1:{port[:20]}: there is none, or not here")
        return
    found: defaultdict[tuple[str, str], float] = defaultdict(float)
    for name, part, value in SERIES.findall(text):
        found[name, part] += float(value)
    yield _received(found)
    for exporter in sorted({part for name, part in found if name == "exporter_queue_capacity"}):
        yield from _sent(exporter, {name: value for (name, part), value in found.items() if part == exporter})


def _metrics(port: int) -> str:
    connection = HTTPConnection("127.0.0.1", port, timeout=SECONDS)
    try:
        connection.request("GET", "/metrics")
        return connection.getresponse().read(BYTES_MAX).decode(errors="replace")
    finally:
        connection.close()


def _received(found: Mapping[tuple[str, str], float]) -> Finding:
    accepted, refused = (
        sum(value for (name, _), value in found.items() if name == f"receiver_{kind}_spans")
        for kind in ("accepted", "refused")
    )
    if not accepted:
        return note("The Collector runs and has received no span yet")
    return fine(f"The Collector has received {accepted:,.0f} spans, and refused {refused:,.0f}")


def _sent(exporter: str, series: Mapping[str, float]) -> Iterator[Finding]:
    """What an exporter did with spans and with all else."""
    sent, lost = (
        sum(
            value
            for name, value in series.items()
            if re.fullmatch(rf"exporter_{kind}_(spans|metric_points|log_records)", name)
        )
        for kind in ("sent", "(?:send|enqueue)_failed")
    )
    size, capacity = series.get("exporter_queue_size", 0), series["exporter_queue_capacity"]
    if lost and not sent:
        yield fault(f"{exporter} has lost {lost:,.0f} and sent none: see the Collector's log; 401 is a wrong key")
    elif lost:
        yield note(f"{exporter} has sent {sent:,.0f} and lost {lost:,.0f}: see the Collector's log")
    else:
        yield fine(f"{exporter} has sent {sent:,.0f}")
    if size > FULL * capacity:
        yield note(f"The queue to {exporter} is nearly full ({size:,.0f} of {capacity:,.0f}): the other side is away")
