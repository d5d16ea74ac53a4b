"""A Collector as a process of its own, ready when its receiver listens and ended with what it has still to send."""

from __future__ import annotations

import socket
import subprocess
import tempfile
import time
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

__all__ = ["Collector", "CollectorError", "arguments", "free_port", "running"]

LOOPBACK = "127.0.0.1"
START_SECONDS = 30.0
STOP_SECONDS = 15.0
LOG_TAIL = 2_000  # characters of the log that an error quotes


class CollectorError(Exception):
    """The Collector did not start; the message has the end of its log."""


class Collector:
    """A Collector that runs.

    Attributes:
        endpoint: The URL of its OTLP/HTTP receiver.
        metrics: The URL of its own metrics.
    """

    def __init__(self, process: subprocess.Popen[bytes], log: Path, ports: Mapping[str, int]) -> None:
        self.endpoint = f"http://{LOOPBACK}:{ports['http']}"
        self.metrics = f"http://{LOOPBACK}:{ports['metrics']}/metrics"
        self._process = process
        self._log = log

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def log(self) -> str:
        """What it has written so far."""
        return self._log.read_text(encoding="utf-8", errors="replace")

    def kill(self) -> None:
        """End it at once, as SIGKILL does: without a chance to send or write anything."""
        self._process.kill()
        self._process.wait()

    def stop(self) -> None:
        """Ask it to end, and wait until it has sent what it can; after some seconds it is killed."""
        self._process.terminate()
        try:
            self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.kill()

    def wait_until_ready(self) -> None:
        """Wait for its receiver; raises `CollectorError`."""
        port = urlsplit(self.endpoint).port
        deadline = time.monotonic() + START_SECONDS
        while self._process.poll() is None and time.monotonic() < deadline:
            with socket.socket() as probe:
                if probe.connect_ex((LOOPBACK, port or 0)) == 0:
                    return
            time.sleep(0.02)
        raise CollectorError(f"The Collector does not start. The end of its log:\n{self.log[-LOG_TAIL:]}")


@contextmanager
def running(binary: Path, files: Sequence[Path], environ: Mapping[str, str]) -> Generator[Collector]:
    """Run it on free ports of loopback while the block lasts; raises `CollectorError`."""
    ports = {"grpc": free_port(), "http": free_port(), "metrics": free_port()}
    variables = {
        **environ,
        "OTEL_RESPONSES_OTLP_GRPC": f"{LOOPBACK}:{ports['grpc']}",
        "OTEL_RESPONSES_OTLP_HTTP": f"{LOOPBACK}:{ports['http']}",
        "OTEL_RESPONSES_COLLECTOR_METRICS_PORT": str(ports["metrics"]),
    }
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "log"
        with log.open("wb") as output, _process(arguments(binary, files), variables, output.fileno()) as process:
            collector = Collector(process, log, ports)
            try:
                collector.wait_until_ready()
                yield collector
            finally:
                collector.stop()


def arguments(binary: Path, files: Sequence[Path]) -> list[str]:
    """The command line that runs it."""
    return [str(binary), *(f"--config={file}" for file in files)]


def free_port() -> int:
    """A port of loopback that nobody listens on now."""
    with socket.socket() as taken:
        taken.bind((LOOPBACK, 0))
        return taken.getsockname()[1]


def _process(command: Sequence[str], environ: Mapping[str, str], output: int) -> subprocess.Popen[bytes]:
    return subprocess.Popen(  # noqa: S603 - the Collector, with our own arguments
        command,
        env=dict(environ),
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=output,
        start_new_session=True,  # Ctrl-C is for the command, which stops the Collector when it has received everything
    )
