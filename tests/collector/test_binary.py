from __future__ import annotations

import os
from pathlib import Path

import pytest

from otel_responses.cli.collector.binary import CollectorMissing, built, find


def test_the_variable_comes_first(fake: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("OTELCOL", str(fake))
    assert find() == fake


def test_a_variable_that_names_no_program_is_an_error(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("OTELCOL", "/no/such/otelcol")
    with pytest.raises(CollectorMissing, match="OTELCOL is '/no/such/otelcol', which is no program"):
        find()


def test_otelcol_contrib_on_path_comes_next(fake: Path, tmp_path: Path):
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "otelcol-contrib").symlink_to(fake)
    assert find() == tmp_path / "bin" / "otelcol-contrib"


def test_the_built_one_is_last():
    built().parent.mkdir(parents=True)
    built().touch()
    assert find() == built()


def test_the_built_one_lies_in_the_home_folder_by_default():
    assert Path.home() / ".cache" / "otel-responses" in built({**os.environ, "XDG_CACHE_HOME": ""}).parents


def test_without_any_the_message_says_the_three_ways():
    with pytest.raises(CollectorMissing) as raised:
        find()
    assert [way in str(raised.value) for way in ("set OTELCOL", "otelcol-contrib", "make collector")] == [True] * 3
