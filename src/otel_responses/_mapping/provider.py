"""The host and the client class of a request -> the provider's name in the GenAI conventions."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache

from otel_responses._semconv import PROVIDER_OPENAI

__all__ = ["provider_name"]

AZURE, BEDROCK, VERTEX = "azure.ai.openai", "aws.bedrock", "gcp.vertex_ai"

# The name of a client class, or of any of its bases.
_BY_CLASS: Mapping[str, str] = {
    "AzureOpenAI": AZURE,
    "AsyncAzureOpenAI": AZURE,
    "BedrockOpenAI": BEDROCK,
    "AsyncBedrockOpenAI": BEDROCK,
}
# The name that `OpenAI(provider=...)` carries, openai 2.54 and up.
_BY_PROVIDER: Mapping[str, str] = {"azure": AZURE, "bedrock": BEDROCK, "vertex": VERTEX}
# A host of AWS or Google alone says nothing: anybody's vLLM may run behind a load balancer there.
# Not compiled here, which takes as long as the rest of the import: a program has few hosts.
_BY_HOST: tuple[tuple[str, str], ...] = (
    (r".+\.openai\.azure\.(com|us|cn)", AZURE),
    (r".+\.(services\.ai|cognitiveservices)\.azure\.com", AZURE),
    (r"(.+\.)?bedrock-[a-z-]+\..+\.(amazonaws\.com(\.cn)?|api\.aws)", BEDROCK),
    (r"([a-z0-9-]+-)?aiplatform\.googleapis\.com", VERTEX),
)


@lru_cache(maxsize=256)
def provider_name(client: type, provider: str | None, host: str | None) -> str:
    """Return the provider: by client class, by the SDK's own provider name, by host; `openai` for all else.

    A compatible server (vLLM, Ollama, a gateway) speaks OpenAI's API and is `openai`.
    """
    for base in client.__mro__:
        if base.__name__ in _BY_CLASS:
            return _BY_CLASS[base.__name__]
    if provider is not None and provider in _BY_PROVIDER:
        return _BY_PROVIDER[provider]
    name = (host or "").lower()
    return next((found for pattern, found in _BY_HOST if re.fullmatch(pattern, name)), PROVIDER_OPENAI)
