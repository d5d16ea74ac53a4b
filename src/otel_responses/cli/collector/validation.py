"""Every combination of the files, validated by the Collector itself."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

from otel_responses.cli.collector.files import in_order

__all__ = ["faults", "version"]

SECONDS = 60.0  # for one run; it takes a tenth of one
# production.yaml does not validate without them; that they are files is seen when the Collector starts.
STANDING_IN = {
    "OTEL_RESPONSES_INGEST_TOKEN_FILE": "token",
    "OTEL_RESPONSES_TLS_CERT": "cert.pem",
    "OTEL_RESPONSES_TLS_KEY": "key.pem",
}


def faults(
    binary: Path, folder: Path, combinations: Sequence[Sequence[str]], environ: Mapping[str, str]
) -> dict[str, list[str]]:
    """What is wrong: each sentence of the Collector with the combinations of files that it was said of."""
    variables = {**STANDING_IN, **environ}
    found: dict[str, list[str]] = {}
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        sentences = pool.map(partial(_validate, binary, folder, variables), combinations)
        for names, sentence in zip(combinations, sentences, strict=True):
            if sentence is not None:
                found.setdefault(sentence, []).append(" + ".join(names))
    return found


def version(binary: Path) -> str:
    """What the binary calls itself."""
    return _run([str(binary), "--version"], os.environ).stdout.strip()


def _validate(binary: Path, folder: Path, environ: Mapping[str, str], names: Sequence[str]) -> str | None:
    files = [f"--config={file}" for file in in_order(names, folder)]
    done = _run([str(binary), "validate", *files], environ)
    return (done.stderr.strip() or f"exit code {done.returncode}") if done.returncode else None


def _run(command: Sequence[str], environ: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: S603 - the Collector, with our own arguments
        command,
        env=dict(environ),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        encoding="utf-8",
        errors="replace",
        timeout=SECONDS,
        check=False,
    )
