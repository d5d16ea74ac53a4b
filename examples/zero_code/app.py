"""A program that knows nothing of tracing; README.md beside it says how to trace it all the same."""

from openai import OpenAI

client = OpenAI()
response = client.responses.create(model="gpt-4.1", input="What is the meaning of life?")
print(response.output_text)
