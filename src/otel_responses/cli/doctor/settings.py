"""What the environment says: our settings, the sampler, content, and whether there is a key of Helicone's."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from difflib import get_close_matches
from typing import Final, cast

from otel_responses.cli.collector.files import packaged
from otel_responses.cli.collector.selection import BY_VARIABLE, FOR_PRODUCTION, KEY, QUEUE, SelectionError, with_key
from otel_responses.cli.doctor.findings import Finding, fault, fine, heard, note
from otel_responses.cli.doctor.surroundings import Surroundings
from otel_responses.config import SETTINGS, Config, Setting
from otel_responses.policy import CaptureMode

__all__ = ["content", "helicone", "sampling", "settings"]

OURS: Final = "OTEL_RESPONSES_"
ALL: Final = frozenset({"", "always_on", "parentbased_always_on"})
NONE: Final = frozenset({"always_off", "parentbased_always_off"})
SHARE: Final = frozenset({"traceidratio", "parentbased_traceidratio"})


def settings(around: Surroundings) -> Iterator[Finding]:
    """Each setting that is made, with the value in force; what is not allowed; and names that nobody reads."""
    given = [setting for setting in SETTINGS if around.variable(setting.env)]
    yield from (fine(_in_force(setting, around.config)) for setting in given)
    if not given:
        yield fine("Every setting has its default")
    yield from map(note, around.refused)
    yield from _unknown(around.environ)


def sampling(around: Surroundings) -> Iterator[Finding]:
    """Which share of the calls becomes spans, and who sees only that."""
    name = around.variable("OTEL_TRACES_SAMPLER").lower()
    if name in ALL:
        yield fine(
            "Every call is sampled, unless the program sets a sampler of its own or a caller's trace is not sampled"
        )
    elif name in NONE:
        yield fault(f"OTEL_TRACES_SAMPLER is {name}: no call becomes a span, and Helicone gets none")
    elif name in SHARE:
        share = around.variable("OTEL_TRACES_SAMPLER_ARG") or "1.0"
        yield note(
            f"OTEL_TRACES_SAMPLER is {name} with {share[:20]}: Helicone and the panels that come from traces show that "
            "share of the calls only; metrics count all. To see every call, leave the sampler alone and sample in the "
            "Collector, behind the fork to Helicone (tail-sampling.yaml)"
        )
    else:
        yield note(f"OTEL_TRACES_SAMPLER is {name[:40]}, a sampler that is not known here: what it drops, nobody sees")


def content(around: Surroundings) -> Iterator[Finding]:
    """Whether prompts and answers are recorded, and where."""
    with heard() as said:
        policy = around.config.policy()
    yield from map(fault, said)
    if policy.mode is CaptureMode.NO_CONTENT:
        yield fine("No prompt and no answer is recorded (NO_CONTENT); SPAN_ONLY or EVENT_ONLY would show them")
    else:
        yield fine(f"Prompts and answers are recorded: {policy.mode.value}{_redacted(around.config)}")


def helicone(around: Surroundings) -> Iterator[Finding]:
    """Whether there is a key; its value is never shown."""
    try:
        environ = with_key(around.environ)
    except SelectionError as error:
        yield fault(str(error))
        return
    if environ.get(KEY):
        yield fine(f"{KEY} is set: a Collector that is started from here sends model calls to Helicone")
    else:
        yield note(f"{KEY} is not set here: only the Collector needs it, and without it nothing goes to Helicone")


def _in_force(setting: Setting, config: Config) -> str:
    value = getattr(config, setting.field)
    if setting.words:
        return f"{setting.env}: {setting.field} is {_shown(value)}"
    return f"{setting.env} is {_shown(value)}"


def _shown(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, CaptureMode):
        return str(value.value)
    if isinstance(value, Mapping):
        return ", ".join(f"{host}={name}" for host, name in cast("Mapping[str, str]", value).items())
    if isinstance(value, frozenset):
        return ", ".join(sorted(cast("Iterable[str]", value)))
    return str(value)


def _redacted(config: Config) -> str:
    return f", after the redactor {config.redact}" if config.redact else ", as they are: there is no redactor"


def _unknown(environ: Mapping[str, str]) -> Iterator[Finding]:
    known = _known()
    for name in sorted(name for name in environ if name.startswith(OURS) and name not in known):
        close = get_close_matches(name, known, n=1)
        yield note(f"{name[:100]} is read by nothing of ours.{f' Is {close[0]} meant?' if close else ''}")


def _known() -> set[str]:
    """The names of our variables: the settings, and those of the Collector's files and commands."""
    in_files = {
        name
        for file in packaged().glob("*.yaml")
        for name in re.findall(rf"{OURS}\w+", file.read_text(encoding="utf-8"))
    }
    return in_files | {setting.env for setting in SETTINGS} | {*BY_VARIABLE, *FOR_PRODUCTION, QUEUE}
