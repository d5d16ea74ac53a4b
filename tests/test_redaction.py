"""The ready redactors: what they find, what they leave, and that no text makes them slow."""

from __future__ import annotations

import copy
import hashlib
import hmac
import re
import sys
import time
from collections.abc import Callable
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, strategies as st

from otel_responses import redaction
from otel_responses.policy import redacted_parts
from otel_responses.redaction import CARD, EMAIL, IBAN, KEY, PHONE, Part, Pattern, Redactor, Where
from tests.strategies import patiently

USER = Where("user", "input", 0)


def redacted(text: str, redactor: Redactor = redaction.patterns) -> str:
    part = redactor({"type": "text", "content": text}, USER)
    assert part is not None
    return part["content"]


# -- patterns ---------------------------------------------------------------------------------------------------------

FOUND = [
    ("card", "Visa 4111111111111111.", "Visa [card]."),
    ("card", "in groups 4111 1111 1111 1111, or 4111-1111-1111-1111", "in groups [card], or [card]"),
    ("card", "no-break 4111\u00a01111\u202f1111 1111", "no-break [card]"),
    ("card", "Mastercard 5555555555554444 and 2223003122003222", "Mastercard [card] and [card]"),
    (
        "card",
        "Amex 3782 822463 10005, Diners 30569309025904, Discover 6011111111111117",
        "Amex [card], Diners [card], Discover [card]",
    ),
    ("card", "13 digits 4222222222222, 19 digits 6304000000000000000", "13 digits [card], 19 digits [card]"),
    ("card", "numbers around it: 12 4111 1111 1111 1111 05 27", "numbers around it: 12 [card] 05 27"),
    ("card", "spelled 4 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1", "spelled [card]"),
    ("card", '{"card":"4111111111111111","n":1}', '{"card":"[card]","n":1}'),
    ("card", "card_4111111111111111", "card_[card]"),
    ("email", "Write to ana@example.com.", "Write to [email]."),
    ("email", "first.last+tag@mail.example.co.uk, o'brien@example.org", "[email], [email]"),
    ("email", "'ana@example.com' <ana@example.com>; mailto:ana@example.com?x", "'[email]' <[email]>; mailto:[email]?x"),
    ("email", "https://example.com/?to=ana%40example.com&n=1", "https://example.com/?to=[email]&n=1"),
    ("email", "jürgen@müller.example", "[email]"),
    ("email", f"{'x' * 200}@example.com", "[email]"),
    ("iban", "IBAN AT61 1904 3002 3457 3201 USD", "IBAN [iban] USD"),
    ("iban", "AT611904300234573201, gb82west12345698765432", "[iban], [iban]"),
    (
        "iban",
        "NO9386011117947 is the shortest, MT84MALT011000012345MTLCAST001S a long one",
        "[iban] is the shortest, [iban] a long one",
    ),
    ("iban", "XX12 AT61 1904 3002 3457 3201", "XX12 [iban]"),
    ("phone", "+43 1 58858-0", "[phone]"),
    (
        "phone",
        "Call +1 (415) 555-0132 or (415) 555-0132 or 415-555-0132 or 415.555.0132!",
        "Call [phone] or [phone] or [phone] or [phone]!",
    ),
    ("phone", "+442079460958", "[phone]"),
    ("key", "sk-proj-abcDEF123456_7890", "[key]"),
    ("key", "OPENAI_API_KEY=sk-ant-api03-abcdefghijkl", "OPENAI_API_KEY=[key]"),
    ("key", "ghp_abcdefghijklmnopqrstuvwxyz0123456789 github_pat_11ABCDEFG0123456789_abc", "[key] [key]"),
    ("key", "AKIAIOSFODNN7EXAMPLE ASIAIOSFODNN7EXAMPLE", "[key] [key]"),
    ("key", "AIzaSyA-1234567890abcdefghijklmnopqrstu", "[key]"),
    ("key", "xoxb-123456789012-abcdef sk_live_abcdefghijkl pk_test_abcdefghijkl", "[key] [key] [key]"),
    ("key", f"glpat-{'a' * 20} hf_{'a' * 34} npm_{'a' * 36}", "[key] [key] [key]"),
    ("key", "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.abc-d_e eyJhbGciOiJub25lIn0.eyJzdWIiOiIxIn0.", "[key] [key]"),
    ("key", "Authorization: Bearer abc12345, BEARER  x/y+z=1234==", "Authorization: [key], [key]"),
    (
        "key",
        "postgres://bob:s3cret@db.example.com/x redis://:s3cret@cache",
        "postgres://[key]@db.example.com/x redis://[key]@cache",
    ),
    (
        "key",
        "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nab-c--d\n-----END RSA PRIVATE KEY-----\nafter",
        "[key]\nafter",
    ),
    ("key", "-----BEGIN PRIVATE KEY-----\\nMIIE cut off", "[key]"),
]
LEFT = [
    ("card", "4111111111111112"),  # its check digit is wrong
    ("card", "1700000000000 0000000000000"),  # milliseconds since 1970; no card begins with 0 or 1
    ("card", "41111111111111111111111"),  # 23 digits
    ("card", "411111111116"),  # 12 digits
    ("card", "x4111111111111111 4111111111111111x 4111111111111111y."),
    ("card", "4111 1111  1111 1111"),
    ("email", "user@localhost, @name, a@b, 3 @ 4.50"),
    ("iban", "AT62 1904 3002 3457 3201"),  # its check digits are wrong
    ("iban", "XAT611904300234573201 AT611904300234573201X"),
    ("iban", "AT61 1904 3002"),
    ("phone", "2025-01-01T10:00:00+01:00, 1+2345678, 10.0.0.1, 123-45-6789, 3.14159265, +1234567"),
    ("phone", "115-555-0132 415-555-01321 x415-555-0132 (115) 555-0132"),
    ("key", "sk-short ghp_short AKIA bearer certificates Bearer abc, task-force-of-the-future-123"),
    ("key", "https://example.com:8080/a@b http://user@example.com"),
    ("key", "-----BEGIN CERTIFICATE-----\nMIIE\n-----END CERTIFICATE-----"),
]
PATTERNS = {pattern.name: pattern for pattern in (CARD, EMAIL, IBAN, KEY, PHONE)}


@pytest.mark.parametrize(("name", "text", "expected"), FOUND, ids=range(len(FOUND)))
def test_patterns_find(name: str, text: str, expected: str):
    assert PATTERNS[name].replaced(text) == expected
    assert redacted(text) == expected


@pytest.mark.parametrize(("name", "text"), LEFT, ids=range(len(LEFT)))
def test_patterns_leave_what_only_looks_like_it(name: str, text: str):
    assert PATTERNS[name].replaced(text) == text


def luhn_check_digit(digits: str) -> str:
    doubled = [2 * int(digit) for digit in reversed(digits[-1::-2])]
    total = sum(number // 10 + number % 10 for number in doubled) + sum(int(digit) for digit in digits[-2::-2])
    return str(-total % 10)


@given(st.from_regex(r"\A[2-6][0-9]{11,17}\Z"), st.sampled_from(("", " ", "-")), st.integers(0, 9))
@patiently
def test_a_number_is_a_card_only_with_its_check_digit(digits: str, separator: str, last: int):
    number = f"{digits}{last}"
    groups = separator.join(number[start : start + 4] for start in range(0, len(number), 4))
    is_card = str(last) == luhn_check_digit(digits)
    if is_card:
        assert CARD.replaced(f"card {groups}.") == "card [card]."
    elif not separator:
        assert CARD.replaced(f"card {groups}.") == f"card {groups}."


@given(st.text("aZ0.@+-_ '/:%4", max_size=60))
@patiently
def test_what_stands_around_a_finding_stays(text: str):
    for secret, name in (("4111111111111111", "card"), ("ana@example.com", "email"), ("sk-abcdefghijklmnop", "key")):
        assert PATTERNS[name].replaced(f"({text})\n{secret}\n({text})").count(secret) == 0


# Texts that would make a pattern with ambiguous repetition take quadratic time or worse.
ADVERSARIAL = (
    *(
        "a",
        "a@",
        "a.",
        "a'",
        "@",
        "a%40",
        "@a.",
        "4",
        "4 ",
        "4111 ",
        "4-",
        "+1",
        "+1 ",
        "(415) ",
        "415-",
        "sk-",
        "ghp_",
        "eyJ-",
    ),
    *(
        "eyJaaaaaaaa.",
        "bearer ",
        "://",
        "://a:",
        "://a:b",
        "-",
        "-----BEGIN PRIVATE KEY-----",
        "-----BEGIN ",
        "AT61",
        "AT61 ",
    ),
    *("AA11A1", " ", "x-", "xoxa-", "_live_", "\n", "é", "漢", "\u00a0"),
)
STARTS = (
    "",
    "x@",
    "://",
    "bearer ",
    "-----BEGIN PRIVATE KEY-----",
    "-----BEGIN ",
    "sk-",
    "eyJ",
    "AT61",
    "+4",
    "4",
    "(415",
)


@pytest.mark.parametrize("pattern", PATTERNS.values(), ids=PATTERNS)
def test_no_text_makes_a_pattern_slow(pattern: Pattern):
    """Twenty times the text may take a hundred times as long and not four hundred; most take twenty."""
    for start in STARTS:
        for unit in ADVERSARIAL:
            short, long = (start + unit * (size // len(unit)) for size in (1_000, 20_000))
            taken = fastest(lambda text=short: pattern.replaced(text))
            limit = max(100 * taken, 0.005)
            assert any(fastest(lambda text=long: pattern.replaced(text), 1) < limit for _ in range(20)), (start, unit)


def fastest(function: Callable[[], object], times: int = 3) -> float:
    """Processor time, so that a busy machine does not count."""
    taken: list[float] = []
    for _ in range(times):
        begun = time.process_time()
        function()
        taken.append(time.process_time() - begun)
    return min(taken)


def test_what_is_none_may_hold_one_from_any_of_its_characters_on():
    negative = Pattern("negative", re.compile(r"-+[0-9]+"), is_valid=lambda found: not found.startswith("--"))
    assert negative.replaced("2 --5 3") == "2 -[negative] 3"


def test_of_what_is_no_text_only_numbers_are_searched():
    found = redaction.by_pattern(Pattern("word", re.compile(r"True|None|17")))
    part = {"type": "tool_call", "arguments": {"a": True, "b": None, "c": 17, "d": 1.75, "e": 2.5}}
    expected = {"type": "tool_call", "arguments": {"a": True, "b": None, "c": "[word]", "d": 1.75, "e": 2.5}}
    assert found(part, USER) == expected


def test_a_pattern_of_your_own():
    ticket = Pattern("ticket", re.compile(r"\bTICKET-[0-9]+"))
    assert redacted("TICKET-12 by ana@example.com", redaction.by_pattern(ticket)) == "[ticket] by ana@example.com"
    assert redacted(r"TICKET-12", redaction.by_pattern(Pattern(r"\1", ticket.regex))) == r"[\1]"


def test_a_pattern_looks_only_at_texts_with_one_of_its_hints():
    ticket = Pattern("ticket", re.compile(r"[0-9]+"), hints=("TICKET", "ISSUE"))
    assert [ticket.replaced(text) for text in ("12", "TICKET 12", "ISSUE 12")] == [
        "12",
        "TICKET [ticket]",
        "ISSUE [ticket]",
    ]


def test_patterns_are_applied_in_turn():
    first = Pattern("a", re.compile("secret"))
    second = Pattern("b", re.compile(r"\[a\]"))
    assert redacted("secret", redaction.by_pattern(first, second)) == "[b]"
    assert redacted("secret", redaction.by_pattern(second, first)) == "[a]"
    assert redacted("secret", redaction.by_pattern()) == "secret"


# -- every text of a part ---------------------------------------------------------------------------------------------

SECRET = "ana@example.com"
NUMBER = 4111111111111111


def parts_with(secret: Any) -> dict[str, Part]:
    """A part of each type of the conventions, and of others, with the secret wherever content may be."""
    nested = {"to": [secret, {"deep": ({"er": secret},)}], "n": 1, "yes": True, "none": None, "half": 0.5}
    return {
        "text": {"type": "text", "content": secret},
        "reasoning": {"type": "reasoning", "content": secret},
        "tool_call": {"type": "tool_call", "id": "call_1", "name": "send", "arguments": nested},
        "tool_call_with_text": {"type": "tool_call", "id": "call_1", "name": "send", "arguments": secret},
        "tool_call_with_list": {"type": "tool_call", "name": "send", "arguments": [nested]},
        "tool_call_response": {"type": "tool_call_response", "id": "call_1", "response": nested},
        "server_tool_call": {
            "type": "server_tool_call",
            "name": "web_search",
            "server_tool_call": {"type": "web_search", "action": nested},
        },
        "server_tool_call_response": {
            "type": "server_tool_call_response",
            "server_tool_call_response": {"type": "mcp", "output": secret, "error": nested},
        },
        "generic": {"type": "generic", "value": {"type": "annotation", "url": secret, **nested}},
        "uri": {"type": "uri", "modality": "image", "mime_type": "image/png", "uri": f"https://example.com/{secret}"},
        "compaction": {"type": "compaction", "id": "cmp_1", "content": secret},
        "definition": {"type": "function", "name": "send", "description": f"To {secret}", "parameters": {"a": nested}},
        "unknown": {"type": "a_part_of_tomorrow", "said": secret, "more": nested},
    }


@pytest.mark.parametrize("kind", parts_with(""))
@pytest.mark.parametrize("secret", [SECRET, NUMBER, f"{NUMBER}"], ids=["text", "number", "digits"])
def test_patterns_reach_every_text_of_a_part(kind: str, secret: Any):
    part = parts_with(secret)[kind]
    before = copy.deepcopy(part)
    (left,) = redacted_parts([part], redaction.patterns, "user", "input")
    assert str(secret) not in str(left)
    assert "[email]" in str(left) or "[card]" in str(left)
    assert part == before, "the part that was given is the caller's"
    assert list(left) == list(part)
    assert {name: left.get(name) for name in ("type", "id", "modality")} == {
        name: part.get(name) for name in ("type", "id", "modality")
    }


def test_patterns_reach_the_keys_of_objects_and_leave_other_values():
    others = {"n": 7, "half": 0.5, "none": None, "no": False}
    part = {"type": "tool_call", "arguments": {SECRET: True, **others, "list": (1, "a"), "float": float(NUMBER)}}
    assert redaction.patterns(part, USER) == {
        "type": "tool_call",
        "arguments": {"[email]": True, **others, "list": [1, "a"], "float": "[card].0"},
    }


def test_patterns_look_at_names_and_files_but_not_at_what_ties_parts_together():
    part = {
        "type": "tool_call",
        "id": SECRET,
        "name": SECRET,
        "modality": SECRET,
        "mime_type": SECRET,
        "file_id": SECRET,
    }
    for redact in (redaction.patterns, redaction.by_pattern(EMAIL)):
        assert redact(part, USER) == {**part, "name": "[email]", "file_id": "[email]"}


def test_patterns_leave_base64_data_alone():
    part = {"type": "blob", "modality": "image", "content": "AT611904300234573201"}
    assert redaction.by_pattern(IBAN)(part, USER) == part
    assert redaction.by_pattern(IBAN)({**part, "type": "text"}, USER) == {**part, "type": "text", "content": "[iban]"}


# -- by role ----------------------------------------------------------------------------------------------------------


def test_parts_of_a_role_are_left_out():
    redact = redaction.by_role("system", "tool")
    part = {"type": "text", "content": "Hi."}
    roles = ("system", "developer", "user", "assistant", "tool", "")
    assert [role for role in roles if redact(part, Where(role, "input", 0)) == part] == [
        "developer",
        "user",
        "assistant",
        "",
    ]
    assert redact(part, Where("tool", "input", 0)) is None


@pytest.mark.parametrize("kind", parts_with(""))
def test_or_only_their_content_is(kind: str):
    part = parts_with(SECRET)[kind]
    left = redaction.by_role("user", blank=True)(part, USER)
    assert left is not None
    assert SECRET not in str(left)
    assert "[left out]" in str(left)
    labels = ("type", "id", "name", "modality", "mime_type")
    assert {name: left.get(name) for name in labels} == {name: part.get(name) for name in labels}


def test_blank_objects_keep_their_type():
    part = parts_with(SECRET)["server_tool_call"]
    assert redaction.by_role("user", blank=True)(part, USER) == {
        "type": "server_tool_call",
        "name": "web_search",
        "server_tool_call": {"type": "web_search", "content": "[left out]"},
    }
    assert redaction.by_role("user", blank=True)({"type": "x", "value": {"type": 1}}, USER) == {
        "type": "x",
        "value": "[left out]",
    }
    assert redaction.by_role("system", blank=True)(part, USER) == part


def test_the_ready_one_leaves_out_instructions():
    part = {"type": "text", "content": "Hi."}
    left = [
        role for role in ("system", "developer", "user") if redaction.no_instructions(part, Where(role, "input", 0))
    ]
    assert left == ["user"]


# -- hashes -----------------------------------------------------------------------------------------------------------


def test_a_hash_stands_for_a_text():
    assert redacted("Hi.", redaction.hashes) == f"sha256:{hashlib.sha256(b'Hi.').hexdigest()}"
    assert redacted("ä", redaction.hashes) == f"sha256:{hashlib.sha256('ä'.encode()).hexdigest()}"


def test_a_salt_makes_it_another_one_that_nobody_else_can_make():
    keyed = hmac.new(b"pepper", b"Hi.", hashlib.sha256).hexdigest()
    assert redacted("Hi.", redaction.hashed("pepper")) == f"sha256:{keyed}"
    assert (
        redacted("Hi.", redaction.hashed())
        == redacted("Hi.", redaction.hashed(""))
        == redacted("Hi.", redaction.hashes)
    )


@pytest.mark.parametrize("kind", parts_with(""))
def test_hashes_stand_for_every_text_of_a_part(kind: str):
    part = parts_with(SECRET)[kind]
    left = redaction.hashes(part, USER)
    assert left is not None
    assert SECRET not in str(left)
    assert "sha256:" in str(left)
    labels = ("type", "id", "name", "modality", "mime_type")
    assert {name: left.get(name) for name in labels} == {name: part.get(name) for name in labels}
    assert left == redaction.hashes(copy.deepcopy(part), USER)


def test_equal_objects_have_equal_hashes_whatever_the_order_of_their_keys():
    one, other = ({"type": "tool_call", "arguments": arguments} for arguments in ({"a": 1, "ä": 2}, {"ä": 2, "a": 1}))
    left = redaction.hashes(one, USER)
    assert left == redaction.hashes(other, USER)
    digest = hashlib.sha256('{"a": 1, "ä": 2}'.encode()).hexdigest()
    assert left == {"type": "tool_call", "arguments": f"sha256:{digest}"}


# -- chains -----------------------------------------------------------------------------------------------------------


def test_a_chain_asks_one_after_the_other():
    redact = redaction.chain(redaction.by_role("system"), redaction.patterns, redaction.hashes)
    assert redacted(SECRET, redact) == redacted("[email]", redaction.hashes)
    assert redact({"type": "text", "content": SECRET}, Where("system", "input", 0)) is None
    assert redacted(SECRET, redaction.chain()) == SECRET


def test_what_is_left_out_is_not_shown_to_the_next():
    def never(part: Part, where: Where) -> Part:
        raise AssertionError

    assert redaction.chain(redaction.by_role("user"), never)({"type": "text"}, USER) is None


# -- by name ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["hashes", "no_instructions", "patterns"])
def test_the_ready_ones_are_entry_points(name: str):
    assert redaction.load(name) is getattr(redaction, name)


def test_the_entry_points_are_all_that_there_are():
    ours = [entry for entry in entry_points(group=redaction.GROUP) if entry.value.startswith("otel_responses.")]
    assert {entry.name for entry in ours} == {"hashes", "no_instructions", "patterns"}


@pytest.fixture
def program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A module of a program, with redactors in it."""
    (tmp_path / "redactors_of_a_program.py").write_text(
        "class Redactors:\n    def mine(part, where): return part\n\ndef mine(part, where): return part\n\nno = 'text'\n"
    )
    (tmp_path / "broken_module_of_a_program.py").write_text("raise RuntimeError('secret')\n")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "redactors_of_a_program", raising=False)
    return "redactors_of_a_program"


def test_a_dotted_path_is_imported(program: str):
    assert redaction.load(f"{program}:mine").__module__ == program
    assert redaction.load(f"{program}:Redactors.mine").__qualname__ == "Redactors.mine"
    assert redaction.load("otel_responses.redaction:patterns") is redaction.patterns


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("no_such_name", "cannot be loaded (StopIteration)"),
        ("", "cannot be loaded (StopIteration)"),
        ("openai_responses", "cannot be loaded (StopIteration)"),  # an entry point of another group
        ("redactors_of_a_program:mine:mine", "cannot be loaded (AttributeError)"),
        ("no_such_module:mine", "cannot be loaded (ModuleNotFoundError)"),
        ("redactors_of_a_program:other", "cannot be loaded (AttributeError)"),
        ("redactors_of_a_program:", "cannot be loaded (AttributeError)"),
        (":mine", "cannot be loaded (ValueError)"),
        ("broken_module_of_a_program:mine", "cannot be loaded (RuntimeError)"),
        ("redactors_of_a_program:no", "is a str, which cannot be called"),
    ],
)
def test_what_cannot_be_loaded_is_named_with_what_is_allowed(program: str, name: str, why: str):
    with pytest.raises(ValueError) as caught:
        redaction.load(name)
    assert str(caught.value) == (
        f"the redactor {name!r} {why}; allowed are package.module:attribute, or the name of an entry point of the group "
        "otel_responses_redactor"
    )


def test_an_entry_point_of_the_group_has_the_value_that_the_metadata_say():
    (entry,) = entry_points(group="otel_responses_redactor", name="patterns")
    assert isinstance(entry, EntryPoint)
    assert entry.value == "otel_responses.redaction:patterns"
