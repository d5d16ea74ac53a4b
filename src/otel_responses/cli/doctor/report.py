"""The findings of all parts, printed part by part."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from importlib.metadata import requires
from typing import Final

from rich.console import Console
from rich.table import Table
from rich.text import Text

from otel_responses.cli.doctor import collector, export, installation, settings
from otel_responses.cli.doctor.findings import Finding
from otel_responses.cli.doctor.surroundings import Surroundings
from otel_responses.cli.figures import counted

__all__ = ["doctor"]

PARTS: Final[tuple[tuple[str, Callable[[Surroundings], Iterable[Finding]]], ...]] = (
    ("Packages", lambda around: installation.packages(requires(installation.PACKAGE) or ())),
    ("Instrumentation", installation.instrumentation),
    ("Other instrumentations", installation.others),
    ("Settings", settings.settings),
    ("Export", export.export),
    ("Sampling", settings.sampling),
    ("Content", settings.content),
    ("Helicone", settings.helicone),
    ("Collector", collector.collector),
)
STYLES: Final = {"ok": "green", "note": "yellow", "fault": "bold red"}


def doctor(console: Console, environ: Mapping[str, str]) -> bool:
    """Print what each part finds in this environment; whether there is no fault."""
    around, faults = Surroundings.read(environ), 0
    for title, part in PARTS:
        found = list(part(around))
        faults += sum(finding.level == "fault" for finding in found)
        console.print(Text(title, style="bold"))
        console.print(_table(found))
    console.print(Text(f"{counted(faults, 'fault keeps', 'faults keep')} data away." if faults else "No fault found."))
    return not faults


def _table(found: Iterable[Finding]) -> Table:
    table = Table.grid(padding=(0, 1))
    table.add_column()
    table.add_column(min_width=max(map(len, STYLES)))
    for finding in found:
        table.add_row("", Text(finding.level, style=STYLES[finding.level]), Text(finding.text))
    return table
