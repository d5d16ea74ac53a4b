"""`otel-responses stack`: Collector, Tempo, Prometheus, Loki and Grafana on this machine, with Docker."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from typing import Annotated

import typer

from otel_responses.cli.collector import files as collector_files

__all__ = ["stack"]

NO_DOCKER = """\
otel-responses: this needs Docker with `docker compose`, which is not here. Other ways to see calls:
  otel-responses view              in this terminal, with nothing else
  pip install arize-phoenix        then: phoenix serve; traces go to http://127.0.0.1:6006
  pip install mlflow               then: mlflow server; traces go to http://127.0.0.1:5000, see grafana/README.md
  the programs themselves          Tempo, Prometheus and Grafana from their releases, with the files of
                                   `otel-responses stack init`; see grafana/README.md
"""
RUNNING = """\
Grafana is at http://127.0.0.1:3000. For a program that is to be seen there:
  export OTEL_RESPONSES_EXPORT=true OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:4318
"""
WITH_DOCKER = 60.0  # seconds for a question; `up` may load images for as long as it takes

Folder = Annotated[Path, typer.Argument(help="The folder with the files of the stack.")]
HERE = Path("otel-responses-stack")

stack = typer.Typer(help="Tempo and Grafana with dashboards, and the Collector, by Docker.", no_args_is_help=True)


@stack.command("init")
def _init(folder: Folder = HERE) -> None:
    """Write the files of the stack, to read and to change; files that are there are not overwritten."""
    written = _write(folder)
    typer.echo(f"{len(written)} files written to {folder}. Next: otel-responses stack up {folder}")


@stack.command("up")
def _up(folder: Folder = HERE) -> None:
    """Start everything and wait until it answers; files that are missing are written first."""
    _require_docker()
    _write(folder)
    _compose(folder, "up", "--detach", "--wait")
    typer.echo(RUNNING, nl=False)


@stack.command("down")
def _down(
    folder: Folder = HERE,
    *,
    volumes: Annotated[bool, typer.Option("--volumes", help="Delete what is stored too.")] = False,
) -> None:
    """Stop everything; what is stored stays for the next `up`."""
    _require_docker()
    _compose(folder, "down", *(["--volumes"] if volumes else []))


@stack.command("status")
def _status(folder: Folder = HERE) -> None:
    """Show what runs, and how it is."""
    _require_docker()
    _compose(folder, "ps", "--all")


def _write(folder: Path) -> list[Path]:
    """The files that were missing."""
    written = collector_files.write(folder / "collector")
    source = Path(str(files("otel_responses") / "grafana"))
    for file in _below(source):
        target = folder / "grafana" / file.relative_to(source)
        if not target.exists():
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(file.read_bytes())
            written.append(target)
    return written


def _below(folder: Path) -> Iterator[Path]:
    return (file for file in sorted(folder.rglob("*")) if file.is_file())


def _require_docker() -> None:
    docker = shutil.which("docker")
    if docker is not None:
        asked = subprocess.run(  # noqa: S603 - Docker, with our own arguments
            [docker, "compose", "version"], check=False, capture_output=True, timeout=WITH_DOCKER
        )
        if asked.returncode == 0:
            return
    typer.echo(NO_DOCKER, err=True, nl=False)
    raise typer.Exit(1)


def _compose(folder: Path, *arguments: str) -> None:
    file = folder / "grafana" / "compose.yaml"
    if not file.is_file():
        typer.echo(f"otel-responses: there is no {file}. Write it with: otel-responses stack init {folder}", err=True)
        raise typer.Exit(1)
    command = ["docker", "compose", "--file", str(file), *arguments]
    done = subprocess.run(command, check=False)  # noqa: S603 - Docker, with our own arguments
    if done.returncode:
        raise typer.Exit(done.returncode)
