"""Our names are those of the conventions, as far as their Python package has them, and each is written once."""

from __future__ import annotations

import re
from enum import Enum
from importlib import import_module
from pkgutil import iter_modules
from typing import Any

import pytest
from inline_snapshot import snapshot
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.semconv.schemas import Schemas

from otel_responses import _semconv
from otel_responses._mapping import provider, request
from otel_responses._semconv import MAIN, RELEASED, Profile

PACKAGES = ("attributes", "metrics", "_incubating.attributes", "_incubating.metrics")
gen_ai_attributes: Any = import_module("opentelemetry.semconv._incubating.attributes.gen_ai_attributes")
gen_ai_metrics: Any = import_module("opentelemetry.semconv._incubating.metrics.gen_ai_metrics")

# Our own, in the namespaces of OpenAI, Helicone and this package.
OWN = re.compile(
    r"gen_ai\.(usage|client)\.cost|openai\.(call\.ended_by|request\.id|response\.background|output_item\..*)|helicone\..*|otel_responses\..*"
)


@pytest.fixture(scope="module", autouse=True)
def _package_of_1_41() -> None:
    if not hasattr(Schemas, "V1_41_0"):
        pytest.skip("the installed opentelemetry-semantic-conventions is older than the conventions we follow")


def of_the_package() -> set[str]:
    """Every name of an attribute or a metric that the package has."""
    packages = [import_module(f"opentelemetry.semconv.{name}") for name in PACKAGES]
    found = [module for package in packages for module in iter_modules(package.__path__, f"{package.__name__}.")]
    constants = [value for module in found for value in vars(import_module(module.name)).values()]
    return {value for value in constants if isinstance(value, str)}


def of_ours() -> dict[str, str]:
    """Our names of attributes: constants with a dot in it."""
    constants = {name: value for name, value in vars(_semconv).items() if name.isupper() and isinstance(value, str)}
    return {name: value for name, value in constants.items() if "." in value}


def of_profile(profile: Profile) -> set[str]:
    values = (value for name, value in profile._asdict().items() if name != "schema_url")
    return {value for value in values if value is not None}


def test_the_attributes_that_the_package_does_not_have_are_these():
    missing = {value for value in of_ours().values() if value not in of_the_package()}
    assert sorted(value for value in missing if not OWN.fullmatch(value)) == snapshot(
        [
            "gen_ai.client.inference.operation.details",
            "gen_ai.client.operation.exception",
            "gen_ai.conversation.compacted",
            "gen_ai.prompt.variable.",
            "gen_ai.prompt.version",
            "gen_ai.request.previous_response.id",
            "gen_ai.request.reasoning.level",
            "gen_ai.request.stream_cursor",
            "gen_ai.response.status",
            "gen_ai.token.modality",
        ]
    )


def test_the_released_metrics_and_attributes_that_the_package_does_not_have_are_these():
    assert sorted(of_profile(RELEASED) - of_the_package()) == snapshot(
        [
            "gen_ai.client.inference.usage.cache_read.input_tokens",
            "gen_ai.client.inference.usage.cache_write.input_tokens",
            "gen_ai.client.inference.usage.reasoning.output_tokens",
        ]
    )


def test_the_names_of_main_that_are_other_ones():
    assert sorted(of_profile(MAIN) - of_profile(RELEASED)) == snapshot(
        [
            "gen_ai.client.inference.duration",
            "gen_ai.client.inference.operation.input_tokens",
            "gen_ai.client.inference.operation.output_tokens",
            "gen_ai.client.inference.time_per_output_chunk",
            "gen_ai.client.inference.time_to_first_chunk",
            "gen_ai.client.inference.usage.input_tokens",
            "gen_ai.client.inference.usage.output_tokens",
            "gen_ai.usage.cache_write.input_tokens",
        ]
    )
    assert of_profile(MAIN).isdisjoint(of_profile(RELEASED) & of_the_package())


def test_no_name_is_one_that_the_conventions_have_replaced():
    replaced = {
        "gen_ai.system",
        "gen_ai.prompt",
        "gen_ai.completion",
        "gen_ai.usage.prompt_tokens",
        "gen_ai.usage.completion_tokens",
    }
    assert replaced <= of_the_package()
    assert replaced.isdisjoint({*of_ours().values(), *of_profile(RELEASED), *of_profile(MAIN)})


def test_every_name_is_written_once():
    assert len(set(of_ours().values())) == len(of_ours())


def values(enumeration: type[Enum]) -> set[str]:
    return {member.value for member in enumeration}


def test_operation_providers_and_output_types_are_values_of_the_conventions():
    providers = {_semconv.PROVIDER_OPENAI, provider.AZURE, provider.BEDROCK, provider.VERTEX}
    assert _semconv.OPERATION_CHAT in values(gen_ai_attributes.GenAiOperationNameValues)
    assert providers <= values(gen_ai_attributes.GenAiProviderNameValues)
    assert set(request._OUTPUT_TYPES.values()) <= values(gen_ai_attributes.GenAiOutputTypeValues)


def test_the_schema_url_is_that_of_the_released_conventions():
    assert Schemas.V1_41_0.value == RELEASED.schema_url
    assert MAIN.schema_url is None


@pytest.mark.parametrize(
    ("create", "name", "unit"),
    [
        pytest.param(gen_ai_metrics.create_gen_ai_client_operation_duration, RELEASED.duration, "s", id="duration"),
        pytest.param(
            gen_ai_metrics.create_gen_ai_client_operation_time_to_first_chunk,
            RELEASED.time_to_first_chunk,
            "s",
            id="time_to_first_chunk",
        ),
        pytest.param(
            gen_ai_metrics.create_gen_ai_client_operation_time_per_output_chunk,
            RELEASED.time_per_output_chunk,
            "s",
            id="time_per_output_chunk",
        ),
        pytest.param(gen_ai_metrics.create_gen_ai_client_token_usage, RELEASED.token_usage, "{token}", id="tokens"),
    ],
)
def test_the_released_histograms_are_those_of_the_package(create: Any, name: str, unit: str):
    provider = MeterProvider(shutdown_on_exit=False)
    instrument = create(provider.get_meter("test"))
    assert (instrument.name, instrument.unit) == (name, unit)
    provider.shutdown()


def test_the_boundaries_are_those_that_the_conventions_advise():
    """The package does not carry them: these are from the text of the conventions."""
    assert (
        *(0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64),
        *(1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92),
    ) == _semconv.DURATION_BOUNDARIES
    assert (
        *(1, 4, 16, 64, 256, 1_024, 4_096),
        *(16_384, 65_536, 262_144, 1_048_576, 4_194_304, 16_777_216, 67_108_864),
    ) == _semconv.TOKEN_BOUNDARIES
