"""A background run, polled until it is finished: its tokens are counted once, on a span for all of its time."""

import time

from openai import OpenAI

import otel_responses
from otel_responses import session

otel_responses.instrument(export=True)

UNFINISHED = {"queued", "in_progress"}

client = OpenAI()
with session("Essay", user="ada"):
    response = client.responses.create(model="o4-mini", input="Write a long essay about otters.", background=True)
    while response.status in UNFINISHED:
        print(response.status)
        time.sleep(1)
        response = client.responses.retrieve(response.id)
print(response.output_text)
