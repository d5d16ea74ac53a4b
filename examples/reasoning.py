"""A reasoning model: the span holds the effort and the reasoning tokens."""

from openai import OpenAI

import otel_responses

otel_responses.instrument(export=True)

client = OpenAI()
response = client.responses.create(
    model="o3-mini",
    input="How much wood would a woodchuck chuck?",
    reasoning={"effort": "high"},
)
print(response.output_text)
if response.usage:
    print("reasoning tokens:", response.usage.output_tokens_details.reasoning_tokens)
