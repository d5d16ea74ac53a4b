"""A JSON object as `input`, as Helicone's page has it: it is traced as it is, whatever the server makes of it."""

from typing import Any

from openai import BadRequestError, OpenAI

import otel_responses

otel_responses.instrument(export=True)

# The SDK's types know text and lists of items here; a server may take an object too.
person: Any = {"name": "John", "age": 30}

client = OpenAI()
try:
    response = client.responses.create(model="gpt-4.1", input=person)
    print(response.output_text)
except BadRequestError as error:
    # The span of a refused call says so: error.type is 400.
    print("The server refused the object:", error.message)
