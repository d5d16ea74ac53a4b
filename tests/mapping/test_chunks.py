from __future__ import annotations

import pytest
from hypothesis import example, given, strategies as st

from otel_responses._mapping.chunks import GAPS_MAX, ChunkGaps
from tests.strategies import patiently

SECOND = 1_000_000_000


def gaps_of(count: int) -> list[float]:
    """What is kept of gaps that are 0, 1, 2 ... seconds long."""
    chunks, now = ChunkGaps(), 0
    chunks.add(now)
    for gap in range(count):
        now += gap * SECOND
        chunks.add(now)
    return chunks.gaps


@pytest.mark.parametrize(
    ("times", "gaps"),
    [
        pytest.param([], [], id="nothing"),
        pytest.param([5 * SECOND], [], id="one_event"),
        pytest.param([0, SECOND // 2], [0.5], id="two_events"),
        pytest.param([0, SECOND, SECOND, 4 * SECOND], [1.0, 0.0, 3.0], id="four_events"),
    ],
)
def test_a_gap_lies_between_two_events(times: list[int], gaps: list[float]):
    chunks = ChunkGaps()
    for now in times:
        chunks.add(now)
    assert chunks.gaps == gaps


@patiently
@given(st.integers(0, 9_000))
@example(1_024)
@example(1_025)
@example(2_048)
@example(2_049)
def test_at_most_1024_gaps_are_kept_and_evenly_taken(count: int):
    step = 1
    while len(range(0, count, step)) > 1_024:
        step *= 2
    assert GAPS_MAX == 1_024
    assert gaps_of(count) == [float(gap) for gap in range(0, count, step)]
