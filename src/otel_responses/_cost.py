"""What a call cost in USD, by the prices of the library genai-prices (extra `cost`). Without the extra, nothing does.

Its prices are those of the day it was released; a program that starts its `UpdatePrices` has newer ones used here too.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any

from otel_responses._records import Outcome, Request
from otel_responses._safe import guard

__all__ = ["Price", "load_price"]

Price = Callable[[Request, Outcome], "float | None"]

LIBRARY = "genai_prices"
# The conventions' name of a provider -> the library's; any other is the same in both, or unknown to the library.
PROVIDERS = {"azure.ai.openai": "azure", "aws.bedrock": "aws", "gcp.vertex_ai": "google"}
STANDARD_TIERS = {None, "default"}


@guard
def load_price() -> Price | None:
    """Return what prices calls, or None without the extra."""
    try:
        library = import_module(LIBRARY)
    except ImportError:
        return None
    library.calc_price(library.Usage(), "gpt-4o", provider_id="openai")  # reads the prices now, not in the first call

    @guard
    def price(request: Request, outcome: Outcome) -> float | None:
        return _price(library, request, outcome)

    return price


def _price(library: Any, request: Request, outcome: Outcome) -> float | None:
    """Return USD; None for a model, a provider or a service tier that the library has no price of: never a guess."""
    usage, tier = outcome.usage, outcome.service_tier
    model, provider = outcome.model or request.model, request.endpoint.provider
    if model is None or (usage.input_tokens is None and usage.output_tokens is None):
        return None
    try:
        price = library.calc_price(
            library.Usage(
                input_tokens=usage.input_tokens,
                cache_read_tokens=usage.cache_read_tokens,
                cache_write_tokens=usage.cache_write_tokens,
                output_tokens=usage.output_tokens,  # those of reasoning among them: they cost the same
            ),
            model,
            provider_id=PROVIDERS.get(provider, provider),
            price_context=tier and {"service_tier": tier},
        )
    except (LookupError, ValueError):  # unknown, or counts that contradict each other
        return None
    is_priced = tier in STANDARD_TIERS or any(
        variant.when.get("service_tier") == tier for variant in price.model.price_variants or ()
    )
    return float(price.total_price) if is_priced else None
