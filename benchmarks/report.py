"""The figures as tables for the terminal, and as a JSON file with what they depend on."""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timezone
from importlib.metadata import distributions
from pathlib import Path

from rich.box import SIMPLE_HEAD
from rich.table import Table

from benchmarks.figures import Figures

__all__ = ["Report"]

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


@dataclass(frozen=True, slots=True)
class Report:
    """The figures by unit, of so many runs and rounds."""

    figures: Mapping[str, Sequence[Figures]]
    runs: int
    rounds: int

    def tables(self) -> Iterator[Table]:
        """Yield a table for each unit."""
        for unit, figures in self.figures.items():
            table = Table(
                "row", *NUMBERS, "target", title=unit, title_justify="left", box=SIMPLE_HEAD, padding=(0, 1, 0, 0)
            )
            for column in table.columns[1:-1]:
                column.justify = "right"
            for row in figures:
                numbers = (row.bare, row.floor, row.ours, row.noise, row.ratio)
                table.add_row(row.name, *map(_number, numbers), row.target)
            yield table

    def save(self, folder: Path) -> Path:
        """Write the figures into `folder`, in a file named by the time, and return its path."""
        now = datetime.now(timezone.utc)
        content = {
            "date": now.isoformat(timespec="seconds"),
            "machine": {"system": platform.platform(), "processor": _processor(), "cores": os.cpu_count()},
            "versions": {"python": platform.python_version(), **_versions()},
            "runs": self.runs,
            "rounds": self.rounds,
            "figures": {unit: [_plain(row) for row in figures] for unit, figures in self.figures.items()},
        }
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"{now:%Y%m%d-%H%M%S}.json"
        path.write_text(json.dumps(content, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
        return path


def _plain(row: Figures) -> dict[str, object]:
    return {**asdict(row), "ratio": row.ratio}


def _number(value: float | None) -> str:
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
