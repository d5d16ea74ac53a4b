"""The cost of a call: the real price list where it has a price, and nothing where it has none."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from types import ModuleType
from typing import Any

import pytest

from otel_responses import _cost, instrument, uninstrument
from otel_responses._cost import load_price
from otel_responses._records import Endpoint, Outcome, Request, Usage
from otel_responses.testing import Capture, FakeResponsesAPI, capture

USAGE = Usage(input_tokens=1_000_000, output_tokens=100_000)


@pytest.fixture
def library(without_prices: None, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    library = importlib.import_module("genai_prices")
    monkeypatch.setattr(_cost, "LIBRARY", library.__name__)
    return library


@pytest.fixture
def price(library: ModuleType) -> Callable[..., float | None]:
    def price_of(
        model: str | None,
        usage: Usage = USAGE,
        *,
        tier: str | None = None,
        provider: str = "openai",
        asked: str = "gpt-5",
    ) -> float | None:
        found = load_price()
        assert found is not None
        request = Request(Endpoint(provider), model=asked)
        return found(request, Outcome(model=model, service_tier=tier, usage=usage))

    return price_of


def listed(library: ModuleType, model: str, tier: str | None = None) -> Mapping[str, Decimal]:
    """USD for a million tokens of each kind."""
    context = tier and {"service_tier": tier}
    million = 1_000_000

    def of(**counts: int) -> Decimal:
        return library.calc_price(
            library.Usage(**counts), model, provider_id="openai", price_context=context
        ).total_price

    return {
        "input": of(input_tokens=million),
        "cached": of(input_tokens=million, cache_read_tokens=million),
        "output": of(output_tokens=million),
    }


def test_input_and_output_have_their_price(library: ModuleType, price: Callable[..., float]):
    prices = listed(library, "gpt-5")
    assert price("gpt-5-2025-08-07") == pytest.approx(float(prices["input"] + prices["output"] / 10))


def test_cached_tokens_are_cheaper(library: ModuleType, price: Callable[..., float]):
    prices = listed(library, "gpt-5")
    assert prices["cached"] < prices["input"]
    usage = Usage(input_tokens=1_000_000, cache_read_tokens=400_000, output_tokens=0)
    assert price("gpt-5", usage) == pytest.approx(float(prices["input"] * 6 / 10 + prices["cached"] * 4 / 10))


def test_tokens_of_reasoning_are_paid_once_as_output(price: Callable[..., float]):
    reasoning = Usage(input_tokens=1_000_000, output_tokens=100_000, reasoning_tokens=90_000)
    assert price("gpt-5", reasoning) == price("gpt-5")


@pytest.mark.parametrize("tier", ["flex", "priority"])
def test_a_service_tier_has_its_own_price(library: ModuleType, price: Callable[..., float], tier: str):
    prices = listed(library, "gpt-5", tier)
    assert price("gpt-5", tier=tier) == pytest.approx(float(prices["input"] + prices["output"] / 10))
    assert price("gpt-5", tier=tier) != price("gpt-5")


def test_the_standard_tier_is_the_price_without_one(price: Callable[..., float]):
    assert price("gpt-5", tier="default") == price("gpt-5")


def test_the_model_that_was_asked_for_stands_in_for_one_that_did_not_answer(price: Callable[..., float]):
    assert price(None) == price("gpt-5")


def test_azure_has_a_price_list_of_its_own(library: ModuleType, price: Callable[..., float]):
    usage = library.Usage(input_tokens=1_000_000, output_tokens=100_000)
    expected = library.calc_price(usage, "gpt-4o", provider_id="azure").total_price
    assert price("gpt-4o", provider="azure.ai.openai") == pytest.approx(float(expected))


@pytest.mark.parametrize(
    "call",
    [
        {"model": "llama-of-my-own"},
        {"model": "gpt-5", "provider": "vllm"},
        {"model": "gpt-5", "tier": "scale"},
        {"model": "gpt-5", "usage": Usage()},
        {"model": "gpt-5", "usage": Usage(input_tokens=10, cache_read_tokens=20, output_tokens=1)},
        {"model": None, "asked": None},
    ],
    ids=["model", "provider", "tier", "no usage", "contradictory usage", "no model"],
)
def test_what_is_unknown_has_no_cost_rather_than_a_guess(price: Callable[..., float | None], call: dict[str, Any]):
    assert price(**call) is None


@pytest.fixture
def telemetry() -> Iterator[Capture]:
    with capture() as telemetry:
        yield telemetry
    uninstrument()


def ask(telemetry: Capture, *models: str) -> None:
    instrument(**telemetry.providers)
    client = FakeResponsesAPI().client()
    for model in models:
        client.responses.create(model=model, input="Hello!")


def costs(telemetry: Capture) -> list[float | None]:
    return [span["attributes"].get("gen_ai.usage.cost") for span in telemetry.spans()]


def test_without_the_extra_nothing_has_a_cost(telemetry: Capture):
    ask(telemetry, "gpt-5")
    assert costs(telemetry) == [None]
    assert "gen_ai.client.cost" not in [metric["name"] for metric in telemetry.metrics()]


def test_span_and_counter_carry_the_cost(library: ModuleType, telemetry: Capture):
    ask(telemetry, "gpt-5", "gpt-5", "of-my-own")
    first, second, unknown = costs(telemetry)
    assert first is not None
    assert first == second
    assert unknown is None
    [metric] = [metric for metric in telemetry.metrics() if metric["name"] == "gen_ai.client.cost"]
    [point] = metric["points"]
    assert metric["unit"] == "{USD}"
    assert point["value"] == pytest.approx(2 * first)
    assert first > 0
    assert point["attributes"]["gen_ai.request.model"] == "gpt-5"


def test_a_library_that_fails_costs_the_call_nothing(
    library: ModuleType, telemetry: Capture, monkeypatch: pytest.MonkeyPatch
):
    def calc_price(*arguments: Any, **options: Any) -> None:
        raise RuntimeError

    instrument(**telemetry.providers)
    monkeypatch.setattr(library, "calc_price", calc_price)
    assert FakeResponsesAPI().client().responses.create(model="gpt-5", input="Hello!").output_text
    assert costs(telemetry) == [None]
