from __future__ import annotations

import openai
import pytest
from openai.lib.bedrock import AsyncBedrockOpenAI, BedrockOpenAI

from otel_responses._mapping.provider import provider_name


class OurAzure(openai.AsyncAzureOpenAI):
    """A client class of the program's own."""


@pytest.mark.parametrize(
    ("client", "name"),
    [
        pytest.param(openai.OpenAI, "openai", id="openai"),
        pytest.param(openai.AsyncOpenAI, "openai", id="openai_async"),
        pytest.param(openai.AzureOpenAI, "azure.ai.openai", id="azure"),
        pytest.param(openai.AsyncAzureOpenAI, "azure.ai.openai", id="azure_async"),
        pytest.param(OurAzure, "azure.ai.openai", id="azure_subclass"),
        pytest.param(BedrockOpenAI, "aws.bedrock", id="bedrock"),
        pytest.param(AsyncBedrockOpenAI, "aws.bedrock", id="bedrock_async"),
    ],
)
def test_by_the_client_s_class(client: type, name: str):
    assert provider_name(client, None, "gateway.example.com") == name


@pytest.mark.parametrize(
    ("provider", "name"),
    [
        pytest.param("azure", "azure.ai.openai", id="azure"),
        pytest.param("bedrock", "aws.bedrock", id="bedrock"),
        pytest.param("vertex", "gcp.vertex_ai", id="vertex"),
        pytest.param("a_provider_of_tomorrow", "openai", id="unknown"),
        pytest.param(None, "openai", id="none"),
    ],
)
def test_by_the_sdk_s_own_name_of_it(provider: str | None, name: str):
    assert provider_name(openai.OpenAI, provider, "gateway.example.com") == name


@pytest.mark.parametrize(
    ("host", "name"),
    [
        pytest.param("api.openai.com", "openai", id="openai"),
        pytest.param("eu.api.openai.com", "openai", id="openai_eu"),
        pytest.param("localhost", "openai", id="compatible_server"),
        pytest.param("oai.helicone.ai", "openai", id="helicone"),
        pytest.param("127.0.0.1", "openai", id="address"),
        pytest.param(None, "openai", id="no_host"),
        pytest.param("", "openai", id="empty"),
        pytest.param("acme.openai.azure.com", "azure.ai.openai", id="azure"),
        pytest.param("ACME.OpenAI.Azure.com", "azure.ai.openai", id="azure_in_capitals"),
        pytest.param("acme.openai.azure.us", "azure.ai.openai", id="azure_us"),
        pytest.param("acme.openai.azure.cn", "azure.ai.openai", id="azure_china"),
        pytest.param("acme.services.ai.azure.com", "azure.ai.openai", id="azure_foundry"),
        pytest.param("acme.cognitiveservices.azure.com", "azure.ai.openai", id="azure_cognitive_services"),
        pytest.param("openai.azure.com.example.com", "openai", id="azure_only_within"),
        pytest.param("acme.eastus.cloudapp.azure.com", "openai", id="a_machine_in_azure"),
        pytest.param("bedrock-mantle.us-east-1.api.aws", "aws.bedrock", id="bedrock_mantle"),
        pytest.param("bedrock-runtime.us-east-1.amazonaws.com", "aws.bedrock", id="bedrock_runtime"),
        pytest.param("bedrock-runtime-fips.us-gov-west-1.amazonaws.com", "aws.bedrock", id="bedrock_fips"),
        pytest.param("bedrock-runtime.cn-north-1.amazonaws.com.cn", "aws.bedrock", id="bedrock_china"),
        pytest.param("vpce-1.bedrock-runtime.us-east-1.vpce.amazonaws.com", "aws.bedrock", id="bedrock_private_link"),
        pytest.param("vllm-1234.us-east-1.elb.amazonaws.com", "openai", id="a_load_balancer_in_aws"),
        pytest.param("abc.execute-api.us-east-1.amazonaws.com", "openai", id="a_gateway_in_aws"),
        pytest.param("aiplatform.googleapis.com", "gcp.vertex_ai", id="vertex_global"),
        pytest.param("us-central1-aiplatform.googleapis.com", "gcp.vertex_ai", id="vertex"),
        pytest.param("generativelanguage.googleapis.com", "openai", id="another_api_of_google"),
    ],
)
def test_by_the_host(host: str | None, name: str):
    assert provider_name(openai.OpenAI, None, host) == name


def test_the_class_comes_before_the_name_and_the_name_before_the_host():
    assert provider_name(openai.AzureOpenAI, "vertex", "bedrock-runtime.us-east-1.amazonaws.com") == "azure.ai.openai"
    assert provider_name(openai.OpenAI, "vertex", "bedrock-runtime.us-east-1.amazonaws.com") == "gcp.vertex_ai"
