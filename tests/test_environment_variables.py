from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from otel_responses import environment_variables
from otel_responses.config import SETTINGS


def listed() -> list[str]:
    return [name for name in dir(environment_variables) if name.startswith("OTEL_")]


def test_every_variable_is_named_after_its_constant_and_begins_with_our_prefix():
    assert [getattr(environment_variables, name) for name in listed()] == listed()
    assert all(name.startswith("OTEL_RESPONSES_") for name in listed())
    assert environment_variables.__all__ == listed()


def test_the_variables_are_those_of_the_settings():
    assert set(listed()) == {setting.env for setting in SETTINGS if setting.env.startswith("OTEL_RESPONSES_")}


def test_the_module_imports_nothing_of_ours_or_of_opentelemetry():
    path = Path(environment_variables.__file__)
    code = f"""
import runpy, sys
runpy.run_path({str(path)!r})
print([name for name in sys.modules if name.startswith(("opentelemetry", "otel_responses", "openai"))])
"""
    done = subprocess.run([sys.executable, "-S", "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
