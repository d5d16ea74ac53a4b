"""The benchmarks run, and compare like with like; no test is about a time."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks.__main__ import main
from benchmarks.agreement import DisagreementError, agree
from benchmarks.rows import ROWS, Row

# The longest streams take seconds; shorter ones are among the others.
SHORT = [row for row in ROWS if "20,000" not in row.name]


@pytest.mark.parametrize("row", [pytest.param(row, id=row.name) for row in SHORT])
def test_the_floor_emits_what_ours_emits(row: Row):
    agree(row)


def test_a_floor_that_emits_less_is_refused():
    small = ROWS[0].workload
    less = replace(small, by_hand=lambda client, floor: floor._open({"model": "gpt-5-mini"}).span.end())
    with pytest.raises(DisagreementError, match=r"less: the floor emits .*, ours emits .*gen_ai\.response\.id'"):
        agree(Row("less", less))


def test_a_run_prints_its_figures_and_keeps_them(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    main(["foreign", "--runs", "1", "--rounds", "2", "--results", str(tmp_path)])

    content = json.loads((tmp_path / "bench.json").read_text(encoding="utf-8"))
    assert [row["name"] for row in content["figures"]["µs of CPU"]] == ["foreign call"]
    assert "foreign call" in capsys.readouterr().out
