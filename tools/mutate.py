"""Change the mapping and the policy in small ways, one at a time, and show which changes no test notices.

    make mutate                                       all of it: an hour or two
    make mutate ARGS='otel_responses.policy*'         what begins so; names are those of the list it prints

`mutants/` keeps what was found, so that a second run tries only what changed.
"""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

MUTMUT = str(Path(sys.executable).with_name("mutmut"))
# What only a type checker reads: the first argument of cast().
_CAST = re.compile(r"cast\((?:\"[^\"]*\"|None), ")


def main(names: list[str]) -> int:
    """Run mutmut over the functions named, or all, and print the changes that no test noticed."""
    run = subprocess.run([MUTMUT, "run", *names], check=False)
    if run.returncode:
        return run.returncode
    survivors = [(name, change) for name in surviving() if (change := difference(name)) is not None]
    for name, change in survivors:
        print(f"\n{name}\n{change}")
    print(f"\n{len(survivors)} changes were not noticed by any test")
    return 0


def surviving() -> Iterator[str]:
    """Yield the names of the mutants that survived."""
    results = subprocess.run([MUTMUT, "results"], capture_output=True, text=True, check=True).stdout
    for line in results.splitlines():
        name, _, result = line.strip().partition(": ")
        if result == "survived":
            yield name


def difference(name: str) -> str | None:
    """Return the lines that a mutant changed, or None where only a type was."""
    shown = subprocess.run([MUTMUT, "show", name], capture_output=True, text=True, check=True).stdout
    lines = [line for line in shown.splitlines() if re.match(r"[-+](?![-+])", line)]
    before, after = ([_CAST.sub("cast(", line[1:]) for line in lines if line[0] == sign] for sign in "-+")
    return None if before == after else "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
