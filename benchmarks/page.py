"""`python -m benchmarks.page KIND`: puts the figures that were kept into docs/performance.md, as tables and a picture.

A table stands between two comments that name it. A run of some rows only is not published.
"""

from __future__ import annotations

import argparse
import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from benchmarks.comparison import CALLS, CONTENT, EVENT, verdicts
from benchmarks.measuring import ROOT
from benchmarks.plot import DRAWN, draw
from benchmarks.report import MET, RESULTS, number
from benchmarks.ways import BARE, FLOOR, OURS, TRACES

DOCS = ROOT / "docs"
PAGE = "performance.md"
TITLES = {
    OURS: "otel-responses",
    TRACES: "otel-responses, traces alone",
    FLOOR: "floor",
    BARE: "bare SDK",
    "±": "noise",
}

Json = Mapping[str, Any]
Lines = Iterator[str]


def main(arguments: Sequence[str] | None = None) -> None:
    """Write the tables of one kind."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.page", description="Publish the figures that were kept."
    )
    parser.add_argument("kind", choices=[*TABLES])
    parser.add_argument("--results", type=Path, default=RESULTS, help="folder of the JSON file (%(default)s)")
    parser.add_argument("--docs", type=Path, default=DOCS, help="folder of the page (%(default)s)")
    options = parser.parse_args(arguments)
    content: Json = json.loads((options.results / f"{options.kind}.json").read_text(encoding="utf-8"))
    if content.get("is_part"):
        print("Not published: it was a part of the table.")
        return
    _write(options.docs / PAGE, options.kind, "\n".join(TABLES[options.kind](content)))
    if options.kind in DRAWN:
        draw(options.kind, content, options.docs)
    print(f"Published in {options.docs / PAGE}")


def _write(page: Path, kind: str, text: str) -> None:
    begin, end = f"<!-- {kind}: made by `make` -->", f"<!-- end of {kind} -->"
    between = re.compile(f"(?<={re.escape(begin)}).*?(?={re.escape(end)})", re.DOTALL)
    before = page.read_text(encoding="utf-8")
    assert between.search(before)
    page.write_text(between.sub(lambda _: f"\n{text}\n", before), encoding="utf-8")


def _bench(content: Json) -> Lines:
    yield _measured(content)
    for unit, rows in content["figures"].items():
        yield from _table(f"{unit}, a call", ("bare", "+ floor", "+ ours", "noise", "ratio", "limit", "", "target"))
        for row in rows:
            numbers = map(number, (row["bare"], row["floor"], row["ours"], row["noise"], row["ratio"], row["limit"]))
            yield _row(row["name"], *numbers, MET[row["is_met"]], row["target"])
    yield from _table("memory", ("unit", "bare", "+ floor", "+ ours", "target"))
    for row in content["memory"]:
        yield _row(row["name"], row["unit"], *map(number, (row["bare"], row["floor"], row["ours"])), row["target"])
    yield from _table("import and instrument, without openai", ("taken", "limit"))
    for unit, cost in content["startup"].items():
        if unit != "target":
            yield _row(unit, number(cost), number(content["startup"]["target"]) if unit == "ms of CPU" else "-")


def _peers(content: Json) -> Lines:
    yield _measured(content)
    costs: Json = content["figures"]
    for unit in costs["bare"][CALLS[0]]:
        yield from _table(unit, ("content", *CALLS, EVENT))
        for who, rows in costs.items():
            for suffix, word in (("", "off"), (CONTENT, "on")):
                cells = (number(rows[f"{name}{suffix}"][unit]) for name in (*CALLS, EVENT))
                yield _row(_title(content, who), word, *cells)
    yield from _table("target", ("unit", "ours", "limit", ""))
    for what, unit, ours, limit in verdicts(dict(costs), [*content["peers"]]):
        yield _row(what, unit, number(ours), number(limit), MET[ours <= limit])
    yield from _table("import and set-up, beside openai and the SDK", [*next(iter(content["startup"].values()))])
    for who, found in content["startup"].items():
        yield _row(_title(content, who), *map(number, found.values()))


def _micro(content: Json) -> Lines:
    yield _measured(content)
    yield from _table("function", (content["unit"],))
    for name, cost in content["figures"].items():
        yield _row(name, f"{cost:,.0f}")


def _measured(content: Json) -> str:
    versions = ", ".join(f"{name} {version}" for name, version in content["versions"].items())
    machine: Json = content["machine"]
    cores = f"{machine['processor']}, {machine['cores']} cores, {machine['system']}"
    runs = f"; {content['runs']} runs of {content['rounds']} rounds" if "runs" in content else ""
    return f"\nMeasured on {content['date'][:16].replace('T', ' ')} UTC: {cores}; {versions}{runs}."


def _title(content: Json, who: str) -> str:
    versions: Json = content["peers"].get(who, {})
    return TITLES.get(who) or ", ".join(f"{name} {version}" for name, version in [*versions.items()][:2])


def _table(title: str, columns: Sequence[str]) -> Lines:
    yield ""
    yield _row(title, *columns)
    yield _row("---", *("---:" for _ in columns))


def _row(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"


TABLES: Mapping[str, Callable[[Json], Lines]] = {"bench": _bench, "peers": _peers, "micro": _micro}

if __name__ == "__main__":
    main()
