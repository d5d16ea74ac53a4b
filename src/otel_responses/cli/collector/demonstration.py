"""The real Collector for the demo, between the program and two ends of this command: a receiver, and a Helicone."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager

from rich.console import Group, RenderableType
from rich.text import Text

from otel_responses.cli.attributes import printable
from otel_responses.cli.collector.binary import find
from otel_responses.cli.collector.files import in_order, packaged
from otel_responses.cli.collector.running import running
from otel_responses.cli.figures import counted, seconds
from otel_responses.testing._helicone import FakeHelicone, LoggedRequest

__all__ = ["between", "recorded"]

KEY = "sk-helicone-demo"
NAMES = ("base", "tempo", "helicone", "prometheus", "loki")


@contextmanager
def between(endpoint: str, environ: Mapping[str, str]) -> Generator[tuple[str, FakeHelicone]]:
    """Run the Collector with `endpoint` in the place of Tempo, Prometheus and Loki; gives its own endpoint.

    It has sent everything when the block has been left. Raises `CollectorMissing` and `CollectorError`.
    """
    helicone = FakeHelicone(KEY)
    with helicone.serve() as url:
        variables = {
            **{name: value for name, value in environ.items() if not name.startswith(("OTEL_", "HELICONE_"))},
            "HELICONE_API_KEY": KEY,
            "OTEL_RESPONSES_HELICONE_ENDPOINT": url,
            "OTEL_RESPONSES_LOKI_ENDPOINT": endpoint,
            "OTEL_RESPONSES_PROMETHEUS_ENDPOINT": endpoint,
            "OTEL_RESPONSES_TEMPO_ENDPOINT": endpoint,
        }
        with running(find(environ), in_order(NAMES, packaged()), variables) as collector:
            yield collector.endpoint, helicone


def recorded(requests: Sequence[LoggedRequest]) -> RenderableType:
    """What Helicone would show, in the order of the calls' starts."""
    in_order_of_start = sorted(requests, key=lambda request: int(request.span["startTimeUnixNano"]))
    lines = [line for request in in_order_of_start for line in _lines(request)]
    heading = Text(f"Helicone would record {counted(len(requests), 'request')}:")
    return Group("", heading, "", *lines)


def _lines(request: LoggedRequest) -> Iterator[Text]:
    yield _line(_heading(request))
    for message in request.messages + request.choices:
        yield _line(f"{message['role']}  {message['content']}", indent="  ")


def _line(text: str, *, indent: str = "") -> Text:
    return Text(indent + printable(text), overflow="ellipsis", no_wrap=True)


def _heading(request: LoggedRequest) -> str:
    properties = request.properties
    tokens = request.usage["total_tokens"]
    parts = (
        properties.get("Helicone-Session-Name"),
        properties.get("Helicone-Session-Path"),
        f"{request.provider} {request.model}",
        tokens and f"{tokens:,} tokens",
        seconds(request.milliseconds / 1_000),
        properties.get("Ended-By") and f"ended by: {properties['Ended-By']}",
        properties.get("Error-Type") and f"error: {properties['Error-Type']}",
    )
    return "  ".join(str(part) for part in parts if part)
