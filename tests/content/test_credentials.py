"""An error message never has what the request's headers have: a server may repeat them."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from otel_responses._mapping.credentials import without_credentials


def error_of(headers: object) -> Any:
    return SimpleNamespace(request=SimpleNamespace(headers=headers))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("authorization", "Bearer 0123456789"),
        ("Authorization", "Bearer 0123456789"),
        ("api-key", "0123456789"),
        ("x-made-up", "0123456789"),
        ("x-eight", "01234567"),
        ("authorization", "Digest 0123 4567 89"),
    ],
)
def test_what_a_header_holds_is_taken_out(name: str, value: str):
    message = f"Unknown key {value}, again {value}; or {value.partition(' ')[2] or value}."
    expected = "Unknown key [left out], again [left out]; or [left out]."
    assert without_credentials(message, error_of({name: value})) == expected


def test_a_value_that_holds_another_is_taken_out_whole():
    headers = {"a": "0123456789", "b": "0123456789abc", "c": "+0123456789abcdef"}
    assert without_credentials("+0123456789abcdef 0123456789abc 0123456789", error_of(headers)) == " ".join(
        ["[left out]"] * 3
    )


def test_a_header_that_every_request_has_does_not_save_the_next_one():
    headers = {"accept": "application/json", "authorization": "Bearer 0123456789"}
    assert without_credentials("It was 0123456789.", error_of(headers)) == "It was [left out]."


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("content-type", "application/json"),
        ("Content-Type", "application/json"),
        ("host", "api.openai.com"),
        ("user-agent", "OpenAI/Python"),
        ("X-Stainless-Lang", "python-3.13"),
        ("x-short", "1234567"),
        ("authorization", "Bearer 1234567"),
    ],
)
def test_words_that_every_request_has_stay(name: str, value: str):
    message = f"It was {value.removeprefix('Bearer ')}."
    assert without_credentials(message, error_of({name: value})) == message


@pytest.mark.parametrize("error", [None, "text", ValueError("x"), error_of(None), error_of(["a"]), SimpleNamespace()])
def test_an_error_without_a_request_keeps_its_message(error: object):
    assert without_credentials("It was 0123456789.", error) == "It was 0123456789."
