from __future__ import annotations

import os
import time

import pytest

from otel_responses.cli.process import ProcessTimeout, running

SECONDS = 60.0


def test_what_a_program_says_is_passed_on_line_by_line():
    lines: list[str] = []
    program = (
        "import sys; print('Grüße'); sys.stderr.write('a warning\\n'); sys.stdout.buffer.write(b'\\xff\\n'); exit(3)"
    )
    environment = {**os.environ, "PYTHONUTF8": "1", "PYTHONUNBUFFERED": "1"}
    with running(["-c", program], environment, seconds=SECONDS, on_line=lines.append) as process:
        process.wait()
    assert (lines, process.exit_code) == (["Grüße", "a warning", "\ufffd"], 3)


def test_a_program_that_takes_too_long_is_stopped():
    with pytest.raises(ProcessTimeout, match="did not end within 0 s and was stopped"):
        with running(["-c", "input(); import time; time.sleep(600)"], os.environ, seconds=0, on_line=print) as process:
            process.wait()


def test_leaving_early_ends_the_program():
    began = time.monotonic()
    with running(["-c", "import time; time.sleep(600)"], os.environ, seconds=SECONDS, on_line=print) as process:
        assert not process.has_ended()
    assert process.has_ended()
    assert time.monotonic() - began < 600
