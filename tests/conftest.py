"""What every test gets: asyncio, no memory of earlier warnings, and the shared material where there is any."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from otel_responses._safe import reset_warnings

ROOT = Path(__file__).parent.parent


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(autouse=True)
def forget_warnings() -> Iterator[None]:
    """Let each test see the warnings that are given once a process."""
    reset_warnings()
    yield
    reset_warnings()


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder beside the checkout with recordings and schemas; a test that needs it is skipped without it."""
    folder = ROOT.parent / "shared"
    if not folder.is_dir():
        pytest.skip("there is no ../shared beside the checkout")
    return folder
