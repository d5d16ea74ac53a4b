from __future__ import annotations

import io
import random
from typing import Any

import pytest
from hypothesis import given, strategies as st
from inline_snapshot import snapshot
from rich.console import Console, RenderableType

from otel_responses.cli.figures import amount, counted, seconds, tokens
from otel_responses.cli.tree import Branch, Totals, build_sessions, total
from otel_responses.cli.treeview import TreeView
from tests.cli.messages import PHOTOS, TRIP, a_trip, call


def drawn(content: RenderableType, width: int, encoding: str = "utf-8") -> str:
    """What the content looks like on a terminal without colours."""
    output = io.TextIOWrapper(io.BytesIO(), encoding=encoding, errors="replace", newline="")
    Console(file=output, width=width, color_system=None).print(content)
    output.seek(0)
    return "\n" + output.read()


def test_a_tree_at_80_columns():
    assert drawn(TreeView(build_sessions(a_trip())), 80) == snapshot("""\

                                                                  first
                                   in  cached    out  reasoning   chunk     time
Trip  3f2a91c0  7 calls  1 error
│                              20,043   1,024  1,556        832          12.71 s
├─ chat gpt-4.1                    36             87                      0.61 s
├─ research
│  ├─ chat gpt-4.1              1,328   1,024    356                      2.61 s
│  ├─ chat gpt-4.1  1 retry    18,307             55                      0.91 s
│  └─ flights
│     └─ chat gpt-4.1  tool_call
│                                 291             23                      1.50 s
└─ plan
   ├─ chat o4-mini                 81          1,035        832           1.50 s
   ├─ chat gpt-4.1  rate_limit_exceeded  2 retries                        0.41 s
   └─ chat gpt-4.1  closed early                                 0.21 s   0.71 s
Photos  photos-2  1 call          328             12                      0.71 s
└─ chat gpt-4.1                   328             12             0.40 s   0.71 s
(no session)  1 call                4                                      120 s
└─ embeddings small                 4                                      120 s
""")


def test_a_tree_at_120_columns():
    assert drawn(TreeView(build_sessions(a_trip())), 120) == snapshot("""\

                                                                                       first
                                                        in  cached    out  reasoning   chunk     time
Trip  3f2a91c0  7 calls  1 error                    20,043   1,024  1,556        832          12.71 s
├─ chat gpt-4.1                                         36             87                      0.61 s
├─ research
│  ├─ chat gpt-4.1                                   1,328   1,024    356                      2.61 s
│  ├─ chat gpt-4.1  1 retry                         18,307             55                      0.91 s
│  └─ flights
│     └─ chat gpt-4.1  tool_call                       291             23                      1.50 s
└─ plan
   ├─ chat o4-mini                                      81          1,035        832           1.50 s
   ├─ chat gpt-4.1  rate_limit_exceeded  2 retries                                             0.41 s
   └─ chat gpt-4.1  closed early                                                      0.21 s   0.71 s
Photos  photos-2  1 call                               328             12                      0.71 s
└─ chat gpt-4.1                                        328             12             0.40 s   0.71 s
(no session)  1 call                                     4                                      120 s
└─ embeddings small                                      4                                      120 s
""")


def test_a_tree_where_only_ascii_can_be_shown():
    assert drawn(TreeView(build_sessions(a_trip()[1:4])), 80, encoding="ascii") == snapshot("""\

                                      in  cached  out    time
Trip  3f2a91c0  3 calls           19,926   1,024  434  5.50 s
`- research
   +- chat gpt-4.1                 1,328   1,024  356  2.61 s
   +- chat gpt-4.1  1 retry       18,307           55  0.91 s
   `- flights
      `- chat gpt-4.1  tool_call     291           23  1.50 s
""")


def test_columns_without_a_figure_take_no_place():
    calls = [call(**PHOTOS, input_tokens=1, output_tokens=2), call(**PHOTOS, start=1, error="APITimeoutError")]
    assert drawn(TreeView(build_sessions(calls)), 80) == snapshot("""\

                                    in  out    time
Photos  photos-2  2 calls  1 error   1    2  2.50 s
├─ chat gpt-4.1                      1    2  1.50 s
└─ chat gpt-4.1  APITimeoutError             1.50 s
""")


def test_a_name_longer_than_the_terminal_is_cut():
    calls = [call("chat " + "very-long-name-" * 10, **PHOTOS, path="/" + "long-segment-" * 10, input_tokens=1)]
    assert drawn(TreeView(build_sessions(calls)), 60) == snapshot("""\

                                                  in    time
Photos  photos-2  1 call                           1  1.50 s
└─ long-segment-long-segment-long-segment-long-segment-long…
   └─ chat very-long-name-very-long-name-very-long-name-ver…
                                                   1  1.50 s
""")


def test_wide_characters_keep_the_columns_straight():
    calls = [call(session_id="旅", session_name="東京への旅行", input_tokens=1), call("chat 模型", input_tokens=22)]
    assert drawn(TreeView(build_sessions(calls)), 60) == snapshot("""\

                          in    time
東京への旅行  旅  1 call   1  1.50 s
└─ chat gpt-4.1            1  1.50 s
(no session)  1 call      22  1.50 s
└─ chat 模型              22  1.50 s
""")


def test_nothing_is_an_empty_tree():
    assert drawn(TreeView(build_sessions([])), 80) == "\n"


def test_the_order_of_arrival_does_not_matter():
    calls = a_trip()
    shuffled = random.Random(7).sample(calls, len(calls))
    assert build_sessions(shuffled) == build_sessions(calls)


def test_a_session_is_one_whatever_its_calls_say_of_its_name():
    calls = [
        call(session_id="a"),
        call(session_id="a", session_name="Late", start=1),
        call(session_name="No id", start=2),
    ]
    assert [(session.name, session.id) for session in build_sessions(calls)] == [("Late", "a"), ("No id", "")]


def test_a_session_without_a_name_goes_by_its_id():
    (session,) = build_sessions([call(session_id="a-session-of-somebody")])
    assert drawn(TreeView([session]), 60).split("\n")[2].startswith("a-sessio  1 call")


def test_totals_count_what_was_reported_and_the_time_from_first_to_last():
    assert total(a_trip()[:2]) == snapshot(
        Totals(
            calls=2,
            errors=0,
            input_tokens=1364,
            cached_tokens=1024,
            output_tokens=443,
            reasoning_tokens=None,
            duration=3.61,
        )
    )


def test_no_calls_come_to_nothing():
    assert total([]) == Totals(0, 0, None, None, None, None, 0.0)


def test_a_deep_path_ends_in_one_branch():
    (session,) = build_sessions([call(path="/" + "/".join("abcdefghijkl"))])
    names, branch = list[str](), session.root
    while isinstance(child := branch.children[0], Branch):
        names.append(child.name)
        branch = child
    assert names == ["a", "b", "c", "d", "e", "f", "g", "h/i/j/k/l"]


paths = st.text(alphabet="/ab\x1b", max_size=40)


@given(st.lists(st.tuples(paths, st.sampled_from([TRIP, PHOTOS, {}]), st.integers(0, 9)), max_size=20))
def test_every_call_is_drawn_once(drafts: list[tuple[str, dict[str, Any], int]]):
    calls = [call("the-call", path=path, **session, start=start) for path, session, start in drafts]
    assert drawn(TreeView(build_sessions(calls)), 200).count("the-call") == len(calls)


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        pytest.param(tokens(None), "", id="no-tokens"),
        pytest.param(tokens(1234567), "1,234,567", id="tokens"),
        pytest.param(seconds(None), "", id="no-time"),
        pytest.param(seconds(1.336), "1.34 s", id="seconds"),
        pytest.param(seconds(1234.5), "1,234 s", id="long-time"),
        pytest.param(counted(1, "call"), "1 call", id="one"),
        pytest.param(counted(0, "call"), "0 calls", id="none"),
        pytest.param(counted(2, "retry", "retries"), "2 retries", id="many"),
        pytest.param(amount(1.5, "s"), "1.50 s", id="amount-of-seconds"),
        pytest.param(amount(2.0, "{token}"), "2 tokens", id="amount-of-tokens"),
        pytest.param(amount(1, "{token}"), "1 token", id="amount-of-one-token"),
        pytest.param(amount(1234.25, "By"), "1,234.25 By", id="amount-of-bytes"),
        pytest.param(amount(float("nan"), ""), "nan", id="no-amount"),
    ],
)
def test_figures(written: str, expected: str):
    assert written == expected
