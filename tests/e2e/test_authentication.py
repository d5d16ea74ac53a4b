"""With production.yaml the receiver takes spans over TLS and with the token only."""

from __future__ import annotations

import os
import shutil
import ssl
import subprocess
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from otel_responses.cli.collector.running import free_port
from tests.e2e.pipeline import SECONDS, Pipeline, pipeline
from tests.e2e.spans import call, request_of

TOKEN = "a-token"
TYPE = {"content-type": "application/x-protobuf"}
BODY = request_of(call("secured")).SerializeToString()


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder with cert.pem and key.pem for 127.0.0.1, made for this run."""
    if shutil.which("openssl") is None and not os.environ.get("OTEL_RESPONSES_REQUIRE_COLLECTOR"):
        pytest.skip("openssl makes the certificate, and it is not on PATH")
    folder = tmp_path_factory.mktemp("certificate")
    names = ("-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1")
    files = ("-keyout", str(folder / "key.pem"), "-out", str(folder / "cert.pem"))
    command = ("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", *names, *files)
    subprocess.run(command, check=True, capture_output=True, timeout=SECONDS)
    return folder


@pytest.fixture
def health() -> str:
    return f"127.0.0.1:{free_port()}"


@pytest.fixture
def secured(otelcol: Path, tmp_path: Path, certificate: Path, health: str) -> Iterator[Pipeline]:
    token = tmp_path / "token"
    token.write_text(f"{TOKEN}\n")
    environ = {
        "OTEL_RESPONSES_INGEST_TOKEN_FILE": str(token),
        "OTEL_RESPONSES_TLS_CERT": str(certificate / "cert.pem"),
        "OTEL_RESPONSES_TLS_KEY": str(certificate / "key.pem"),
        "OTEL_RESPONSES_HEALTH_ENDPOINT": health,
    }
    with pipeline(otelcol, tmp_path, "helicone-queue", "production", environ=environ) as sides:
        yield sides


@pytest.fixture
def client(certificate: Path) -> Iterator[httpx.Client]:
    trust = ssl.create_default_context(cafile=certificate / "cert.pem")
    with httpx.Client(verify=trust, timeout=SECONDS, trust_env=False) as client:
        yield client


def url(sides: Pipeline) -> str:
    return f"https://127.0.0.1:{urlsplit(sides.collector.endpoint).port}/v1/traces"


def test_the_token_over_tls_is_let_in(secured: Pipeline, client: httpx.Client):
    headers = {**TYPE, "authorization": f"Bearer {TOKEN}"}
    assert client.post(url(secured), content=BODY, headers=headers).status_code == 200
    assert secured.logged("secured").provider == "OPENAI"


@pytest.mark.parametrize("authorization", [None, "", "Bearer", "Bearer another", f"Basic {TOKEN}", TOKEN])
def test_no_token_or_another_one_is_refused(secured: Pipeline, client: httpx.Client, authorization: str | None):
    headers = TYPE if authorization is None else {**TYPE, "authorization": authorization}
    assert client.post(url(secured), content=BODY, headers=headers).status_code == 401
    assert secured.metric("otelcol_receiver_accepted_spans") == 0


def test_plain_text_is_refused(secured: Pipeline):
    headers = {**TYPE, "authorization": f"Bearer {TOKEN}"}
    target = f"{secured.collector.endpoint}/v1/traces"
    try:
        status = httpx.post(target, content=BODY, headers=headers, timeout=SECONDS, trust_env=False).status_code
    except httpx.TransportError:  # it hangs up, at times before its 400 can be read
        status = None
    assert status in {400, None}
    assert secured.metric("otelcol_receiver_accepted_spans") == 0


def test_a_client_that_does_not_know_the_certificate_refuses_it(secured: Pipeline):
    with pytest.raises(httpx.ConnectError, match="certificate verify failed"):
        httpx.post(url(secured), content=BODY, headers=TYPE, timeout=SECONDS, trust_env=False)


def test_the_health_check_answers(secured: Pipeline, health: str):
    secured.wait(lambda: httpx.get(f"http://{health}/", timeout=SECONDS, trust_env=False).status_code == 200)


def test_the_token_is_in_no_log(secured: Pipeline, client: httpx.Client):
    headers = {**TYPE, "authorization": f"Bearer {TOKEN}"}
    client.post(url(secured), content=BODY, headers=headers)
    secured.logged("secured")
    assert TOKEN not in secured.collector.log
    assert "sk-helicone-test" not in secured.collector.log
