"""The real Collector between a real SDK and two ends that can be looked into: Helicone's stand-in, a file for Tempo."""

from __future__ import annotations

import base64
import gzip
import json
import os
import time
from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from google.protobuf import json_format
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import ResourceSpans, Span

from otel_responses.cli.collector.files import in_order, packaged
from otel_responses.cli.collector.running import Collector, running
from otel_responses.testing._helicone import FakeHelicone, LoggedRequest
from otel_responses.testing._reply import Reply
from otel_responses.testing._server import serve

KEY = "sk-helicone-test"
SECONDS = 20.0  # the longest wait for something that has to come
# What waits in production for the sake of others waits less here: nothing else differs.
QUICK: dict[str, Any] = {
    "exporters": {
        "otlp_http/helicone": {
            "timeout": "2s",
            "retry_on_failure": {"initial_interval": "50ms", "max_interval": "200ms"},
            "sending_queue": {"batch": {"flush_timeout": "10ms"}},
        }
    }
}


def tempo_file(path: Path) -> dict[str, Any]:
    """`tempo.yaml` with a file in Tempo's place."""
    return {
        "exporters": {"file/tempo": {"path": str(path), "append": True, "flush_interval": "10ms"}},
        "service": {"pipelines": {"traces/tempo": {"receivers": ["forward"], "exporters": ["file/tempo"]}}},
    }


class FakeTempo:
    """Takes spans over OTLP, or answers with what `decide` returns."""

    def __init__(self) -> None:
        self.spans: list[Span] = []
        self.decide: Callable[[], Reply | None] = lambda: None

    @contextmanager
    def serve(self, *, port: int = 0) -> Generator[str]:
        """Listen on 127.0.0.1; gives the endpoint."""
        with serve(self, port=port) as base_url:
            yield base_url.removesuffix("/v1")

    def reply(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> Reply:
        if (decided := self.decide()) is not None:
            return decided
        request = ExportTraceServiceRequest.FromString(gzip.decompress(body))
        self.spans += spans_of(request.resource_spans)
        return Reply()


@dataclass
class Pipeline:
    """One run of the Collector with its two ends."""

    collector: Collector
    helicone: FakeHelicone
    tempo: Path

    def post(self, request: ExportTraceServiceRequest) -> int:
        """Send an export, as an SDK does; gives the status, 0 where there was no answer."""
        headers = {"content-type": "application/x-protobuf"}
        try:
            reply = httpx.post(
                f"{self.collector.endpoint}/v1/traces",
                content=request.SerializeToString(),
                headers=headers,
                timeout=SECONDS,
                trust_env=False,
            )
        except httpx.TransportError:
            return 0
        return reply.status_code

    def tempo_resources(self) -> list[ResourceSpans]:
        """What Tempo would have got so far."""
        lines = self.tempo.read_bytes().splitlines(keepends=True) if self.tempo.exists() else []
        return [
            resource for line in lines if line.endswith(b"\n") for resource in trace_of(json.loads(line)).resource_spans
        ]

    def tempo_spans(self) -> list[Span]:
        return spans_of(self.tempo_resources())

    def logged(self, case: str) -> LoggedRequest:
        """What Helicone recorded for the span with this property `case`; waits for it."""
        self.wait(lambda: any(request.properties.get("case") == case for request in self.helicone.requests))
        [found] = [request for request in self.helicone.requests if request.properties.get("case") == case]
        return found

    def wait(self, until: Callable[[], object], *, seconds: float = SECONDS) -> None:
        """Wait until something is true; it is an error when that takes too long."""
        deadline = time.monotonic() + seconds
        while not until():
            assert time.monotonic() < deadline, f"It did not happen. The Collector:\n{self.collector.log[-3000:]}"
            time.sleep(0.01)

    @property
    def _shows_metrics(self) -> bool:
        try:
            return httpx.get(self.collector.metrics, timeout=SECONDS, trust_env=False).is_success
        except httpx.ConnectError:
            return False

    def metric(self, name: str) -> float:
        """The sum of one of the Collector's own metrics; 0 where it has not been recorded."""
        self.wait(lambda: self._shows_metrics)  # it may take spans a moment before it answers for its metrics
        lines = httpx.get(self.collector.metrics, timeout=SECONDS, trust_env=False).text.splitlines()
        return sum(float(line.rsplit(" ", 1)[1]) for line in lines if line.startswith((f"{name}{{", f"{name} ")))


@contextmanager
def pipeline(
    binary: Path,
    folder: Path,
    *names: str,
    helicone: FakeHelicone | None = None,
    overlays: Sequence[Mapping[str, Any]] = (),
    environ: Mapping[str, str] | None = None,
    url: str | None = None,
) -> Generator[Pipeline]:
    """Run base and helicone, the files of these names, a file in Tempo's place, and these overlays after them.

    Args:
        binary: The Collector's.
        folder: Where the files and Tempo's spans are written.
        names: More of our files; with `tempo` there is no file in its place.
        helicone: The stand-in; by default one that takes everything.
        overlays: Configuration that comes last.
        environ: More variables.
        url: Where Helicone is, if it is not served here.
    """
    helicone = helicone or FakeHelicone(KEY)
    tempo = folder / "tempo.jsonl"
    with ExitStack() as stack:
        variables = {
            **{name: value for name, value in os.environ.items() if not name.startswith(("OTEL_", "HELICONE_"))},
            "HELICONE_API_KEY": KEY,
            "OTEL_RESPONSES_HELICONE_ENDPOINT": url or stack.enter_context(helicone.serve()),
            "OTEL_RESPONSES_QUEUE_DIR": str(folder / "queue"),
            **(environ or {}),
        }
        ends = [] if "tempo" in names else [tempo_file(tempo)]
        files = in_order({"base", "helicone", *names}, packaged())
        files += [_written(folder, n, overlay) for n, overlay in enumerate((*ends, QUICK, *overlays))]
        collector = stack.enter_context(running(binary, files, variables))
        yield Pipeline(collector, helicone, tempo)


def spans_of(resources: Iterable[ResourceSpans]) -> list[Span]:
    return [span for resource in resources for scope in resource.scope_spans for span in scope.spans]


def trace_of(document: Any) -> ExportTraceServiceRequest:
    """OTLP's JSON as protobuf; OTLP writes ids in hexadecimal, protobuf's JSON in base64."""
    return json_format.ParseDict(_with_base64_ids(document), ExportTraceServiceRequest())


def _with_base64_ids(node: Any) -> Any:
    match node:
        case dict():
            return {
                key: base64.b64encode(bytes.fromhex(value)).decode()
                if key.lower().endswith("spanid") or key == "traceId"
                else _with_base64_ids(value)
                for key, value in node.items()
            }
        case list():
            return [_with_base64_ids(item) for item in node]
        case _:
            return node


def _written(folder: Path, number: int, overlay: Mapping[str, Any]) -> Path:
    file = folder / f"overlay-{number}.yaml"
    file.write_text(json.dumps(overlay))  # JSON is YAML
    return file
