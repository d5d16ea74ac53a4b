"""Two streamed answers at the same time, each with its own span."""

import asyncio

from openai import AsyncOpenAI

import otel_responses

otel_responses.instrument(export=True)


async def ask(client: AsyncOpenAI, question: str) -> str:
    async with await client.responses.create(model="gpt-4.1", input=question, stream=True) as stream:
        return "".join([event.delta async for event in stream if event.type == "response.output_text.delta"])


async def main() -> None:
    client = AsyncOpenAI()
    questions = "What is the meaning of life?", "What is the meaning of a meaning?"
    for answer in await asyncio.gather(*(ask(client, question) for question in questions)):
        print(answer)


asyncio.run(main())
