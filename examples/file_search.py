"""An answer from your own files: set OPENAI_VECTOR_STORE_ID to a vector store of your account."""

import os

from openai import OpenAI

import otel_responses

otel_responses.instrument(export=True)

VECTOR_STORE = os.environ.get("OPENAI_VECTOR_STORE_ID", "vs_1234567890")

client = OpenAI()
response = client.responses.create(
    model="gpt-4.1",
    tools=[{"type": "file_search", "vector_store_ids": [VECTOR_STORE], "max_num_results": 20}],
    input="What are the attributes of an ancient brown dragon?",
)
print(response.output_text)
