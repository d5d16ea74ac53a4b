"""The commands and their options."""

from __future__ import annotations

import io
import os
import sys
from contextlib import suppress
from typing import Annotated, cast

import typer
from rich.console import Console

from otel_responses._version import __version__
from otel_responses.cli.collector.commands import collector
from otel_responses.cli.demo import DemoError, demo
from otel_responses.cli.doctor.report import doctor
from otel_responses.cli.receiver import PortError
from otel_responses.cli.stack import stack
from otel_responses.cli.view import view

__all__ = ["app"]

OTLP_HTTP_PORT = 4318

app = typer.Typer(
    name="otel-responses",
    help="See what a program does with the OpenAI Responses API: calls, sessions, tokens, times, errors.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.add_typer(collector, name="collector")
app.add_typer(stack, name="stack")


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"otel-responses {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    *,
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version and end.")
    ] = False,
) -> None:
    """The options that come before a command."""


@app.command("view")
def _view(
    *,
    port: Annotated[
        int, typer.Option(min=0, max=65535, help="The port to listen on, on 127.0.0.1 only; 0 takes any free one.")
    ] = OTLP_HTTP_PORT,
    content: Annotated[
        bool, typer.Option("--content/--no-content", help="Show the messages of calls that carry them, or never.")
    ] = True,
) -> None:
    """Receive OTLP over HTTP from any program and show its calls as a tree while they arrive."""
    try:
        view(_console(), port=port, content=content)
    except PortError as error:
        typer.echo(f"otel-responses: {error}", err=True)
        raise typer.Exit(1) from None


@app.command("demo")
def _demo(
    *,
    live: Annotated[
        bool, typer.Option("--live", help="Call the real API with OPENAI_API_KEY; costs a few cents at most.")
    ] = False,
    content: Annotated[
        bool, typer.Option("--content", help="Record the messages of the calls too, and show them.")
    ] = False,
    with_collector: Annotated[
        bool, typer.Option("--collector", help="Go through the real Collector, and show what Helicone would record.")
    ] = False,
) -> None:
    """Run a small program against a fake Responses API and show its calls: no key, no Docker, under a minute."""
    try:
        demo(_console(), live=live, content=content, collector=with_collector)
    except DemoError as error:
        typer.echo(f"otel-responses: {error}", err=True)
        raise typer.Exit(error.exit_code) from None


@app.command("doctor")
def _doctor() -> None:
    """Say what keeps data away: packages, settings, sampler, endpoint, Collector; ends with 1 where something does.

    Run it where the program runs, in its virtual environment and with its variables. It asks the configured OTLP
    endpoint and the Collector's metrics on 127.0.0.1, and nothing else; keys and headers are never shown.
    """
    if not doctor(_console(), os.environ):
        raise typer.Exit(1)


def _console() -> Console:
    """The terminal; a character that it cannot show becomes a question mark, not an error."""
    with suppress(AttributeError):  # where the output has been replaced by something simpler
        cast("io.TextIOWrapper", sys.stdout).reconfigure(errors="replace")
    return Console(highlight=False)
