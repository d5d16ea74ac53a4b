"""An agent made with openai-agents: a span for each call of the model, all of them in one session."""

import asyncio

from agents import Agent, Runner, function_tool, set_tracing_disabled

import otel_responses
from otel_responses import session, step

otel_responses.instrument(export=True)
set_tracing_disabled(True)  # the framework's own traces, which go to OpenAI


@function_tool
def get_current_weather(location: str) -> str:
    """Get the current weather in a given location."""
    return f"21 degrees in {location}"


guide = Agent("Guide", instructions="Answer in one sentence.", model="gpt-4.1", tools=[get_current_weather])


async def main() -> None:
    with session("Trip Planner", user="ada"):
        with step("weather"):
            result = await Runner.run(guide, "What is the weather like in Boston?")
            print(result.final_output)
        with step("luggage"):
            stream = Runner.run_streamed(guide.clone(tools=[]), "What should I take along?")
            async for event in stream.stream_events():
                if event.type == "raw_response_event" and event.data.type == "response.output_text.delta":
                    print(event.data.delta, end="", flush=True)
            print()


asyncio.run(main())
