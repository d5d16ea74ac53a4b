from __future__ import annotations

import logging
import subprocess
import sys
from collections.abc import Callable
from types import ModuleType
from typing import Any

import openai
import pytest
import wrapt
from openai.resources.responses.responses import AsyncResponses, Responses

from otel_responses import _other_instrumentations
from otel_responses._other_instrumentations import KNOWN

METHODS = [
    (openai.OpenAI, "request"),
    (openai.AsyncOpenAI, "request"),
    (Responses, "create"),
    (AsyncResponses, "create"),
]


def names() -> list[str]:
    return [other.name for other in _other_instrumentations.find()]


def module_of(package: str) -> dict[str, Any]:
    """The global names of a module inside `package`, with a wrapper in every style that is in use."""
    code = """
import functools

def wrapper(wrapped, instance, args, kwargs):
    return wrapped(*args, **kwargs)

class Wrapper:
    def __call__(self, wrapped, instance, args, kwargs):
        return wrapped(*args, **kwargs)

def decorate(function):
    @functools.wraps(function)
    def inner(*args, **kwargs):
        return function(*args, **kwargs)
    return inner
"""
    module = ModuleType(f"{package}.patch")
    exec(compile(code, "patch.py", "exec"), vars(module))
    return vars(module)


WRAPPINGS: dict[str, Callable[[dict[str, Any], Any], Any]] = {
    "wrapt": lambda there, function: wrapt.FunctionWrapper(function, there["wrapper"]),
    "wrapt with an object": lambda there, function: wrapt.FunctionWrapper(function, there["Wrapper"]()),
    "functools.wraps": lambda there, function: there["decorate"](function),
    "under another wrapper": lambda there, function: wrapt.FunctionWrapper(
        there["decorate"](function), lambda wrapped, instance, args, kwargs: None
    ),
}


@pytest.fixture(autouse=True)
def log(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    caplog.set_level(logging.WARNING, logger="otel_responses")
    return caplog


def test_without_another_instrumentation_nothing_is_found_and_nothing_said(log: pytest.LogCaptureFixture):
    _other_instrumentations.warn()
    assert names() == []
    assert log.messages == []


@pytest.mark.parametrize("wrapping", WRAPPINGS)
@pytest.mark.parametrize(("owner", "method"), METHODS, ids=lambda part: getattr(part, "__name__", part))
def test_a_wrapper_on_the_way_of_a_call_is_found(
    wrapping: str, owner: type, method: str, monkeypatch: pytest.MonkeyPatch
):
    there = module_of("openinference.instrumentation.openai")
    monkeypatch.setattr(owner, method, WRAPPINGS[wrapping](there, getattr(owner, method)))
    assert names() == ["openinference-instrumentation-openai"]
    monkeypatch.undo()
    assert names() == []


@pytest.mark.parametrize("other", KNOWN, ids=lambda other: other.name)
def test_each_is_known_by_its_package(
    other: _other_instrumentations.OtherInstrumentation, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(Responses, "create", WRAPPINGS["wrapt"](module_of(other.package), Responses.create))
    assert names() == [other.name]


@pytest.mark.parametrize("other", KNOWN, ids=lambda other: other.name)
def test_a_client_wrapped_by_itself_is_found_while_it_calls(other: _other_instrumentations.OtherInstrumentation):
    call = module_of(other.package)["decorate"](names)
    assert call() == [other.name]
    assert names() == []


@pytest.mark.parametrize("package", ["opentelemetry.instrumentation.openai_agents", "openlit.instrumentation", "app"])
def test_a_wrapper_of_something_else_is_left_alone(package: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(Responses, "create", WRAPPINGS["wrapt"](module_of(package), Responses.create))
    assert names() == []


def test_the_warning_names_it_and_one_line_for_each_of_the_two(
    log: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.delitem(sys.modules, "opentelemetry.instrumentation.auto_instrumentation", raising=False)
    there = module_of("openinference.instrumentation.openai")
    monkeypatch.setattr(openai.OpenAI, "request", there["decorate"](openai.OpenAI.request))
    _other_instrumentations.warn()
    _other_instrumentations.warn()
    assert log.messages == [
        (
            "openinference-instrumentation-openai records OpenAI calls as well: a Responses call gives two spans, and its "
            "tokens count twice. Switch one of the two off: "
            "openinference.instrumentation.openai.OpenAIInstrumentor().uninstrument(), "
            "or OTEL_PYTHON_DISABLED_INSTRUMENTATIONS=openai_responses"
        )
    ]


def test_under_opentelemetry_instrument_the_line_is_a_variable(monkeypatch: pytest.MonkeyPatch):
    auto_instrumentation = "opentelemetry.instrumentation.auto_instrumentation"
    monkeypatch.setitem(sys.modules, auto_instrumentation, ModuleType(auto_instrumentation))
    lines = {other.package: other.line for other in KNOWN}
    variable = "OTEL_PYTHON_DISABLED_INSTRUMENTATIONS=openai"
    assert lines["opentelemetry.instrumentation.genai.openai"] == variable
    assert lines["logfire._internal.integrations.llm_providers"] == "no call of logfire.instrument_openai()"


def test_looking_imports_nothing():
    code = """
import sys
from otel_responses import _other_instrumentations
_other_instrumentations.warn()
print([name for name in sys.modules if name.partition(".")[0] in {"openai", "logfire", "openinference", "openlit"}])
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


INSTRUMENTOR = "Other().instrument()"
LOGFIRE = "import logfire; logfire.configure(send_to_logfire=False, console=False)"
REAL: dict[str, tuple[tuple[str, ...], str, str]] = {
    "opentelemetry-instrumentation-genai-openai": (
        ("opentelemetry-instrumentation-genai-openai", "opentelemetry-util-genai"),
        "from opentelemetry.instrumentation.genai.openai import OpenAIInstrumentor as Other",
        INSTRUMENTOR,
    ),
    "opentelemetry-instrumentation-openai (OpenLLMetry)": (
        ("opentelemetry-instrumentation-openai==0.62.4", "opentelemetry-semantic-conventions-ai==0.5.1"),
        "from opentelemetry.instrumentation.openai import OpenAIInstrumentor as Other",
        INSTRUMENTOR,
    ),
    "openinference-instrumentation-openai": (
        (
            "openinference-instrumentation-openai==0.1.66",
            "openinference-instrumentation==0.1.72",
            "openinference-semantic-conventions==0.1.42",
        ),
        "from openinference.instrumentation.openai import OpenAIInstrumentor as Other",
        INSTRUMENTOR,
    ),
    "Logfire": (("logfire==5.2.0",), LOGFIRE, "logfire.instrument_openai()"),
    "Logfire on one client": (("logfire==5.2.0",), LOGFIRE, "logfire.instrument_openai(client)"),
    # It asks for openai < 3 and patches 3 as well; its init() would fetch prices from the internet.
    "OpenLIT": (
        ("openlit==1.45.0", "schedule==1.2.2", "xmltodict==1.0.2"),
        "from openlit.instrumentation.openai import OpenAIInstrumentor as Other, OpenlitConfig",
        "OpenlitConfig(); Other().instrument(skip_dep_check=True, disable_metrics=True)",
    ),
}
PROGRAM = """
import openai, sys
from otel_responses import _other_instrumentations

def names():
    return [other.name for other in _other_instrumentations.find()]

class Client(openai.OpenAI):
    def _prepare_options(self, options):
        print("in the call:", *names())
        raise SystemExit

client = Client(api_key="none", base_url="http://127.0.0.1:9")
{importing}
print("imported:", *names())
{activating}
print("active:", *names())
client.responses.create(model="m", input="")
"""


@pytest.mark.parametrize("name", REAL)
def test_the_real_package_is_found_when_it_is_active_and_not_when_it_is_only_imported(
    name: str, install_beside: Callable[..., dict[str, str]]
):
    packages, importing, activating = REAL[name]
    program = PROGRAM.format(importing=importing, activating=activating)
    environ = install_beside(*packages)
    done = subprocess.run([sys.executable, "-c", program], env=environ, capture_output=True, text=True, check=True)
    product = name.removesuffix(" on one client")
    assert done.stdout.splitlines() == [
        "imported:",
        f"active: {product}" if product == name else "active:",
        f"in the call: {product}",
    ]
