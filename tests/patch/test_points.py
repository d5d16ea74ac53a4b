"""Installing and removing the patches: once, whatever the order, and leaving nothing behind."""

from __future__ import annotations

import importlib
import logging
import subprocess
import sys
from typing import Any

import pytest
import wrapt
from openai import _base_client
from openai._models import FinalRequestOptions

import otel_responses
from otel_responses._patch import http, points
from otel_responses.testing import Capture, FakeResponsesAPI
from tests.patch.ways import BODY

pytestmark = pytest.mark.matrix


def methods() -> list[Any]:
    http_points = [point for point in points.POINTS if point.module == _base_client.__name__]
    return [vars(getattr(_base_client, point.owner))[point.method] for point in http_points]


def test_on_and_off_and_on_again_leaves_one_wrapper_or_none(api: FakeResponsesAPI, telemetry: Capture) -> None:
    client = api.client()
    for _ in range(3):
        otel_responses.uninstrument()
        assert not any(isinstance(method, wrapt.FunctionWrapper) for method in methods())
        otel_responses.instrument(**telemetry.providers)
        otel_responses.instrument(**telemetry.providers)
        assert [type(method.__wrapped__).__name__ for method in methods()] == ["function"] * 4
    client.responses.create(**BODY)
    assert len(telemetry.spans()) == 1


def test_a_stream_that_is_open_when_we_are_removed_ends_properly(api: FakeResponsesAPI, telemetry: Capture) -> None:
    stream = api.client().responses.create(**BODY, stream=True)
    next(stream)
    otel_responses.uninstrument()
    list(stream)
    assert telemetry.spans()[0]["attributes"]["gen_ai.response.finish_reasons"] == ["stop"]


def test_a_wrapper_that_was_held_on_to_passes_calls_through(api: FakeResponsesAPI, telemetry: Capture) -> None:
    client = api.client()
    raw = client.responses.with_raw_response.create
    bound = client.request
    otel_responses.uninstrument()
    raw(**BODY)
    bound(object, FinalRequestOptions.construct(method="post", url="/responses", json_data=BODY))
    assert telemetry.spans() == []


def test_a_package_that_wrapped_after_us_keeps_its_wrapper(api: FakeResponsesAPI, telemetry: Capture) -> None:
    seen: list[str] = []

    def others(wrapped: Any, instance: Any, args: Any, kwargs: Any) -> Any:
        seen.append("request")
        return wrapped(*args, **kwargs)

    wrapt.wrap_function_wrapper(_base_client, "SyncAPIClient.request", others)
    outer = vars(_base_client.SyncAPIClient)["request"]
    client = api.client()
    otel_responses.uninstrument()
    assert vars(_base_client.SyncAPIClient)["request"] is outer
    client.responses.create(**BODY)
    otel_responses.instrument(**telemetry.providers)
    client.responses.create(**BODY)
    assert seen == ["request", "request"]
    assert len(telemetry.spans()) == 1
    _base_client.SyncAPIClient.request = outer.__wrapped__


def test_a_reload_of_our_own_module_still_gives_one_span(api: FakeResponsesAPI, telemetry: Capture) -> None:
    importlib.reload(http)
    otel_responses.instrument(**telemetry.providers)
    api.client().responses.create(**BODY)
    assert len(telemetry.spans()) == 1


def test_a_reload_of_the_sdk_is_patched_by_the_next_instrument() -> None:
    program = """
import importlib, sys
import otel_responses
from otel_responses.testing import FakeResponsesAPI, capture
import openai, openai._base_client
with capture() as telemetry:
    otel_responses.instrument(**telemetry.providers)
    importlib.reload(openai._base_client)
    client_module = importlib.reload(sys.modules["openai._client"])
    transport = openai.DefaultHttpxClient(transport=FakeResponsesAPI().transport())
    client = client_module.OpenAI(api_key="sk-fake", http_client=transport)
    client.responses.create(model="m", input="Hello!")
    assert telemetry.spans() == []
    otel_responses.instrument(**telemetry.providers)
    client.responses.create(model="m", input="Hello!")
    print(len(telemetry.spans()))
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=False)
    assert (done.stdout, done.stderr) == ("1\n", "")


@pytest.mark.parametrize("is_on", [True, False])
def test_the_sdk_is_patched_when_it_is_imported_and_not_imported_for_it(*, is_on: bool) -> None:
    program = f"""
import sys
import otel_responses
from otel_responses import _call
otel_responses.instrument()
assert "openai" not in sys.modules
if not {is_on}:
    otel_responses.uninstrument()
import openai
print(type(vars(openai._base_client.SyncAPIClient)["request"]).__name__)
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=False)
    assert (done.stdout.strip(), done.stderr) == ("FunctionWrapper" if is_on else "function", "")


def test_a_method_that_a_later_sdk_no_longer_has_is_said_once_and_skipped(
    api: FakeResponsesAPI, telemetry: Capture, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    gone = points.Point("openai._base_client", "SyncAPIClient", "no_such_method", http.request)
    no_owner = points.Point("openai._base_client", "NoSuchClient", "request", http.request)
    monkeypatch.setattr(points, "POINTS", (gone, no_owner, *points.POINTS))
    otel_responses.instrument(**telemetry.providers)
    otel_responses.instrument(**telemetry.providers)
    api.client().responses.create(**BODY)
    otel_responses.uninstrument()
    warnings = [record.getMessage() for record in caplog.records if record.levelno == logging.WARNING]
    assert len(warnings) == 2
    assert "openai._base_client.SyncAPIClient.no_such_method" in warnings[0]
    assert "NoSuchClient.request" in warnings[1]
    assert len(telemetry.spans()) == 1
