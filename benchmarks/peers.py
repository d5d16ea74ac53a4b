"""The other instrumentations of the SDK: how each is switched on as its documentation says, and kept from the network.

Each runs in a virtual environment of its own with the versions of `requirements/{name}.txt`, so what it needs is
imported when it is switched on. Recording of content is on or off for a whole process: most read it once.
"""

from __future__ import annotations

import socket
from collections.abc import Callable, Generator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from functools import cache, partial
from importlib import import_module
from pathlib import Path
from typing import Any

from opentelemetry import _logs, metrics, trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor

from benchmarks.telemetry import DroppedSpans, Telemetry

__all__ = ["PEERS", "Peer", "stay_on_this_machine", "watched_by"]

# Nothing listens there; what a peer sends in spite of its settings is refused at once.
NOWHERE = "http://127.0.0.1:9"


Flush = Callable[[], object]


@dataclass(frozen=True, slots=True)
class Peer:
    """Another instrumentation.

    Attributes:
        name: Of its virtual environment and of the file with its versions.
        package: That is installed.
        start: Switches it on, in a process that has these providers; the second argument is whether content is wanted.
            Returns what flushes its spans.
        switch: The environment variables that ask for content, and those that refuse it.
        has_switch: Whether content can be refused at all.
        records_metrics: Whether it records more than spans.
    """

    name: str
    package: str
    start: Callable[[Telemetry, bool], Flush]
    switch: Mapping[bool, Mapping[str, str]] = field(default_factory=lambda: {True: {}, False: {}})
    has_switch: bool = True
    records_metrics: bool = False


@cache
def _started(peer: str, wants_content: bool) -> Flush:
    """Switch it on, once a process: not every peer can be switched off again."""
    return PEERS[peer].start(_telemetry(), wants_content)


@cache
def _telemetry() -> Telemetry:
    telemetry = Telemetry.dropped()
    if telemetry.tracer_provider and telemetry.meter_provider and telemetry.logger_provider:
        trace.set_tracer_provider(telemetry.tracer_provider)
        metrics.set_meter_provider(telemetry.meter_provider)
        _logs.set_logger_provider(telemetry.logger_provider)
    return telemetry


def watched_by(peer: str) -> Callable[..., AbstractContextManager[Callable[[], object]]]:
    """Return the way to run a workload that `peer` watches."""

    @contextmanager
    def way(workload: Any, telemetry: Telemetry, options: Mapping[str, Any]) -> Generator[Callable[[], object]]:
        stay_on_this_machine()
        flush = _started(peer, "capture_content" in options)
        with workload.open() as held:
            call = partial(workload.run, held)
            _expect_spans(peer, call, flush)
            yield call

    return way


def _expect_spans(peer: str, call: Callable[[], object], flush: Flush) -> None:
    before = DroppedSpans.count
    call()
    flush()
    if DroppedSpans.count == before:
        raise RuntimeError(f"{peer} makes no span of this call, so there is nothing to measure")


@cache
def stay_on_this_machine() -> None:
    connect, find = socket.socket.connect, socket.getaddrinfo

    def connect_here(self: socket.socket, address: Any) -> None:
        if self.family != socket.AF_UNIX and address[0] not in {"127.0.0.1", "::1"}:
            raise ConnectionRefusedError(f"benchmarks do not connect to {address!r}")
        connect(self, address)

    def find_here(host: Any, *args: Any, **kwargs: Any) -> Any:
        if host not in {None, "localhost", "127.0.0.1", "::1"}:
            raise socket.gaierror(f"benchmarks do not look up {host!r}")
        return find(host, *args, **kwargs)

    socket.socket.connect = connect_here
    socket.getaddrinfo = find_here


def _start_official(telemetry: Telemetry, wants_content: bool) -> Flush:
    module = import_module("opentelemetry.instrumentation.genai.openai")
    module.OpenAIInstrumentor().instrument(**telemetry.providers)
    return telemetry.flush


def _start_openllmetry(telemetry: Telemetry, wants_content: bool) -> Flush:
    module = import_module("opentelemetry.instrumentation.openai")
    module.OpenAIInstrumentor().instrument(**telemetry.providers)
    return telemetry.flush


def _start_openinference(telemetry: Telemetry, wants_content: bool) -> Flush:
    config = import_module("openinference.instrumentation").TraceConfig
    hidden = {} if wants_content else {"hide_inputs": True, "hide_outputs": True, "hide_llm_tools": True}
    module = import_module("openinference.instrumentation.openai")
    module.OpenAIInstrumentor().instrument(tracer_provider=telemetry.tracer_provider, config=config(**hidden))
    return telemetry.flush


def _start_logfire(telemetry: Telemetry, wants_content: bool) -> Flush:
    logfire = import_module("logfire")
    exporters = [BatchSpanProcessor(DroppedSpans())]
    logfire.configure(send_to_logfire=False, console=False, additional_span_processors=exporters)
    logfire.instrument_openai()
    return logfire.force_flush


def _start_openlit(telemetry: Telemetry, wants_content: bool) -> Flush:
    prices = Path(__file__).parent / "requirements" / "no-prices.json"
    import_module("openlit").init(pricing_json=str(prices), capture_message_content=wants_content)
    return telemetry.flush


def _start_langfuse(telemetry: Telemetry, wants_content: bool) -> Flush:
    keys = {"public_key": "pk-fake", "secret_key": "sk-fake", "base_url": NOWHERE}
    mask = None if wants_content else _masked
    provider = TracerProvider(shutdown_on_exit=False)  # it adds a processor of its own
    client = import_module("langfuse").Langfuse
    client(**keys, mask=mask, span_exporter=DroppedSpans(), tracer_provider=provider)
    import_module("langfuse.openai")
    return provider.force_flush


def _masked(*, data: Any, **rest: Any) -> str:
    return "masked"


CAPTURE = "OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT"
PEERS: Mapping[str, Peer] = {
    peer.name: peer
    for peer in (
        Peer(
            "official",
            "opentelemetry-instrumentation-genai-openai",
            _start_official,
            {True: {CAPTURE: "SPAN_ONLY"}, False: {CAPTURE: "NO_CONTENT"}},
            records_metrics=True,
        ),
        Peer(
            "openllmetry",
            "opentelemetry-instrumentation-openai",
            _start_openllmetry,
            {True: {"TRACELOOP_TRACE_CONTENT": "true"}, False: {"TRACELOOP_TRACE_CONTENT": "false"}},
        ),
        Peer("openinference", "openinference-instrumentation-openai", _start_openinference),
        Peer("logfire", "logfire", _start_logfire, has_switch=False),
        Peer("openlit", "openlit", _start_openlit, records_metrics=True),
        Peer("langfuse", "langfuse", _start_langfuse, has_switch=False),
    )
}
