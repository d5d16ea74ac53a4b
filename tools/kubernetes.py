"""Write grafana/kubernetes/collector.yaml out of the Collector's files; with --check, end with 1 where it differs.

The operator takes one configuration and no more files, so they are merged here as the Collector would: maps deep, and
lists replaced.
"""

from __future__ import annotations

import io
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

ROOT = Path(__file__).parents[1]
FILE = ROOT / "grafana" / "kubernetes" / "collector.yaml"
NAMES = ("base", "tempo", "helicone", "prometheus", "loki")
HEAD = """\
# For the OpenTelemetry Operator: a gateway of two Collectors. Made of the files in collector/ by `make dashboards`.
# Needs a secret: kubectl create secret generic helicone --from-literal=api-key=sk-helicone-...
# Without Helicone, take out its pipeline, its exporter and the variable.
"""
IMAGE = "otel/opentelemetry-collector-contrib:0.159.0"
ENVIRONMENT = (
    {"name": "HELICONE_API_KEY", "valueFrom": {"secretKeyRef": {"name": "helicone", "key": "api-key"}}},
    {"name": "OTEL_RESPONSES_TEMPO_ENDPOINT", "value": "http://tempo-distributor:4318"},
    {"name": "OTEL_RESPONSES_PROMETHEUS_ENDPOINT", "value": "http://prometheus:9090/api/v1/otlp"},
    {"name": "OTEL_RESPONSES_LOKI_ENDPOINT", "value": "http://loki-gateway/otlp"},
)


def main(options: Sequence[str]) -> None:
    """Write the file, or compare it."""
    text = HEAD + dumped(resource())
    if "--check" not in options:
        FILE.write_text(text, encoding="utf-8")
    elif FILE.read_text(encoding="utf-8") != text:
        sys.exit(f"{FILE.name} is not what the Collector's files make. Run `make dashboards`.")


def resource() -> dict[str, Any]:
    """The resource `OpenTelemetryCollector`."""
    config: dict[str, Any] = {}
    for name in NAMES:
        config = merged(config, loaded(ROOT / "collector" / f"{name}.yaml"))
    for protocol, port in (("grpc", 4317), ("http", 4318)):  # the operator reads the ports here, and knows no variables
        config["receivers"]["otlp"]["protocols"][protocol]["endpoint"] = f"0.0.0.0:{port}"
    [reader] = config["service"]["telemetry"]["metrics"]["readers"]
    reader["pull"]["exporter"]["prometheus"] |= {"host": "0.0.0.0", "port": 8888}  # noqa: S104 - of the pod
    return {
        "apiVersion": "opentelemetry.io/v1beta1",
        "kind": "OpenTelemetryCollector",
        "metadata": {"name": "otel-responses"},
        "spec": {
            "mode": "deployment",
            "replicas": 2,
            "image": IMAGE,
            "env": list(ENVIRONMENT),
            "resources": {"requests": {"cpu": "500m", "memory": "1280Mi"}, "limits": {"memory": "1536Mi"}},
            "config": config,
        },
    }


def merged(below: dict[str, Any], above: dict[str, Any]) -> dict[str, Any]:
    """Both, as the Collector merges its files."""
    both = {**below, **above}
    for key in below.keys() & above.keys():
        if isinstance(below[key], dict) and isinstance(above[key], dict):
            both[key] = merged(below[key], above[key])
    return both


def loaded(file: Path) -> dict[str, Any]:
    """A YAML file as plain objects."""
    yaml: Any = YAML(typ="safe", pure=True)
    return yaml.load(file)


def dumped(value: dict[str, Any]) -> str:
    """Plain objects as YAML."""
    yaml: Any = YAML(typ="safe", pure=True)
    text = io.StringIO()
    yaml.default_flow_style, yaml.width, yaml.sort_base_mapping_type_on_output = False, 10_000, False
    yaml.dump(value, text)
    return text.getvalue()


if __name__ == "__main__":
    main(sys.argv[1:])
