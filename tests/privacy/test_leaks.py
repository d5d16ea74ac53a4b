"""Nothing leaves but where the table says: canaries in every place, looked for in the exported bytes of every mode."""

from __future__ import annotations

import re
from collections.abc import Container, Mapping
from typing import Any, ClassVar

import pytest

from otel_responses import capture_content, redaction
from otel_responses.policy import Part, Redactor, Where
from tests.privacy.exporting import Exported, exported
from tests.privacy.outcomes import OUTCOMES, make_call
from tests.privacy.places import (
    MODES,
    NAME,
    OF_SOME_VERSIONS,
    PLACES,
    ROWS,
    SIGNALS,
    TEXT,
    allowed,
    canary,
    content,
    found_in,
)

CANARIES = redaction.Pattern("canary", re.compile(r"canary_\w+?_canary"))


def leave_nothing(part: Part, where: Where) -> Part | None:
    return None


def fail(part: Part, where: Where) -> Part | None:
    raise ValueError(str(part))


def fail_for_answers(part: Part, where: Where) -> Part | None:
    if where.kind in {"output", "error"}:
        raise ValueError(str(part))
    return part


def return_no_part(part: Part, where: Where) -> Any:
    return str(part)


def return_no_json(part: Part, where: Where) -> Part:
    return {**part, "more": object()}


ROLES = ("user", "assistant", "system", "developer", "tool", "", canary("role"))
ALL = "all content"

# A redactor, and what cannot be seen any more.
REDACTORS: Mapping[str, tuple[Redactor | str | None, set[str]]] = {
    "none": (None, set()),
    "by_pattern": (redaction.by_pattern(CANARIES), {TEXT, NAME}),
    "hashes": ("hashes", {TEXT}),
    "blank": (redaction.by_role(*ROLES, blank=True), {TEXT}),
    "by_role": (redaction.by_role(*ROLES), {ALL}),
    "leave_nothing": (leave_nothing, {ALL}),
    "fail": (fail, {ALL}),
    "fail_for_answers": (fail_for_answers, set()),
    "return_no_part": (return_no_part, {ALL}),
    "return_no_json": (return_no_json, {ALL}),
    "cannot_be_loaded": ("no_such_module:redact", {ALL}),
}


def leaked(result: Exported, mode: str, removed: Container[str] = ()) -> dict[str, set[str]]:
    """What was seen where it may not be."""
    gone = content() if ALL in removed else set[str]()
    seen = {
        signal: found_in(getattr(result, signal)) - (allowed(mode, signal, removed=removed) - gone)
        for signal in SIGNALS
    }
    return {signal: places for signal, places in {**seen, "log": found_in(result.log)}.items() if places}


@pytest.mark.parametrize("outcome", OUTCOMES)
@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("redactor", REDACTORS)
def test_nothing_leaves_but_where_the_table_says(
    redactor: str, mode: str, outcome: str, caplog: pytest.LogCaptureFixture
):
    redact, removed = REDACTORS[redactor]
    with exported(caplog, capture_content=mode, redact=redact) as result:
        make_call(outcome)
    assert result.spans
    assert leaked(result, mode, removed) == {}


@pytest.mark.parametrize("mode", MODES)
def test_what_the_table_says_does_leave(mode: str, caplog: pytest.LogCaptureFixture):
    """So that a place that is never seen cannot stand in the table as one that is."""
    seen: dict[str, set[str]] = {signal: set() for signal in SIGNALS}
    for outcome in OUTCOMES:
        with exported(caplog, capture_content=mode) as result:
            make_call(outcome)
        for signal in SIGNALS:
            seen[signal] |= found_in(getattr(result, signal))
    for signal in SIGNALS:
        assert seen[signal] | OF_SOME_VERSIONS == allowed(mode, signal) | OF_SOME_VERSIONS


@pytest.mark.parametrize("outcome", OUTCOMES)
def test_capture_content_false_is_as_no_content(outcome: str, caplog: pytest.LogCaptureFixture):
    with exported(caplog, capture_content="SPAN_AND_EVENT") as result, capture_content(False):
        make_call(outcome)
    quiet = {"span": found_in(result.span), "event": found_in(result.event), "log": found_in(result.log)}
    attributes = allowed("NO_CONTENT", "span")
    assert quiet["span"] <= attributes
    assert quiet["event"] <= attributes | allowed("NO_CONTENT", "event")
    assert quiet["log"] == set()


@pytest.mark.parametrize("outcome", OUTCOMES)
def test_spans_of_output_items_have_no_content(outcome: str, caplog: pytest.LogCaptureFixture):
    with exported(caplog, capture_content="NO_CONTENT", output_item_spans=True) as result:
        make_call(outcome)
    opted_in = {"server_call_id", "compaction_id", "called_name"}
    assert {**leaked(result, "NO_CONTENT"), "span": leaked(result, "NO_CONTENT").get("span", set()) - opted_in} == {
        "span": set()
    }


class Hook:
    """Notes what it is shown, and changes nothing."""

    seen: ClassVar[list[str]] = []

    def on_completion(self, **shown: Any) -> None:
        self.seen.append(str({name: shown[name] for name in ("inputs", "outputs", "system_instruction")}))


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("redactor", ["none", "by_pattern", "fail"])
def test_a_completion_hook_gets_redacted_content_and_nothing_else_does(
    redactor: str, mode: str, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
):
    completion_hook = pytest.importorskip("opentelemetry.util.genai.completion_hook")

    class EntryPoint:
        name = "mine"

        def load(self) -> type[Hook]:
            return Hook

    monkeypatch.setattr(completion_hook, "entry_points", lambda **_: [EntryPoint()])
    monkeypatch.setenv("OTEL_INSTRUMENTATION_GENAI_COMPLETION_HOOK", "mine")
    monkeypatch.setattr(Hook, "seen", [])
    redact, removed = REDACTORS[redactor]
    for outcome in ("plain", "failed", "http_error", "streamed", "dropped"):
        with exported(caplog, capture_content=mode, redact=redact) as result:
            make_call(outcome)
        assert leaked(result, mode, removed) == {}
    gone = content() if ALL in removed else set[str]()
    shown = found_in("".join(Hook.seen).encode())
    # The finish reason stands in the message too.
    assert shown <= (allowed("SPAN_ONLY", "span", removed=removed) & content() - gone) | {"reason"}
    assert ("output_text" in shown) == (redactor == "none")


def test_a_canary_is_sent_or_received_in_every_place():
    """So that a place of which nothing is ever seen does not pass because nothing was ever there."""
    of_the_program = {place for place in PLACES if place.startswith(("session_", "exception_"))}
    in_base64_of_another = {"url_password"}
    sung = set[str]().union(*(found_in(make_call(outcome)) for outcome in OUTCOMES))
    assert set(PLACES) - sung <= of_the_program | in_base64_of_another


def test_no_two_places_have_the_same_canary():
    assert len(PLACES) == sum(len(row.places) for row in ROWS)
