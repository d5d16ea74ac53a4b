"""A text answer: `python examples/text.py`, with OPENAI_API_KEY set."""

from openai import OpenAI

import otel_responses

otel_responses.instrument(export=True)

client = OpenAI()
response = client.responses.create(model="gpt-4.1", input="What is the meaning of life?")
print(response.output_text)
