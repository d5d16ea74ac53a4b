"""The commands `otel-responses collector config | check | run`."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from otel_responses.cli.collector.binary import CollectorMissing, find
from otel_responses.cli.collector.files import DESTINATIONS, combinations, in_order, packaged, write
from otel_responses.cli.collector.running import arguments
from otel_responses.cli.collector.selection import KEY, SelectionError, select, with_key
from otel_responses.cli.collector.validation import faults, version

__all__ = ["collector"]

Folder = Annotated[
    Path | None, typer.Option("--config", help="The folder with the files, in place of those in the package.")
]

collector = typer.Typer(
    help="The OpenTelemetry Collector that sends spans to Tempo and model calls to Helicone.", no_args_is_help=True
)


@collector.command("config")
def _config(
    *, out: Annotated[Path, typer.Option(help="The folder to write to; files in it are not overwritten.")]
) -> None:
    """Write the configuration files, to read and to change."""
    written = write(out)
    for file in sorted(out.iterdir()):
        typer.echo(f"{file}{'' if file in written else '  (was there, left as it is)'}")


@collector.command("check")
def _check(
    *,
    config: Folder = None,
    without_helicone: Annotated[
        bool, typer.Option("--without-helicone", help="Check what runs without Helicone, and so without its key.")
    ] = False,
) -> None:
    """Validate every combination of the files with the real Collector."""
    try:
        binary, environ = find(), with_key(os.environ)
    except (CollectorMissing, SelectionError) as error:
        _fail(str(error))
    if not without_helicone and not environ.get(KEY):
        _fail(
            f"{KEY} is not set. The Collector itself accepts helicone.yaml without it and loses every model call: "
            "Helicone answers 401, which is final. Set it, or check the rest with --without-helicone."
        )
    sets = combinations([side for side in DESTINATIONS if side != "helicone" or not without_helicone])
    found = faults(binary, config or packaged(), sets, environ)
    for sentence, where in found.items():
        typer.echo(f"{len(where)} of {len(sets)} combinations, such as {where[0]}:\n{sentence}\n", err=True)
    if found:
        _fail("The configuration is not valid.")
    typer.echo(f"{len(sets)} combinations of the files are valid: {version(binary)} ({binary})")


@collector.command("run")
def _run(
    *,
    config: Folder = None,
    redact: Annotated[bool, typer.Option("--redact", help="Let no prompt, answer or error text pass.")] = False,
    production: Annotated[bool, typer.Option("--production", help="Take spans with TLS and a token only.")] = False,
) -> None:
    """Run the Collector with what the environment configures, until it is told to end.

    OTEL_RESPONSES_TEMPO_ENDPOINT, HELICONE_API_KEY (or HELICONE_API_KEY_FILE), OTEL_RESPONSES_PROMETHEUS_ENDPOINT and
    OTEL_RESPONSES_LOKI_ENDPOINT each add a destination; OTEL_RESPONSES_QUEUE_DIR puts the queues on disk, and
    OTEL_RESPONSES_TAIL_SAMPLING_PERCENT gives Tempo that share of the ordinary traces only.
    """
    try:
        binary, selection = find(), select(os.environ, redact=redact, production=production)
    except (CollectorMissing, SelectionError) as error:
        _fail(str(error))
    files = in_order(selection.names, config or packaged())
    typer.echo(f"{binary}: {', '.join(file.name for file in files)}", err=True)
    sys.stderr.flush()
    # It takes the place of this process: signals and the exit code are its own.
    os.execve(binary, arguments(binary, files), {**selection.environ})  # noqa: S606


def _fail(sentence: str) -> NoReturn:
    typer.echo(f"otel-responses: {sentence}", err=True)
    raise typer.Exit(1)
