"""What is installed: the packages that we ask for, our entry point, other instrumentations, and a trial call."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from importlib.metadata import PackageNotFoundError, entry_points, version
from importlib.util import find_spec
from typing import Final

from opentelemetry.instrumentation.dependencies import get_dependency_conflicts

from otel_responses._other_instrumentations import KNOWN, OtherInstrumentation
from otel_responses.capturing import capture_content
from otel_responses.cli.doctor.findings import Finding, fault, fine, heard, note
from otel_responses.cli.doctor.surroundings import Surroundings
from otel_responses.config import INSTRUMENTATION_NAME
from otel_responses.instrumentor import instrument, uninstrument
from otel_responses.testing import FakeResponsesAPI, capture

__all__ = ["PACKAGE", "instrumentation", "others", "packages", "trial"]

PACKAGE: Final = "otel-responses"
EXTRAS: Final = frozenset({"cli", "instruments", "otlp"})  # what the command itself is installed with
PRICES: Final = "genai-prices"
INSTRUMENTORS: Final = "opentelemetry_instrumentor"
DISABLED: Final = "OTEL_PYTHON_DISABLED_INSTRUMENTATIONS"


def packages(requirements: Iterable[str]) -> Iterator[Finding]:
    """The versions, and which of the packages that we ask for are not there."""
    needed = {requirement.partition(";")[0].strip() for requirement in requirements if _is_needed(requirement)}
    missing = {each: conflict for each in needed if (conflict := get_dependency_conflicts([each]))}
    there = sorted({_name(each) for each in needed - missing.keys()} | {PACKAGE})
    yield fine(", ".join(f"{name} {version(name)}" for name in there))
    for requirement, conflict in sorted(missing.items()):
        yield fault(f"{requirement} is needed, found: {conflict.found}. pip install '{PACKAGE}[cli]' brings it")
    if not _is_installed(PRICES):
        yield note(f"{PRICES} is not installed, so calls have no cost: pip install '{PACKAGE}[cost]'")


def instrumentation(around: Surroundings) -> Iterator[Finding]:
    """Whether something switches us off, and else what a call gives."""
    if entry_points(group=INSTRUMENTORS, name=INSTRUMENTATION_NAME):
        yield fine(f"opentelemetry-instrument finds it, as {INSTRUMENTATION_NAME}")
    else:
        yield fault(f"opentelemetry-instrument does not find it: install {PACKAGE} again, with its metadata")
    if around.config.disabled:
        yield fault(f"{DISABLED} switches it off: {around.variable(DISABLED)[:100]}")
    elif around.variable("OTEL_SDK_DISABLED").lower() == "true":
        yield fault("OTEL_SDK_DISABLED is true: nothing at all is recorded")
    else:
        yield trial()
    if around.config.export:
        yield fine("OTEL_RESPONSES_EXPORT is on: a program without OpenTelemetry gets it set up")
    else:
        yield note(
            "OTEL_RESPONSES_EXPORT is not set: the program has to set up OpenTelemetry itself, or to call "
            "instrument(export=True); that cannot be seen from here"
        )


def trial() -> Finding:
    """One call of the installed SDK against a fake API in this process, with providers of its own."""
    try:
        with heard() as said, capture() as telemetry, capture_content(False):  # no completion hook gets it
            instrument(**telemetry.providers)
            try:
                FakeResponsesAPI().client(max_retries=0).responses.create(model="gpt-4.1", input="Hello!")
            finally:
                uninstrument()
            names = [span["name"] for span in telemetry.spans()]
    except Exception as error:  # noqa: BLE001 - whatever goes wrong here is what was to be found out
        return fault(f"A trial call failed with {type(error).__name__}: this version of openai may be unknown to us")
    if names != ["chat gpt-4.1"]:
        return fault(f"A trial call gave no span. {' '.join(said)}".rstrip())
    return fine("A trial call, against a fake API in this process, gives a span")


def others(around: Surroundings) -> Iterator[Finding]:
    """Other instrumentations that would trace the same calls."""
    off = {name.strip() for name in around.variable(DISABLED).split(",")}
    loaded = [entry.module for entry in entry_points(group=INSTRUMENTORS) if not off & {entry.name, "*"}]
    found = [other for other in KNOWN if _would_trace(other, loaded)]
    for other in found:
        switch = f"{DISABLED}={other.entry_point}" if other.entry_point else other.off
        yield note(
            f"{other.name} is installed. Where it is active too, each call gives two spans and its tokens count twice. "
            f"To switch it off: {switch}"
        )
    if not found:
        yield fine("No other instrumentation of openai is installed")


def _would_trace(other: OtherInstrumentation, loaded: Collection[str]) -> bool:
    """By an entry point that `opentelemetry-instrument` loads; one that has none is called by the program itself."""
    if other.entry_point:
        return any(map(other.defines, loaded))
    return find_spec(other.package.partition(".")[0]) is not None


def _is_needed(requirement: str) -> bool:
    extra = re.search(r"extra == ['\"]([\w-]+)['\"]", requirement)
    return _name(requirement) != PACKAGE and (extra is None or extra[1] in EXTRAS)


def _name(requirement: str) -> str:
    return re.split(r"[^\w.-]", requirement, maxsplit=1)[0]


def _is_installed(name: str) -> bool:
    try:
        version(name)
    except PackageNotFoundError:
        return False
    return True
