"""One tracer, one logger and one set of instruments, from the given providers or the global ones."""

from __future__ import annotations

from opentelemetry._logs import Logger, LoggerProvider, LogRecord, get_logger
from opentelemetry.context import Context
from opentelemetry.metrics import MeterProvider, get_meter
from opentelemetry.trace import TracerProvider, get_tracer

from otel_responses._recorder.events import is_wanted
from otel_responses._recorder.listeners import has_listeners
from otel_responses._recorder.metrics import Metrics
from otel_responses._semconv import MAIN, RELEASED, SCOPE
from otel_responses._version import __version__

__all__ = ["Recorder"]


class Recorder:
    """Traces, records metrics and emits events under our instrumentation scope; `spans` starts and ends the spans.

    A provider that is not given is the global one, also when the program sets it later.
    """

    __slots__ = ("_has_listeners", "_logger", "_meter", "metrics", "profile", "tracer")

    def __init__(
        self,
        *,
        tracer_provider: TracerProvider | None = None,
        meter_provider: MeterProvider | None = None,
        logger_provider: LoggerProvider | None = None,
        latest: bool = False,
    ) -> None:
        self.profile = MAIN if latest else RELEASED
        schema_url = self.profile.schema_url
        self.tracer = get_tracer(SCOPE, __version__, tracer_provider, schema_url)
        self._logger: Logger = get_logger(SCOPE, __version__, logger_provider, schema_url)
        self._meter = get_meter(SCOPE, __version__, meter_provider, schema_url)
        self.metrics = Metrics(self._meter, self.profile, meter_provider)
        self._has_listeners = False

    def has_listeners(self) -> bool:
        """Say whether anybody gets what is recorded; once somebody does, this stays so."""
        if not self._has_listeners:
            self._has_listeners = has_listeners(self.tracer, self._meter, self._logger)
        return self._has_listeners

    def wants(self, event: str, context: Context) -> bool:
        """Say whether anybody would get an event of this name."""
        return is_wanted(self._logger, event, context)

    def emit(self, event: LogRecord) -> None:
        """Emit an event; see `events.make_event`."""
        self._logger.emit(event)

    def count_left_out(self) -> None:
        """Count a call whose content was left out, because the redactor failed."""
        self.metrics.content_left_out.add(1)
