"""Where a call goes and who provides it, as the spans say it."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import openai
import pytest

import otel_responses
from otel_responses._patch import clients
from otel_responses.testing import Capture, FakeResponsesAPI
from tests.patch.ways import BODY


def server(telemetry: Capture) -> tuple[Any, ...]:
    (span,) = telemetry.spans()
    names = ("gen_ai.provider.name", "server.address", "server.port")
    return tuple(span["attributes"].get(name) for name in names)


@pytest.mark.matrix
@pytest.mark.parametrize(
    ("base_url", "expected"),
    [
        pytest.param("https://api.openai.com/v1", ("openai", "api.openai.com", 443), id="openai"),
        pytest.param("http://127.0.0.1/v1", ("openai", "127.0.0.1", 80), id="http"),
        pytest.param("http://localhost:11434/v1/", ("openai", "localhost", 11434), id="ollama"),
        pytest.param("http://[::1]:8000/v1", ("openai", "::1", 8000), id="vllm over IPv6"),
        pytest.param(
            "https://Acme.OpenAI.Azure.com/openai/v1", ("azure.ai.openai", "acme.openai.azure.com", 443), id="azure"
        ),
        pytest.param(
            "https://bedrock-runtime.us-west-2.amazonaws.com/openai/v1",
            ("aws.bedrock", "bedrock-runtime.us-west-2.amazonaws.com", 443),
            id="bedrock",
        ),
        pytest.param("https://mine.example/v1", ("mine", "mine.example", 443), id="by setting"),
    ],
)
def test_the_base_url_tells(
    base_url: str, expected: tuple[Any, ...], api: FakeResponsesAPI, telemetry: Capture
) -> None:
    otel_responses.instrument(provider_by_host={"mine.example": "mine"})
    api.client(base_url=base_url).responses.create(**BODY)
    assert server(telemetry) == expected


@pytest.mark.matrix
def test_an_azure_client_tells(api: FakeResponsesAPI, telemetry: Capture) -> None:
    client = openai.AzureOpenAI(
        azure_endpoint="https://gateway.example",
        azure_deployment="mine",
        api_version="2025-03-01-preview",
        api_key="sk-fake",
        http_client=openai.DefaultHttpxClient(transport=api.transport()),
    )
    client.responses.create(**BODY)
    assert server(telemetry) == ("azure.ai.openai", "gateway.example", 443)


@pytest.mark.matrix
def test_an_absolute_url_beats_the_base_url(api: FakeResponsesAPI, telemetry: Capture) -> None:
    api.client().post("https://other.example:8443/v2/responses/", cast_to=object, body=BODY)
    assert server(telemetry) == ("openai", "other.example", 8443)


@pytest.mark.matrix
def test_the_model_of_extra_body_is_the_one_that_is_sent(api: FakeResponsesAPI, telemetry: Capture) -> None:
    api.client().responses.create(**BODY, extra_body={"model": "gpt-5"})
    (span,) = telemetry.spans()
    assert span["name"] == "chat gpt-5"
    assert span["attributes"]["gen_ai.request.model"] == "gpt-5"


@pytest.mark.matrix
def test_a_body_that_is_no_object_gives_a_span_without_a_model(api: FakeResponsesAPI, telemetry: Capture) -> None:
    with pytest.raises(openai.APIStatusError):
        api.client().post("/responses", cast_to=object, body=["no", "object"])
    (span,) = telemetry.spans()
    assert span["name"] == "chat"


def test_a_url_in_the_query_is_no_address(api: FakeResponsesAPI, telemetry: Capture) -> None:
    api.client().post("/responses?callback=https://other.example", cast_to=object, body=BODY)
    assert server(telemetry) == ("openai", "api.openai.com", 443)


@pytest.mark.matrix
@pytest.mark.skipif(not hasattr(openai, "BedrockOpenAI"), reason="the installed openai has no client for Bedrock")
def test_a_bedrock_client_tells(api: FakeResponsesAPI, telemetry: Capture) -> None:
    client = openai.BedrockOpenAI(
        base_url="https://gateway.example/openai/v1",
        api_key="sk-fake",
        http_client=openai.DefaultHttpxClient(transport=api.transport()),
    )
    client.responses.create(model="openai.gpt-oss-120b-1:0", input="Say hello.")
    assert server(telemetry) == ("aws.bedrock", "gateway.example", 443)
    assert telemetry.spans()[0]["attributes"]["gen_ai.request.model"] == "openai.gpt-oss-120b-1:0"


@pytest.mark.matrix
@pytest.mark.parametrize(
    ("name", "options", "provider"),
    [
        pytest.param("vertex", {"token_provider": lambda: "token"}, "gcp.vertex_ai", id="vertex"),
        pytest.param("bedrock", {"api_key": "sk-fake"}, "aws.bedrock", id="bedrock"),
    ],
)
def test_the_provider_of_a_client_tells(
    name: str, options: dict[str, Any], provider: str, api: FakeResponsesAPI, telemetry: Capture
) -> None:
    try:
        make = getattr(import_module("openai.providers"), name)
    except (ImportError, AttributeError):
        pytest.skip(f"openai {openai.__version__} does not have it")
    client = openai.OpenAI(
        provider=make(base_url="https://gateway.example/openai/v1", **options),
        http_client=openai.DefaultHttpxClient(transport=api.transport()),
    )
    client.responses.create(model="publisher/a-model@001", input="Say hello.")
    assert server(telemetry) == (provider, "gateway.example", 443)
    assert telemetry.spans()[0]["attributes"]["gen_ai.request.model"] == "publisher/a-model@001"


def test_a_client_whose_base_url_changes_tells_the_new_one(api: FakeResponsesAPI, telemetry: Capture) -> None:
    client = api.client(base_url="https://one.example/v1")
    client.responses.create(**BODY)
    client.base_url = "https://two.example/v1"
    client.responses.create(**BODY)
    assert [span["attributes"]["server.address"] for span in telemetry.spans()] == ["one.example", "two.example"]


def test_many_clients_are_told_apart(
    api: FakeResponsesAPI, telemetry: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clients, "KNOWN_MAX", 2)
    monkeypatch.setattr(clients, "_known", {})
    hosts = [f"{number}.example" for number in range(5)]
    for host in hosts:
        api.client(base_url=f"https://{host}/v1").responses.create(**BODY)
        assert len(clients._known) <= 2
    assert [span["attributes"]["server.address"] for span in telemetry.spans()] == hosts
