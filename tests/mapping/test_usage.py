from __future__ import annotations

from dataclasses import astuple
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from inline_snapshot import snapshot

from otel_responses._mapping.usage import read_usage
from otel_responses._records import NO_USAGE, Usage
from tests.strategies import as_model, junk, mangled, patiently, usages

WHOLE = {
    "input_tokens": 36,
    "input_tokens_details": {"cached_tokens": 8, "cache_write_tokens": 4},
    "output_tokens": 87,
    "output_tokens_details": {"reasoning_tokens": 64},
    "total_tokens": 123,
}


@pytest.mark.parametrize("form", [pytest.param(dict, id="dict"), pytest.param(as_model, id="model")])
def test_all_counts(form: Any):
    assert read_usage(form(WHOLE)) == snapshot(
        Usage(input_tokens=36, output_tokens=87, cache_read_tokens=8, cache_write_tokens=4, reasoning_tokens=64)
    )


@pytest.mark.parametrize(
    ("usage", "expected"),
    [
        pytest.param(None, NO_USAGE, id="null"),
        pytest.param({}, NO_USAGE, id="empty"),
        pytest.param([36, 87], NO_USAGE, id="list"),
        pytest.param({"input_tokens": 0, "output_tokens": 0}, Usage(input_tokens=0, output_tokens=0), id="zero"),
        pytest.param({"input_tokens": 36}, Usage(input_tokens=36), id="input_only"),
        pytest.param({"input_tokens": "36", "output_tokens": 8.5}, NO_USAGE, id="wrong_types"),
        pytest.param({"input_tokens": -1, "output_tokens": -(2**70)}, NO_USAGE, id="negative"),
        pytest.param({"input_tokens": 2**63, "output_tokens": 2**63 - 1}, Usage(output_tokens=2**63 - 1), id="huge"),
        pytest.param({"input_tokens": True}, NO_USAGE, id="boolean"),
        pytest.param({"input_tokens_details": {"cached_tokens": 0}}, Usage(cache_read_tokens=0), id="no_cache_read"),
        pytest.param({"input_tokens_details": None, "output_tokens_details": []}, NO_USAGE, id="no_details"),
        pytest.param(
            SimpleNamespace(input_tokens=1, output_tokens=2),  # openai 1.66 has no input_tokens_details
            Usage(input_tokens=1, output_tokens=2),
            id="model_without_details",
        ),
    ],
)
def test_what_a_provider_may_leave_out_or_get_wrong(usage: object, expected: Usage):
    assert read_usage(usage) == expected


@patiently
@given(mangled(usages()) | junk())
def test_counts_are_never_negative_and_fit_into_64_bits(usage: Any):
    counts = astuple(read_usage(usage))
    assert all(count is None or 0 <= count < 2**63 for count in counts)
