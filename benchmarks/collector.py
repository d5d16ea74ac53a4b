"""Measure the Collector: throughput, memory, and what each kind of outage costs. Prints the tables of its README."""

from __future__ import annotations

import tempfile
import time
from collections import Counter
from collections.abc import Callable, Generator, Iterable
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from otel_responses.cli.collector.binary import find
from otel_responses.cli.collector.files import in_order, packaged
from otel_responses.cli.collector.running import free_port, running
from otel_responses.testing._helicone import FakeHelicone, LoggedRequest
from otel_responses.testing._reply import Reply
from tests.e2e.pipeline import KEY, FakeTempo, Pipeline, pipeline, spans_of
from tests.e2e.spans import answer, call, message, request_of, text

REQUESTS = 20
SPANS = 100  # in a request
OUTAGE_SECONDS = 2.0
WAIT_SECONDS = 120.0
BURST = 50_000
QUEUES = {"memory": (), "disk": ("tempo-queue", "helicone-queue")}


@dataclass
class Case:
    """One run: two ends, and what was accepted for them."""

    name: str
    queue: str
    folder: Path
    helicone: FakeHelicone = field(default_factory=lambda: FakeHelicone(KEY))
    tempo: FakeTempo = field(default_factory=FakeTempo)
    port: int = field(default_factory=free_port)
    accepted: set[str] = field(default_factory=set[str])
    refusals: int = 0

    @contextmanager
    def collector(self, *, size: int | None = None) -> Generator[Pipeline]:
        """Run it between the two ends; Helicone is not listening yet."""
        limit = {"exporters": {"otlp_http/helicone": {"sending_queue": {"queue_size": size}}}}
        url = f"http://127.0.0.1:{self.port}/v1/trace/log"
        with self.tempo.serve() as endpoint:
            environ = {"OTEL_RESPONSES_TEMPO_ENDPOINT": endpoint}
            overlays = [limit] if size else []
            names = ("tempo", *QUEUES[self.queue])
            with pipeline(find(), self.folder, *names, url=url, environ=environ, overlays=overlays) as sides:
                yield sides

    def send(self, sides: Pipeline) -> None:
        """Send as an SDK does: what is refused is sent again."""
        prompt = [message("user", text("x" * 500))]
        requests = [request_of(*(call(f"{n}-{m}", input=prompt) for m in range(SPANS))) for n in range(REQUESTS)]
        for request in requests:
            while sides.post(request) != 200:
                self.refusals += 1
                time.sleep(0.2)
            self.accepted |= {span.span_id.hex() for span in spans_of(request.resource_spans)}

    def settle(self) -> None:
        """Wait until everything has come, or nothing has come for some seconds."""
        quiet, seen = time.monotonic(), -1
        while self.missing() and time.monotonic() < quiet + 5:
            if len(self.helicone.requests) + len(self.tempo.spans) != seen:
                quiet, seen = time.monotonic(), len(self.helicone.requests) + len(self.tempo.spans)
            time.sleep(0.05)
        time.sleep(0.5)

    def missing(self) -> bool:
        return not (self.accepted <= self.at_helicone().keys() and self.accepted <= self.at_tempo().keys())

    def at_helicone(self) -> Counter[str]:
        return Counter(request.span["spanId"] for request in self.helicone.requests)

    def at_tempo(self) -> Counter[str]:
        return Counter(span.span_id.hex() for span in self.tempo.spans)

    def row(self) -> str:
        sides = [figures(self.accepted, received) for received in (self.at_helicone(), self.at_tempo())]
        cells = (self.name, self.queue, f"{len(self.accepted):,}", *(f"{n:,}" for side in sides for n in side))
        return f"| {' | '.join(cells)} |"


def figures(accepted: set[str], received: Counter[str]) -> tuple[int, int, int]:
    """Received, lost, doubled."""
    return len(received), len(accepted - received.keys()), received.total() - len(received)


def away(case: Case, decide: Callable[[LoggedRequest], Reply | None]) -> None:
    """Helicone answers like that for two seconds, while the program sends."""
    case.helicone.decide = decide
    with case.helicone.serve(port=case.port), case.collector() as sides:
        case.send(sides)
        time.sleep(OUTAGE_SECONDS)
        case.helicone.decide = lambda _: None
        case.settle()


def answering(reply: Reply) -> Callable[[Case], None]:
    return lambda case: away(case, lambda _: reply)


def refused(case: Case) -> None:
    with case.collector() as sides:
        case.send(sides)
        time.sleep(OUTAGE_SECONDS)
        with case.helicone.serve(port=case.port):
            case.settle()


def answer_lost(case: Case) -> None:
    """Every tenth request is logged, and its first answer does not arrive."""

    def decide(request: LoggedRequest) -> Reply | None:
        if str(request.properties["case"]).endswith("7") and request.span["spanId"] not in case.at_helicone():
            case.helicone.requests.append(request)
            return Reply.broken("disconnected")
        return None

    case.helicone.decide = decide
    with case.helicone.serve(port=case.port), case.collector() as sides:
        case.send(sides)
        case.settle()


def killed_while_away(case: Case) -> None:
    with case.collector() as sides:
        case.send(sides)
        time.sleep(1)  # Tempo has its part
        sides.collector.kill()
    with case.helicone.serve(port=case.port), case.collector():
        case.settle()


def killed_in_the_middle(case: Case) -> None:
    with case.helicone.serve(port=case.port):
        with case.collector() as sides:
            case.send(sides)
            sides.collector.kill()
        with case.collector():
            case.settle()


def full(case: Case) -> None:
    """There is room for five of the twenty requests; Helicone is back after five refusals."""
    size = 5 * SPANS * (1 if case.queue == "memory" else 1_250)  # spans or bytes
    with case.helicone.serve(port=case.port), case.collector(size=size) as sides:
        case.helicone.decide = lambda _: Reply.error(503) if case.refusals < 5 else None
        case.send(sides)
        case.settle()
    case.name += f" ({case.refusals} refusals)"


def poison(case: Case) -> None:
    away(case, lambda request: Reply(status=500) if request.properties["case"] == "7-7" else None)


def tempo_away(case: Case) -> None:
    case.tempo.decide = lambda: Reply.error(503)
    with case.helicone.serve(port=case.port):
        with case.collector() as sides:
            case.send(sides)
            time.sleep(1)
            if case.queue == "disk":
                sides.collector.kill()
            else:
                case.tempo.decide = lambda: None
                case.settle()
        case.tempo.decide = lambda: None
        if case.queue == "disk":
            with case.collector():
                case.settle()


OUTAGES: dict[str, Callable[[Case], None]] = {
    "connection refused": refused,
    "503": answering(Reply.error(503)),
    "429 with Retry-After": answering(Reply.error(429, retry_after=1)),
    "hanging until the timeout": answering(Reply.broken("timeout")),
    "logged, but the answer is lost (every tenth)": answer_lost,
    "queue full, the sender sends again": full,
    "SIGKILL while Helicone is away": killed_while_away,
    "SIGKILL in the middle of sending": killed_in_the_middle,
    "Tempo answers 503 (disk: and a SIGKILL)": tempo_away,
    "a poison span, answered with 500": poison,
}


def outages() -> Iterable[str]:
    yield "| case | queue | accepted | Helicone: received | lost | doubled | Tempo: received | lost | doubled |"
    yield "|---|---|---:|---:|---:|---:|---:|---:|---:|"
    for name, run in OUTAGES.items():
        for queue in QUEUES:
            with tempfile.TemporaryDirectory() as folder:
                case = Case(name, queue, Path(folder))
                run(case)
                yield case.row()


def throughput() -> Iterable[str]:
    """Into a second Collector, so that the sink is no bottleneck."""
    yield "| pipelines | spans a CPU-second |"
    yield "|---|---:|"
    for names in (("tempo",), ("helicone",), ("tempo", "helicone")):
        with tempfile.TemporaryDirectory() as folder:
            yield f"| {' and '.join(names)} | {spans_a_cpu_second(Path(folder), names):,.0f} |"


def spans_a_cpu_second(folder: Path, names: tuple[str, ...]) -> float:
    messages = [message("user" if n % 2 else "assistant", text("word " * 100)) for n in range(12)]
    request = request_of(*(call("x", input=messages, output=[answer(text("word " * 100))]) for _ in range(100)))
    nowhere = folder / "nowhere.yaml"
    nowhere.write_text("service: {pipelines: {traces/tempo: {receivers: [forward], exporters: [nop]}}}")
    with ExitStack() as stack:
        sink = stack.enter_context(running(find(), [packaged() / "base.yaml", nowhere], {}))
        environ = {
            "HELICONE_API_KEY": KEY,
            "OTEL_RESPONSES_HELICONE_ENDPOINT": f"{sink.endpoint}/v1/traces",
            "OTEL_RESPONSES_TEMPO_ENDPOINT": sink.endpoint,
        }
        collector = stack.enter_context(running(find(), in_order({"base", *names}, packaged()), environ))
        sides = Pipeline(collector, FakeHelicone(KEY), folder / "none")
        before = sides.metric("otelcol_process_cpu_seconds")
        for _ in range(50):
            while sides.post(request) != 200:
                time.sleep(0.1)
        total = 5_000 * len(names)
        sides.wait(lambda: sides.metric("otelcol_exporter_sent_spans") == total, seconds=WAIT_SECONDS)
        time.sleep(0.5)
        return 5_000 / (sides.metric("otelcol_process_cpu_seconds") - before)


def memory() -> Iterable[str]:
    yield "| queue | MiB at rest | MiB at most | MiB on disk | refused | Helicone: received | Tempo: received |"
    yield "|---|---:|---:|---:|---:|---:|---:|"
    for queue in QUEUES:
        with tempfile.TemporaryDirectory() as folder:
            figures_of_burst = burst(Case("burst", queue, Path(folder)))
            yield f"| {queue} | {' | '.join(f'{figure:,.0f}' for figure in figures_of_burst)} |"


def burst(case: Case) -> Iterable[float]:
    """Send 50,000 spans while Helicone is away, then let it take them."""
    case.helicone.decide = lambda _: Reply.error(503)
    with case.helicone.serve(port=case.port), case.collector() as sides:
        yield resident(sides, "VmRSS")
        request = burst_request()
        answers = [sides.post(request) for _ in range(BURST // 500)]
        yield resident(sides, "VmHWM")
        yield sum(file.stat().st_size for file in case.folder.rglob("queue/*")) / 2**20
        yield 500 * (len(answers) - answers.count(200))
        case.helicone.decide = lambda _: None
        sides.wait(lambda: len(case.helicone.requests) >= BURST, seconds=600)
        yield len(case.helicone.requests)
        yield len(case.tempo.spans)


def burst_request() -> ExportTraceServiceRequest:
    return request_of(*(call("burst", input=[message("user", text("word " * 100))]) for _ in range(500)))


def resident(sides: Pipeline, name: str) -> float:
    """MiB, as the kernel counts."""
    lines = Path(f"/proc/{sides.collector.pid}/status").read_text(encoding="utf-8").splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith(name))


if __name__ == "__main__":
    print(f"binary: {find().stat().st_size / 2**20:.0f} MiB", flush=True)
    for table in (outages, throughput, memory):
        for line in table():
            print(line, flush=True)
