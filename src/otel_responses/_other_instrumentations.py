"""Other OpenAI instrumentations that see the Responses calls too: each call gives two spans, each token counts twice.

One is found by where it stands: a wrapper on a method of the SDK, or a frame on the stack of a call, for a client that
was wrapped by itself. That it is installed or imported means nothing, and nothing is imported to find it.
"""

from __future__ import annotations

import inspect
import sys
from collections.abc import Iterator
from itertools import chain
from typing import Final, NamedTuple

from otel_responses._safe import warn_once
from otel_responses.config import INSTRUMENTATION_NAME

__all__ = ["KNOWN", "OtherInstrumentation", "find", "warn"]


class OtherInstrumentation(NamedTuple):
    """How one is recognised, and the line that switches it off."""

    name: str
    package: str  # the package its wrappers are defined in
    off: str
    entry_point: str | None = None  # its name for `opentelemetry-instrument`, where that can load it

    def defines(self, module: str) -> bool:
        return module == self.package or module.startswith(f"{self.package}.")

    @property
    def line(self) -> str:
        """The line that switches it off, the way it was switched on."""
        if self.entry_point is not None and _AUTO_INSTRUMENTATION in sys.modules:
            return f"OTEL_PYTHON_DISABLED_INSTRUMENTATIONS={self.entry_point}"
        return self.off


_AUTO_INSTRUMENTATION = "opentelemetry.instrumentation.auto_instrumentation"

KNOWN: Final = (
    OtherInstrumentation(
        "opentelemetry-instrumentation-genai-openai",
        "opentelemetry.instrumentation.genai.openai",
        "opentelemetry.instrumentation.genai.openai.OpenAIInstrumentor().uninstrument()",
        "openai",
    ),
    # The versions of it that are known leave the Responses API alone, and then it is not found.
    OtherInstrumentation(
        "opentelemetry-instrumentation-openai-v2",
        "opentelemetry.instrumentation.openai_v2",
        "opentelemetry.instrumentation.openai_v2.OpenAIInstrumentor().uninstrument()",
        "openai",
    ),
    # Its uninstrument() leaves the Responses API patched (0.62.4).
    OtherInstrumentation(
        "opentelemetry-instrumentation-openai (OpenLLMetry)",
        "opentelemetry.instrumentation.openai",
        "Traceloop.init(block_instruments={Instruments.OPENAI})",
        "openai",
    ),
    OtherInstrumentation(
        "openinference-instrumentation-openai",
        "openinference.instrumentation.openai",
        "openinference.instrumentation.openai.OpenAIInstrumentor().uninstrument()",
        "openai",
    ),
    OtherInstrumentation(
        "Logfire",
        "logfire._internal.integrations.llm_providers",
        "no call of logfire.instrument_openai()",
    ),
    OtherInstrumentation(
        "OpenLIT",
        "openlit.instrumentation.openai",
        'openlit.init(disabled_instrumentors=["openai"])',
    ),
)

# The methods that they wrap, all on the way of `client.responses.create()`.
_METHODS: Final = (
    ("openai._client", "OpenAI", "request"),
    ("openai._client", "AsyncOpenAI", "request"),
    ("openai.resources.responses.responses", "Responses", "create"),
    ("openai.resources.responses.responses", "AsyncResponses", "create"),
)
_WRAPPERS_MAX = 20


def warn() -> None:
    """Say once of each that it is active, and what switches one of the two off."""
    for other in find():
        warn_once(
            f"other instrumentation {other.name}",
            "%s records OpenAI calls as well: a Responses call gives two spans, and its tokens count twice. "
            "Switch one of the two off: %s, or OTEL_PYTHON_DISABLED_INSTRUMENTATIONS=%s",
            other.name,
            other.line,
            INSTRUMENTATION_NAME,
        )


def find() -> list[OtherInstrumentation]:
    """Those that are active: for every call, or for the one under way."""
    modules = set(chain(_wrapping_modules(), _calling_modules()))
    return [other for other in KNOWN if any(map(other.defines, modules))]


def _wrapping_modules() -> Iterator[str]:
    for module, class_name, method in _METHODS:
        owner = getattr(sys.modules.get(module), class_name, None)
        function = inspect.getattr_static(owner, method, None)
        for _ in range(_WRAPPERS_MAX):
            yield _defining_module(getattr(function, "_self_wrapper", function))
            function = getattr(function, "__wrapped__", None)


def _defining_module(function: object) -> str:
    """Not `__module__`: `functools.wraps` copies that from the wrapped function."""
    scope = getattr(function, "__globals__", {"__name__": type(function).__module__})
    return str(scope.get("__name__"))


def _calling_modules() -> Iterator[str]:
    frame = inspect.currentframe()
    while frame is not None:
        yield str(frame.f_globals.get("__name__"))
        frame = frame.f_back
