"""The program that the demo runs: ordinary calls of the Responses API inside two nested sessions.

Nothing in it knows where its calls go: `OPENAI_BASE_URL`, `OPENAI_API_KEY` and `OTEL_EXPORTER_OTLP_ENDPOINT` say that,
as they do for any program.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any, cast

from openai import APIError, OpenAI
from openai.types.responses import FunctionToolParam, ResponseInputParam

from otel_responses import instrument, session, step

__all__ = ["main"]

BOARDWALK = (
    "https://upload.wikimedia.org/wikipedia/commons/thumb/d/dd/Gfp-wisconsin-madison-the-nature-boardwalk.jpg/"
    "2560px-Gfp-wisconsin-madison-the-nature-boardwalk.jpg"
)
GET_WEATHER = FunctionToolParam(
    type="function",
    name="get_weather",
    description="The weather forecast for a city.",
    parameters={
        "type": "object",
        "properties": {"city": {"type": "string"}, "day": {"type": "string"}},
        "required": ["city", "day"],
        "additionalProperties": False,
    },
    strict=True,
)
WEATHER_IS_KNOWN: ResponseInputParam = [
    {"role": "user", "content": "Will it rain in Lisbon on Saturday?"},
    {
        "type": "function_call",
        "call_id": "call_weather",
        "name": "get_weather",
        "arguments": '{"city": "Lisbon", "day": "Saturday"}',
    },
    {"type": "function_call_output", "call_id": "call_weather", "output": "Rain until the evening, 17 degrees."},
    {"role": "user", "content": "Then write the plan as a letter to a friend."},
]


def text(client: OpenAI) -> None:
    client.responses.create(
        model="gpt-4.1",
        instructions="You are a travel guide. Answer in two sentences.",
        input="I have three days in Lisbon in May. What must I not miss?",
    )


def web_search(client: OpenAI) -> None:
    client.responses.create(
        model="gpt-4.1",
        input="Which concerts are on in Lisbon in the second week of May?",
        tools=[{"type": "web_search"}],
    )


def file_search(client: OpenAI) -> None:
    client.responses.create(
        model="gpt-4.1",
        input="What does our travel policy say about hotels?",
        tools=[{"type": "file_search", "vector_store_ids": ["vs_travel_policy"]}],
    )


def image(client: OpenAI) -> None:
    question = {"type": "input_text", "text": "Where could this be, and is it far from the city?"}
    picture = {"type": "input_image", "image_url": BOARDWALK, "detail": "auto"}
    client.responses.create(model="gpt-4.1", input=cast("Any", [{"role": "user", "content": [question, picture]}]))


def json_object(client: OpenAI) -> None:
    """The input is an object: no type of the SDK allows it, and the SDK sends it all the same."""
    client.responses.create(
        model="gpt-4.1", input=cast("Any", {"task": "rate these photos", "photos": ["1.jpg", "2.jpg"]})
    )


def reasoning(client: OpenAI) -> None:
    client.responses.create(
        model="o4-mini",
        input="Put a tram ride, a museum, a beach and two dinners into two days, with the least walking.",
        reasoning={"effort": "high"},
    )


def function_calling(client: OpenAI) -> None:
    client.responses.create(model="gpt-4.1", input="Will it rain in Lisbon on Saturday?", tools=[GET_WEATHER])


def streaming(client: OpenAI) -> None:
    """The weather was asked for, and the tool's answer goes along."""
    for _ in client.responses.create(model="gpt-4.1", input=WEATHER_IS_KNOWN, stream=True):
        pass


def closed_stream(client: OpenAI) -> None:
    """The reader has seen enough after the first words."""
    with client.responses.create(model="gpt-4.1", input="Write it as a poem.", stream=True) as stream:
        next(event for event in stream if event.type == "response.output_text.delta")


def failure(client: OpenAI) -> None:
    """The API answers 200, and the response inside says `failed`."""
    client.responses.create(model="gpt-4.1", input="Translate it into Portuguese.")


Call = Callable[[OpenAI], None]
NOT_LIVE: dict[Call, str] = {
    failure: "the real API does not fail on demand",
    file_search: "it needs a vector store of yours",
    json_object: "the real API takes a text or a list as input",
}


def plan_a_trip(do: Callable[[Call], None]) -> None:
    """Ten calls. The photos have a session of their own, opened inside that of the trip."""
    with session("Trip to Lisbon", user="ana@example.com", properties={"plan": "free"}):
        do(text)
        with step("research"):
            do(web_search)
            do(file_search)
            with session("Holiday photos", user="ana@example.com"):
                do(image)
                do(json_object)
        with step("plan"):
            do(reasoning)
            do(function_calling)
        with step("write"):
            do(streaming)
            do(closed_stream)
            do(failure)


def main(*, live: bool) -> None:
    """Make the calls; one that fails is told and does not stop the others."""
    instrument(export=True)
    client = OpenAI()

    def do(call: Call) -> None:
        if live and call in NOT_LIVE:
            print(f"{call.__name__} is left out: {NOT_LIVE[call]}")
            return
        try:
            call(client)
        except APIError as error:
            print(f"{call.__name__} failed with {type(error).__name__}")

    plan_a_trip(do)


if __name__ == "__main__":
    main(live="--live" in sys.argv)
