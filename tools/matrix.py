"""Run the core scenarios (`pytest -m matrix`) over many versions of the openai SDK.

Each leg has a virtual environment of its own under .cache/matrix, which the next run uses again.
Legs are chosen by name: `python tools/matrix.py 1.66.0 lowest`. Without names all but `pre-release` run.
"""

from __future__ import annotations

import hashlib
import re
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parent.parent
CACHE = ROOT / ".cache" / "matrix"
PINS = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()

SDK_VERSIONS = ("1.66.0", "1.76.0", "1.99.9", "2.0.0", "2.30.0", "2.54.0", "3.0.0", "3.3.1")
# Packages whose pins a leg must not obey: old versions of one need old versions of the other.
LOWERED = r"openai|opentelemetry-.*|wrapt|protobuf|googleapis-common-protos|importlib-metadata"
COUNTS = re.compile(r"(\d+) (passed|failed|error)")


@dataclass(frozen=True)
class Leg:
    """One virtual environment: what is installed in it, and which pins of constraints.txt do not hold there."""

    name: str
    requirements: tuple[str, ...] = ()
    options: tuple[str, ...] = ()
    unpinned: str = "openai"

    def constraints(self) -> str:
        """Return constraints.txt without the pins this leg leaves open."""
        free = re.compile(rf"({self.unpinned})==")
        return "\n".join(pin for pin in PINS if not free.match(pin))


LEGS = {
    leg.name: leg
    for leg in (
        *(Leg(version, (f"openai=={version}",)) for version in SDK_VERSIONS),
        Leg("newest", unpinned="nothing"),
        Leg("lowest", options=("--resolution", "lowest-direct"), unpinned=LOWERED),
        Leg("pre-release", ("openai",), ("--prerelease-package", "openai=allow")),
    )
}


def run(*command: str | Path) -> subprocess.CompletedProcess[str]:
    """Run `command` at the root of the checkout, its two outputs in one."""
    return subprocess.run(
        [str(part) for part in command],
        cwd=ROOT,
        check=False,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def install(leg: Leg) -> str:
    """Make the leg's virtual environment unless it is there and up to date; return what went wrong, if anything."""
    home = CACHE / leg.name
    constraints, stamp = CACHE / f"{leg.name}.txt", home / ".installed"
    recipe = f"{leg}{leg.constraints()}{sys.version}{(ROOT / 'pyproject.toml').read_text(encoding='utf-8')}"
    digest = hashlib.sha256(recipe.encode()).hexdigest()
    if stamp.exists() and stamp.read_text(encoding="utf-8") == digest:
        return ""
    CACHE.mkdir(parents=True, exist_ok=True)
    constraints.write_text(leg.constraints(), encoding="utf-8")
    uv = (sys.executable, "-m", "uv", "--quiet")
    for command in (
        (*uv, "venv", "--clear", "--python", sys.executable, home),
        (
            *(*uv, "pip", "install", "--python", home, "--constraints", constraints),
            *("--build-constraints", ROOT / "constraints.txt", *leg.options),
            *("--editable", ".[instruments,otlp]", "--group", "tests", *leg.requirements),
        ),
    ):
        done = run(*command)
        if done.returncode:
            return done.stdout
    stamp.write_text(digest, encoding="utf-8")
    return ""


def test(leg: Leg) -> subprocess.CompletedProcess[str]:
    """Run the leg's tests; other files are not even imported, for they may need what old SDKs do not bring."""
    python = CACHE / leg.name / "bin" / "python"
    files = [path for path in sorted(ROOT.glob("tests/**/test_*.py")) if "mark.matrix" in path.read_text("utf-8")]
    return run(
        python, "-m", "pytest", "-m", "matrix", "-q", "--tb=short", "--no-header", "-p", "no:cacheprovider", *files
    )


def report(leg: Leg) -> tuple[int, int]:
    """Install and test one leg, print its line, and return how many tests passed and how many did not."""
    began = time.monotonic()
    if complaint := install(leg):
        print(f"{leg.name:12} cannot be installed\n{complaint}", flush=True)
        return 0, 1
    done = test(leg)
    counts = {kind: int(number) for number, kind in COUNTS.findall((done.stdout.splitlines() or [""])[-1])}
    passed, failed = counts.get("passed", 0), counts.get("failed", 0) + counts.get("error", 0)
    if done.returncode:
        print(done.stdout)
        failed = failed or 1  # pytest itself stopped, or found no test
    print(f"{leg.name:12} {passed:4} passed, {failed} failed in {time.monotonic() - began:.0f} s", flush=True)
    return passed, failed


def main(names: list[str]) -> int:
    """Run the named legs and return the exit status."""
    if unknown := [name for name in names if name not in LEGS]:
        print(f"There is no leg {', '.join(unknown)}. The legs are: {', '.join(LEGS)}.")
        return 2
    results = [report(LEGS[name]) for name in names or [name for name in LEGS if name != "pre-release"]]
    passed, failed = (sum(column) for column in zip(*results, strict=True))
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
