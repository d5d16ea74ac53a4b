"""Every example runs as a user would run it: a program of its own, the fake API behind OPENAI_BASE_URL, OTLP out."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from inline_snapshot import snapshot

from otel_responses.testing import FakeResponsesAPI, Reply
from tests.otlp import Received, receiver

ROOT = Path(__file__).parent.parent
EXAMPLES = ROOT / "examples"
LAUNCHER = str(Path(sys.executable).with_name("opentelemetry-instrument"))
# What every span of an example has.
COMMON = {
    "gen_ai.operation.name": "chat",
    "gen_ai.provider.name": "openai",
    "openai.api.type": "responses",
    "openai.response.service_tier": "default",
    "server.address": "127.0.0.1",
}
# They differ from run to run; that they are there is what counts.
VARYING = ("gen_ai.response.time_to_first_chunk", "helicone.session.id", "session.id")


class World:
    """The fake API, and what a program that was run against it printed and exported."""

    def __init__(self, url: str, api: FakeResponsesAPI, received: Received) -> None:
        self.api = api
        self._port = urlsplit(url).port
        self.received = received
        inherited = {name: value for name, value in os.environ.items() if not name.startswith(("OTEL_", "OPENAI_"))}
        self._environment = {
            **inherited,
            "OPENAI_BASE_URL": url,
            "OPENAI_API_KEY": "sk-fake",
            "OTEL_EXPORTER_OTLP_ENDPOINT": received.url,
            # The test environment has them for other tests; they would add spans of their own.
            "OTEL_PYTHON_DISABLED_INSTRUMENTATIONS": "httpx,httpx2,threading",
        }

    def run(self, *command: str, **environment: str) -> str:
        done = subprocess.run(
            command,
            cwd=ROOT,
            env={**self._environment, **environment},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert (done.returncode, done.stderr) == (0, "")
        return done.stdout

    def requests(self) -> list[Any]:
        return [request.json for request in self.api.requests]

    def spans(self) -> list[tuple[str, dict[str, Any]]]:
        """Name and attributes of each span, without those that all have, in the order of their responses."""
        read = [(span.name, {item.key: plain(item.value) for item in span.attributes}) for span in self.received.spans]
        assert len({attributes.get("session.id") for _, attributes in read}) == 1
        for _, attributes in read:
            assert {key: attributes.pop(key) for key in COMMON} == COMMON
            assert attributes.pop("server.port") == self._port
            if "network.protocol.name" not in attributes:  # over a WebSocket only errors have one
                assert attributes.pop("openai.request.id").startswith("req_")
            attributes.pop("gen_ai.usage.cost", None)  # by the day's prices, where genai-prices is installed
            attributes.update({key: type(attributes[key]).__name__ for key in VARYING if key in attributes})
        return sorted(read, key=lambda span: span[1]["gen_ai.response.id"])


def plain(value: Any) -> Any:
    if value.WhichOneof("value") == "array_value":
        return [plain(item) for item in value.array_value.values]
    return getattr(value, value.WhichOneof("value"))


@pytest.fixture
def world() -> Iterator[World]:
    api = FakeResponsesAPI()
    with api.serve() as url, receiver() as received:
        yield World(url, api, received)


@pytest.mark.parametrize(
    ("name", "requests", "spans"),
    [
        pytest.param(
            "text",
            snapshot([{"model": "gpt-4.1", "input": "What is the meaning of life?"}]),
            snapshot(
                [
                    (
                        "chat gpt-4.1",
                        {
                            "gen_ai.request.model": "gpt-4.1",
                            "gen_ai.response.id": "resp_0001",
                            "gen_ai.response.model": "gpt-4.1-2025-04-14",
                            "gen_ai.response.finish_reasons": ["stop"],
                            "gen_ai.usage.input_tokens": 16,
                            "gen_ai.usage.output_tokens": 20,
                        },
                    )
                ]
            ),
            id="text",
        ),
        pytest.param(
            "image",
            snapshot(
                [
                    {
                        "model": "gpt-4.1",
                        "input": [
                            {
                                "role": "user",
                                "content": [
                                    {"type": "input_text", "text": "What is in this image?"},
                                    {
                                        "type": "input_image",
                                        "image_url": "https://upload.wikimedia.org/wikipedia/commons/thumb/d/dd/Gfp-wisconsin-madison-the-nature-boardwalk.jpg/2560px-Gfp-wisconsin-madison-the-nature-boardwalk.jpg",
                                        "detail": "auto",
                                    },
                                ],
                            }
                        ],
                    }
                ]
            ),
            snapshot(
                [
                    (
                        "chat gpt-4.1",
                        {
                            "gen_ai.request.model": "gpt-4.1",
                            "gen_ai.response.id": "resp_0001",
                            "gen_ai.response.model": "gpt-4.1-2025-04-14",
                            "gen_ai.response.finish_reasons": ["stop"],
                            "gen_ai.usage.input_tokens": 15,
                            "gen_ai.usage.output_tokens": 17,
                        },
                    )
                ]
            ),
            id="image",
        ),
        pytest.param(
            "json_input",
            snapshot([{"model": "gpt-4.1", "input": {"name": "John", "age": 30}}]),
            snapshot(
                [
                    (
                        "chat gpt-4.1",
                        {
                            "gen_ai.request.model": "gpt-4.1",
                            "gen_ai.response.id": "resp_0001",
                            "gen_ai.response.model": "gpt-4.1-2025-04-14",
                            "gen_ai.response.finish_reasons": ["stop"],
                            "gen_ai.usage.input_tokens": 15,
                            "gen_ai.usage.output_tokens": 20,
                        },
                    )
                ]
            ),
            id="json_input",
        ),
        pytest.param(
            "web_search",
            snapshot(
                [
                    {
                        "model": "gpt-4.1",
                        "input": "What was a positive news story from today?",
                        "tools": [{"type": "web_search_preview"}],
                    }
                ]
            ),
            snapshot(
                [
                    (
                        "chat gpt-4.1",
                        {
                            "gen_ai.request.model": "gpt-4.1",
                            "gen_ai.response.id": "resp_0001",
                            "gen_ai.response.model": "gpt-4.1-2025-04-14",
                            "gen_ai.response.finish_reasons": ["stop"],
                            "gen_ai.usage.input_tokens": 19,
                            "gen_ai.usage.output_tokens": 27,
                        },
                    )
                ]
            ),
            id="web_search",
        ),
        pytest.param(
            "file_search",
            snapshot(
                [
                    {
                        "model": "gpt-4.1",
                        "input": "What are the attributes of an ancient brown dragon?",
                        "tools": [
                            {"type": "file_search", "vector_store_ids": ["vs_1234567890"], "max_num_results": 20}
                        ],
                    }
                ]
            ),
            snapshot(
                [
                    (
                        "chat gpt-4.1",
                        {
                            "gen_ai.request.model": "gpt-4.1",
                            "gen_ai.response.id": "resp_0001",
                            "gen_ai.response.model": "gpt-4.1-2025-04-14",
                            "gen_ai.response.finish_reasons": ["stop"],
                            "gen_ai.usage.input_tokens": 25,
                            "gen_ai.usage.output_tokens": 15,
                        },
                    )
                ]
            ),
            id="file_search",
        ),
        pytest.param(
            "streaming",
            snapshot(
                [
                    {
                        "model": "gpt-4.1",
                        "stream": True,
                        "input": "Hello!",
                        "instructions": "You are a helpful assistant.",
                    }
                ]
            ),
            snapshot(
                [
                    (
                        "chat gpt-4.1",
                        {
                            "gen_ai.request.model": "gpt-4.1",
                            "gen_ai.request.stream": True,
                            "gen_ai.response.id": "resp_0001",
                            "gen_ai.response.model": "gpt-4.1-2025-04-14",
                            "gen_ai.response.finish_reasons": ["stop"],
                            "gen_ai.usage.input_tokens": 17,
                            "gen_ai.usage.output_tokens": 20,
                            "gen_ai.response.time_to_first_chunk": "float",
                        },
                    )
                ]
            ),
            id="streaming",
        ),
        pytest.param(
            "function_calling",
            snapshot(
                [
                    {
                        "model": "gpt-4.1",
                        "input": "What is the weather like in Boston?",
                        "tools": [
                            {
                                "type": "function",
                                "name": "get_current_weather",
                                "description": "Get the current weather in a given location",
                                "parameters": {
                                    "type": "object",
                                    "properties": {
                                        "location": {"type": "string"},
                                        "unit": {"type": "string", "enum": ["celsius", "fahrenheit"]},
                                    },
                                    "required": ["location", "unit"],
                                    "additionalProperties": False,
                                },
                                "strict": True,
                            }
                        ],
                    },
                    {
                        "model": "gpt-4.1",
                        "input": [
                            {
                                "type": "function_call_output",
                                "call_id": "call_0001",
                                "output": "21 degrees celsius in Boston, MA",
                            }
                        ],
                        "previous_response_id": "resp_0001",
                    },
                ]
            ),
            snapshot(
                [
                    (
                        "chat gpt-4.1",
                        {
                            "gen_ai.request.model": "gpt-4.1",
                            "gen_ai.response.id": "resp_0001",
                            "gen_ai.response.model": "gpt-4.1-2025-04-14",
                            "gen_ai.response.finish_reasons": ["tool_call"],
                            "gen_ai.usage.input_tokens": 42,
                            "gen_ai.usage.output_tokens": 16,
                        },
                    ),
                    (
                        "chat gpt-4.1",
                        {
                            "gen_ai.request.model": "gpt-4.1",
                            "gen_ai.request.previous_response.id": "resp_0001",
                            "gen_ai.response.id": "resp_0002",
                            "gen_ai.response.model": "gpt-4.1-2025-04-14",
                            "gen_ai.response.finish_reasons": ["stop"],
                            "gen_ai.usage.input_tokens": 41,
                            "gen_ai.usage.output_tokens": 12,
                        },
                    ),
                ]
            ),
            id="function_calling",
        ),
        pytest.param(
            "reasoning",
            snapshot(
                [
                    {
                        "model": "o3-mini",
                        "input": "How much wood would a woodchuck chuck?",
                        "reasoning": {"effort": "high"},
                    }
                ]
            ),
            snapshot(
                [
                    (
                        "chat o3-mini",
                        {
                            "gen_ai.request.model": "o3-mini",
                            "gen_ai.request.reasoning.level": "high",
                            "gen_ai.response.id": "resp_0001",
                            "gen_ai.response.model": "o3-mini-2025-01-31",
                            "gen_ai.response.finish_reasons": ["stop"],
                            "gen_ai.usage.input_tokens": 18,
                            "gen_ai.usage.output_tokens": 468,
                            "gen_ai.usage.reasoning.output_tokens": 448,
                        },
                    )
                ]
            ),
            id="reasoning",
        ),
        pytest.param(
            "sessions",
            snapshot(
                [
                    {"model": "gpt-4.1", "input": "Which city is nice in May? Give its name only."},
                    {
                        "model": "gpt-4.1",
                        "input": "Which airlines fly to Meaning is what you make of it: curiosity, kindness, and the people around you.?",
                    },
                    {
                        "model": "gpt-4.1",
                        "input": "Name a quiet hotel in Meaning is what you make of it: curiosity, kindness, and the people around you..",
                    },
                ]
            ),
            snapshot(
                [
                    (
                        "chat gpt-4.1",
                        {
                            "gen_ai.request.model": "gpt-4.1",
                            "helicone.session.id": "str",
                            "helicone.session.name": "Trip Planner",
                            "helicone.session.path": "/plan",
                            "helicone.user.id": "ada",
                            "session.id": "str",
                            "user.id": "ada",
                            "helicone.property.plan": "free",
                            "gen_ai.response.id": "resp_0001",
                            "gen_ai.response.model": "gpt-4.1-2025-04-14",
                            "gen_ai.response.finish_reasons": ["stop"],
                            "gen_ai.usage.input_tokens": 20,
                            "gen_ai.usage.output_tokens": 20,
                        },
                    ),
                    (
                        "chat gpt-4.1",
                        {
                            "gen_ai.request.model": "gpt-4.1",
                            "helicone.session.id": "str",
                            "helicone.session.name": "Trip Planner",
                            "helicone.session.path": "/plan/flights",
                            "helicone.user.id": "ada",
                            "session.id": "str",
                            "user.id": "ada",
                            "helicone.property.plan": "free",
                            "gen_ai.response.id": "resp_0002",
                            "gen_ai.response.model": "gpt-4.1-2025-04-14",
                            "gen_ai.response.finish_reasons": ["stop"],
                            "gen_ai.usage.input_tokens": 34,
                            "gen_ai.usage.output_tokens": 20,
                        },
                    ),
                    (
                        "chat gpt-4.1",
                        {
                            "gen_ai.request.model": "gpt-4.1",
                            "helicone.session.id": "str",
                            "helicone.session.name": "Trip Planner",
                            "helicone.session.path": "/plan/hotels",
                            "helicone.user.id": "ada",
                            "session.id": "str",
                            "user.id": "ada",
                            "helicone.property.plan": "free",
                            "gen_ai.response.id": "resp_0003",
                            "gen_ai.response.model": "gpt-4.1-2025-04-14",
                            "gen_ai.response.finish_reasons": ["stop"],
                            "gen_ai.usage.input_tokens": 34,
                            "gen_ai.usage.output_tokens": 20,
                        },
                    ),
                ]
            ),
            id="sessions",
        ),
        pytest.param(
            "websocket",
            snapshot(
                [
                    {
                        "type": "response.create",
                        "input": "What is the meaning of life?",
                        "model": "gpt-4.1",
                        "previous_response_id": None,
                    },
                    {
                        "type": "response.create",
                        "input": "And in one word?",
                        "model": "gpt-4.1",
                        "previous_response_id": "resp_0001",
                    },
                ]
            ),
            snapshot(
                [
                    (
                        "chat gpt-4.1",
                        {
                            "gen_ai.request.model": "gpt-4.1",
                            "helicone.session.id": "str",
                            "helicone.session.name": "Meanings",
                            "helicone.session.path": "/",
                            "helicone.user.id": "ada",
                            "session.id": "str",
                            "user.id": "ada",
                            "gen_ai.request.stream": True,
                            "network.protocol.name": "websocket",
                            "gen_ai.response.id": "resp_0001",
                            "gen_ai.response.model": "gpt-4.1-2025-04-14",
                            "gen_ai.response.finish_reasons": ["stop"],
                            "gen_ai.usage.input_tokens": 16,
                            "gen_ai.usage.output_tokens": 20,
                            "gen_ai.response.time_to_first_chunk": "float",
                        },
                    ),
                    (
                        "chat gpt-4.1",
                        {
                            "gen_ai.request.model": "gpt-4.1",
                            "helicone.session.id": "str",
                            "helicone.session.name": "Meanings",
                            "helicone.session.path": "/",
                            "helicone.user.id": "ada",
                            "session.id": "str",
                            "user.id": "ada",
                            "gen_ai.request.stream": True,
                            "network.protocol.name": "websocket",
                            "gen_ai.request.previous_response.id": "resp_0001",
                            "gen_ai.response.id": "resp_0002",
                            "gen_ai.response.model": "gpt-4.1-2025-04-14",
                            "gen_ai.response.finish_reasons": ["stop"],
                            "gen_ai.usage.input_tokens": 44,
                            "gen_ai.usage.output_tokens": 20,
                            "gen_ai.response.time_to_first_chunk": "float",
                        },
                    ),
                ]
            ),
            id="websocket",
        ),
    ],
)
def test_an_example_calls_the_api_and_exports_its_spans(
    world: World, name: str, requests: list[Any], spans: list[Any]
) -> None:
    assert world.run(sys.executable, f"examples/{name}.py")
    assert world.requests() == requests
    assert world.spans() == spans


def test_async_streaming_has_two_calls_at_the_same_time(world: World) -> None:
    assert world.run(sys.executable, "examples/async_streaming.py").count("\n") == 2
    assert sorted((request["input"], request["stream"]) for request in world.requests()) == [
        ("What is the meaning of a meaning?", True),
        ("What is the meaning of life?", True),
    ]
    spans = world.spans()
    assert [name for name, _ in spans] == ["chat gpt-4.1", "chat gpt-4.1"]
    for _, attributes in spans:
        assert attributes["gen_ai.request.stream"] is True
        assert attributes["gen_ai.response.finish_reasons"] == ["stop"]
        assert attributes["gen_ai.response.time_to_first_chunk"] == "float"
        assert attributes["gen_ai.usage.output_tokens"] == 20


def test_a_background_run_has_its_tokens_once(world: World) -> None:
    assert world.run(sys.executable, "examples/background.py").startswith("queued\nin_progress\n")
    read = [(span.name, {item.key: plain(item.value) for item in span.attributes}) for span in world.received.spans]
    assert len({attributes["session.id"] for _, attributes in read}) == 1
    known = ("openai.response.background", "gen_ai.response.status", "gen_ai.usage.output_tokens")
    assert [(name, *map(attributes.get, known)) for name, attributes in read] == [
        ("chat o4-mini", None, None, None),
        ("fetch_response", None, "in_progress", None),
        ("chat o4-mini", True, None, 20),
        ("fetch_response", None, "completed", None),
    ]


def test_an_example_says_so_when_the_server_refuses_its_object(world: World) -> None:
    world.api.enqueue(Reply.error(400, "Invalid type for 'input'."))
    printed = world.run(sys.executable, "examples/json_input.py")
    assert printed.startswith("The server refused the object: ")


def test_zero_code_traces_a_program_that_does_not_know_it(world: World) -> None:
    world.run(LAUNCHER, sys.executable, "examples/zero_code/app.py", OTEL_RESPONSES_EXPORT="true")
    assert [name for name, _ in world.spans()] == ["chat gpt-4.1"]


@pytest.mark.parametrize(
    ("program", "settings"),
    [
        pytest.param("text.py", {}, id="the program exports by itself"),
        pytest.param("zero_code/app.py", {"OTEL_RESPONSES_EXPORT": "true"}, id="the program knows nothing"),
    ],
)
def test_the_launcher_prints_one_span_with_the_console_exporter(
    world: World, program: str, settings: dict[str, str]
) -> None:
    printed = world.run(LAUNCHER, sys.executable, f"examples/{program}", OTEL_TRACES_EXPORTER="console", **settings)
    assert printed.count('"name": "chat gpt-4.1"') == 1
    assert printed.count('"trace_id"') == 1


def test_every_example_is_tested() -> None:
    tested = {param.id for param in test_an_example_calls_the_api_and_exports_its_spans.pytestmark[0].args[1]}  # pyright: ignore[reportFunctionMemberAccess] - set by pytest
    # agents_sdk needs its framework: its test is in tests/frameworks.
    assert {path.stem for path in EXAMPLES.glob("*.py")} == {*tested, "agents_sdk", "async_streaming", "background"}


def test_every_example_is_short() -> None:
    lengths = {path.name: len(path.read_text().splitlines()) for path in EXAMPLES.rglob("*.py")}
    assert max(lengths.values()) <= 40
