"""The example with an agent runs as the other examples do, where its framework is installed."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import pytest
from inline_snapshot import snapshot

from otel_responses.testing import FakeResponsesAPI
from tests.otlp import receiver
from tests.test_examples import World


@pytest.fixture
def world(api: FakeResponsesAPI, url: str) -> Iterator[World]:
    with receiver() as received:
        yield World(url, api, received)


def test_agents_sdk_has_a_span_for_each_call_of_the_model(world: World) -> None:
    assert world.run(sys.executable, "examples/agents_sdk.py") == snapshot("""\
The tool says: 21 degrees in Boston, MA
Meaning is what you make of it: curiosity, kindness, and the people around you.
""")
    assert world.spans() == snapshot(
        [
            (
                "chat gpt-4.1",
                {
                    "gen_ai.request.model": "gpt-4.1",
                    "helicone.session.id": "str",
                    "helicone.session.name": "Trip Planner",
                    "helicone.session.path": "/weather",
                    "helicone.user.id": "ada",
                    "session.id": "str",
                    "user.id": "ada",
                    "gen_ai.response.id": "resp_0001",
                    "gen_ai.response.model": "gpt-4.1-2025-04-14",
                    "gen_ai.response.finish_reasons": ["tool_call"],
                    "gen_ai.usage.input_tokens": 50,
                    "gen_ai.usage.output_tokens": 11,
                },
            ),
            (
                "chat gpt-4.1",
                {
                    "gen_ai.request.model": "gpt-4.1",
                    "helicone.session.id": "str",
                    "helicone.session.name": "Trip Planner",
                    "helicone.session.path": "/weather",
                    "helicone.user.id": "ada",
                    "session.id": "str",
                    "user.id": "ada",
                    "gen_ai.response.id": "resp_0002",
                    "gen_ai.response.model": "gpt-4.1-2025-04-14",
                    "gen_ai.response.finish_reasons": ["stop"],
                    "gen_ai.usage.input_tokens": 68,
                    "gen_ai.usage.output_tokens": 10,
                },
            ),
            (
                "chat gpt-4.1",
                {
                    "gen_ai.request.model": "gpt-4.1",
                    "helicone.session.id": "str",
                    "helicone.session.name": "Trip Planner",
                    "helicone.session.path": "/luggage",
                    "helicone.user.id": "ada",
                    "session.id": "str",
                    "user.id": "ada",
                    "gen_ai.request.stream": True,
                    "gen_ai.response.id": "resp_0003",
                    "gen_ai.response.model": "gpt-4.1-2025-04-14",
                    "gen_ai.response.finish_reasons": ["stop"],
                    "gen_ai.usage.input_tokens": 21,
                    "gen_ai.usage.output_tokens": 20,
                    "gen_ai.response.time_to_first_chunk": "float",
                },
            ),
        ]
    )
