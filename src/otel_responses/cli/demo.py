"""`otel-responses demo`: a program, a fake Responses API, a receiver and a terminal.

The program runs as a process of its own; only environment variables tell it where its calls and its telemetry go.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from functools import partial

from rich.console import Console

from otel_responses import environment_variables as names
from otel_responses.cli.collector.binary import CollectorMissing
from otel_responses.cli.collector.demonstration import between, recorded
from otel_responses.cli.collector.running import CollectorError
from otel_responses.cli.process import Process, ProcessTimeout, running
from otel_responses.cli.receiver import receiving
from otel_responses.cli.screen import follow, say, showing
from otel_responses.cli.script import scripted_api
from otel_responses.cli.telemetry import Telemetry
from otel_responses.policy import CaptureMode

__all__ = ["DemoError", "demo"]

PROGRAM = "otel_responses.cli.program"
LOOPBACK = "127.0.0.1"
SERVICE_NAME = "otel-responses-demo"
PROGRAM_SECONDS = 120.0
ENDPOINTS = ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")
CAPTURE_CONTENT = "OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT"
# Of the variables that would send the demo's telemetry elsewhere, or change it, these do no harm.
KEPT = (
    "OTEL_RESOURCE_ATTRIBUTES",
    "OTEL_SEMCONV_STABILITY_OPT_IN",
    CAPTURE_CONTENT,
    names.OTEL_RESPONSES_CAPTURE_BLOBS,
    names.OTEL_RESPONSES_CAPTURE_TOOL_SCHEMAS,
    names.OTEL_RESPONSES_MAX_CONTENT_BYTES,
    names.OTEL_RESPONSES_MAX_CONTENT_CHARS,
    names.OTEL_RESPONSES_REDACT,
)
INTRODUCTION = """\
Responses API  {api}
Telemetry to   {endpoint}

Calls in two nested sessions: text, web search, file search (after a 429),
image, JSON, reasoning, function calling, streaming, a stream that its reader
closes, and a response that fails.
"""
NEXT = """
Next, at the start of your own program:  otel_responses.instrument(export=True)
and to watch it as you watched this:     otel-responses view
"""
WITHOUT_CONTENT = "Messages are recorded on request only:   otel-responses demo --content"
WITH_CONTENT = f"and with its messages, set for it:       {CAPTURE_CONTENT}=SPAN_ONLY"


class DemoError(Exception):
    """The demo cannot run or did not end well; the message says why."""

    def __init__(self, sentence: str, *, exit_code: int = 1) -> None:
        super().__init__(sentence)
        self.exit_code = exit_code


def demo(
    console: Console,
    *,
    live: bool,
    content: bool,
    collector: bool = False,
    environ: Mapping[str, str] = os.environ,
) -> None:
    """Run the program and show its calls; raises `DemoError`.

    Args:
        console: Where it is shown.
        live: Call the real API with `OPENAI_API_KEY`, not the fake one.
        content: Record and show messages, as the environment says or on spans.
        collector: Put the real Collector in between, and show what Helicone would record; messages are recorded too.
        environ: With `OTEL_EXPORTER_OTLP_ENDPOINT` in it, the telemetry goes there and no tree is shown.
    """
    if live and not environ.get("OPENAI_API_KEY"):
        raise DemoError("--live calls the real API, which needs a key: set OPENAI_API_KEY.", exit_code=2)
    if (content or collector) and not _captures_content(environ):
        environ = {**environ, CAPTURE_CONTENT: CaptureMode.SPAN_ONLY.value}
    with nullcontext() if live else scripted_api().serve() as base_url:
        run = _Run(console, _api_variables(environ, base_url), base_url)
        try:
            if collector:
                exit_code = run.show_both_sides(environ)
            else:
                exit_code = run.export(endpoint) if (endpoint := _endpoint(environ)) else run.show()
        except (CollectorError, CollectorMissing, ProcessTimeout) as error:
            raise DemoError(str(error)) from error
    if exit_code:
        raise DemoError(f"The program ended with exit code {exit_code}; what it said is above.")
    say(console, NEXT + (WITH_CONTENT if _captures_content(environ) else WITHOUT_CONTENT))


@dataclass(frozen=True, slots=True)
class _Run:
    """One run of the program; `base_url` is that of the fake API, None with the real one."""

    console: Console
    variables: Mapping[str, str]
    base_url: str | None

    def show(self) -> int:
        """Run it with the receiver and the tree; gives its exit code."""
        telemetry = Telemetry()
        with receiving(telemetry, port=0, notify=partial(say, self.console, style="yellow")) as endpoint:
            self._introduce(f"{endpoint} (OTLP, received by this command)")
            with showing(self.console, telemetry) as screen:
                with self._program(_receiver_variables(self.variables, endpoint)) as program:
                    follow(telemetry, screen, until=program.has_ended)
                screen.update()
        return program.exit_code

    def show_both_sides(self, environ: Mapping[str, str]) -> int:
        """Run it with the Collector, the receiver in Tempo's place, and a Helicone; gives its exit code."""
        telemetry = Telemetry()
        with (
            receiving(telemetry, port=0, notify=partial(say, self.console, style="yellow")) as endpoint,
            showing(self.console, telemetry) as screen,
        ):
            with between(endpoint, environ) as (collector, helicone):
                self._introduce(f"{collector} (a Collector, which sends it on to this command)")
                with self._program(_receiver_variables(self.variables, collector)) as program:
                    follow(telemetry, screen, until=program.has_ended)
            screen.update()
        self.console.print(recorded(helicone.requests))
        return program.exit_code

    def export(self, endpoint: str) -> int:
        """Run it with its telemetry going where the environment says; gives its exit code."""
        variables = {"OTEL_SERVICE_NAME": SERVICE_NAME, **self.variables}
        self._introduce(f"{endpoint} (as your OTEL_EXPORTER_OTLP variables say)")
        with self._program(variables) as program:
            program.wait()
        say(self.console, f"Look there for the service {variables['OTEL_SERVICE_NAME']!r}.")
        return program.exit_code

    def _introduce(self, endpoint: str) -> None:
        api = f"{self.base_url} (a fake one)" if self.base_url else "the real one"
        say(self.console, INTRODUCTION.format(api=api, endpoint=endpoint))

    def _program(self, variables: Mapping[str, str]) -> AbstractContextManager[Process]:
        arguments = ["-m", PROGRAM] if self.base_url else ["-m", PROGRAM, "--live"]
        return running(arguments, variables, seconds=PROGRAM_SECONDS, on_line=partial(say, self.console))


def _captures_content(environ: Mapping[str, str]) -> bool:
    mode = environ.get(CAPTURE_CONTENT, "").strip().upper()
    return mode in CaptureMode.__members__ and CaptureMode[mode] is not CaptureMode.NO_CONTENT


def _endpoint(environ: Mapping[str, str]) -> str | None:
    return next(filter(None, map(environ.get, ENDPOINTS)), None)


def _api_variables(environ: Mapping[str, str], base_url: str | None) -> dict[str, str]:
    """What the program needs to call the API. A proxy that the environment names is not for loopback."""
    no_proxy = ",".join(filter(None, (environ.get("no_proxy", environ.get("NO_PROXY")), LOOPBACK)))
    common = {"NO_PROXY": no_proxy, "no_proxy": no_proxy, "PYTHONSAFEPATH": "1", "PYTHONUNBUFFERED": "1"}
    if base_url is None:
        return {**environ, **common}
    others = {name: value for name, value in environ.items() if not name.startswith("OPENAI_")}
    return {**others, **common, "OPENAI_BASE_URL": base_url, "OPENAI_API_KEY": "no-key-needed"}


def _receiver_variables(variables: Mapping[str, str], endpoint: str) -> dict[str, str]:
    """What the program needs to send its telemetry to the receiver, often enough to be watched."""
    others = {name: value for name, value in variables.items() if not name.startswith("OTEL_") or name in KEPT}
    return {
        **others,
        "OTEL_EXPORTER_OTLP_ENDPOINT": endpoint,
        "OTEL_EXPORTER_OTLP_PROTOCOL": "http/protobuf",
        "OTEL_SERVICE_NAME": SERVICE_NAME,
        "OTEL_BSP_SCHEDULE_DELAY": "200",  # milliseconds
        "OTEL_BLRP_SCHEDULE_DELAY": "100",  # before the spans, so that content is there when its call is shown
        "OTEL_METRIC_EXPORT_INTERVAL": "2000",
    }
