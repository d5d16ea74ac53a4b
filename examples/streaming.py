"""A streamed answer, printed as it comes: the span tells when its first part came."""

from openai import OpenAI

import otel_responses

otel_responses.instrument(export=True)

client = OpenAI()
with client.responses.create(
    model="gpt-4.1",
    instructions="You are a helpful assistant.",
    input="Hello!",
    stream=True,
) as stream:
    for event in stream:
        if event.type == "response.output_text.delta":
            print(event.delta, end="", flush=True)
print()
