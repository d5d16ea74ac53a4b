"""The figures as tables for the terminal, and as a JSON file with what they depend on."""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime, timezone
from importlib.metadata import distributions
from pathlib import Path
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.table import Table

from benchmarks.figures import Figures

__all__ = ["MET", "RESULTS", "circumstances", "number", "plain", "row_tables", "save", "table_of"]

RESULTS = Path(__file__).parent / "results"
NUMBERS = ("bare", "+ floor", "+ ours", "±", "ratio")
PACKAGES = (
    "openai",
    "httpx2",
    "httpx",
    "pydantic",
    "opentelemetry-api",
    "opentelemetry-sdk",
    "wrapt",
    "otel-responses",
)
MET = {None: "", True: "met", False: "missed"}


def row_tables(figures: Mapping[str, Sequence[Figures]]) -> Iterator[Table]:
    """Yield a table for each unit."""
    for unit, rows in figures.items():
        table = table_of(unit, ("row",), (*NUMBERS, "limit"), ("", "target"))
        for row in rows:
            numbers = (row.bare, row.floor, row.ours, row.noise, row.ratio, row.limit)
            table.add_row(row.name, *map(number, numbers), MET[row.is_met], row.target)
        yield table


def table_of(title: str, texts: Sequence[str], numbers: Sequence[str], notes: Sequence[str] = ()) -> Table:
    """Return an empty table whose columns of numbers stand between those of texts."""
    table = Table(title=title, title_justify="left", box=SIMPLE_HEAD, padding=(0, 1, 0, 0))
    for name in texts:
        table.add_column(name, no_wrap=True)
    for name in numbers:
        table.add_column(name, justify="right", no_wrap=True)
    for name in notes:
        table.add_column(name, no_wrap=True)
    return table


def save(path: Path, content: Mapping[str, Any]) -> None:
    """Write `content` with what it depends on."""
    path.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps({**circumstances(), **content}, ensure_ascii=False, indent=2)
    path.write_text(text + "\n", encoding="utf-8")


def circumstances() -> dict[str, Any]:
    """Return date, machine and versions."""
    return {
        "date": datetime.now(timezone.utc).isoformat(timespec="seconds"),
        "machine": {"system": platform.platform(), "processor": _processor(), "cores": os.cpu_count()},
        "versions": {"python": platform.python_version(), **_versions()},
    }


def plain(row: Figures) -> dict[str, object]:
    """Return the figures as JSON has them."""
    return {**asdict(row), "ratio": row.ratio, "is_met": row.is_met}


def number(value: float | None) -> str:
    """Return a number as the tables show it."""
    if value is None:
        return "-"
    return f"{value:.2f}" if abs(value) < 10 else f"{value:,.0f}"


def _processor() -> str:
    """Return the processor's name; the standard library knows it on some systems only."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        lines = []
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, platform.processor())


def _versions() -> dict[str, str]:
    installed = {distribution.name: distribution.version for distribution in distributions()}
    return {package: installed[package] for package in PACKAGES if package in installed}
