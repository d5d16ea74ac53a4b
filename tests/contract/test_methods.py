"""Every method of every Responses resource of the installed SDK is in our table, and the table tells the truth."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterator
from contextlib import closing
from importlib import import_module
from typing import Any

import pytest

from otel_responses._patch.coverage import METHODS, Covered
from otel_responses._patch.routes import RESPONSE_ID, ROUTES
from otel_responses.testing import Capture, FakeResponsesAPI
from tests.patch.ways import BODY
from tools.readme import BEGIN, END, README, written

PACKAGES = ("openai.resources.responses", "openai.resources.beta.responses")
MODULES = ("responses", "input_items", "input_tokens")
# Where an object of a class is to be had, as the table writes it; each has an `Async` twin.
OWNERS = {
    "Responses": "",
    "InputItems": "input_items.",
    "InputTokens": "input_tokens.",
    "ResponsesConnectionManager": "connect().",
    "ResponsesConnection": "connection.",
    "ResponsesResponseResource": "connection.response.",
}
# A wrapper has the methods of what it wraps; the bases have none.
WRAPPER = re.compile(r"(Async)?(\w+)With(Raw|Streaming)Response")
BASES = {"BaseResponsesConnectionResource", "BaseAsyncResponsesConnectionResource"}

LISTED = {method: covered for covered in METHODS for method in covered.methods}


def classes() -> Iterator[type]:
    for package in PACKAGES:
        for name in MODULES:
            module = import_module(f"{package}.{name}")
            found = [value for value in vars(module).values() if inspect.isclass(value)]
            yield from (kind for kind in found if kind.__module__ == module.__name__)


def functions(kind: type) -> list[str]:
    """Public functions, also inherited ones; sub-resources are properties and have classes of their own."""
    names = (name for name in dir(kind) if not name.startswith("_"))
    return [name for name in names if inspect.isfunction(inspect.getattr_static(kind, name))]


def wrapped(kind: type) -> list[str]:
    """The methods of a wrapper: it makes them when it is made, from those of an object that it is given."""

    class Anything:
        def __getattr__(self, name: str) -> Callable[[], None]:
            return lambda: None

    return [name for name in vars(kind(Anything())) if not name.startswith("_")]


def methods() -> Iterator[str]:
    """All methods, as the table writes them; a class that is new is one by itself."""
    for kind in classes():
        wrapper = WRAPPER.fullmatch(kind.__name__)
        name = wrapper[2] if wrapper else kind.__name__.removeprefix("Async")
        if kind.__name__ not in BASES:
            owner = OWNERS.get(name, f"{kind.__module__}.{kind.__name__}.")
            yield from (owner + method for method in (wrapped(kind) if wrapper else functions(kind)))


def test_every_method_of_the_sdk_is_in_the_table_and_no_other() -> None:
    assert sorted(set(methods()) - set(LISTED)) == []
    assert sorted(set(LISTED) - set(methods())) == []


def test_a_method_is_in_the_table_once() -> None:
    assert sum(len(covered.methods) for covered in METHODS) == len(LISTED)


def test_every_route_is_one_of_a_method() -> None:
    assert {covered.route for covered in METHODS if covered.route} == set(ROUTES)
    for covered in METHODS:
        if covered.route:
            assert (ROUTES[covered.route] or "").split() == (covered.span or "").split()[:1]


def streamed(manager: Any) -> None:
    with manager as stream:
        stream.until_done()


CALLS: dict[str, Callable[[Any, str], Any]] = {
    "create": lambda responses, _: responses.create(**BODY),
    "parse": lambda responses, _: responses.parse(**BODY),
    "stream": lambda responses, _: streamed(responses.stream(**BODY)),
    "retrieve": lambda responses, stored: responses.retrieve(stored),
    "compact": lambda responses, _: responses.compact(**BODY),
    "cancel": lambda responses, stored: responses.cancel(stored),
    "delete": lambda responses, stored: responses.delete(stored),
    "input_items.list": lambda responses, stored: responses.input_items.list(stored),
    "input_tokens.count": lambda responses, _: responses.input_tokens.count(**BODY),
}
OVER_HTTP = [(method, covered) for covered in METHODS if covered.route for method in covered.methods]


@pytest.mark.parametrize("beta", [False, True], ids=["stable", "beta"])
@pytest.mark.parametrize(("method", "covered"), OVER_HTTP, ids=[method for method, _ in OVER_HTTP])
def test_the_table_says_what_a_method_sends_and_which_span_it_gets(
    method: str, covered: Covered, beta: bool, api: FakeResponsesAPI, telemetry: Capture
) -> None:
    with closing(api.client()) as client:
        responses = client.beta.responses if beta else client.responses
        if not hasattr(responses, method.partition(".")[0]):
            pytest.skip("the beta resource does not have it")
        stored = client.responses.create(**BODY, background=True).id
        telemetry.clear()
        CALLS[method](responses, stored)
    request = api.requests[-1]
    sent = request.path.partition("/responses")[2].strip("/").replace(stored, RESPONSE_ID)
    assert (request.method.lower(), sent) == covered.route
    expected = [covered.span.format(model="gpt-4.1")] if covered.span else []
    assert [span["name"] for span in telemetry.spans()] == expected


def test_the_readme_has_the_table() -> None:
    readme = README.read_text(encoding="utf-8")
    assert readme.count(BEGIN) == readme.count(END) == 1
    assert written(readme) == readme, "run: python tools/readme.py"
