"""What is recorded only where asked for, and redactors that treat their part as their own."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from otel_responses.policy import Part, Where
from otel_responses.testing import FakeResponsesAPI, Reply
from tests.privacy.exporting import exported
from tests.privacy.outcomes import COMPLETED, events, make_call
from tests.privacy.places import CONTENT, MODES, ROWS, SIGNALS, allowed, canary, found_in
from tests.privacy.wire import request, response

# The options, and the lines of the table that say they are about them.
OPTIONS = {
    "capture_blobs": "(with `capture_blobs` as messages)",
    "capture_tool_schemas": "(with `capture_tool_schemas` as messages)",
}
# A connector's list of tools is one of names, whatever the tools of the request are.
NEVER = {"mcp_tool_description", "mcp_tool_parameters", "image_data_in_text"}


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("option", OPTIONS)
def test_what_is_asked_for_goes_where_messages_go(option: str, mode: str, caplog: pytest.LogCaptureFixture):
    (row,) = (row for row in ROWS if row.data.endswith(OPTIONS[option]))
    with exported(caplog, capture_content=mode, **{option: True}) as result:
        make_call("plain")
    for signal in SIGNALS:
        asked_for = set(row.places) - NEVER if signal in CONTENT[mode] else set[str]()
        seen = found_in(getattr(result, signal))
        assert seen <= allowed(mode, signal) | asked_for
        assert seen >= asked_for


def empty(value: Any) -> None:
    """Take everything out of a value, however deep."""
    for item in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        empty(item)
    if isinstance(value, (dict, list)):
        value.clear()


@pytest.mark.parametrize("stream", [False, True])
def test_a_redactor_that_spoils_its_part_spoils_nothing_of_the_program(stream: bool, caplog: pytest.LogCaptureFixture):
    def spoil(part: Part, where: Where) -> Part:
        empty(part)
        return {"type": "text", "content": "spoiled"}

    api, body = FakeResponsesAPI(), request()
    given = copy.deepcopy(body)
    api.enqueue(Reply.events(events(COMPLETED)) if stream else Reply.json(response()))
    with exported(caplog, capture_content="SPAN_AND_EVENT", redact=spoil) as result:
        answered: Any = api.client().responses.create(**body, stream=stream)
        said = str([*answered] if stream else answered)
    assert body == given
    assert b"spoiled" in result.span
    assert "spoiled" not in said
    assert canary("output_text") in said


def test_every_option_has_its_line():
    assert [row.data for row in ROWS if "(with `" in row.data] == [
        row.data for row in ROWS if row.data.endswith(tuple(OPTIONS.values()))
    ]
