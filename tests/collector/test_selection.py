from __future__ import annotations

from pathlib import Path

import pytest

from otel_responses.cli.collector.selection import SelectionError, select

TEMPO = {"OTEL_RESPONSES_TEMPO_ENDPOINT": "http://127.0.0.1:4418"}
KEY = {"HELICONE_API_KEY": "sk-1"}


@pytest.mark.parametrize(
    ("environ", "names"),
    [
        pytest.param(TEMPO, {"tempo"}, id="tempo"),
        pytest.param(KEY, {"helicone"}, id="helicone"),
        pytest.param({**TEMPO, **KEY}, {"tempo", "helicone"}, id="both"),
        pytest.param({**TEMPO, "HELICONE_API_KEY": ""}, {"tempo"}, id="an empty key is none"),
        pytest.param(
            {**TEMPO, "OTEL_RESPONSES_PROMETHEUS_ENDPOINT": "p", "OTEL_RESPONSES_LOKI_ENDPOINT": "l"},
            {"tempo", "prometheus", "loki"},
            id="all signals",
        ),
        pytest.param({**TEMPO, "OTEL_RESPONSES_QUEUE_DIR": "q"}, {"tempo", "tempo-queue"}, id="a queue"),
        pytest.param(
            {**TEMPO, **KEY, "OTEL_RESPONSES_QUEUE_DIR": "q"},
            {"tempo", "helicone", "tempo-queue", "helicone-queue"},
            id="both queues",
        ),
        pytest.param(
            {**TEMPO, "OTEL_RESPONSES_TAIL_SAMPLING_PERCENT": "10"}, {"tempo", "tail-sampling"}, id="tail sampling"
        ),
        pytest.param(
            {**KEY, "OTEL_RESPONSES_TAIL_SAMPLING_PERCENT": "10"}, {"helicone"}, id="never for Helicone's side"
        ),
    ],
)
def test_the_environment_chooses_the_files(environ: dict[str, str], names: set[str]):
    assert select(environ).names == {"base", "extras", *names}


def test_without_a_destination_it_does_not_run():
    with pytest.raises(SelectionError, match="Set OTEL_RESPONSES_TEMPO_ENDPOINT, HELICONE_API_KEY"):
        select({"OTEL_RESPONSES_LOKI_ENDPOINT": "l"})


@pytest.mark.parametrize("key", [" ", "sk 1", "sk-\n", "schlüssel"])
def test_a_key_that_cannot_be_one_is_refused_and_not_shown(key: str):
    with pytest.raises(SelectionError, match="HELICONE_API_KEY holds no key") as raised:
        select({"HELICONE_API_KEY": key})
    assert key not in str(raised.value).replace(" ", "") or key == " "


def test_the_key_may_be_in_a_file(tmp_path: Path):
    file = tmp_path / "key"
    file.write_text("sk-from-file\n")
    selection = select({"HELICONE_API_KEY_FILE": str(file)})
    assert "helicone" in selection.names
    assert selection.environ["HELICONE_API_KEY"] == "sk-from-file"


def test_an_empty_or_missing_key_file_is_refused(tmp_path: Path):
    (tmp_path / "key").touch()
    with pytest.raises(SelectionError, match="HELICONE_API_KEY_FILE holds no key"):
        select({"HELICONE_API_KEY_FILE": str(tmp_path / "key")})
    with pytest.raises(SelectionError, match="which cannot be read"):
        select({"HELICONE_API_KEY_FILE": str(tmp_path / "none")})


def test_overlays_are_asked_for():
    secured = {
        "OTEL_RESPONSES_INGEST_TOKEN_FILE": "t",
        "OTEL_RESPONSES_TLS_CERT": "c",
        "OTEL_RESPONSES_TLS_KEY": "k",
    }
    assert select({**TEMPO, **secured}, redact=True, production=True).names >= {"redact", "production"}
    with pytest.raises(SelectionError, match="not set: OTEL_RESPONSES_TLS_CERT, OTEL_RESPONSES_TLS_KEY"):
        select({**TEMPO, "OTEL_RESPONSES_INGEST_TOKEN_FILE": "t"}, production=True)
