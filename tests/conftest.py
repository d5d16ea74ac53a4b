"""What every test gets: asyncio, no memory of earlier warnings, and the shared material where there is any."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import Phase, settings

from otel_responses import _cost
from otel_responses._safe import reset_warnings

ROOT = Path(__file__).parent.parent

# For `make mutate`, which runs the properties thousands of times: few examples, the same each time, and no search for
# the smallest one that fails. `patiently` has the settings of all other runs.
settings.register_profile(
    "mutation",
    database=None,
    deadline=None,
    derandomize=True,
    max_examples=20,
    phases=(Phase.explicit, Phase.generate),
)


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(autouse=True)
def forget_warnings() -> Iterator[None]:
    """Let each test see the warnings that are given once a process."""
    reset_warnings()
    yield
    reset_warnings()


@pytest.fixture(autouse=True)
def without_prices(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hide the library of the extra `cost`: what is recorded must not depend on the day's prices."""
    monkeypatch.setattr(_cost, "LIBRARY", "no_such_library")


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder beside the checkout with recordings and schemas; a test that needs it is skipped without it."""
    folder = ROOT.parent / "shared"
    if not folder.is_dir():
        pytest.skip("there is no ../shared beside the checkout")
    return folder


@pytest.fixture(scope="session")
def install_beside() -> Callable[..., dict[str, str]]:
    """Install packages that must not be in our environment; return an environment for subprocesses that see them.

    They are kept in .cache for the next run. A test that needs them is skipped where they cannot be had.
    """

    def install(*packages: str) -> dict[str, str]:
        home = ROOT / ".cache" / "beside" / "-".join((sys.implementation.cache_tag, *packages))
        if not (home / ".installed").exists():
            pins = ("--constraints", str(ROOT / "constraints.txt"))
            uv = (sys.executable, "-m", "uv", "pip", "install", "--quiet", "--python", sys.executable)
            command = (*uv, "--no-deps", "--target", str(home), *pins, *packages)
            done = subprocess.run(command, stderr=subprocess.PIPE, text=True, timeout=300, check=False)
            if done.returncode:
                pytest.skip(f"{', '.join(packages)} cannot be installed: {done.stderr.strip()[-300:]}")
            (home / ".installed").touch()
        paths = (str(home), os.environ.get("PYTHONPATH", ""))
        return {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, paths))}

    return install
