"""Switching on and off: settings, providers and patches are put together here, and nothing here raises."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Mapping, Set as AbstractSet
from importlib.metadata import PackageNotFoundError, distribution
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypedDict

from opentelemetry import _logs, metrics, trace
from opentelemetry.instrumentation.dependencies import DependencyConflictError
from opentelemetry.instrumentation.instrumentor import BaseInstrumentor

from otel_responses import _other_instrumentations
from otel_responses._observer import Observer
from otel_responses._patch import points
from otel_responses._recorder.recorder import Recorder
from otel_responses._safe import guard, logger, warn_once
from otel_responses.config import INSTRUMENTATION_NAME, Config
from otel_responses.policy import CaptureMode, Redactor
from otel_responses.session import configure_baggage

if TYPE_CHECKING:
    from typing_extensions import Unpack  # in typing itself since Python 3.11

__all__ = ["Options", "ResponsesInstrumentor", "instrument", "uninstrument"]

_OLDEST: Final = (1, 66)  # of openai


class Options(TypedDict, total=False):
    """The options of `instrument()`; the README says what each is for."""

    tracer_provider: trace.TracerProvider | None
    meter_provider: metrics.MeterProvider | None
    logger_provider: _logs.LoggerProvider | None
    export: bool
    provider_by_host: Mapping[str, str]
    helicone_hosts: Collection[str]
    baggage: str
    chunk_metric: bool
    output_item_spans: bool
    count_foreign_background: bool
    stamp_session: bool
    latest_experimental: bool
    capture_content: str | CaptureMode
    max_content_chars: int
    max_content_bytes: int
    capture_blobs: bool
    capture_tool_schemas: bool
    redact: str | Redactor


def instrument(**options: Unpack[Options]) -> None:
    """Trace the Responses calls of this process, those of clients made before too.

    May be called at any time and again: options add to those of an earlier call until `uninstrument()`, and come before
    the environment variables. Never raises: what is not allowed is logged once and left out.
    """
    ResponsesInstrumentor().instrument(**options)


def uninstrument() -> None:
    """Take every patch back; streams that are still open go on to their proper end. Providers stay as they are."""
    ResponsesInstrumentor().uninstrument()


class ResponsesInstrumentor(BaseInstrumentor):
    """The same for `opentelemetry-instrument` and for a configuration file, where its name is `openai_responses`."""

    _options: Mapping[str, Any] = MappingProxyType({})
    _exported: AbstractSet[str] = frozenset()

    def instrumentation_dependencies(self) -> Collection[str]:
        return (f"openai >= {_OLDEST[0]}.{_OLDEST[1]}.0",)

    def instrument(self, **options: Any) -> None:
        """As the function of this name; the two options of OpenTelemetry's loader are understood as well."""
        is_checked = options.pop("skip_dep_check", False)
        raises = options.pop("raise_exception_on_conflict", False)
        if Config.from_env().disabled:
            logger.debug("Switched off by OTEL_PYTHON_DISABLED_INSTRUMENTATIONS (%s)", INSTRUMENTATION_NAME)
        elif self.is_instrumented_by_opentelemetry:
            # The base class would only warn. But it is no mistake: a notebook's cell, `instrument()` in a program
            # under `opentelemetry-instrument`, and that command's own second call after a configuration file.
            self._instrument(**options)
        elif is_checked or self._finds_openai(raises=raises):
            super().instrument(skip_dep_check=True, **options)

    def uninstrument(self, **options: Any) -> None:
        if self.is_instrumented_by_opentelemetry:
            super().uninstrument(**options)

    @guard
    def _instrument(self, **options: Any) -> None:
        self._options = {**self._options, **options}
        providers = {signal.option: signal.given(self._options) for signal in _SIGNALS}
        settings = {name: value for name, value in self._options.items() if name not in providers}
        config = Config.from_env().override(settings)
        if config.export:
            self._export(_missing(providers), config)
        if config.stamp_session and "traces" not in self._exported:
            warn_once("stamp_session", _NOT_STAMPED)
        configure_baggage(read=config.baggage in {"read", "both"}, write=config.baggage in {"write", "both"})
        recorder = Recorder(**providers, latest=config.latest_experimental)
        points.install(Observer(config, recorder, first_call=lambda: _at_first_call(config, providers)))
        _other_instrumentations.warn()

    @guard
    def _uninstrument(self, **options: Any) -> None:
        points.remove()
        configure_baggage(read=False, write=False)
        self._options = MappingProxyType({})

    def _finds_openai(self, *, raises: bool) -> bool:
        conflict = None if _has_openai() else self._check_dependency_conflicts()
        if conflict and raises:
            raise DependencyConflictError(conflict)
        if conflict:
            warn_once("openai", _NO_OPENAI, conflict.found or "none")
        return not conflict

    def _export(self, signals: AbstractSet[str], config: Config) -> None:
        if not signals:
            return
        try:
            from otel_responses import exporting, stamping  # noqa: PLC0415 - the SDK is an extra
        except ImportError:
            warn_once("export", _NO_SDK)
            return
        self._exported |= signals
        exporting.set_up(signals, span_processors=[stamping.SessionSpanProcessor()] if config.stamp_session else [])


def _has_openai() -> bool:
    """Whether an openai that goes is installed, as far as a glance tells: the base class parses its whole description.

    That takes a tenth of the time of importing us and switching on.
    """
    try:
        description = distribution("openai").read_text("METADATA") or ""
        major, minor, _ = description.partition("\nVersion: ")[2].split(".", 2)
        return (int(major), int(minor)) >= _OLDEST
    except (PackageNotFoundError, ValueError):
        return False


class _Signal(NamedTuple):
    name: str
    option: str
    method: str  # what a provider of this signal has
    current: Callable[[], object]

    def given(self, options: Mapping[str, Any]) -> Any:
        """The provider among the options; None, the global one, for what is none."""
        provider = options.get(self.option)
        if provider is None or hasattr(provider, self.method):
            return provider
        warn_once(self.option, _NO_PROVIDER, self.option, type(provider).__name__, self.method)
        return None


_SIGNALS: Final = (
    _Signal("traces", "tracer_provider", "get_tracer", trace.get_tracer_provider),
    _Signal("metrics", "meter_provider", "get_meter", metrics.get_meter_provider),
    _Signal("logs", "logger_provider", "get_logger", _logs.get_logger_provider),
)


def _missing(providers: Mapping[str, Any]) -> AbstractSet[str]:
    """The signals for which neither the caller nor the program has a provider, though OpenTelemetry is not disabled."""
    if os.environ.get("OTEL_SDK_DISABLED", "").strip().lower() == "true":
        return frozenset()
    return {s.name for s in _SIGNALS if providers[s.option] is None and _is_stand_in(s.current())}


def _is_stand_in(provider: object) -> bool:
    """Whether it is what the API gives out while no provider is set; two of these classes are private."""
    kind = type(provider)
    return kind.__module__.startswith("opentelemetry.") and "Proxy" in kind.__name__


def _at_first_call(config: Config, providers: Mapping[str, Any]) -> None:
    _other_instrumentations.warn()
    if not config.export and len(_missing(providers)) == len(_SIGNALS):
        warn_once("no provider", _UNHEARD)


_NO_OPENAI = (
    "OpenAI calls are not traced: openai 1.66.0 or newer is needed, found: %s. "
    "Install it with: pip install 'otel-responses[instruments]'"
)
_NO_SDK = (
    "Nothing is exported: export=True needs the OpenTelemetry SDK and an OTLP exporter. "
    "Install them with: pip install 'otel-responses[otlp]'"
)
_NO_PROVIDER = "instrument(%s=) is a value of type %s, which has no %s(). The global provider is used instead"
_NOT_STAMPED = (
    "stamp_session has no effect here: it is for the provider that export=True makes. "
    "To your own, add otel_responses.SessionSpanProcessor()"
)
_UNHEARD = (
    "OpenAI calls are traced, but no OpenTelemetry provider is set, so nothing is recorded. "
    "Set one up, or let instrument(export=True) or OTEL_RESPONSES_EXPORT=true do that"
)
