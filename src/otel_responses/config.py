"""The settings: one table says of each its field, its environment variable, what is allowed, and what it is for.

Reading settings never raises. A value that is not allowed is reported once, and the default stands in for it: every
default is the side on which nothing more leaves the program.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from ipaddress import ip_address
from types import MappingProxyType
from typing import Any, Final, Literal, NamedTuple, cast

from otel_responses import environment_variables as names
from otel_responses._safe import warn_once
from otel_responses.policy import CaptureMode, Limits, Policy, Redactor

__all__ = ["HELICONE_HOSTS", "INSTRUMENTATION_NAME", "SETTINGS", "Config", "Setting"]

INSTRUMENTATION_NAME: Final = "openai_responses"
"""Our name among the `opentelemetry_instrumentor` entry points, by which we are switched off."""

HELICONE_HOSTS: Final = frozenset({"ai-gateway.helicone.ai", "gateway.helicone.ai", "oai.helicone.ai"})
"""The hosts of Helicone's proxies that are known; those of the EU and of your own are added by a setting."""

_SHOWN_MAX = 100
_TRUE = frozenset({"true", "1", "yes", "on"})
_FALSE = frozenset({"false", "0", "no", "off"})
_BAGGAGE = ("none", "read", "write", "both")
_HOST_NAME = re.compile(r"[\w.-]{1,253}")
_PROVIDER_NAME = re.compile(r"[\w.-]{1,64}")

_NOT_ALLOWED = "%s is set to %s, which is not allowed. Allowed: %s. Used instead: %s"
_NO_REDACTOR = "The redactor %s cannot be loaded (%s). No content is recorded"
_LIMITS: Final = Limits()
_SDK_LIMITS = ("OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT", "OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT")
_NO_OPTION = "instrument() has no option %s, it is ignored. Options: %s"


def _boolean(value: object) -> bool:
    word = str(value).strip().lower() if isinstance(value, (str, int)) else ""
    if word not in _TRUE | _FALSE:
        raise ValueError
    return word in _TRUE


def _baggage(value: object) -> str:
    if _text(value).lower() not in _BAGGAGE:
        raise ValueError
    return _text(value).lower()


def _providers(value: object) -> Mapping[str, str]:
    pairs = cast("Mapping[object, object]", value).items() if isinstance(value, Mapping) else map(_pair, _items(value))
    return MappingProxyType({_host(host): _provider(name) for host, name in pairs})


def _helicone_hosts(value: object) -> frozenset[str]:
    return HELICONE_HOSTS | {_host(item) for item in _items(value)}


def _capture_mode(value: object) -> CaptureMode:
    if isinstance(value, CaptureMode):
        return value
    return CaptureMode(_text(value).upper())


def _size(value: object) -> int:
    text = str(value).strip() if isinstance(value, (str, int)) and not isinstance(value, bool) else ""
    if not (text.isascii() and text.isdecimal()):
        raise ValueError
    return int(text)


def _redactor(value: object) -> Redactor | str:
    return cast("Redactor", value) if callable(value) else _text(value)


def _items(value: object) -> Iterable[object]:
    """The items of a list, given as text with commas or as a list."""
    if isinstance(value, (list, tuple, set, frozenset)):
        return cast("Iterable[object]", value)
    return [item for item in _text(value).split(",") if item.strip()]


def _pair(item: object) -> tuple[str, str]:
    host, _, name = _text(item).partition("=")
    return host, name


def _host(value: object) -> str:
    host = _text(value).lower().strip("[]")
    if ":" in host:
        return str(ip_address(host))
    if not _HOST_NAME.fullmatch(host):
        raise ValueError
    return host


def _provider(value: object) -> str:
    if not _PROVIDER_NAME.fullmatch(_text(value)):
        raise ValueError
    return _text(value)


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise ValueError  # noqa: TRY004 - the one error that a parser raises
    return value.strip()


class Setting(NamedTuple):
    """One line of the table of settings."""

    field: str
    env: str
    parse: Callable[[object], object]  # raises ValueError for what is not allowed
    allowed: str
    text: str
    words: frozenset[str] = frozenset()  # where the variable is a list that others own too: what switches this on

    def from_text(self, text: str) -> dict[str, Any]:
        """`{field: value}` of an environment variable, or nothing for a blank one."""
        if self.words:
            return {self.field: not self.words.isdisjoint(word.strip() for word in text.split(","))}
        return self.from_value(text, self.env) if text.strip() else {}

    def from_value(self, value: object, source: str) -> dict[str, Any]:
        """`{field: value}`, with the default for a value that is not allowed."""
        try:
            return {self.field: self.parse(value)}
        except ValueError:
            default, shown = getattr(Config(), self.field), _shown(value)
            warn_once(f"{source} {shown}", _NOT_ALLOWED, source, shown, self.allowed, _shown_default(default))
            return {self.field: default}


@dataclass(frozen=True, slots=True)
class Config:
    """Every setting, read once when the instrumentation is switched on; `SETTINGS` says what each is for."""

    export: bool = False
    provider_by_host: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    helicone_hosts: frozenset[str] = HELICONE_HOSTS
    baggage: Literal["none", "read", "write", "both"] = "none"
    chunk_metric: bool = False
    output_item_spans: bool = False
    count_foreign_background: bool = False
    stamp_session: bool = False
    latest_experimental: bool = False
    capture_content: CaptureMode = CaptureMode.NO_CONTENT
    max_content_chars: int = _LIMITS.part_chars
    max_content_bytes: int = _LIMITS.attribute_bytes
    capture_blobs: bool = False
    capture_tool_schemas: bool = False
    redact: Redactor | str | None = None
    disabled: bool = False

    @classmethod
    def from_env(cls, environ: Mapping[str, str] = os.environ) -> Config:
        """Read the environment; a blank variable counts as not set."""
        values: dict[str, Any] = {}
        for setting in SETTINGS:
            values |= setting.from_text(environ.get(setting.env, ""))
        return cls(**values)

    def policy(self) -> Policy:
        """All that decides on content; with a redactor that cannot be loaded, none is let out."""
        try:
            redact = _loaded(self.redact) if isinstance(self.redact, str) else self.redact
        except Exception as error:  # noqa: BLE001 - an import runs the program's own code
            warn_once("redact", _NO_REDACTOR, _shown(self.redact), type(error).__name__)
            return Policy()
        limits = Limits(self.max_content_chars, self.max_content_bytes, _sdk_limit(os.environ))
        return Policy(self.capture_content, redact, limits, self.capture_blobs, self.capture_tool_schemas)

    def override(self, options: Mapping[str, object]) -> Config:
        """This configuration with the options of `instrument()`, which come before the environment.

        An option that is None counts as not given. `disabled` is no option: what an operator switches off stays off.
        """
        values: dict[str, Any] = {}
        for name, value in options.items():
            setting = _OPTIONS.get(name)
            if setting is None:
                warn_once(f"option {name}", _NO_OPTION, name[:_SHOWN_MAX], ", ".join(_OPTIONS))
            elif value is not None:
                values |= setting.from_value(value, f"instrument({name}=)")
        return replace(self, **values)


def _sdk_limit(environ: Mapping[str, str]) -> int | None:
    """The characters after which the SDK cuts an attribute of a span: JSON cut there would be broken."""
    limits = [environ.get(name, "").strip() for name in _SDK_LIMITS]
    return next((int(limit) for limit in limits if limit.isdecimal()), None)


SETTINGS: Final = (
    Setting(
        "export",
        names.OTEL_RESPONSES_EXPORT,
        _boolean,
        "true or false",
        "Sets up traces, metrics and logs with OTLP for a program that has no provider of its own.",
    ),
    Setting(
        "provider_by_host",
        names.OTEL_RESPONSES_PROVIDER_BY_HOST,
        _providers,
        "host=name, separated by commas",
        "Names the provider (`gen_ai.provider.name`) of the server behind a host, for servers that are not OpenAI's.",
    ),
    Setting(
        "helicone_hosts",
        names.OTEL_RESPONSES_HELICONE_HOSTS,
        _helicone_hosts,
        "host names without scheme, port and path, separated by commas",
        "Adds hosts to the known Helicone proxies, which get the session of the program as `Helicone-*` headers.",
    ),
    Setting(
        "baggage",
        names.OTEL_RESPONSES_BAGGAGE,
        _baggage,
        "none, read, write or both",
        "Reads the session from the W3C baggage of a request, writes it there, or both.",
    ),
    Setting(
        "chunk_metric",
        names.OTEL_RESPONSES_CHUNK_METRIC,
        _boolean,
        "true or false",
        "Records the histogram of the time between the chunks of a stream.",
    ),
    Setting(
        "output_item_spans",
        names.OTEL_RESPONSES_OUTPUT_ITEM_SPANS,
        _boolean,
        "true or false",
        "Gives each output item of a stream a span of its own, inside that of the call.",
    ),
    Setting(
        "count_foreign_background",
        names.OTEL_RESPONSES_COUNT_FOREIGN_BACKGROUND,
        _boolean,
        "true or false",
        "Counts the tokens of background runs that another process created, when they are seen finished here.",
    ),
    Setting(
        "stamp_session",
        names.OTEL_RESPONSES_STAMP_SESSION,
        _boolean,
        "true or false",
        "Puts the session on every span of the program that starts inside it, where `export` made the provider.",
    ),
    Setting(
        "latest_experimental",
        "OTEL_SEMCONV_STABILITY_OPT_IN",
        _boolean,
        "true or false",
        "Uses the newest names of the GenAI conventions, which are not released yet.",
        words=frozenset({"gen_ai_latest_experimental"}),
    ),
    Setting(
        "capture_content",
        "OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT",
        _capture_mode,
        "NO_CONTENT, SPAN_ONLY, EVENT_ONLY or SPAN_AND_EVENT",
        "Records instructions, messages and tool calls: on spans, on events or on both.",
    ),
    Setting(
        "max_content_chars",
        names.OTEL_RESPONSES_MAX_CONTENT_CHARS,
        _size,
        "a whole number from 0",
        "Cuts the text of each recorded part to so many characters; the rest is said to be missing.",
    ),
    Setting(
        "max_content_bytes",
        names.OTEL_RESPONSES_MAX_CONTENT_BYTES,
        _size,
        "a whole number from 0",
        "Cuts the texts of each recorded attribute until its JSON has no more than so many bytes.",
    ),
    Setting(
        "capture_blobs",
        names.OTEL_RESPONSES_CAPTURE_BLOBS,
        _boolean,
        "true or false",
        "Records inline images, audio and files themselves, in place of their size and hash.",
    ),
    Setting(
        "capture_tool_schemas",
        names.OTEL_RESPONSES_CAPTURE_TOOL_SCHEMAS,
        _boolean,
        "true or false",
        "Records descriptions and parameters of the tools, not only their types and names.",
    ),
    Setting(
        "redact",
        names.OTEL_RESPONSES_REDACT,
        _redactor,
        "module:attribute, or the name of an entry point of the group otel_responses_redactor",
        "Asks this function about each part of the content before it is recorded.",
    ),
    Setting(
        "disabled",
        "OTEL_PYTHON_DISABLED_INSTRUMENTATIONS",
        _boolean,
        "true or false",
        "Switches this instrumentation off, whatever else asks for it.",
        words=frozenset({INSTRUMENTATION_NAME, "*"}),
    ),
)
_OPTIONS: Final = {setting.field: setting for setting in SETTINGS if setting.field != "disabled"}


def _loaded(redact: str) -> Redactor:
    # To compile its patterns takes a tenth of the start-up of a program that redacts nothing.
    from otel_responses import redaction  # noqa: PLC0415

    return redaction.load(redact)


def _shown(value: object) -> str:
    """The value as a log may show it: short, on one line, and not at all where a password may be part of it."""
    if not isinstance(value, (str, int, float)):
        return f"a value of type {type(value).__name__}"
    text = repr(value)
    if "@" in text:
        return "a value that is not shown because it contains @"
    return text if len(text) <= _SHOWN_MAX else f"{text[:_SHOWN_MAX]}..."


def _shown_default(value: object) -> str:
    shown = sorted(cast("Iterable[str]", value)) if isinstance(value, (Mapping, frozenset)) else [str(value).lower()]
    return ", ".join(shown) or "nothing"
