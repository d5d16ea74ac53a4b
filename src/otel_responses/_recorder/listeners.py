"""Whether anybody gets what is recorded: nobody does before the program sets a provider, or when the SDK is disabled.

The API's stand-ins of a provider that is yet to come do not say so, therefore private names of theirs are read. Where
an API has them no more, everything is recorded, into the void if need be.
"""

from __future__ import annotations

from opentelemetry._logs import Logger, NoOpLogger
from opentelemetry.metrics import Meter, NoOpMeter
from opentelemetry.trace import NoOpTracer, Tracer

__all__ = ["has_listeners"]


def has_listeners(tracer: Tracer, meter: Meter, logger: Logger) -> bool:
    """Say whether one of the three leads anywhere, now."""
    if not isinstance(getattr(tracer, "_tracer", tracer), NoOpTracer):  # that of a ProxyTracer
        return True
    real_meter = getattr(meter, "_real_meter", meter)  # that of a _ProxyMeter; it has none at first
    if not (real_meter is None or isinstance(real_meter, NoOpMeter)):
        return True
    return not isinstance(getattr(logger, "_logger", logger), NoOpLogger)  # that of a ProxyLogger
