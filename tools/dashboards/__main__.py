"""Write grafana/dashboards; with --check, say what in it is not what the code makes, and end with 1."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from grafana_foundation_sdk.builders.dashboard import Dashboard as Builder
from grafana_foundation_sdk.cog.encoder import JSONEncoder

from tools.dashboards.models import models
from tools.dashboards.overview import overview
from tools.dashboards.pipeline import pipeline
from tools.dashboards.sessions import sessions

FOLDER = Path(__file__).parents[2] / "grafana" / "dashboards"


def main(options: Sequence[str]) -> None:
    """Write the files, or compare them."""
    made = {FOLDER / name: text for name, text in map(_encoded, (overview, sessions, models, pipeline))}
    if "--check" not in options:
        for file, text in made.items():
            file.write_text(text, encoding="utf-8")
        return
    stale = {file for file, text in made.items() if not file.exists() or file.read_text(encoding="utf-8") != text}
    stale |= set(FOLDER.glob("*.json")) - set(made)
    if stale:
        sys.exit(f"Not what the code makes: {', '.join(sorted(file.name for file in stale))}. Run `make dashboards`.")


def _encoded(make: Callable[[], Builder]) -> tuple[str, str]:
    board = make().build()
    return f"{board.uid}.json", JSONEncoder(sort_keys=True, indent=2).encode(board) + "\n"


if __name__ == "__main__":
    main(sys.argv[1:])
