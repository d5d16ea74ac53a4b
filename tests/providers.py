"""The global providers of OpenTelemetry, as in a program that has set none yet."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from typing import Any

import pytest
from opentelemetry import _logs, metrics, trace
from opentelemetry._logs import _internal as logs_state
from opentelemetry.metrics import _internal as metrics_state
from opentelemetry.util._once import Once

from otel_responses._recorder import totals

# Where the API keeps them; it has no public way to take one back.
STATE: tuple[tuple[Any, str], ...] = (
    (trace, "_TRACER_PROVIDER"),
    (metrics_state, "_METER_PROVIDER"),
    (logs_state, "_LOGGER_PROVIDER"),
)


@contextmanager
def unset_providers() -> Generator[None]:
    """Inside, no provider is set; those that are set there are shut down and forgotten at the end."""
    with pytest.MonkeyPatch.context() as patch:
        for module, name in STATE:
            patch.setattr(module, name, None)
            patch.setattr(module, f"{name}_SET_ONCE", Once())
        # The only stand-in that keeps what it once stood in for.
        patch.setattr(metrics_state, "_PROXY_METER_PROVIDER", type(metrics_state._PROXY_METER_PROVIDER)())
        patch.setattr(totals, "_global", {})  # ours, of all calls of this process
        try:
            yield
        finally:
            for module, name in STATE:
                provider = getattr(module, name)
                if provider is not None:
                    provider.shutdown()


def providers_set() -> set[str]:
    """The signals for which a provider is set."""
    current = {
        "traces": trace.get_tracer_provider(),
        "metrics": metrics.get_meter_provider(),
        "logs": _logs.get_logger_provider(),
    }
    return {signal for signal, provider in current.items() if "Proxy" not in type(provider).__name__}
