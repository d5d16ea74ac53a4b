"""Calls grouped as Helicone shows them: one session, with a path for each step of the work."""

from openai import OpenAI

import otel_responses
from otel_responses import session, step

otel_responses.instrument(export=True)

client = OpenAI()


def ask(question: str) -> str:
    return client.responses.create(model="gpt-4.1", input=question).output_text


@step("flights")  # /plan/flights: a step goes on from the path around it
def find_flights(city: str) -> str:
    return ask(f"Which airlines fly to {city}?")


with session("Trip Planner", path="/plan", user="ada", properties={"plan": "free"}):
    city = ask("Which city is nice in May? Give its name only.")
    print(find_flights(city))
    with step("hotels"):
        print(ask(f"Name a quiet hotel in {city}."))
