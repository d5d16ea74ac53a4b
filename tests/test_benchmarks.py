"""The benchmarks run, and compare like with like; no test is about a time."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks import memory, micro, page, peers
from benchmarks.__main__ import main
from benchmarks.agreement import DisagreementError, agree
from benchmarks.figures import Blocks, Figures, figures_of
from benchmarks.instructions import counter
from benchmarks.rows import EVENTS, ROWS, Row
from benchmarks.startup import ALONE
from benchmarks.targets import Target, all_of, as_much_as, bare_share, floor, microseconds, sum_of

ROOT = Path(__file__).parent.parent
# The longest streams take seconds; shorter ones are among the others.
SHORT = [row for row in ROWS if "20,000" not in row.name]

CALL = Figures("call", bare=500.0, floor=100.0, ours=130.0, noise=5.0)
LARGE = Figures("large", bare=900.0, floor=110.0, ours=135.0, noise=4.0)


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


@pytest.mark.parametrize(
    ("target", "limit"),
    [
        pytest.param(floor(1.5), 150.0, id="floor"),
        pytest.param(microseconds(15), 15.0, id="absolute"),
        pytest.param(bare_share(0.02), 10.0, id="share"),
        pytest.param(as_much_as("large"), 144.0, id="as another row"),
        pytest.param(sum_of(1.5, "large", "call"), 1480.0, id="sum"),
        pytest.param(all_of(microseconds(15), bare_share(0.02)), 10.0, id="all"),
        pytest.param(as_much_as("row that was not run"), None, id="unknown"),
    ],
)
def test_a_target_follows_from_the_figures_of_the_run(target: Target, limit: float | None):
    assert target.limit(CALL, {"call": CALL, "large": LARGE}, True) == limit


def test_a_time_is_no_target_for_instructions():
    assert microseconds(15).limit(CALL, {}, False) is None


def test_a_floor_within_the_noise_is_none():
    assert floor(1.5).limit(replace(CALL, noise=200.0), {}, True) is None


def rounds(bare: list[float], again: float, floor: float, ours: float) -> Blocks:
    """A run in which each way takes so many times as long as the bare SDK does in that round."""
    ways = {"bare": 1.0, "bare again": again, "floor": floor, "ours": ours}
    return {way: [{"µs": times * cost} for cost in bare] for way, times in ways.items()}


def test_a_slow_machine_costs_nobody_anything():
    steady, slow = rounds([100.0] * 9, 1.0, 1.5, 1.75), rounds([100.0] * 3 + [300.0, 170.0] * 3, 1.0, 1.5, 1.75)
    assert figures_of("row", [steady], "µs") == Figures("row", bare=100.0, floor=50.0, ours=75.0, noise=0.0)
    assert figures_of("row", [slow], "µs") == figures_of("row", [steady], "µs")


def test_a_block_that_was_disturbed_does_not_count():
    run = rounds([100.0] * 9, 1.0, 1.5, 1.75)
    disturbed = {**run, "ours": [{"µs": 900.0}, {"µs": 20.0}, *run["ours"][2:]]}
    assert figures_of("row", [disturbed], "µs").ours == 75.0


def test_the_noise_is_the_most_that_two_bare_processes_differed_by():
    runs = [rounds([100.0] * 9, again, 1.5, 1.75) for again in (1.0, 0.75, 1.125)]
    assert figures_of("row", runs, "µs").noise == 25.0


def test_a_row_may_have_no_floor():
    run = {**rounds([100.0] * 9, 1.0, 1.0, 1.5), "floor": [{}] * 9}
    figures = figures_of("row", [run], "µs")
    assert (figures.floor, figures.ours) == (None, 50.0)


def test_the_rows_that_others_are_made_of_exist():
    names = {row.name for row in ROWS}
    assert {name for event in EVENTS for name in (event.long, event.short, event.decoded)} <= names


@pytest.mark.skipif(counter() is None, reason="the processor's counter is not to be read here")
def test_instructions_are_counted_the_same_every_time(tmp_path: Path):
    counts = [micro_of("no ambient session", tmp_path) for _ in range(2)]
    assert counts[0] == pytest.approx(counts[1], rel=0.5)


def micro_of(name: str, folder: Path) -> float:
    micro.main([name, "--quick", "--results", str(folder)])
    (count,) = json.loads((folder / "micro.json").read_text(encoding="utf-8"))["figures"].values()
    return count


def test_the_page_takes_the_figures_of_a_whole_run_only(tmp_path: Path):
    page_file = tmp_path / "performance.md"
    page_file.write_text("Before\n<!-- micro: made by `make` -->\nold\n<!-- end of micro -->\nafter\n")
    micro_of("no ambient session", tmp_path)
    publish(tmp_path)
    assert "old" in page_file.read_text(encoding="utf-8")

    kept = json.loads((tmp_path / "micro.json").read_text(encoding="utf-8"))
    (tmp_path / "micro.json").write_text(json.dumps({**kept, "is_part": False}))
    publish(tmp_path)
    text = page_file.read_text(encoding="utf-8")
    assert re.findall(r"^Before|old|^\| (find .*?) \||^after", text, re.MULTILINE) == [
        "",
        "find no ambient session",
        "",
    ]


def publish(folder: Path) -> None:
    page.main(["micro", "--results", str(folder), "--docs", str(folder)])


def test_every_table_has_its_place_in_the_page():
    text = (ROOT / "docs" / "performance.md").read_text(encoding="utf-8")
    assert re.findall(r"<!-- (\w+): made by `make` -->", text) == [*page.TABLES]


def test_starting_imports_no_openai():
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.startup", ALONE], cwd=ROOT, capture_output=True, check=True
    )
    assert json.loads(done.stdout)["ms of CPU"] > 0


def test_what_calls_leave_is_counted(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    monkeypatch.setattr(memory, "CALLS", 3)
    memory.main("bare", memory.LEFT)
    assert abs(json.loads(capsys.readouterr().out)) < 100


@pytest.mark.parametrize("peer", peers.PEERS.values(), ids=lambda peer: peer.name)
def test_every_package_of_a_peer_is_pinned(peer: peers.Peer):
    lines = (ROOT / "benchmarks" / "requirements" / f"{peer.name}.txt").read_text(encoding="utf-8").splitlines()
    pins = dict(line.split("==") for line in lines)
    assert {peer.package, "openai", "opentelemetry-sdk"} <= pins.keys()


def test_a_peer_that_makes_no_span_is_not_measured():
    with pytest.raises(RuntimeError, match="official makes no span"):
        peers._expect_spans("official", lambda: None, lambda: None)
