"""Write the README's table of methods from the one in `otel_responses._patch.coverage`: `python tools/readme.py`."""

from __future__ import annotations

import re
from pathlib import Path

from otel_responses._patch.coverage import METHODS, Covered

README = Path(__file__).parent.parent / "README.md"
BEGIN, END = "<!-- methods: made by tools/readme.py -->\n", "<!-- end of methods -->\n"


def table() -> str:
    """Return the table as Markdown."""
    head = "| of `client.responses` | span | |\n|---|---|---|\n"
    return head + "".join(map(_row, METHODS))


def written(readme: str) -> str:
    """Return the README with the table of now."""
    return re.sub(f"(?<={BEGIN}).*?(?={END})", lambda _: table(), readme, flags=re.DOTALL)


def _row(covered: Covered) -> str:
    methods = ", ".join(f"`{method}`" for method in covered.methods)
    return f"| {methods} | {f'`{covered.span}`' if covered.span else 'none'} | {covered.text} |\n"


if __name__ == "__main__":
    README.write_text(written(README.read_text(encoding="utf-8")), encoding="utf-8")
