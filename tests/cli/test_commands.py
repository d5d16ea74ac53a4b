from __future__ import annotations

import io
import itertools
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from typing import IO

import pytest
from inline_snapshot import snapshot
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from typer.testing import CliRunner

from otel_responses import __version__, cli
from otel_responses.cli import demo as demo_module, program, script
from otel_responses.cli.app import app
from otel_responses.cli.receiver import receiving
from otel_responses.cli.telemetry import Telemetry
from otel_responses.testing import FakeResponsesAPI, Reply

COMMAND = (sys.executable, "-m", "otel_responses")
SECONDS = 120.0


@pytest.fixture(autouse=True)
def plain_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither the developer's settings nor a terminal's width reach the commands."""
    for name in [*os.environ]:
        if name.startswith(("OTEL_", "OPENAI_")):
            monkeypatch.delenv(name)
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("PYTHONUTF8", "1")


@pytest.fixture
def api(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeResponsesAPI]:
    """What the demo takes for the real API: one that answers at once."""
    api = FakeResponsesAPI()
    with api.serve() as base_url:
        monkeypatch.setenv("OPENAI_BASE_URL", base_url)
        monkeypatch.setenv("OPENAI_API_KEY", "a-key")
        yield api


def invoke(*arguments: str) -> tuple[int, str, str]:
    result = CliRunner().invoke(app, arguments, catch_exceptions=False)
    return result.exit_code, result.stdout, result.stderr


def settled(text: str) -> str:
    """The text without what differs from run to run: ports, ids, times, and the room they take."""
    text = re.sub(r"127\.0\.0\.1:\d+", "127.0.0.1:PORT", text)
    text = re.sub(r"\b[0-9a-f]{8}\b", "ID", text)
    text = re.sub(r"\d+\.\d\d s", "TIME", text)
    text = re.sub(r"^gen_ai\.client\.cost .*\n", "", text, flags=re.MULTILINE)  # by the prices of the day, if at all
    return "\n" + re.sub(r" {2,}", "  ", text)


def test_the_demo_shows_the_program_s_calls():
    done = subprocess.run((*COMMAND, "demo"), capture_output=True, encoding="utf-8", timeout=SECONDS, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert settled(done.stdout) == snapshot("""\

Responses API  http://127.0.0.1:PORT/v1 (a fake one)
Telemetry to  http://127.0.0.1:PORT (OTLP, received by this command)

Calls in two nested sessions: text, web search, file search (after a 429),
image, JSON, reasoning, function calling, streaming, a stream that its reader
closes, and a response that fails.

Trip to Lisbon  ID  /  chat gpt-4.1  36 in / 87 out  TIME
Trip to Lisbon  ID  /research  chat gpt-4.1  328 in / 356 out  TIME
Trip to Lisbon  ID  /research  chat gpt-4.1  1 retry  18,307 in / 348 out (1,152 cached)  TIME
Holiday photos  ID  /  chat gpt-4.1  328 in / 52 out  TIME
Holiday photos  ID  /  chat gpt-4.1  41 in / 26 out  TIME
Trip to Lisbon  ID  /plan  chat o4-mini  81 in / 1,035 out (832 reasoning)  TIME
Trip to Lisbon  ID  /plan  chat gpt-4.1  tool_call  291 in / 23 out  TIME
Trip to Lisbon  ID  /write  chat gpt-4.1  1,377 in / 78 out (1,024 cached)  first chunk TIME  TIME
Trip to Lisbon  ID  /write  chat gpt-4.1  closed early  first chunk TIME  TIME
Trip to Lisbon  ID  /write  chat gpt-4.1  server_error  TIME

  first
  in  cached  out  reasoning  chunk  time
Trip to Lisbon  ID  8 calls  1 error
│  20,420  2,176  1,927  832  TIME
├─ chat gpt-4.1  36  87  TIME
├─ research
│  ├─ chat gpt-4.1  328  356  TIME
│  └─ chat gpt-4.1  1 retry  18,307  1,152  348  TIME
├─ plan
│  ├─ chat o4-mini  81  1,035  832  TIME
│  └─ chat gpt-4.1  tool_call  291  23  TIME
└─ write
  ├─ chat gpt-4.1  1,377  1,024  78  TIME  TIME
  ├─ chat gpt-4.1  closed early  TIME  TIME
  └─ chat gpt-4.1  server_error  TIME
Holiday photos  ID  2 calls
│  369  78  TIME
├─ chat gpt-4.1  328  52  TIME
└─ chat gpt-4.1  41  26  TIME

10 calls, 1 error, 20,789 tokens in, 2,005 out, p50 TIME, p95 TIME

metric  records  total
gen_ai.client.inference.usage.cache_read.input_tokens  2,176 tokens
gen_ai.client.inference.usage.reasoning.output_tokens  832 tokens
gen_ai.client.operation.duration  10  TIME
gen_ai.client.operation.time_to_first_chunk  2  TIME
gen_ai.client.token.usage input  8  20,789 tokens
gen_ai.client.token.usage output  8  2,005 tokens

Next, at the start of your own program:  otel_responses.instrument(export=True)
and to watch it as you watched this:  otel-responses view
Messages are recorded on request only:  otel-responses demo --content
""")


def test_the_demo_calls_the_real_api_with_what_works_there(api: FakeResponsesAPI):
    api.enqueue(Reply.error(400), Reply.answer(status="completed"))
    exit_code, output, _ = invoke("demo", "--live")
    assert exit_code == 0
    assert "Responses API  the real one" in output
    assert "text failed with BadRequestError" in output
    assert "file_search is left out: it needs a vector store of yours" in output
    assert "7 calls, 1 error" in output
    assert len(api.requests) == 7
    assert {request.headers["authorization"] for request in api.requests} == {"Bearer a-key"}


def test_the_script_has_a_reply_for_each_call_and_one_that_is_retried():
    calls: list[object] = []
    program.plan_a_trip(calls.append)
    assert len(set(calls)) == len(calls) == 10
    assert len(script.scripted_api()._script) == len(calls) + 1
    assert program.NOT_LIVE.keys() <= set(calls)


def test_the_demo_without_a_key_cannot_be_live():
    assert invoke("demo", "--live") == (
        2,
        "",
        "otel-responses: --live calls the real API, which needs a key: set OPENAI_API_KEY.\n",
    )


def test_the_demo_exports_to_the_endpoint_that_is_set(api: FakeResponsesAPI, monkeypatch: pytest.MonkeyPatch):
    telemetry = Telemetry()
    with receiving(telemetry, port=0, notify=print) as endpoint:
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint)
        exit_code, output, _ = invoke("demo", "--live")
    assert exit_code == 0
    assert f"Telemetry to   {endpoint} (as your OTEL_EXPORTER_OTLP variables say)" in output
    assert "Look there for the service 'otel-responses-demo'." in output
    assert "tokens in" not in output
    arrived = telemetry.arrived()
    assert len(arrived.calls) == 7
    assert "gen_ai.client.operation.duration" in {metric.name for metric in arrived.metrics}


def test_settings_for_another_program_do_not_lead_the_demo_astray(
    api: FakeResponsesAPI, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("OTEL_SDK_DISABLED", "true")
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_HEADERS", "authorization=secret")
    for name in ("HTTP_PROXY", "http_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    monkeypatch.setenv("NO_PROXY", "example.com")
    exit_code, output, _ = invoke("demo", "--live")
    assert exit_code == 0
    assert "7 calls, 0 errors" in output


def test_a_demo_program_that_fails_is_told(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(demo_module, "PROGRAM", "no_such_module")
    exit_code, output, error = invoke("demo")
    assert exit_code == 1
    assert "No module named no_such_module" in output
    assert error == "otel-responses: The program ended with exit code 1; what it said is above.\n"


def test_a_demo_program_that_does_not_end_is_stopped(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(demo_module, "PROGRAM_SECONDS", 0)
    exit_code, _, error = invoke("demo")
    assert (exit_code, error) == (1, "otel-responses: The program did not end within 0 s and was stopped.\n")


def test_the_demo_records_and_shows_messages_where_it_is_asked_to():
    done = subprocess.run(
        (*COMMAND, "demo", "--content"), capture_output=True, encoding="utf-8", timeout=SECONDS, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    _, _, told = settled(done.stdout).partition("response that fails.\n")
    conversation, _, rest = told.partition("\n\n")
    assert conversation == snapshot("""\

Trip to Lisbon  ID  /  chat gpt-4.1  36 in / 87 out  TIME
  system  You are a travel guide. Answer in two sentences.
  user  I have three days in Lisbon in May. What must I not miss?
  assistant  Take tram 28 up to the castle early in the morning, see the tile
  museum, and leave a day for the palaces of Sintra. In the evening
  there is fado in Alfama.
Trip to Lisbon  ID  /research  chat gpt-4.1  328 in / 356 out  TIME
  user  Which concerts are on in Lisbon in the second week of May?
  assistant  server tool call web_search  {"action": {"type": "search", "query":
  "concerts Lisbon second week of May"}}
  Two stand out in that week: a fado night in Alfama on Wednesday,
  and an open-air orchestra on Friday.
  url_citation  {"end_index": 101, "start_index": 0, "title": "Lisbon
  in May", "url": "https://events.example.com/lisbon/may"}
Trip to Lisbon  ID  /research  chat gpt-4.1  1 retry  18,307 in / 348 out (1,152 cached)  TIME
  user  What does our travel policy say about hotels?
  assistant  server tool call file_search  {"queries": ["hotel price limit",
  "hotel breakfast"]}
  Up to 140 euros a night, breakfast included; more needs the consent
  of your manager.
  file_citation  {"file_id": "file-0001", "filename":
  "travel-policy.pdf", "index": 83}
Holiday photos  ID  /  chat gpt-4.1  328 in / 52 out  TIME
  user  Where could this be, and is it far from the city?
  image
  https://upload.wikimedia.org/wikipedia/commons/thumb/d/dd/Gfp-wisco
  nsin-madison-the-nature-boardwalk.jpg/2560px-Gfp-wisconsin-madison-
  the-nature-boardwalk.jpg
  assistant  A boardwalk through a meadow under a blue sky. It looks like a
  nature reserve, and no city is in sight.
Holiday photos  ID  /  chat gpt-4.1  41 in / 26 out  TIME
  user  {"task": "rate these photos", "photos": ["1.jpg", "2.jpg"]}
  assistant  {"1.jpg": "sharp, good light", "2.jpg": "the horizon is tilted"}
Trip to Lisbon  ID  /plan  chat o4-mini  81 in / 1,035 out (832 reasoning)  TIME
  user  Put a tram ride, a museum, a beach and two dinners into two days,
  with the least walking.
  assistant  Saturday: tram 28 to the castle, then downhill through Alfama to
  dinner. Sunday: the tile museum, the train to the beach at Cascais,
  and dinner by the station.
Trip to Lisbon  ID  /plan  chat gpt-4.1  tool_call  291 in / 23 out  TIME
  user  Will it rain in Lisbon on Saturday?
  assistant  tool call get_weather call_weather  {"city": "Lisbon", "day":
  "Saturday"}
Trip to Lisbon  ID  /write  chat gpt-4.1  1,377 in / 78 out (1,024 cached)  first chunk TIME  TIME
  user  Will it rain in Lisbon on Saturday?
  assistant  tool call get_weather call_weather  {"city": "Lisbon", "day":
  "Saturday"}
  tool  tool response call_weather  Rain until the evening, 17 degrees.
  user  Then write the plan as a letter to a friend.
  assistant  Dear Ana, on Friday we take tram 28 up to the castle and walk down
  through Alfama for dinner. On Saturday it rains, so the tile museum
  comes first, and the aquarium after lunch. On Sunday the train
  brings us to the beach at Cascais. Bring good shoes: Lisbon has
  seven hills, and we shall climb most of them.
Trip to Lisbon  ID  /write  chat gpt-4.1  closed early  first chunk TIME  TIME
  user  Write it as a poem.
  assistant  Seven
Trip to Lisbon  ID  /write  chat gpt-4.1  server_error  TIME
  user  Translate it into Portuguese.
  error  The model failed to generate a response.\
""")
    assert "user" not in rest
    assert rest.endswith("OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT=SPAN_ONLY\n")


@pytest.mark.parametrize(
    ("mode", "options", "shows"),
    [
        pytest.param("event_only", (), True, id="events"),
        pytest.param("SPAN_AND_EVENT", ("--content",), True, id="both"),
        pytest.param("NO_CONTENT", ("--content",), True, id="option-over-variable"),
        pytest.param("NO_CONTENT", (), False, id="none"),
        pytest.param("true", (), False, id="not-a-mode"),
    ],
)
def test_the_demo_heeds_the_capture_mode_that_is_set(
    api: FakeResponsesAPI, monkeypatch: pytest.MonkeyPatch, mode: str, options: tuple[str, ...], shows: bool
):
    monkeypatch.setenv("OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT", mode)
    monkeypatch.setenv("OTEL_RESPONSES_MAX_CONTENT_CHARS", "20")
    exit_code, output, _ = invoke("demo", "--live", *options)
    assert exit_code == 0
    assert output.count("user  ") == (8 if shows else 0)
    assert output.count("user       I have three days in... [truncated, 37 of 57") == shows
    assert output.endswith("CONTENT=SPAN_ONLY\n" if shows else "otel-responses demo --content\n")


def test_the_demo_exports_messages_to_the_endpoint_that_is_set(api: FakeResponsesAPI, monkeypatch: pytest.MonkeyPatch):
    telemetry = Telemetry()
    with receiving(telemetry, port=0, notify=print) as endpoint:
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint)
        invoke("demo", "--live", "--content")
    assert all(call.conversation.messages for call in telemetry.arrived().calls)


@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM])
def test_view_shows_what_arrives_until_it_is_stopped(stop: signal.Signals):
    with subprocess.Popen((*COMMAND, "view", "--port", "0"), stdout=subprocess.PIPE, encoding="utf-8") as view:
        assert view.stdout is not None
        endpoint, invitation = invited(view.stdout)
        export(f"{endpoint}/v1/traces")
        export(f"{endpoint}/wrong")
        view.send_signal(stop)
        output = view.stdout.read()
    assert view.returncode == 0
    assert f"export OTEL_EXPORTER_OTLP_ENDPOINT={endpoint}\n" in invitation
    assert "There is nothing at '/wrong'; OTLP goes to /v1/traces" in output
    assert settled(output).endswith("""
(no session)  1 call  TIME
└─ chat gpt-4.1  TIME

1 call, 0 errors, p50 TIME, p95 TIME
""")


@pytest.mark.parametrize(
    ("options", "shown"), [((), True), (("--content",), True), (("--no-content",), False)], ids=["usual", "on", "off"]
)
def test_view_shows_messages_unless_they_are_not_wanted(options: tuple[str, ...], shown: bool):
    with subprocess.Popen(
        (*COMMAND, "view", "--port", "0", *options), stdout=subprocess.PIPE, encoding="utf-8"
    ) as view:
        assert view.stdout is not None
        endpoint, _ = invited(view.stdout)
        export(f"{endpoint}/v1/traces", **{"gen_ai.input.messages": '[{"role":"user","parts":["Where to?"]}]'})
        view.send_signal(signal.SIGTERM)
        output = view.stdout.read()
    assert ("  user       Where to?\n" in output) == shown
    assert ("Where to" in output) == shown


def invited(output: IO[str]) -> tuple[str, str]:
    """The endpoint that view says it listens on, and all that it says before anything arrives."""
    lines = "".join(itertools.takewhile(str.strip, output))
    found = re.match(r"Listening for OTLP on (http://127\.0\.0\.1:\d+) until Ctrl-C\.", lines)
    assert found is not None
    return found[1], lines


def export(endpoint: str, **attributes: str) -> None:
    provider = TracerProvider(shutdown_on_exit=False)
    provider.add_span_processor(SimpleSpanProcessor(OTLPSpanExporter(endpoint)))
    attributes = {"gen_ai.operation.name": "chat", **attributes}
    provider.get_tracer("any").start_span("chat gpt-4.1", attributes=attributes).end()
    provider.shutdown()


def test_view_says_that_its_port_is_taken():
    with receiving(Telemetry(), port=0, notify=print) as endpoint:
        port = endpoint.rpartition(":")[2]
        exit_code, output, error = invoke("view", "--port", port)
    assert (exit_code, output) == (1, "")
    assert error == (
        f"otel-responses: Port {port} on 127.0.0.1 is taken, perhaps by a Collector or by another "
        "`otel-responses view`. Choose another one with --port, such as --port 14318, and point your program there: "
        "OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:14318\n"
    )


def test_a_port_that_cannot_be_is_refused():
    exit_code, _, error = invoke("view", "--port", "65536")
    assert exit_code == 2
    assert "65535" in error


def test_the_version():
    assert invoke("--version") == (0, f"otel-responses {__version__}\n", "")


def test_the_help_names_every_command():
    _, output, _ = invoke("--help")
    assert re.findall(r"^│ (\w+) ", output, re.MULTILINE) == ["view", "demo", "doctor", "collector", "stack"]


def test_without_a_command_the_help_is_shown():
    _, output, _ = invoke()
    assert "Usage: otel-responses [OPTIONS] COMMAND" in output


def test_output_without_an_encoding_is_written_all_the_same(api: FakeResponsesAPI, monkeypatch: pytest.MonkeyPatch):
    output = io.StringIO()
    monkeypatch.setattr(sys, "stdout", output)
    app(["demo", "--live"], standalone_mode=False)
    assert "7 calls" in output.getvalue()


@pytest.mark.parametrize("package", ["rich", "typer"])
def test_a_missing_package_of_the_extra_is_a_plain_sentence(package: str):
    blocked = f"import sys; sys.modules[{package!r}] = None; from otel_responses.cli import main; main()"
    done = subprocess.run((sys.executable, "-c", blocked), capture_output=True, text=True, timeout=SECONDS, check=False)
    assert (done.returncode, done.stdout) == (1, "")
    assert "pip install 'otel-responses[cli]'" in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_a_fault_of_ours_is_not_taken_for_a_missing_package(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(sys.modules, "otel_responses.cli.app", None)
    with pytest.raises(ModuleNotFoundError, match=r"otel_responses\.cli\.app"):
        cli.main()
