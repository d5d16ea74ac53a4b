from __future__ import annotations

import re
from pathlib import Path

import pytest

from otel_responses import _semconv as semconv
from otel_responses.cli.collector.files import MANIFEST, NAMES, combinations, in_order, packaged, write


def test_each_name_has_its_file_and_each_file_its_name():
    assert {file.stem for file in packaged().glob("*.yaml")} == {*NAMES, Path(MANIFEST).stem}


def test_the_files_stand_at_the_top_of_the_repository_too():
    folder = Path(__file__).parents[2] / "collector"
    if not folder.is_dir():
        pytest.skip("this is not a checkout")
    assert {file.name: file.read_text() for file in folder.iterdir()} == {
        file.name: file.read_text() for file in packaged().iterdir()
    }


def test_the_manifest_pins_one_release():
    versions = re.findall(r"\sv?(\d+\.\d+\.\d+)$", (packaged() / MANIFEST).read_text(), flags=re.MULTILINE)
    [release] = {version for version in versions if version.startswith("0.")}
    assert int(release.split(".")[1]) >= 156  # older ones send again what was answered with a body they cannot read
    assert len({version for version in versions if version.startswith("1.")}) == 1


def test_writing_leaves_what_is_there(tmp_path: Path):
    (tmp_path / "extras.yaml").write_text("mine: {}")
    written = write(tmp_path)
    assert {file.name for file in written} == {file.name for file in packaged().iterdir()} - {"extras.yaml"}
    assert (tmp_path / "extras.yaml").read_text() == "mine: {}"
    assert write(tmp_path) == []


def test_files_are_given_in_the_order_in_which_the_last_one_counts():
    assert [file.stem for file in in_order({"extras", "production", "base", "tempo-queue", "tempo"}, Path())] == [
        "base",
        "tempo",
        "tempo-queue",
        "production",
        "extras",
    ]


def test_combinations_have_a_destination_and_nothing_for_one_that_is_not_there():
    made = [set(names) for names in combinations()]
    assert len(made) == len({frozenset(names) for names in made}) == 224
    for names in made:
        assert names & {"tempo", "helicone"}
        assert not ({"tempo-queue", "tail-sampling"} & names and "tempo" not in names)
        assert not ({"helicone-queue"} <= names and "helicone" not in names)
    assert {side: len(combinations([side])) for side in ("tempo", "helicone")} == {"tempo": 64, "helicone": 32}


def test_only_loopback_is_listened_on_by_default():
    text = "".join(file.read_text() for file in packaged().glob("*.yaml"))
    assert not re.search(r"0\.0\.0\.0|\[::\]", text)


def test_no_secret_stands_in_a_file():
    text = "".join(file.read_text() for file in packaged().glob("*.yaml"))
    assert re.findall(r"Bearer (\S+)", text) == ["${env:HELICONE_API_KEY}"]


@pytest.mark.parametrize(("file", "of"), [("redact", "span"), ("redact", "log"), ("loki", "log")])
def test_every_content_attribute_of_ours_is_redacted_and_goes_into_the_line_for_loki(file: str, of: str):
    [pattern, *_] = re.findall(rf'{of}\.attributes, "(\^.*)"\)', (packaged() / f"{file}.yaml").read_text())
    content = re.compile(pattern.replace("\\\\", "\\"))
    names = (semconv.SYSTEM_INSTRUCTIONS, semconv.INPUT_MESSAGES, semconv.OUTPUT_MESSAGES, semconv.TOOL_DEFINITIONS)
    for name in (*names, f"{semconv.PROMPT_VARIABLE}city"):
        assert content.match(name), name
    assert not content.match(semconv.REQUEST_MODEL)
