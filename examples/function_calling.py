"""A function that the model calls: one span for its request, one for the answer made from the function's result."""

import json

from openai import OpenAI
from openai.types.responses import FunctionToolParam

import otel_responses

otel_responses.instrument(export=True)

WEATHER: FunctionToolParam = {
    "type": "function",
    "name": "get_current_weather",
    "description": "Get the current weather in a given location",
    "parameters": {
        "type": "object",
        "properties": {"location": {"type": "string"}, "unit": {"type": "string", "enum": ["celsius", "fahrenheit"]}},
        "required": ["location", "unit"],
        "additionalProperties": False,
    },
    "strict": True,
}


def get_current_weather(location: str, unit: str) -> str:
    return f"21 degrees {unit} in {location}"


client = OpenAI()
response = client.responses.create(model="gpt-4.1", tools=[WEATHER], input="What is the weather like in Boston?")
for item in response.output:
    if item.type == "function_call":
        result = get_current_weather(**json.loads(item.arguments))
        response = client.responses.create(
            model="gpt-4.1",
            previous_response_id=response.id,
            input=[{"type": "function_call_output", "call_id": item.call_id, "output": result}],
        )
print(response.output_text)
