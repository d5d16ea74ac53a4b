"""What the environment configures: which files the Collector runs with, and the variables that it gets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

__all__ = ["BY_VARIABLE", "FOR_PRODUCTION", "KEY", "QUEUE", "Selection", "SelectionError", "select", "with_key"]

KEY = "HELICONE_API_KEY"
KEY_FILE = "HELICONE_API_KEY_FILE"
QUEUE = "OTEL_RESPONSES_QUEUE_DIR"
SHARE = "OTEL_RESPONSES_TAIL_SAMPLING_PERCENT"
TEMPO = "OTEL_RESPONSES_TEMPO_ENDPOINT"
BY_VARIABLE = {
    TEMPO: "tempo",
    KEY: "helicone",
    "OTEL_RESPONSES_PROMETHEUS_ENDPOINT": "prometheus",
    "OTEL_RESPONSES_LOKI_ENDPOINT": "loki",
}
FOR_PRODUCTION = ("OTEL_RESPONSES_INGEST_TOKEN_FILE", "OTEL_RESPONSES_TLS_CERT", "OTEL_RESPONSES_TLS_KEY")
DESTINATIONS = {"tempo", "helicone"}


class SelectionError(Exception):
    """The environment configures nothing that can run; the message says what is missing."""


@dataclass(frozen=True, slots=True)
class Selection:
    """The names of the files, and the environment for the Collector."""

    names: frozenset[str]
    environ: Mapping[str, str]


def select(environ: Mapping[str, str], *, redact: bool = False, production: bool = False) -> Selection:
    """What to run; raises `SelectionError` where it would start and then send nothing, or send without its key."""
    environ = with_key(environ)
    chosen = {name for variable, name in BY_VARIABLE.items() if environ.get(variable)}
    if not chosen & DESTINATIONS:
        raise SelectionError(f"No destination is configured. Set {TEMPO}, {KEY} (or {KEY_FILE}), or both.")
    if environ.get(QUEUE):
        chosen |= {f"{name}-queue" for name in chosen & DESTINATIONS}
    if environ.get(SHARE) and "tempo" in chosen:
        chosen.add("tail-sampling")
    if production:
        _require(environ, FOR_PRODUCTION)
    overlays = {name for name, wanted in (("redact", redact), ("production", production)) if wanted}
    return Selection(frozenset({"base", "extras"} | chosen | overlays), environ)


def with_key(environ: Mapping[str, str]) -> Mapping[str, str]:
    """The environment with Helicone's key in it, from the file that holds it where one is named.

    Raises `SelectionError` for a key that cannot be one: Helicone's 401 is final, so every span sent with it is lost.
    """
    if file := environ.get(KEY_FILE):
        try:
            environ = {**environ, KEY: Path(file).read_text(encoding="utf-8").strip()}
        except (OSError, UnicodeDecodeError) as error:
            raise SelectionError(f"{KEY_FILE} names {file!r}, which cannot be read: {error}.") from error
    key = environ.get(KEY, "")
    if (key or file) and not (key and key.isascii() and key.isprintable() and " " not in key):
        source = KEY_FILE if file else KEY
        raise SelectionError(f"{source} holds no key: it is empty, or has blanks or other characters that no key has.")
    return environ


def _require(environ: Mapping[str, str], variables: tuple[str, ...]) -> None:
    if missing := [name for name in variables if not environ.get(name)]:
        raise SelectionError(f"--production needs {', '.join(variables)}; not set: {', '.join(missing)}.")
