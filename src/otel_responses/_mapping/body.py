"""The bytes of a reply that the SDK did not parse -> Outcome: the JSON of a response, or an event stream as text."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from otel_responses._mapping.reading import field, text
from otel_responses._mapping.response import read_reply, read_response
from otel_responses._mapping.stream import LIFECYCLE_EVENTS, Lifecycle
from otel_responses._records import NO_OUTCOME, Outcome
from otel_responses._semconv import STREAM_TRUNCATED

__all__ = ["is_json", "leading_fields", "read_body"]

# Only the few lines that tell of the response itself are parsed, not those of its deltas. Both patterns are compiled
# when the first body is read: few programs leave one unparsed.
_LIFECYCLE_LINE = rf'^data:.*"type"\s*:\s*"(?:{"|".join(map(re.escape, sorted(LIFECYCLE_EVENTS)))})"'

_DECODER = json.JSONDecoder()
_KEY = r'\s*[{,]\s*"(\w+)"\s*:\s*'


def read_body(content: bytes | str, *, is_whole: bool = True) -> Outcome:
    """Read a reply; a whole event stream without a terminal event was cut, a part of one may not have been."""
    data = content.decode("utf-8", "replace") if isinstance(content, bytes) else content
    return _read_json(data, is_whole=is_whole) if is_json(data) else _read_events(data, is_whole=is_whole)


def is_json(data: str) -> bool:
    """Say whether a reply is a JSON object, and no event stream."""
    return data.lstrip().startswith("{")


def leading_fields(data: str) -> tuple[dict[str, Any], str]:
    """Return the fields at the beginning of a JSON object that is cut, and from the field on that the cut is in."""
    found: dict[str, Any] = {}
    rest = data
    at = 0
    key_at = re.compile(_KEY).match
    while key := key_at(data, at):
        rest = data[key.start(1) - 1 :]
        try:
            value, at = _DECODER.raw_decode(data, key.end())
        except (ValueError, RecursionError):
            break
        if at == len(data):  # a number may go on
            break
        found[key[1]] = value
    return found, rest


def _read_json(data: str, *, is_whole: bool) -> Outcome:
    response = _loads(data)
    outcome = read_reply(response)
    if outcome is not None or is_whole:
        return outcome or NO_OUTCOME
    known, _ = leading_fields(data)
    return replace(read_response(known), status=None, finish_reason=None, source=None)


def _read_events(data: str, *, is_whole: bool) -> Outcome:
    lifecycle, has_begun = Lifecycle(), False
    for event, kind in _lifecycle_events(data):
        if lifecycle.add(event, kind):
            return lifecycle.outcome
        has_begun = True
    if not has_begun:
        return NO_OUTCOME
    if not is_whole:
        return replace(lifecycle.partial(), finish_reason=None)
    return replace(lifecycle.partial(), has_failed=True, error_code=STREAM_TRUNCATED)


def _lifecycle_events(data: str) -> Iterator[tuple[Any, str]]:
    is_lifecycle = re.compile(_LIFECYCLE_LINE).match
    for line in data.split("\n"):  # not splitlines(): JSON may hold U+2028 and U+0085 as they are
        if is_lifecycle(line):
            event = _loads(line[len("data:") :])
            kind = text(field(event, "type"))
            if kind in LIFECYCLE_EVENTS:
                yield event, kind


def _loads(data: str) -> Any:
    try:
        return json.loads(data)
    except (ValueError, RecursionError):
        return None
