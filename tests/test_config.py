from __future__ import annotations

import logging
from collections import OrderedDict
from collections.abc import Iterator, Mapping
from dataclasses import FrozenInstanceError, fields
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, strategies as st

from otel_responses import _safe
from otel_responses.config import HELICONE_HOSTS, SETTINGS, Config
from otel_responses.policy import CaptureMode


@pytest.fixture(autouse=True)
def warnings(caplog: pytest.LogCaptureFixture) -> Iterator[pytest.LogCaptureFixture]:
    _safe.reset_warnings()
    caplog.set_level(logging.WARNING, logger="otel_responses")
    yield caplog
    _safe.reset_warnings()


def test_the_defaults_are_the_quiet_side():
    assert Config.from_env({}) == Config(
        export=False,
        provider_by_host={},
        helicone_hosts=frozenset({"oai.helicone.ai", "gateway.helicone.ai", "ai-gateway.helicone.ai"}),
        baggage="none",
        chunk_metric=False,
        stamp_session=False,
        latest_experimental=False,
        disabled=False,
    )


def test_the_environment_of_the_process_is_read_unless_another_is_given(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("OTEL_RESPONSES_EXPORT", "true")
    assert Config.from_env().export


def test_the_table_has_one_line_for_each_field():
    assert [setting.field for setting in SETTINGS] == [field.name for field in fields(Config)]
    assert all(setting.text.endswith(".") and setting.allowed for setting in SETTINGS)


def test_a_capture_mode_may_be_given_as_itself():
    assert Config().override({"capture_content": CaptureMode.SPAN_ONLY}).capture_content is CaptureMode.SPAN_ONLY


def test_a_configuration_cannot_be_changed():
    config = Config.from_env({"OTEL_RESPONSES_PROVIDER_BY_HOST": "localhost=ollama"})
    with pytest.raises(FrozenInstanceError):
        config.export = True  # pyright: ignore[reportAttributeAccessIssue]
    with pytest.raises(TypeError):
        config.provider_by_host["localhost"] = "vllm"  # pyright: ignore[reportIndexIssue]


@pytest.mark.parametrize("field", ["export", "chunk_metric", "stamp_session"])
@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("true", True),
        ("TRUE", True),
        (" 1 ", True),
        ("Yes", True),
        ("on", True),
        ("false", False),
        ("0", False),
        ("no", False),
        ("OFF", False),
        ("", False),
        ("  ", False),
    ],
)
def test_booleans_in_the_environment(field: str, text: str, value: bool, warnings: pytest.LogCaptureFixture):
    config = Config.from_env({f"OTEL_RESPONSES_{field.upper()}": text})
    assert getattr(config, field) is value
    assert warnings.messages == []


@pytest.mark.parametrize(
    ("env", "field", "text", "value"),
    [
        ("OTEL_RESPONSES_BAGGAGE", "baggage", "none", "none"),
        ("OTEL_RESPONSES_BAGGAGE", "baggage", " Read ", "read"),
        ("OTEL_RESPONSES_BAGGAGE", "baggage", "write", "write"),
        ("OTEL_RESPONSES_BAGGAGE", "baggage", "BOTH", "both"),
        ("OTEL_RESPONSES_PROVIDER_BY_HOST", "provider_by_host", "localhost=ollama", {"localhost": "ollama"}),
        (
            "OTEL_RESPONSES_PROVIDER_BY_HOST",
            "provider_by_host",
            " GPU-1.example = vllm , [::1]=x_ai,, 10.0.0.7=groq,",
            {"gpu-1.example": "vllm", "::1": "x_ai", "10.0.0.7": "groq"},
        ),
        (
            "OTEL_RESPONSES_HELICONE_HOSTS",
            "helicone_hosts",
            "Helicone.Acme.example, proxy ,",
            HELICONE_HOSTS | {"helicone.acme.example", "proxy"},
        ),
        ("OTEL_SEMCONV_STABILITY_OPT_IN", "latest_experimental", "gen_ai_latest_experimental", True),
        ("OTEL_SEMCONV_STABILITY_OPT_IN", "latest_experimental", "http/dup, gen_ai_latest_experimental", True),
        ("OTEL_SEMCONV_STABILITY_OPT_IN", "latest_experimental", "http,database", False),
        ("OTEL_SEMCONV_STABILITY_OPT_IN", "latest_experimental", "*", False),
        ("OTEL_PYTHON_DISABLED_INSTRUMENTATIONS", "disabled", "flask , openai_responses", True),
        ("OTEL_PYTHON_DISABLED_INSTRUMENTATIONS", "disabled", "*", True),
        ("OTEL_PYTHON_DISABLED_INSTRUMENTATIONS", "disabled", "openai,flask", False),
    ],
)
def test_the_environment(env: str, field: str, text: str, value: object, warnings: pytest.LogCaptureFixture):
    assert getattr(Config.from_env({env: text}), field) == value
    assert warnings.messages == []


@pytest.mark.parametrize(
    ("env", "text", "message"),
    [
        (
            "OTEL_RESPONSES_EXPORT",
            "enabled",
            "OTEL_RESPONSES_EXPORT is set to 'enabled', which is not allowed. Allowed: true or false. Used instead: false",
        ),
        (
            "OTEL_RESPONSES_BAGGAGE",
            "true",
            (
                "OTEL_RESPONSES_BAGGAGE is set to 'true', which is not allowed. "
                "Allowed: none, read, write or both. Used instead: none"
            ),
        ),
        (
            "OTEL_RESPONSES_PROVIDER_BY_HOST",
            "localhost",
            (
                "OTEL_RESPONSES_PROVIDER_BY_HOST is set to 'localhost', which is not allowed. "
                "Allowed: host=name, separated by commas. Used instead: nothing"
            ),
        ),
        (
            "OTEL_RESPONSES_PROVIDER_BY_HOST",
            "localhost:11434=ollama",
            (
                "OTEL_RESPONSES_PROVIDER_BY_HOST is set to 'localhost:11434=ollama', which is not allowed. "
                "Allowed: host=name, separated by commas. Used instead: nothing"
            ),
        ),
        (
            "OTEL_RESPONSES_HELICONE_HOSTS",
            "https://proxy/v1",
            (
                "OTEL_RESPONSES_HELICONE_HOSTS is set to 'https://proxy/v1', which is not allowed. "
                "Allowed: host names without scheme, port and path, separated by commas. "
                "Used instead: ai-gateway.helicone.ai, gateway.helicone.ai, oai.helicone.ai"
            ),
        ),
        (
            "OTEL_RESPONSES_HELICONE_HOSTS",
            "https://me:secret@proxy",
            (
                "OTEL_RESPONSES_HELICONE_HOSTS is set to a value that is not shown because it contains @, which is not "
                "allowed. Allowed: host names without scheme, port and path, separated by commas. "
                "Used instead: ai-gateway.helicone.ai, gateway.helicone.ai, oai.helicone.ai"
            ),
        ),
    ],
)
def test_a_bad_value_is_reported_once_and_the_default_stands_in(
    env: str, text: str, message: str, warnings: pytest.LogCaptureFixture
):
    assert Config.from_env({env: text}) == Config()
    assert Config.from_env({env: text}) == Config()
    assert warnings.messages == [message]


def test_a_long_bad_value_is_cut_and_stays_on_one_line(warnings: pytest.LogCaptureFixture):
    Config.from_env({"OTEL_RESPONSES_BAGGAGE": "a\n" * 500})
    (message,) = warnings.messages
    assert len(message) < 250
    assert "\n" not in message


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({}, Config()),
        ({"export": True}, Config(export=True)),
        ({"export": "true", "chunk_metric": 1}, Config(export=True, chunk_metric=True)),
        ({"export": None}, Config()),
        ({"baggage": "both"}, Config(baggage="both")),
        ({"provider_by_host": {"Localhost": "ollama"}}, Config(provider_by_host={"localhost": "ollama"})),
        ({"provider_by_host": OrderedDict(localhost="vllm")}, Config(provider_by_host={"localhost": "vllm"})),
        ({"provider_by_host": ["localhost=ollama"]}, Config(provider_by_host={"localhost": "ollama"})),
        ({"helicone_hosts": ["proxy"]}, Config(helicone_hosts=HELICONE_HOSTS | {"proxy"})),
        ({"helicone_hosts": {"proxy"}}, Config(helicone_hosts=HELICONE_HOSTS | {"proxy"})),
        ({"helicone_hosts": "a, b"}, Config(helicone_hosts=HELICONE_HOSTS | {"a", "b"})),
        ({"latest_experimental": True}, Config(latest_experimental=True)),
    ],
    ids=str,
)
def test_options(options: Mapping[str, Any], expected: Config, warnings: pytest.LogCaptureFixture):
    assert Config().override(options) == expected
    assert warnings.messages == []


def test_options_come_before_the_environment():
    config = Config.from_env({"OTEL_RESPONSES_EXPORT": "true", "OTEL_RESPONSES_BAGGAGE": "read"})
    assert config.override({"export": False}) == Config(export=False, baggage="read")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            {"baggage": True},
            "instrument(baggage=) is set to True, which is not allowed. Allowed: none, read, write or both. Used instead: none",
        ),
        (
            {"export": 2.5},
            "instrument(export=) is set to 2.5, which is not allowed. Allowed: true or false. Used instead: false",
        ),
        (
            {"provider_by_host": {"localhost": 3}},
            (
                "instrument(provider_by_host=) is set to a value of type dict, which is not allowed. "
                "Allowed: host=name, separated by commas. Used instead: nothing"
            ),
        ),
        (
            {"helicone_hosts": object()},
            (
                "instrument(helicone_hosts=) is set to a value of type object, which is not allowed. "
                "Allowed: host names without scheme, port and path, separated by commas. "
                "Used instead: ai-gateway.helicone.ai, gateway.helicone.ai, oai.helicone.ai"
            ),
        ),
        (
            {"capture": "yes"},
            (
                "instrument() has no option capture, it is ignored. Options: export, provider_by_host, helicone_hosts, "
                "baggage, chunk_metric, output_item_spans, count_foreign_background, stamp_session, latest_experimental, capture_content, max_content_chars, "
                "max_content_bytes, capture_blobs, capture_tool_schemas, redact"
            ),
        ),
    ],
    ids=str,
)
def test_a_bad_option_is_reported_once(options: Mapping[str, Any], message: str, warnings: pytest.LogCaptureFixture):
    assert Config().override(options) == Config()
    assert Config().override(options) == Config()
    assert warnings.messages == [message]


def test_a_bad_option_does_not_bring_the_environment_back():
    config = Config.from_env({"OTEL_RESPONSES_BAGGAGE": "write"})
    assert config.override({"baggage": "reed"}).baggage == "none"


def test_what_an_operator_switched_off_no_option_switches_on(warnings: pytest.LogCaptureFixture):
    config = Config.from_env({"OTEL_PYTHON_DISABLED_INSTRUMENTATIONS": "openai_responses"})
    assert config.override({"disabled": False}).disabled
    assert len(warnings.messages) == 1


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.binary(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(st.dictionaries(st.sampled_from([setting.env for setting in SETTINGS]), st.text()))
def test_no_environment_raises(environ: dict[str, str]):
    Config.from_env(environ)


@given(st.dictionaries(st.sampled_from([field.name for field in fields(Config)]) | st.text(), ANYTHING))
def test_no_option_raises(options: dict[str, object]):
    Config().override(options)


def test_the_documentation_has_the_table():
    text = (Path(__file__).parent.parent / "docs" / "switching-on.md").read_text()
    for setting in SETTINGS:
        option = "" if setting.field == "disabled" else f"`{setting.field}` "
        assert f"| `{setting.env}` | {option}| {setting.text} |" in text
        assert all(f"`{word}`" in text for word in setting.words)
