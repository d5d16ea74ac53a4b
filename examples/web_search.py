"""An answer that searches the web first, with its sources."""

from openai import OpenAI

import otel_responses

otel_responses.instrument(export=True)

client = OpenAI()
response = client.responses.create(
    model="gpt-4.1",
    tools=[{"type": "web_search_preview"}],
    input="What was a positive news story from today?",
)
print(response.output_text)
for item in response.output:
    if item.type == "web_search_call":
        print("searched:", item.status)
