"""`otel-responses view`: the receiver on its own, for any program."""

from __future__ import annotations

import signal
import threading
from collections.abc import Generator
from contextlib import contextmanager
from functools import partial
from types import FrameType

from rich.console import Console

from otel_responses.cli.receiver import receiving
from otel_responses.cli.screen import follow, say, showing
from otel_responses.cli.telemetry import Telemetry

__all__ = ["view"]

INVITATION = """\
Listening for OTLP on {endpoint} until Ctrl-C.
Point a program here with
  export OTEL_EXPORTER_OTLP_ENDPOINT={endpoint}
  export OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf
and start it with opentelemetry-instrument, or let it call
otel_responses.instrument(export=True).
"""


def view(console: Console, *, port: int, content: bool) -> None:
    """Show what arrives on the port until Ctrl-C or SIGTERM, then all of it; raises `PortError`.

    Messages are shown where they arrive; without `content` they are not even kept.
    """
    telemetry = Telemetry(content=content)
    notify = partial(say, console, style="yellow")
    with _stop_signals() as stop, receiving(telemetry, port=port, notify=notify) as endpoint:
        say(console, INVITATION.format(endpoint=endpoint))
        with showing(console, telemetry) as screen:
            follow(telemetry, screen, until=stop.is_set)


@contextmanager
def _stop_signals() -> Generator[threading.Event]:
    """An event that Ctrl-C and SIGTERM set, which is how a background job of a CI is ended."""
    stop = threading.Event()

    def set_stop(number: int, frame: FrameType | None) -> None:
        stop.set()

    before = {number: signal.signal(number, set_stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
