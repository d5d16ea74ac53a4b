"""What a module offers is what its `__all__` says, and the package offers what the documentation names."""

from __future__ import annotations

import ast
import pkgutil
from importlib import import_module
from pathlib import Path
from types import ModuleType

import pytest

import otel_responses

# Entry points that do something when they are imported, and a module that is constants from end to end.
WITHOUT_LIST = {"otel_responses.__main__", "otel_responses._semconv"}


def module_names() -> list[str]:
    found = pkgutil.walk_packages(otel_responses.__path__, "otel_responses.")
    return sorted({"otel_responses", *(module.name for module in found)} - WITHOUT_LIST)


def tree(module: ModuleType) -> ast.Module:
    return ast.parse(Path(str(module.__file__)).read_text(encoding="utf-8"))


def order(name: str) -> tuple[int, str]:
    """CONSTANTS, then Classes, then functions, as ruff (RUF022) sorts them."""
    kind = 0 if name.isupper() else 1 if name[:1].isupper() else 2
    return kind, name


def defined(module: ModuleType) -> set[str]:
    """The public functions and classes that the module itself defines."""
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    return {node.name for node in tree(module).body if isinstance(node, kinds) and not node.name.startswith("_")}


@pytest.mark.parametrize("name", module_names())
def test_the_list_of_names_is_sorted_and_true(name: str):
    module = import_module(name)
    listed: list[str] = getattr(module, "__all__", [])
    assert listed == sorted(set(listed), key=order)
    assert [found for found in listed if not hasattr(module, found)] == []
    assert listed or not defined(module), "a module with public names lists them in __all__"


@pytest.mark.parametrize("name", module_names())
def test_what_one_module_takes_from_another_is_on_the_other_s_list(name: str):
    taken = {
        (node.module, alias.name)
        for node in ast.walk(tree(import_module(name)))
        if isinstance(node, ast.ImportFrom) and node.module and node.module.split(".")[0] == "otel_responses"
        for alias in node.names
    }
    modules = {*module_names(), *WITHOUT_LIST}
    names = {(of, found) for of, found in taken if f"{of}.{found}" not in modules and of not in WITHOUT_LIST}
    assert [f"{of}.{found}" for of, found in sorted(names) if found not in import_module(of).__all__] == []


def test_the_public_names():
    assert otel_responses.__all__ == [
        "ResponsesInstrumentor",
        "SessionSpanProcessor",
        "__version__",
        "capture_content",
        "instrument",
        "session",
        "step",
        "uninstrument",
    ]


def test_a_name_that_is_not_there_is_an_attribute_error():
    with pytest.raises(AttributeError, match=r"module 'otel_responses' has no attribute 'traces'"):
        _ = otel_responses.traces
