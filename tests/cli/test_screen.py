from __future__ import annotations

import io
import json
import threading
from collections.abc import Callable

import pytest
from inline_snapshot import snapshot
from opentelemetry.proto.logs.v1.logs_pb2 import LogRecord
from opentelemetry.proto.trace.v1.trace_pb2 import Span
from rich.console import Console

from otel_responses.cli.metrics import MetricTotal
from otel_responses.cli.screen import call_line, follow, report, say, showing
from otel_responses.cli.summary import percentile, summary_text
from otel_responses.cli.telemetry import Arrived, Telemetry
from tests.cli.messages import TRIP, a_trip, call, event, logs, span, traces

METRICS = (
    MetricTotal("gen_ai.client.inference.usage.reasoning.output_tokens", "counter", "{token}", "", None, 64.0),
    MetricTotal("gen_ai.client.operation.duration", "histogram", "s", "", 2, 3.456),
    MetricTotal("gen_ai.client.token.usage", "histogram", "{token}", "input", 2, 1234.0),
)


class Terminal:
    """A console whose output can be read; `is_live` makes it a terminal that can redraw."""

    def __init__(self, *, is_live: bool = False, height: int = 40) -> None:
        self._output = io.StringIO()
        self.console = Console(
            file=self._output,
            width=80,
            height=height,
            force_terminal=is_live,
            color_system=None,
            _environ={"TERM": "xterm"},
        )

    @property
    def text(self) -> str:
        return self._output.getvalue()


def test_a_call_on_one_line():
    lines = [call_line(each).plain for each in a_trip()]
    assert lines == snapshot(
        [
            "Trip  3f2a91c0  /  chat gpt-4.1  36 in / 87 out  0.61 s",
            "Trip  3f2a91c0  /research  chat gpt-4.1  1,328 in / 356 out (1,024 cached)  2.61 s",
            "Trip  3f2a91c0  /research  chat gpt-4.1  1 retry  18,307 in / 55 out  0.91 s",
            "Trip  3f2a91c0  /research/flights  chat gpt-4.1  tool_call  291 in / 23 out  1.50 s",
            "Trip  3f2a91c0  /plan  chat o4-mini  81 in / 1,035 out (832 reasoning)  1.50 s",
            "Trip  3f2a91c0  /plan  chat gpt-4.1  rate_limit_exceeded  2 retries  0.41 s",
            "Trip  3f2a91c0  /plan  chat gpt-4.1  closed early  first chunk 0.21 s  0.71 s",
            "Photos  photos-2  /  chat gpt-4.1  328 in / 12 out  first chunk 0.40 s  0.71 s",
            "(no session)  embeddings small  4 in / 0 out  120 s",
        ]
    )


def test_the_tokens_that_are_part_of_others_stand_in_brackets():
    spent = call(input_tokens=812, output_tokens=96, cached_tokens=512, reasoning_tokens=64)
    assert call_line(spent).plain == "(no session)  chat gpt-4.1  812 in / 96 out (512 cached, 64 reasoning)  1.50 s"


def test_a_session_without_a_name_is_told_by_its_id():
    assert call_line(call(session_id="s1")).plain.startswith("s1  chat gpt-4.1")


def test_the_summary_tells_what_arrived_besides():
    arrived = Arrived(calls=tuple(a_trip()), dropped_calls=1, other_spans=2, log_records=3)
    assert summary_text(arrived).plain == snapshot(
        "9 calls, 1 error, 20,375 tokens in, 1,568 out, p50 0.91 s, p95 120 s, 2 other spans, 3 log records, 1 older call no longer shown"
    )


def test_the_summary_of_nothing():
    assert summary_text(Arrived()).plain == "0 calls, 0 errors"


@pytest.mark.parametrize(
    ("values", "share", "expected"),
    [
        pytest.param([5.0], 0.5, 5.0, id="one"),
        pytest.param([2.0, 1.0], 0.5, 1.0, id="half-of-two"),
        pytest.param([float(number) for number in range(1, 101)], 0.95, 95.0, id="hundred"),
        pytest.param([1.0, 2.0, 3.0], 0.95, 3.0, id="last"),
    ],
)
def test_percentiles_are_values_that_were_seen(values: list[float], share: float, expected: float):
    assert percentile(values, share) == expected


def test_the_report_at_80_columns():
    terminal = Terminal()
    terminal.console.print(report(Arrived(calls=(call(**TRIP, input_tokens=3),), metrics=METRICS)))
    assert "\n" + terminal.text == snapshot("""\

                        in    time
Trip  3f2a91c0  1 call   3  1.50 s
└─ chat gpt-4.1          3  1.50 s

1 call, 0 errors, 3 tokens in, 0 out, p50 1.50 s, p95 1.50 s

metric                                                 records         total
gen_ai.client.inference.usage.reasoning.output_tokens              64 tokens
gen_ai.client.operation.duration                             2        3.46 s
gen_ai.client.token.usage input                              2  1,234 tokens
""")


def test_elsewhere_than_on_a_terminal_each_call_is_told_once_and_the_tree_at_the_end():
    terminal, telemetry = Terminal(), Telemetry()
    with showing(terminal.console, telemetry) as screen:
        repeated = span("chat one")
        telemetry.add_traces(traces(repeated))
        screen.update()
        telemetry.add_traces(traces(repeated, span("chat two")))
        assert terminal.text == "(no session)  chat one  1.50 s\n"
    assert "\n" + terminal.text == snapshot("""\

(no session)  chat one  1.50 s
(no session)  chat two  1.50 s

                         time
(no session)  2 calls  1.50 s
├─ chat one            1.50 s
└─ chat two            1.50 s

2 calls, 0 errors, p50 1.50 s, p95 1.50 s
""")


def test_on_a_terminal_the_tree_is_redrawn_and_stays():
    terminal, telemetry = Terminal(is_live=True), Telemetry()
    with showing(terminal.console, telemetry) as screen:
        telemetry.add_traces(traces(span("chat one"), span("chat two")))
        screen.update()
        assert "├─ chat one" in terminal.text
        say(terminal.console, "A notice.")
    assert "A notice.\n" in terminal.text
    assert terminal.text.count("2 calls, 0 errors, p50 1.50 s, p95 1.50 s\n") >= 2


def test_a_tree_that_is_too_long_shows_its_end():
    terminal, telemetry = Terminal(is_live=True, height=8), Telemetry()
    telemetry.add_traces(traces(*(span(f"chat number-{number}", start=number) for number in range(20))))
    with showing(terminal.console, telemetry) as screen:
        screen.update()
        assert "18 lines above; the whole tree comes at the end" in terminal.text
        assert "number-15" not in terminal.text
        assert "number-19" in terminal.text
    assert "number-0 " in terminal.text


QUESTION = '[{"role":"user","parts":[{"type":"text","content":"Where to?"}]}]'
ANSWER = '[{"role":"assistant","parts":[{"type":"text","content":"Lisbon."}],"finish_reason":"stop"}]'
DETAILS, EXCEPTION = "gen_ai.client.inference.operation.details", "gen_ai.client.operation.exception"


def test_elsewhere_than_on_a_terminal_the_conversation_follows_the_line_of_its_call_and_is_not_repeated():
    terminal, telemetry = Terminal(), Telemetry()
    with showing(terminal.console, telemetry):
        telemetry.add_traces(
            traces(
                span("chat one", gen_ai__input__messages=QUESTION, gen_ai__output__messages=ANSWER), span("chat two")
            )
        )
    assert "\n" + terminal.text == snapshot("""\

(no session)  chat one  1.50 s
  user       Where to?
  assistant  Lisbon.
(no session)  chat two  1.50 s

                         time
(no session)  2 calls  1.50 s
├─ chat one            1.50 s
└─ chat two            1.50 s

2 calls, 0 errors, p50 1.50 s, p95 1.50 s
""")


def test_a_conversation_that_comes_after_its_call_is_told_once_with_the_call_s_name():
    terminal, telemetry = Terminal(), Telemetry()
    asked, failed = span("chat one", helicone__session__name="Trip"), span("chat two", error__type="400")
    with showing(terminal.console, telemetry) as screen:
        telemetry.add_traces(traces(asked, failed))
        screen.update()
        for _ in range(2):
            telemetry.add_logs(logs(event(asked, DETAILS, gen_ai__input__messages=QUESTION)))
            telemetry.add_logs(logs(event(failed, EXCEPTION, exception__message="Unknown city: Where")))
            screen.update()
        screen.update()
    assert "\n" + terminal.text == snapshot("""\

Trip  chat one  1.50 s
(no session)  chat two  400  1.50 s
Trip  chat one  (its messages came later)
  user       Where to?
(no session)  chat two  400  (its messages came later)
  error      Unknown city: Where

                                 time
Trip  1 call                   1.50 s
└─ chat one                    1.50 s
(no session)  1 call  1 error  1.50 s
└─ chat two  400               1.50 s

2 calls, 1 error, p50 1.50 s, p95 1.50 s, 4 log records
""")


def test_a_conversation_that_comes_before_its_call_is_shown_with_it():
    terminal, telemetry = Terminal(), Telemetry()
    asked = span("chat one")
    with showing(terminal.console, telemetry):
        telemetry.add_logs(logs(event(asked, DETAILS, gen_ai__input__messages=QUESTION)))
        telemetry.add_traces(traces(asked))
    assert "\n" + terminal.text == snapshot("""\

(no session)  chat one  1.50 s
  user       Where to?

                        time
(no session)  1 call  1.50 s
└─ chat one           1.50 s

1 call, 0 errors, p50 1.50 s, p95 1.50 s, 1 log record
""")


def test_content_on_span_and_event_is_shown_once():
    telemetry = Telemetry()
    asked = span("chat one", gen_ai__input__messages=QUESTION)
    telemetry.add_traces(traces(asked))
    telemetry.add_logs(logs(event(asked, DETAILS, gen_ai__input__messages=json.loads(QUESTION))))
    (unseen,) = telemetry.unseen_calls()
    assert [len(unseen.call.conversation.messages), unseen.is_late] == [1, False]
    assert telemetry.unseen_calls() == ()


def test_on_a_terminal_the_conversation_stands_in_the_tree():
    terminal, telemetry = Terminal(is_live=True), Telemetry()
    with showing(terminal.console, telemetry) as screen:
        telemetry.add_traces(traces(span(gen_ai__input__messages=QUESTION, gen_ai__output__messages=ANSWER), span()))
        screen.update()
        before = terminal.text
    for text in (before, terminal.text.removeprefix(before)):
        assert "├─ chat gpt-4.1        1.50 s\n│  user       Where to?\n│  assistant  Lisbon.\n└─ chat gpt-4.1 " in text


def test_the_tree_that_is_redrawn_has_the_conversations_of_the_newest_calls_only():
    telemetry = Telemetry()
    telemetry.add_traces(traces(*(span(gen_ai__input__messages=QUESTION) for _ in range(5))))
    shown = [bool(each.conversation) for each in telemetry.arrived(conversations=2).calls]
    assert shown == [False, False, False, True, True]


def test_only_the_newest_conversations_are_kept():
    telemetry = Telemetry(conversations_max=2)
    telemetry.add_traces(traces(*(span(gen_ai__input__messages=QUESTION) for _ in range(3))))
    arrived = telemetry.arrived()
    assert [bool(each.conversation) for each in arrived.calls] == [False, True, True]
    assert arrived.dropped_conversations == 1
    assert summary_text(arrived).plain.endswith("messages of 1 older call no longer kept")


def test_a_conversation_goes_with_its_call():
    telemetry = Telemetry(calls_max=1)
    telemetry.add_traces(traces(*(span(gen_ai__input__messages=QUESTION) for _ in range(3))))
    assert [len(telemetry._calls), len(telemetry._conversations), len(telemetry._unseen)] == [1, 1, 1]


def test_without_content_no_conversation_is_kept():
    telemetry = Telemetry(content=False)
    asked = span(gen_ai__input__messages=QUESTION)
    telemetry.add_traces(traces(asked))
    telemetry.add_logs(logs(event(asked, DETAILS, gen_ai__input__messages=QUESTION)))
    arrived = telemetry.arrived()
    assert not arrived.calls[0].conversation
    assert arrived.log_records == 1
    assert telemetry._conversations == {}


def test_nothing_arrived_is_said_in_a_line():
    terminal = Terminal()
    with showing(terminal.console, Telemetry()):
        pass
    assert terminal.text == "\n0 calls, 0 errors\n"


def test_only_the_newest_calls_are_kept():
    telemetry = Telemetry(calls_max=2)
    telemetry.add_traces(traces(*(span(name) for name in ("one", "two", "three")), Span(name="GET")))
    arrived = telemetry.arrived()
    assert [each.label for each in arrived.calls] == ["two", "three"]
    assert (arrived.dropped_calls, arrived.other_spans) == (1, 1)
    assert [each.call.label for each in telemetry.unseen_calls()] == ["two", "three"]
    assert telemetry.unseen_calls() == ()


def test_log_records_are_counted():
    telemetry = Telemetry()
    telemetry.add_logs(logs(LogRecord(), LogRecord()))
    telemetry.add_logs(logs(LogRecord()))
    assert telemetry.arrived().log_records == 3


class Updates:
    """A screen that counts its updates, and gives the word to end after some."""

    def __init__(self, end_after: int) -> None:
        self.count = 0
        self._end_after = end_after

    def update(self) -> None:
        self.count += 1

    def has_ended(self) -> bool:
        return self.count >= self._end_after


def test_the_screen_follows_what_arrives_and_nothing_else():
    telemetry, updates = Telemetry(), Updates(end_after=2)
    asked: list[bool] = []

    def until() -> bool:
        asked.append(True)
        if len(asked) in {2, 4}:  # nothing arrives in the first and in the third round
            telemetry.add_traces(traces(span()))
        return updates.has_ended()

    _follow_in_time(lambda: follow(telemetry, updates, until=until))
    assert (updates.count, len(asked)) == (2, 5)


def _follow_in_time(action: Callable[[], None]) -> None:
    thread = threading.Thread(target=action, daemon=True)
    thread.start()
    thread.join(timeout=30)
    assert not thread.is_alive()
