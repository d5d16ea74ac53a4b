"""The real Tempo, Prometheus and Loki, with the files of grafana/, on free ports of loopback."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from opentelemetry.proto.trace.v1.trace_pb2 import TracesData

from otel_responses.cli.collector.running import free_port
from tools.stack import version_of

GRAFANA = Path(__file__).parents[2] / "grafana"
START_SECONDS = 120.0
STOP_SECONDS = 5.0  # Tempo may take minutes to hand over what nobody will ask for
# What grafana/tempo.yaml says is for Tempo 3. In 2.9 the newest spans are not in a live-store, but in the ingester, and
# for metrics in the blocks of the generator; and their last seconds are not cut off.
TEMPO_3_TO_2 = {
    "  query_end_cutoff: 0s  # 30s by default, which hides the newest calls\n": "",
    """\
live_store:
  wal: {path: "${TEMPO_DATA:-/var/tempo}/live-store/traces"}
  shutdown_marker_dir: ${TEMPO_DATA:-/var/tempo}/live-store/shutdown-marker
""": "",
    "  processor:\n": """\
  traces_storage: {path: "${TEMPO_DATA:-/var/tempo}/generator/traces"}
  processor:
    local_blocks: {filter_server_spans: false}
""",
    "processors: [span-metrics, service-graphs]": "processors: [span-metrics, service-graphs, local-blocks]",
}


@dataclass(frozen=True)
class Tempo:
    """A Tempo that runs.

    Attributes:
        url: Of its API.
        otlp: The endpoint that takes spans.
    """

    url: str
    otlp: str

    def search(self, query: str, since: int) -> list[dict[str, Any]]:
        """The traces that have spans which match."""
        parameters = {"q": query, "limit": 500, "spss": 100, "start": since, "end": _now()}
        return _get(f"{self.url}/api/search", parameters).get("traces") or []

    def series(self, query: str, since: int, *, instant: bool) -> list[dict[str, Any]]:
        """The result of a TraceQL metrics query; an instant one has one value for the whole time."""
        parameters = {"q": query, "start": since, "end": _now()}
        if instant:
            return _get(f"{self.url}/api/metrics/query", parameters).get("series") or []
        return _get(f"{self.url}/api/metrics/query_range", {**parameters, "step": "10s"}).get("series") or []

    def trace(self, trace_id: str) -> TracesData:
        """A trace by its id."""
        headers = {"accept": "application/protobuf"}
        reply = httpx.get(f"{self.url}/api/traces/{trace_id}", headers=headers, timeout=30, trust_env=False)
        reply.raise_for_status()
        return TracesData.FromString(reply.content)


@dataclass(frozen=True)
class Prometheus:
    """A Prometheus that runs; `url` is of its API."""

    url: str

    def query(self, expression: str) -> list[dict[str, Any]]:
        """The result of a PromQL query, now."""
        return _get(f"{self.url}/api/v1/query", {"query": expression})["data"]["result"]

    def rules(self) -> list[dict[str, Any]]:
        """The alert rules, with their health."""
        return [rule for group in _get(f"{self.url}/api/v1/rules", {})["data"]["groups"] for rule in group["rules"]]

    def exemplars(self, expression: str, since: int) -> list[dict[str, Any]]:
        """The exemplars of a query's series."""
        parameters = {"query": expression, "start": since, "end": _now()}
        found = _get(f"{self.url}/api/v1/query_exemplars", parameters)["data"]
        return [exemplar for series in found for exemplar in series["exemplars"]]


@dataclass(frozen=True)
class Loki:
    """A Loki that runs; `url` is of its API."""

    url: str

    def query(self, expression: str, since: int) -> list[dict[str, Any]]:
        """The streams that match, each with its labels and its lines."""
        parameters = {"query": expression, "start": since, "end": _now(), "limit": 500, "direction": "forward"}
        return _get(f"{self.url}/loki/api/v1/query_range", parameters)["data"]["result"]


@contextmanager
def tempo(binary: Path, folder: Path, prometheus_port: int) -> Generator[Tempo]:
    """Run Tempo with grafana/tempo.yaml, in the form of its version."""
    ports = {name: free_port() for name in ("PORT", "GRPC_PORT", "OTLP_GRPC_PORT", "OTLP_HTTP_PORT", "GOSSIP_PORT")}
    environ = {
        **{f"TEMPO_{name}": str(port) for name, port in ports.items()},
        "TEMPO_DATA": str(folder / "tempo"),
        "TEMPO_REMOTE_WRITE": f"http://127.0.0.1:{prometheus_port}/api/v1/write",
    }
    url = f"http://127.0.0.1:{ports['PORT']}"
    text = (GRAFANA / "tempo.yaml").read_text(encoding="utf-8")
    if (2, 0) <= version_of(binary) < (3, 0):
        text = _replaced(text, TEMPO_3_TO_2)
    (folder / "tempo.yaml").write_text(text, encoding="utf-8")
    command = [str(binary), "-target=all", "-config.expand-env=true", f"-config.file={folder / 'tempo.yaml'}"]
    with _running(command, environ, folder / "tempo.log", f"{url}/ready"):
        yield Tempo(url, f"http://127.0.0.1:{ports['OTLP_HTTP_PORT']}")


@contextmanager
def prometheus(binary: Path, folder: Path, port: int, targets: Mapping[str, str]) -> Generator[Prometheus]:
    """Run Prometheus with grafana/prometheus.yaml, with other addresses in it and more often asking."""
    text = (GRAFANA / "prometheus.yaml").read_text(encoding="utf-8").replace("interval: 15s", "interval: 1s")
    text = _replaced(text, targets)
    (folder / "prometheus.yaml").write_text(text, encoding="utf-8")
    (folder / "alerts.yaml").write_bytes((GRAFANA / "alerts.yaml").read_bytes())
    command = [
        str(binary),
        f"--config.file={folder / 'prometheus.yaml'}",
        f"--storage.tsdb.path={folder / 'prometheus'}",
        f"--web.listen-address=127.0.0.1:{port}",
        "--web.enable-otlp-receiver",
        "--web.enable-remote-write-receiver",
        "--enable-feature=exemplar-storage",
    ]
    url = f"http://127.0.0.1:{port}"
    with _running(command, {}, folder / "prometheus.log", f"{url}/-/ready"):
        yield Prometheus(url)


@contextmanager
def loki(binary: Path, folder: Path) -> Generator[Loki]:
    """Run Loki with grafana/loki.yaml."""
    port = free_port()
    environ = {"LOKI_PORT": str(port), "LOKI_GRPC_PORT": str(free_port()), "LOKI_DATA": str(folder / "loki")}
    command = [
        str(binary),
        "-config.expand-env=true",
        f"-config.file={GRAFANA / 'loki.yaml'}",
        "-ingester.min-ready-duration=0s",  # which is for the others of a ring
    ]
    with _running(command, environ, folder / "loki.log", f"http://127.0.0.1:{port}/ready"):
        yield Loki(f"http://127.0.0.1:{port}")


def wait(
    until: Callable[[], object], *, seconds: float = 60.0, otherwise: Callable[[], str] = lambda: "It did not happen."
) -> None:
    """Wait until something is true; it is an error when that takes too long."""
    deadline = time.monotonic() + seconds
    while not until():
        assert time.monotonic() < deadline, otherwise()
        time.sleep(0.2)


@contextmanager
def _running(command: Sequence[str], environ: Mapping[str, str], log: Path, ready: str) -> Generator[None]:
    def is_ready() -> bool:
        assert process.poll() is None, log.read_text(encoding="utf-8", errors="replace")[-3_000:]
        try:
            return httpx.get(ready, timeout=5, trust_env=False).is_success
        except httpx.TransportError:
            return False

    with log.open("wb") as output:
        process = subprocess.Popen(command, env={**os.environ, **environ}, stdout=output, stderr=output)
    try:
        wait(is_ready, seconds=START_SECONDS)
        yield
    finally:
        process.terminate()
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _replaced(text: str, parts: Mapping[str, str]) -> str:
    for part, other in parts.items():
        assert part in text
        text = text.replace(part, other)
    return text


def _get(url: str, parameters: Mapping[str, Any]) -> dict[str, Any]:
    reply = httpx.get(url, params=dict(parameters), timeout=60, trust_env=False)
    assert reply.is_success, f"{parameters.get('q') or parameters.get('query')}: {reply.status_code} {reply.text[:500]}"
    return reply.json()


def _now() -> int:
    return int(time.time()) + 60
