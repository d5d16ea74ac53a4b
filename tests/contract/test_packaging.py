"""What is installed: the metadata, the entry points, and what an import costs the program."""

from __future__ import annotations

import ast
import importlib
import json
import re
import subprocess
import sys
from collections.abc import Callable
from importlib import metadata, resources
from pathlib import Path
from types import ModuleType

import pytest

import otel_responses

ROOT = Path(__file__).parent.parent.parent
ENTRY_POINTS = {
    ("opentelemetry_instrumentor", "openai_responses"): "otel_responses.instrumentor:ResponsesInstrumentor",
    ("opentelemetry_environment_variables", "otel_responses"): "otel_responses.environment_variables",
    ("console_scripts", "otel-responses"): "otel_responses.cli:main",
}
# In pieces, so that this file does not name them either.
HOSTS_AND_PATHS = re.compile(
    "|".join(
        (
            r"(test\.)?py" + r"pi\.org",
            "python" + r"hosted\.org",
            "npm" + r"js\.(org|com)",
            "--(extra-)?" + "index-url",
            *(rf"(?<![\w.\-]){re.escape('/' + top)}/" for top in ("work", "root", "farm")),
        )
    )
)


def requirement_name(requirement: str) -> str:
    return re.split(r"[^\w.\-]", requirement)[0]


def requirements(extra: str | None = None) -> dict[str, str]:
    """Return the requirements of an extra, or the core ones, by name."""
    lines = [line.partition(";") for line in metadata.requires("otel-responses") or []]
    marker = f"extra == '{extra}'" if extra else ""
    return {
        requirement_name(line): line.strip()
        for line, _, condition in lines
        if condition.strip().replace('"', "'") == marker
    }


def test_the_version_has_one_source() -> None:
    assert otel_responses.__version__ == metadata.version("otel-responses")
    written = [path for path in (ROOT / "src").rglob("*.py") if otel_responses.__version__ in path.read_text("utf-8")]
    assert [path.name for path in written] in ([], ["_version.py"])  # none: the tests of the wheel run without src


def test_the_core_needs_the_api_and_wrapt_alone() -> None:
    assert requirements() == {
        "opentelemetry-api": "opentelemetry-api>=1.38",
        "opentelemetry-instrumentation": "opentelemetry-instrumentation<1,>=0.59b0",
        "wrapt": "wrapt<3,>=1.17",
    }


def test_no_extra_brings_the_distro_which_forces_grpc_onto_the_http_port() -> None:
    extras = metadata.metadata("otel-responses").get_all("Provides-Extra")
    assert extras is not None
    assert set(extras) == {"all", "cli", "cost", "hooks", "instruments", "otlp", "otlp-all"}
    assert set(requirements("otlp")) == {"opentelemetry-exporter-otlp-proto-http", "opentelemetry-sdk"}
    assert not [extra for extra in extras if "opentelemetry-distro" in requirements(extra)]


@pytest.mark.parametrize(("group", "name"), ENTRY_POINTS)
def test_entry_points_load(group: str, name: str) -> None:
    (found,) = metadata.entry_points(group=group, name=name)
    assert found.value == ENTRY_POINTS[group, name]
    assert found.load() is not None


def test_types_are_shipped() -> None:
    assert resources.files("otel_responses").joinpath("py.typed").is_file()


def environment_variables() -> ModuleType:
    return importlib.import_module("otel_responses.environment_variables")


def test_only_our_own_environment_variables_are_listed() -> None:
    """`opentelemetry-instrument` makes an option of each, and crashes when two packages list the same one."""
    names = [name for name in vars(environment_variables()) if name.startswith("OTEL_")]
    assert names
    assert [name for name in names if not name.startswith("OTEL_RESPONSES_")] == []
    assert [name for name in names if getattr(environment_variables(), name) != name] == []


def test_the_list_of_environment_variables_imports_nothing() -> None:
    source = Path(environment_variables().__file__ or "").read_text("utf-8")
    imports = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Import | ast.ImportFrom)]
    assert {getattr(node, "module", "import") for node in imports} <= {"__future__", "typing"}


def test_opentelemetry_instrument_starts_with_the_official_package_beside_us(
    install_beside: Callable[..., dict[str, str]],
) -> None:
    environment = install_beside("opentelemetry-instrumentation-genai-openai", "opentelemetry-util-genai")
    command = [str(Path(sys.executable).with_name("opentelemetry-instrument")), "--help"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert "--responses_export" in done.stdout


def test_importing_the_package_imports_neither_openai_nor_the_opentelemetry_sdk() -> None:
    program = "import json, sys, otel_responses; print(json.dumps(sorted(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=120, check=True)
    loaded: list[str] = json.loads(done.stdout)
    assert "otel_responses" in loaded
    costly = ("openai", "httpx", "httpx2", "pydantic", "opentelemetry.sdk", "opentelemetry.exporter", "rich", "typer")
    assert [name for name in loaded if name.startswith(costly)] == []


def test_no_file_names_a_package_host_or_a_path_of_one_machine() -> None:
    if not (ROOT / ".git").exists():
        pytest.skip("not a git checkout")
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True)
    files = [ROOT / name for name in listed.stdout.split("\0") if name]
    assert files
    texts = {path: path.read_text("utf-8", errors="ignore") for path in files if path.is_file()}
    found = {path.name: match.group() for path, text in texts.items() if (match := HOSTS_AND_PATHS.search(text))}
    assert found == {}
