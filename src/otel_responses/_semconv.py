"""Every name we emit, as our own constants.

The released names are those of the OpenTelemetry semantic conventions v1.41.1 (GenAI). `MAIN` is the unreleased text of
semantic-conventions-genai, chosen with `OTEL_SEMCONV_STABILITY_OPT_IN=gen_ai_latest_experimental`. The Python package
of the conventions marks the GenAI names deprecated and lacks the newer ones, hence our own.
"""

from __future__ import annotations

from typing import Final, NamedTuple

SCOPE: Final = "otel_responses"

# Attributes of the GenAI conventions
OPERATION_NAME: Final = "gen_ai.operation.name"
PROVIDER_NAME: Final = "gen_ai.provider.name"
REQUEST_MODEL: Final = "gen_ai.request.model"
REQUEST_STREAM: Final = "gen_ai.request.stream"
REQUEST_MAX_TOKENS: Final = "gen_ai.request.max_tokens"
REQUEST_TEMPERATURE: Final = "gen_ai.request.temperature"
REQUEST_TOP_P: Final = "gen_ai.request.top_p"
REQUEST_REASONING_LEVEL: Final = "gen_ai.request.reasoning.level"
REQUEST_PREVIOUS_RESPONSE_ID: Final = "gen_ai.request.previous_response.id"
REQUEST_STREAM_CURSOR: Final = "gen_ai.request.stream_cursor"
CONVERSATION_ID: Final = "gen_ai.conversation.id"
CONVERSATION_COMPACTED: Final = "gen_ai.conversation.compacted"
OUTPUT_TYPE: Final = "gen_ai.output.type"
PROMPT_NAME: Final = "gen_ai.prompt.name"
PROMPT_VERSION: Final = "gen_ai.prompt.version"
RESPONSE_ID: Final = "gen_ai.response.id"
RESPONSE_MODEL: Final = "gen_ai.response.model"
RESPONSE_STATUS: Final = "gen_ai.response.status"
RESPONSE_FINISH_REASONS: Final = "gen_ai.response.finish_reasons"
RESPONSE_TIME_TO_FIRST_CHUNK: Final = "gen_ai.response.time_to_first_chunk"
USAGE_INPUT_TOKENS: Final = "gen_ai.usage.input_tokens"
USAGE_OUTPUT_TOKENS: Final = "gen_ai.usage.output_tokens"
USAGE_CACHE_READ: Final = "gen_ai.usage.cache_read.input_tokens"
USAGE_REASONING: Final = "gen_ai.usage.reasoning.output_tokens"
USAGE_COST: Final = "gen_ai.usage.cost"  # our own name: USD
SYSTEM_INSTRUCTIONS: Final = "gen_ai.system_instructions"
INPUT_MESSAGES: Final = "gen_ai.input.messages"
OUTPUT_MESSAGES: Final = "gen_ai.output.messages"
TOOL_DEFINITIONS: Final = "gen_ai.tool.definitions"
PROMPT_VARIABLE: Final = "gen_ai.prompt.variable."  # followed by the variable's key
TOKEN_TYPE: Final = "gen_ai.token.type"
TOKEN_MODALITY: Final = "gen_ai.token.modality"

# Attributes of the general conventions
ERROR_TYPE: Final = "error.type"
SERVER_ADDRESS: Final = "server.address"
SERVER_PORT: Final = "server.port"
NETWORK_PROTOCOL_NAME: Final = "network.protocol.name"  # only where it is not HTTP
RESEND_COUNT: Final = "http.request.resend_count"
EXCEPTION_TYPE: Final = "exception.type"
EXCEPTION_MESSAGE: Final = "exception.message"
EXCEPTION_STACKTRACE: Final = "exception.stacktrace"
SESSION_ID: Final = "session.id"
USER_ID: Final = "user.id"

# Attributes of the OpenAI conventions
API_TYPE: Final = "openai.api.type"
REQUEST_SERVICE_TIER: Final = "openai.request.service_tier"
RESPONSE_SERVICE_TIER: Final = "openai.response.service_tier"

# Our own names, in the namespaces of OpenAI and Helicone
CALL_ENDED_BY: Final = "openai.call.ended_by"
REQUEST_ID: Final = "openai.request.id"
RESPONSE_BACKGROUND: Final = "openai.response.background"
OUTPUT_ITEM_TYPE: Final = "openai.output_item.type"
OUTPUT_ITEM_ID: Final = "openai.output_item.id"
OUTPUT_ITEM_STATUS: Final = "openai.output_item.status"
OUTPUT_ITEM_NAME: Final = "openai.output_item.name"
HELICONE_SESSION_ID: Final = "helicone.session.id"
HELICONE_SESSION_NAME: Final = "helicone.session.name"
HELICONE_SESSION_PATH: Final = "helicone.session.path"
HELICONE_USER_ID: Final = "helicone.user.id"
HELICONE_PROPERTY: Final = "helicone.property."  # followed by the property's name
PROPERTIES_MAX: Final = 32  # properties of one session; more would push other attributes off the span

# Events (log records)
DETAILS_EVENT: Final = "gen_ai.client.inference.operation.details"
EXCEPTION_EVENT: Final = "gen_ai.client.operation.exception"

# Our own metrics: USD; and calls whose content was left out because the redactor failed
COST: Final = "gen_ai.client.cost"
CONTENT_LEFT_OUT: Final = "otel_responses.content.left_out"

# Values
OPERATION_CHAT: Final = "chat"
OPERATION_FETCH: Final = "fetch_response"
OPERATION_COMPACTION: Final = "compaction"
API_RESPONSES: Final = "responses"
PROVIDER_OPENAI: Final = "openai"
PROTOCOL_WEBSOCKET: Final = "websocket"
MODALITY_UNKNOWN: Final = "unknown"
OTHER: Final = "_OTHER"
STREAM_TRUNCATED: Final = "stream_truncated"


class Profile(NamedTuple):
    """The names that differ between the released conventions and their main branch."""

    schema_url: str | None
    usage_cache_write: str
    duration: str
    time_to_first_chunk: str
    time_per_output_chunk: str
    token_usage: str | None
    input_tokens: str | None
    output_tokens: str | None
    total_input_tokens: str | None
    total_output_tokens: str | None
    cache_read_tokens: str = "gen_ai.client.inference.usage.cache_read.input_tokens"
    cache_write_tokens: str = "gen_ai.client.inference.usage.cache_write.input_tokens"
    reasoning_tokens: str = "gen_ai.client.inference.usage.reasoning.output_tokens"


RELEASED: Final = Profile(
    schema_url="https://opentelemetry.io/schemas/1.41.0",
    usage_cache_write="gen_ai.usage.cache_creation.input_tokens",
    duration="gen_ai.client.operation.duration",
    time_to_first_chunk="gen_ai.client.operation.time_to_first_chunk",
    time_per_output_chunk="gen_ai.client.operation.time_per_output_chunk",
    token_usage="gen_ai.client.token.usage",
    input_tokens=None,
    output_tokens=None,
    total_input_tokens=None,
    total_output_tokens=None,
)
MAIN: Final = Profile(
    schema_url=None,
    usage_cache_write="gen_ai.usage.cache_write.input_tokens",
    duration="gen_ai.client.inference.duration",
    time_to_first_chunk="gen_ai.client.inference.time_to_first_chunk",
    time_per_output_chunk="gen_ai.client.inference.time_per_output_chunk",
    token_usage=None,
    input_tokens="gen_ai.client.inference.operation.input_tokens",
    output_tokens="gen_ai.client.inference.operation.output_tokens",
    total_input_tokens="gen_ai.client.inference.usage.input_tokens",
    total_output_tokens="gen_ai.client.inference.usage.output_tokens",
)

# Bucket boundaries that the conventions give for these histograms
DURATION_BOUNDARIES: Final = tuple(0.01 * 2**power for power in range(14))  # seconds: 0.01 doubled to 81.92
TOKEN_BOUNDARIES: Final = tuple(4**power for power in range(14))  # 1, 4, 16 ... 67108864
