"""The configuration files that travel in the package, and which of them go together."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from importlib.resources import files
from pathlib import Path

__all__ = ["DESTINATIONS", "MANIFEST", "NAMES", "combinations", "in_order", "packaged", "write"]

MANIFEST = "ocb-manifest.yaml"
# The order in which they are given to the Collector: where two have the same list, the later one's counts.
NAMES = (
    "base",
    "tempo",
    "helicone",
    "prometheus",
    "loki",
    "redact",
    "tail-sampling",
    "tempo-queue",
    "helicone-queue",
    "production",
    "extras",
)
DESTINATIONS = ("tempo", "helicone")  # base needs one of them at least
BESIDE = {"tempo": ("tail-sampling", "tempo-queue"), "helicone": ("helicone-queue",)}
ALONE = ("prometheus", "loki", "redact", "production")
ALWAYS = ("base", "extras")


def packaged() -> Path:
    """The folder with the files in it."""
    return Path(str(files("otel_responses") / "collector"))


def write(folder: Path) -> list[Path]:
    """Write the files into a folder, but over none that is there already; gives the written ones."""
    folder.mkdir(parents=True, exist_ok=True)
    missing = [file for file in sorted(packaged().iterdir()) if not (folder / file.name).exists()]
    for file in missing:
        (folder / file.name).write_bytes(file.read_bytes())
    return [folder / file.name for file in missing]


def in_order(names: Iterable[str], folder: Path) -> list[Path]:
    """The files of these names, in the order of `NAMES`, for `--config`."""
    return [folder / f"{name}.yaml" for name in sorted(names, key=NAMES.index)]


def combinations(destinations: Sequence[str] = DESTINATIONS) -> list[tuple[str, ...]]:
    """Every set of files that makes a configuration with at least one of the destinations."""
    return [
        (*ALWAYS, *sides, *beside, *others)
        for sides in _subsets(destinations)
        if sides
        for beside in _subsets([name for side in sides for name in BESIDE[side]])
        for others in _subsets(ALONE)
    ]


def _subsets(names: Sequence[str]) -> list[tuple[str, ...]]:
    return [chosen for size in range(len(names) + 1) for chosen in itertools.combinations(names, size)]
