"""The resources for the OpenTelemetry Operator are what its schemas allow, with no name that they do not know."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from jsonschema import ValidationError, validate

from tests.stack.backends import GRAFANA
from tools.stack import schemas

YAML: Any = pytest.importorskip("ruamel.yaml", reason="check-jsonschema brings it, in the group dev").YAML
FILES = sorted(GRAFANA.glob("kubernetes/*.yaml"))


def loaded(file: Path) -> Any:
    return YAML(typ="safe", pure=True).load(file)


@pytest.fixture(scope="module")
def definitions() -> dict[tuple[str, str], Any]:
    """The schema of each kind of resource in each version."""
    if not schemas().is_dir() and not os.environ.get("OTEL_RESPONSES_REQUIRE_STACK"):
        pytest.skip("there are no schemas of the operator here; `make test-stack` brings them")
    return {
        (f"{each['spec']['group']}/{version['name']}", each["spec"]["names"]["kind"]): strict(
            version["schema"]["openAPIV3Schema"]
        )
        for each in map(loaded, schemas().glob("*.yaml"))
        for version in each["spec"]["versions"]
    }


def strict(schema: Any) -> Any:
    """The schema, refusing names that it does not know, which a cluster would drop in silence."""
    if isinstance(schema, list):
        return [strict(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    made = {key: strict(value) for key, value in schema.items()}
    if "properties" in schema and isinstance(schema.get("type"), str) and not is_open(schema):
        made["additionalProperties"] = False
    return made


def is_open(schema: dict[str, Any]) -> bool:
    return "additionalProperties" in schema or bool(schema.get("x-kubernetes-preserve-unknown-fields"))


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_a_resource_is_valid(definitions: dict[tuple[str, str], Any], file: Path):
    resource = loaded(file)
    validate(resource, definitions[resource["apiVersion"], resource["kind"]])


def test_a_name_that_nobody_knows_is_refused(definitions: dict[tuple[str, str], Any]):
    """So the test above can fail."""
    for file in FILES:
        resource = loaded(file)
        resource["spec"]["samplers"] = {}
        with pytest.raises(ValidationError, match="samplers"):
            validate(resource, definitions[resource["apiVersion"], resource["kind"]])
