"""Where telemetry goes, by the standard `OTEL_*` variables, and whether what is there takes an export of nothing."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from importlib.metadata import entry_points
from typing import Final
from urllib.parse import SplitResult, urlsplit
from urllib.request import getproxies, proxy_bypass

from opentelemetry.util.re import parse_env_headers

from otel_responses.cli.doctor.findings import Finding, fault, fine, note
from otel_responses.cli.doctor.surroundings import Surroundings

__all__ = ["export"]

SECONDS: Final = 3.0  # for the connection, and for the answer
SIGNALS: Final = ("traces", "metrics", "logs")
EXPORTERS: Final = {"http/protobuf": "otlp_proto_http", "grpc": "otlp_proto_grpc"}
PORTS: Final = {"http/protobuf": 4318, "grpc": 4317}
HEADERS_WRONG: Final = "the headers are wrong or missing (OTEL_EXPORTER_OTLP_HEADERS)"
ADVICE: Final = {
    401: HEADERS_WRONG,
    403: HEADERS_WRONG,
    404: "OTEL_EXPORTER_OTLP_ENDPOINT is the base URL, to which /v1/traces and the like are added",
    415: "it takes no protobuf",
}


@dataclass(frozen=True, slots=True)
class _Destination:
    """Where a signal goes, by the variables for it, else by those for all."""

    signal: str
    around: Surroundings

    def variable(self, name: str) -> str:
        """The value of `OTEL_EXPORTER_OTLP_<SIGNAL>_<NAME>`, else of `OTEL_EXPORTER_OTLP_<NAME>`."""
        return self._own(name) or self.around.variable(f"OTEL_EXPORTER_OTLP_{name}")

    @property
    def protocol(self) -> str:
        return "grpc" if self.variable("PROTOCOL") == "grpc" else "http/protobuf"

    @property
    def url(self) -> SplitResult:
        """The whole URL; raises `ValueError` for what is none."""
        text = self.variable("ENDPOINT") or f"http://localhost:{PORTS[self.protocol]}"
        if self.protocol == "grpc":
            text = text if "://" in text else f"http://{text}"
        elif not self._own("ENDPOINT"):
            text = f"{text.rstrip('/')}/v1/{self.signal}"
        url = urlsplit(text)
        if url.scheme not in {"http", "https"} or not url.hostname or url.port == 0:
            raise ValueError
        return url

    @property
    def address(self) -> tuple[str, int]:
        return self.url.hostname or "", self.url.port or (443 if self.url.scheme == "https" else 80)

    @property
    def shown(self) -> str:
        """The URL without a name and a password."""
        return self.url._replace(netloc=self.url.netloc.rpartition("@")[2], query="").geturl()

    def ask(self) -> int:
        """Send an export of nothing and return the status; 0 for gRPC, where connecting has to do."""
        if self.protocol == "grpc":
            socket.create_connection(self.address, SECONDS).close()
            return 0
        connection = self._connection()
        try:
            headers = {**parse_env_headers(self.variable("HEADERS"), liberal=True), **TYPE}
            connection.request("POST", self.url._replace(scheme="", netloc="").geturl(), b"", headers)
            return connection.getresponse().status
        finally:
            connection.close()

    def _own(self, name: str) -> str:
        return self.around.variable(f"OTEL_EXPORTER_OTLP_{self.signal.upper()}_{name}")

    def _connection(self) -> HTTPConnection:
        host, port = self.address
        if self.url.scheme == "http":
            return HTTPConnection(host, port, timeout=SECONDS)
        context = ssl.create_default_context(cafile=self.variable("CERTIFICATE") or None)
        if certificate := self.variable("CLIENT_CERTIFICATE"):
            context.load_cert_chain(certificate, self.variable("CLIENT_KEY") or None)
        return HTTPSConnection(host, port, timeout=SECONDS, context=context)


TYPE: Final = {"content-type": "application/x-protobuf"}


def export(around: Surroundings) -> Iterator[Finding]:
    """The service's name, and of each signal whether it leaves and arrives; only the given addresses are asked."""
    yield _service(around)
    silent: set[tuple[str, int]] = set()
    for signal in SIGNALS:
        variable = f"OTEL_{signal.upper()}_EXPORTER"
        names = [name.strip() for name in (around.variable(variable) or "otlp").split(",")]
        if "otlp" in names:
            yield from _leaving(_Destination(signal, around), silent)
        else:
            yield _lost(signal, f"{variable} is {', '.join(names)[:100]}: no {signal} leave over OTLP")


def _leaving(to: _Destination, silent: set[tuple[str, int]]) -> Iterator[Finding]:
    if not entry_points(group=f"opentelemetry_{to.signal}_exporter", name=EXPORTERS[to.protocol]):
        yield _lost(to.signal, f"The {to.protocol} exporter is not installed: pip install 'otel-responses[otlp-all]'")
        return
    try:
        address, proxied = to.address, to.url.scheme in getproxies() and not proxy_bypass(to.address[0])
    except ValueError:
        yield _lost(to.signal, f"The endpoint for {to.signal} is no URL with http or https: none leave")
        return
    if proxied:
        yield note(f"{to.signal} go to {to.shown} through a proxy of the environment, which is not asked here")
    elif address not in silent:  # one that does not answer is said once
        yield _arriving(to, silent)


def _arriving(to: _Destination, silent: set[tuple[str, int]]) -> Finding:
    try:
        status = to.ask()
    except (OSError, HTTPException) as error:
        silent.add(to.address)
        return _lost(to.signal, f"{to.shown} does not answer ({_reason(error)}).{_other_port(to)} {NOBODY}")
    if status == 0:
        return fine(f"{to.signal} go to {to.shown} by gRPC, where something listens.{_other_port(to)}")
    if 200 <= status < 300:
        return fine(f"{to.signal} go to {to.shown}, which takes them")
    advice = ADVICE.get(status, "it does not take them")
    return _lost(to.signal, f"{to.shown} answers {status}: {advice}")


NOBODY: Final = "To see calls here and now: otel-responses view"


def _lost(signal: str, text: str) -> Finding:
    """Without traces there is nothing to see; without the others, some."""
    return fault(text) if signal == "traces" else note(text)


def _reason(error: Exception) -> str:
    return (error.strerror if isinstance(error, OSError) else None) or type(error).__name__


def _other_port(to: _Destination) -> str:
    other = next(protocol for protocol in PORTS if protocol != to.protocol)
    if to.address[1] != PORTS[other]:
        return ""
    return f" {PORTS[other]} is the port of {other}, and OTEL_EXPORTER_OTLP_PROTOCOL asks for {to.protocol}."


def _service(around: Surroundings) -> Finding:
    pairs = (pair.partition("=") for pair in around.variable("OTEL_RESOURCE_ATTRIBUTES").split(","))
    named = {key.strip(): value.strip() for key, _, value in pairs}.get("service.name")
    name = around.variable("OTEL_SERVICE_NAME") or named
    if name:
        return fine(f"The service is called {name[:100]}")
    return note("OTEL_SERVICE_NAME is not set: the dashboards know the program as unknown_service, unless it says more")
