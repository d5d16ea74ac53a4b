"""Have what `make test-stack` runs beside the Collector: Prometheus is built once into the cache, Tempo is found.

PROMETHEUS and TEMPO name binaries to use; else `tempo` and a `prometheus` 3 on PATH are taken.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

from tools.collector import find_go, run

# The newest of which the Go module proxy has every module. 0.315.0 is what Prometheus calls 3.15.0.
PROMETHEUS_MODULE = "github.com/prometheus/prometheus"
PROMETHEUS_VERSION = "v0.315.0"
NO_TEMPO = (
    "There is no Tempo here. Set TEMPO to the path of a Tempo 3, or put `tempo` on PATH: its releases have binaries."
)
NO_PROMETHEUS = "There is no Prometheus 3 here. Set PROMETHEUS to the path of one, or let `make test-stack` build it."


class BackendMissing(Exception):  # noqa: N818 - a fact about the machine
    """No binary was found; the message says how to get one."""


def find_tempo(environ: Mapping[str, str] = os.environ) -> Path:
    """TEMPO, else the one on PATH; raises `BackendMissing`."""
    if found := shutil.which(environ.get("TEMPO") or "tempo", path=environ.get("PATH")):
        return Path(found)
    raise BackendMissing(NO_TEMPO)


def find_prometheus(environ: Mapping[str, str] = os.environ) -> Path:
    """PROMETHEUS, else one of version 3 on PATH, else the built one; raises `BackendMissing`."""
    if named := environ.get("PROMETHEUS"):
        if found := shutil.which(named, path=environ.get("PATH")):
            return Path(found)
        raise BackendMissing(f"PROMETHEUS is {named!r}, which is no program that can be run.")
    on_path = shutil.which("prometheus", path=environ.get("PATH"))
    if on_path and major_version(on_path) >= 3:  # version 2 of Debian has no OTLP receiver
        return Path(on_path)
    if (binary := built_prometheus(environ)).is_file():
        return binary
    raise BackendMissing(NO_PROMETHEUS)


def built_prometheus(environ: Mapping[str, str] = os.environ) -> Path:
    """Where the built one is kept, or will be."""
    cache = Path(environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return cache / "otel-responses" / "prometheus" / PROMETHEUS_VERSION / "prometheus"


def major_version(binary: str) -> int:
    """The first number of its version."""
    text = subprocess.run([binary, "--version"], check=False, capture_output=True, text=True).stdout
    found = re.search(r"version (\d+)\.", text)
    return int(found[1]) if found else 0


def build_prometheus(binary: Path) -> None:
    """Build it in a module of its own: `go install` refuses a module that replaces others."""
    binary.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=binary.parent) as scratch:
        go = find_go(Path(scratch))
        print(f"Building Prometheus {PROMETHEUS_VERSION} with {go}; some minutes, the first time.", flush=True)
        environ = {**os.environ, "CGO_ENABLED": "0"}
        command = f"{PROMETHEUS_MODULE}/cmd/prometheus"
        run([go, "mod", "init", "built"], scratch, environ)
        run([go, "get", "-tool", f"{command}@{PROMETHEUS_VERSION}"], scratch, environ)
        run([go, "build", "-ldflags=-s -w", "-o", f"{scratch}/prometheus", command], scratch, environ)
        Path(scratch, "prometheus").replace(binary)


def main() -> None:
    """Print the paths of Prometheus, after building it where that is necessary, and of Tempo."""
    try:
        prometheus = find_prometheus()
    except BackendMissing:
        prometheus = built_prometheus()
        build_prometheus(prometheus)
    print(prometheus)
    try:
        print(find_tempo())
    except BackendMissing as missing:
        sys.exit(str(missing))


if __name__ == "__main__":
    main()
