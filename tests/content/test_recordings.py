"""Real recorded traffic: every request and response maps to messages that obey the schemas, whole streams too."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from otel_responses._mapping.accumulator import Accumulator
from otel_responses._mapping.messages import input_messages, output_messages, system_instructions, tool_definitions
from tests.contract.schemas import INPUT, INSTRUCTIONS, OUTPUT, TOOLS, expect_valid, published

RECORDINGS = Path(__file__).parents[3] / "shared" / "recordings"
TERMINAL = ("response.completed", "response.failed", "response.incomplete")


def recorded() -> list[Any]:
    """The names of the recordings; one skipped parameter where there are none."""
    if not RECORDINGS.is_dir():
        return [pytest.param(None, marks=pytest.mark.skip("there is no ../shared/recordings"), id="recordings")]
    return [
        pytest.param(entry["file"], id=entry["file"]) for entry in json.loads((RECORDINGS / "index.json").read_text())
    ]


def events(body: str) -> list[Any]:
    lines = body.split("\n")
    return [json.loads(line[5:]) for line in lines if line.startswith("data:") and "[DONE]" not in line]


@pytest.mark.parametrize("name", recorded())
def test_a_recording(name: str):
    recording = json.loads((RECORDINGS / name).read_text())
    request, body = recording["request"] or {}, recording["body"]
    messages = input_messages(request)
    expect_valid(INPUT, messages)
    assert bool(messages) == bool(request.get("input"))
    expect_valid(INSTRUCTIONS, system_instructions(request))
    expect_valid(TOOLS, tool_definitions(request, schemas=True))
    assert len(tool_definitions(request)) == len(request.get("tools") or [])
    if body.lstrip().startswith("{"):
        expect_valid(OUTPUT, output_messages(json.loads(body), "stop"))
    elif body:
        expect_stream(events(body))


def expect_stream(stream: list[Any]) -> None:
    accumulator = Accumulator(1_000_000)
    for event in stream:
        accumulator.add(event, event["type"])
    found = output_messages({"output": accumulator.output()}, "stop")
    expect_valid(OUTPUT, found)
    final = stream[-1]
    finished = [event for event in stream if event["type"] == "response.output_item.done"]
    # One server leaves the lists of MCP tools for the final response.
    if final["type"] in TERMINAL and len(finished) == len(final["response"]["output"]):
        assert found == output_messages(final["response"], "stop")


def test_every_item_that_is_known_here_has_a_part_of_its_own():
    """Recorded items are none of tomorrow: a generic part for one says that a table misses it."""
    if not RECORDINGS.is_dir():
        pytest.skip("there is no ../shared/recordings")
    kinds: set[str] = set()
    for file in RECORDINGS.glob("*-*.json"):
        recording = json.loads(file.read_text())
        found = input_messages(recording["request"] or {})
        if recording["body"].lstrip().startswith("{"):
            found += output_messages(json.loads(recording["body"]), "stop")
        parts = [part for message in found for part in message.get("parts", [])]
        kinds |= {str(part["value"].get("type")) for part in parts if part["type"] == "generic"}
    media, citations = (
        {"audio", "document", "image", "video"},
        {"url_citation", "file_citation", "container_file_citation"},
    )
    # A message is what the user said, in a compacted conversation.
    assert kinds <= {"additional_tools", "message"} | media | citations


def test_both_published_schemas_are_asked(shared: Path):
    pytest.importorskip("jsonschema")
    assert [len(published(schema)) for schema in (INPUT, OUTPUT, INSTRUCTIONS, TOOLS)] == [2, 2, 2, 2]
