"""A dialogue over one WebSocket: a span for each turn. It needs `pip install 'openai[realtime]'`."""

from openai import OpenAI

import otel_responses
from otel_responses import session

otel_responses.instrument(export=True)

client = OpenAI()
previous = None

with client.responses.connect() as connection, session("Meanings", user="ada"):
    for question in "What is the meaning of life?", "And in one word?":
        connection.response.create(model="gpt-4.1", input=question, previous_response_id=previous)
        for event in connection:
            if event.type == "response.output_text.delta":
                print(event.delta, end="", flush=True)
            elif event.type == "response.completed":
                previous = event.response.id
                break
        print()
