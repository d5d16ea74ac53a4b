"""Helicone or Tempo away, the Collector killed, queues full, bad spans, big spans, many spans."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from otel_responses.cli.collector.running import free_port
from otel_responses.testing._helicone import FakeHelicone, LoggedRequest
from otel_responses.testing._reply import Reply
from tests.e2e.pipeline import KEY, FakeTempo, Pipeline, pipeline, spans_of
from tests.e2e.spans import call, message, request_of, text

SPANS = 20  # in a request


def send(sides: Pipeline, requests: int, *, spans: int = SPANS) -> set[str]:
    """Send some requests, all of which have to be accepted; gives the ids of their spans."""
    made = [request_of(*(call(f"{n}-{m}") for m in range(spans))) for n in range(requests)]
    assert [sides.post(request) for request in made] == [200] * requests
    return {span.span_id.hex() for request in made for span in spans_of(request.resource_spans)}


def received(helicone: FakeHelicone) -> Counter[str]:
    return Counter(request.span["spanId"] for request in helicone.requests)


def answering(reply: Reply) -> Callable[[LoggedRequest], Reply]:
    return lambda _: reply


@pytest.mark.parametrize("queue", [(), ("helicone-queue",)], ids=["memory", "disk"])
@pytest.mark.parametrize(
    "reply",
    [
        pytest.param(Reply.error(503), id="503"),
        pytest.param(Reply.error(429, retry_after=1), id="429 with Retry-After"),
        pytest.param(Reply.error(502), id="502"),
        pytest.param(Reply.broken("disconnected"), id="closes the connection"),
        pytest.param(Reply.broken("timeout"), id="hangs"),
    ],
)
def test_an_outage_loses_and_doubles_nothing(otelcol: Path, tmp_path: Path, queue: tuple[str, ...], reply: Reply):
    helicone = FakeHelicone(KEY)
    helicone.decide = answering(reply)
    with pipeline(otelcol, tmp_path, *queue, helicone=helicone) as sides:
        sent = send(sides, 3)
        sides.wait(lambda: helicone.attempts >= 3)
        helicone.decide = lambda _: None
        sides.wait(lambda: received(helicone).keys() == sent)
        assert received(helicone).total() == len(sent)
        sides.wait(lambda: {span.span_id.hex() for span in sides.tempo_spans()} == sent)


@pytest.mark.parametrize("queue", [(), ("helicone-queue",)], ids=["memory", "disk"])
def test_a_helicone_that_is_not_there_yet_gets_everything_later(otelcol: Path, tmp_path: Path, queue: tuple[str, ...]):
    port = free_port()
    helicone = FakeHelicone(KEY)
    with pipeline(otelcol, tmp_path, *queue, helicone=helicone, url=f"http://127.0.0.1:{port}/v1/trace/log") as sides:
        sent = send(sides, 3)
        sides.wait(lambda: len(sides.tempo_spans()) == len(sent))
        with helicone.serve(port=port):
            sides.wait(lambda: received(helicone).keys() == sent)
            assert received(helicone).total() == len(sent)


def test_an_answer_that_does_not_come_in_time_doubles_a_request(otelcol: Path, tmp_path: Path):
    """Helicone gives each span a random id of its own: what it logged without saying so is logged again."""
    helicone = FakeHelicone(KEY)

    def log_and_hang(request: LoggedRequest) -> Reply:
        helicone.requests.append(request)
        return Reply.broken("disconnected")

    helicone.decide = log_and_hang
    with pipeline(otelcol, tmp_path, helicone=helicone) as sides:
        [sent] = send(sides, 1, spans=1)
        sides.wait(lambda: received(helicone)[sent] == 2)
        helicone.decide = lambda _: None


def test_what_was_accepted_survives_a_kill(otelcol: Path, tmp_path: Path):
    helicone = FakeHelicone(KEY)
    helicone.decide = answering(Reply.error(503))
    with pipeline(otelcol, tmp_path, "helicone-queue", helicone=helicone) as sides:
        sent = send(sides, 5)
        sides.wait(lambda: helicone.attempts)
        sides.collector.kill()
    helicone.decide = lambda _: None
    with pipeline(otelcol, tmp_path, "helicone-queue", helicone=helicone) as sides:
        sides.wait(lambda: received(helicone).keys() == sent)
        assert received(helicone).total() == len(sent)


def test_a_kill_in_the_middle_loses_nothing_and_doubles_only_what_was_in_flight(otelcol: Path, tmp_path: Path):
    helicone = FakeHelicone(KEY)
    with pipeline(otelcol, tmp_path, "helicone-queue", helicone=helicone) as sides:
        sent = send(sides, 20)
        sides.wait(lambda: len(helicone.requests) >= 100)
        sides.collector.kill()
    with pipeline(otelcol, tmp_path, "helicone-queue", helicone=helicone) as sides:
        sides.wait(lambda: received(helicone).keys() == sent)
        doubled = received(helicone).total() - len(sent)
        assert doubled <= IN_FLIGHT * SPANS


# A request stays in the queue until each of its spans is delivered, and 16 spans are on their way at a time. They can
# be of as many requests as have spans among them, and one more is being taken apart.
IN_FLIGHT = 17


def test_tempo_away_and_a_kill_lose_nothing(otelcol: Path, tmp_path: Path):
    tempo = FakeTempo()
    tempo.decide = lambda: Reply.error(503)
    with tempo.serve() as endpoint:
        environ = {"OTEL_RESPONSES_TEMPO_ENDPOINT": endpoint}
        names = ("tempo", "tempo-queue", "helicone-queue")
        with pipeline(otelcol, tmp_path, *names, environ=environ) as sides:
            sent = send(sides, 5)
            sides.collector.kill()
        tempo.decide = lambda: None
        with pipeline(otelcol, tmp_path, *names, environ=environ) as sides:
            sides.wait(lambda: {span.span_id.hex() for span in tempo.spans} == sent)


def queue_of(size: int) -> dict[str, Any]:
    return {"exporters": {"otlp_http/helicone": {"sending_queue": {"queue_size": size}}}}


@pytest.mark.parametrize(
    ("queue", "size"),
    [pytest.param((), 2 * SPANS, id="memory"), pytest.param(("helicone-queue",), 300_000, id="disk")],
)
def test_a_full_queue_is_an_error_to_the_sender_which_sends_again(
    otelcol: Path, tmp_path: Path, queue: tuple[str, ...], size: int
):
    """Tempo gets again what it had taken, with the same ids; Helicone gets every span once."""
    helicone = FakeHelicone(KEY)
    helicone.decide = answering(Reply.error(503))
    with pipeline(otelcol, tmp_path, *queue, helicone=helicone, overlays=[queue_of(size)]) as sides:
        requests = [
            request_of(*(call(f"{n}-{m}", input=[message("user", text("x" * 4_000))]) for m in range(SPANS)))
            for n in range(30)
        ]
        answers = [sides.post(request) for request in requests]
        refused = [request for request, answer in zip(requests, answers, strict=True) if answer != 200]
        assert {*answers} == {200, 503}
        assert sides.metric("otelcol_exporter_enqueue_failed_spans") == len(refused) * SPANS
        helicone.decide = lambda _: None
        for request in refused:
            sides.wait(lambda request=request: sides.post(request) == 200)
        sent = {span.span_id.hex() for request in requests for span in spans_of(request.resource_spans)}
        sides.wait(lambda: received(helicone).keys() == sent)
        assert received(helicone).total() == len(sent)
        sides.wait(lambda: len(sides.tempo_spans()) >= len(sent) + len(refused) * SPANS)
        assert {span.span_id.hex() for span in sides.tempo_spans()} == sent


def test_a_poison_span_costs_itself_and_shows_in_a_metric(otelcol: Path, tmp_path: Path):
    helicone = FakeHelicone(KEY)
    helicone.decide = lambda request: Reply(status=500) if request.properties["case"] == "0-7" else None
    with pipeline(otelcol, tmp_path, "helicone-queue", helicone=helicone) as sides:
        sent = send(sides, 1)
        sides.wait(lambda: len(helicone.requests) == len(sent) - 1)
        sides.wait(lambda: sides.metric("otelcol_exporter_send_failed_spans") == 1)
        assert helicone.attempts == len(sent)


def test_ten_megabytes_of_prompt_arrive(otelcol: Path, tmp_path: Path):
    prompt = 'a "long" prompt \\ ' * 580_000
    with pipeline(otelcol, tmp_path) as sides:
        assert len(prompt) > 10_000_000
        assert sides.post(request_of(call("long", input=[message("user", text(prompt))]))) == 200
        assert sides.logged("long").messages == [{"role": "user", "content": prompt}]


@pytest.mark.parametrize("queue", [(), ("helicone-queue",)], ids=["memory", "disk"])
def test_a_burst_of_50_000_spans_is_accepted_while_helicone_is_away(
    otelcol: Path, tmp_path: Path, queue: tuple[str, ...]
):
    helicone = FakeHelicone(KEY)
    helicone.decide = answering(Reply.error(503))
    with pipeline(otelcol, tmp_path, *queue, helicone=helicone) as sides:
        request = request_of(*(call("burst", input=[message("user", text("word " * 100))]) for _ in range(500)))
        assert [sides.post(request) for _ in range(100)] == [200] * 100
        assert sides.metric("otelcol_receiver_accepted_spans") == 50_000
        assert sides.metric("otelcol_exporter_queue_size") > 49_000  # spans in memory, bytes on disk
        sides.wait(lambda: sides.metric("otelcol_exporter_sent_spans") == 50_000)
        sides.collector.kill()


def test_the_collector_is_ours_alone(otelcol: Path, tmp_path: Path):
    """Stopped, it is gone; a test leaves no process behind."""
    with pipeline(otelcol, tmp_path) as sides:
        pid = sides.collector.pid
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
