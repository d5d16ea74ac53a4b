"""Providers for a program that has none and asks for them: OTLP by the standard `OTEL_*` variables, flushed at exit.

Most of them are read where OpenTelemetry reads them: resource, sampler, limits, batches and interval by the SDK,
endpoints, headers, timeouts and certificates by the exporters. Here: which exporter, and which protocol.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from importlib.metadata import entry_points
from typing import Any, Final

from opentelemetry import metrics, trace
from opentelemetry._logs import set_logger_provider
from opentelemetry.sdk._logs import LoggerProvider
from opentelemetry.sdk._logs.export import BatchLogRecordProcessor
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import PeriodicExportingMetricReader
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import SpanProcessor, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor

from otel_responses._call import drain
from otel_responses._safe import guard, warn_once

__all__ = ["set_up"]


def set_up(signals: Collection[str], *, span_processors: Sequence[SpanProcessor] = ()) -> None:
    """Set the global providers of the named signals: "traces", "metrics", "logs".

    A signal gets none where its `OTEL_<SIGNAL>_EXPORTER` is `none`, or where no exporter can be made; that is logged
    once. The providers flush at exit by themselves. Nothing is raised.
    """
    for signal in signals:
        _set_up(signal, span_processors)


class _Drain(SpanProcessor):
    """Ends the calls whose streams were dropped, before the processors after it are flushed or shut down."""

    def force_flush(self, timeout_millis: int = 30_000) -> bool:
        drain()
        return True

    def shutdown(self) -> None:
        drain()


@guard
def _set_up(signal: str, span_processors: Sequence[SpanProcessor]) -> None:
    exporters = list(_exporters(signal))
    if exporters:
        _PROVIDERS[signal](exporters, span_processors)


def _set_tracer_provider(exporters: Sequence[Any], span_processors: Sequence[SpanProcessor]) -> None:
    provider = TracerProvider(resource=Resource.create())
    for processor in (_Drain(), *span_processors, *map(BatchSpanProcessor, exporters)):
        provider.add_span_processor(processor)
    trace.set_tracer_provider(provider)


def _set_meter_provider(exporters: Sequence[Any], span_processors: Sequence[SpanProcessor]) -> None:
    readers = [PeriodicExportingMetricReader(exporter) for exporter in exporters]
    metrics.set_meter_provider(MeterProvider(readers, Resource.create()))


def _set_logger_provider(exporters: Sequence[Any], span_processors: Sequence[SpanProcessor]) -> None:
    """Only for our own events: no handler is put on the loggers of the program."""
    provider = LoggerProvider(Resource.create())
    for exporter in exporters:
        provider.add_log_record_processor(BatchLogRecordProcessor(exporter))
    set_logger_provider(provider)


_PROVIDERS: Final[Mapping[str, Callable[[Sequence[Any], Sequence[SpanProcessor]], None]]] = {
    "traces": _set_tracer_provider,
    "metrics": _set_meter_provider,
    "logs": _set_logger_provider,
}


def _exporters(signal: str) -> Iterator[Any]:
    """The exporters that `OTEL_<SIGNAL>_EXPORTER` asks for; OTLP, where it says nothing."""
    variable = f"OTEL_{signal.upper()}_EXPORTER"
    for name in (os.environ.get(variable, "").strip() or "otlp").split(","):
        factory = _NAMES.get(name.strip().lower())
        if factory is None:
            warn_once(f"{variable} {name[:100]}", _UNKNOWN_EXPORTER, variable, name[:100], signal)
        elif (kind := factory(signal)) is not None:
            yield from _made(kind, signal)


def _made(kind: Callable[[], Any], signal: str) -> Iterator[Any]:
    try:
        yield kind()
    except Exception as error:  # noqa: BLE001 - one bad OTEL_EXPORTER_OTLP_* value; its text may be a secret
        warn_once(f"exporter of {signal}", _REFUSED, signal, getattr(kind, "__name__", kind), type(error).__name__)


def _no_exporter(signal: str) -> None:
    return None


def _console_exporter(signal: str) -> Callable[[], Any] | None:
    return _registered(signal, "console")


def _otlp_exporter(signal: str) -> Callable[[], Any] | None:
    protocol = _protocol(signal)
    exporter = _registered(signal, _OTLP[protocol])
    if exporter is None and protocol == "grpc":
        warn_once("grpc", _NO_GRPC)
        exporter = _registered(signal, _OTLP["http/protobuf"])
    if exporter is None:
        warn_once("otlp", _NO_OTLP)
    return exporter


_NAMES: Final[Mapping[str, Callable[[str], Callable[[], Any] | None]]] = {
    "none": _no_exporter,
    "console": _console_exporter,
    "otlp": _otlp_exporter,
}
_OTLP: Final = {"http/protobuf": "otlp_proto_http", "grpc": "otlp_proto_grpc"}


def _protocol(signal: str) -> str:
    for variable in (f"OTEL_EXPORTER_OTLP_{signal.upper()}_PROTOCOL", "OTEL_EXPORTER_OTLP_PROTOCOL"):
        protocol = os.environ.get(variable, "").strip()
        if protocol in _OTLP:
            return protocol
        if protocol:
            warn_once(variable, _UNKNOWN_PROTOCOL, variable, protocol[:100])
            break
    return "http/protobuf"


def _registered(signal: str, name: str) -> Callable[[], Any] | None:
    """The exporter that a package registered under `name`; None where there is none, or where it cannot be imported."""
    found = list(entry_points(group=f"opentelemetry_{signal}_exporter", name=name))
    try:
        return found[0].load() if found else None
    except ImportError:
        return None


_UNKNOWN_EXPORTER = "%s has %r, which export=True does not know. Allowed: otlp, console, none. %s do not go there"
_UNKNOWN_PROTOCOL = "%s is %r, which is not allowed. Allowed: http/protobuf, grpc. http/protobuf is used instead"
_REFUSED = "%s are not exported: %s refused its settings (OTEL_EXPORTER_OTLP_*) with %s"
_NO_OTLP = "Nothing is exported: there is no OTLP exporter. Install one with: pip install 'otel-responses[otlp]'"
_NO_GRPC = (
    "OTEL_EXPORTER_OTLP_PROTOCOL asks for grpc, whose exporter is not installed. http/protobuf is used instead, so the "
    "endpoint has to be one for HTTP (port 4318). For gRPC: pip install 'otel-responses[otlp-all]'"
)
