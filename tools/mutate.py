"""Change the mapping and the policy in small ways, one at a time, and show which changes no test notices.

    make mutate                                       all of it: about 20 minutes on two cores
    make mutate ARGS='otel_responses.policy*'         what begins so; names are those of the list it prints

[tool.mutmut] in pyproject.toml says which modules are changed and which tests are asked. mutmut changes what stands in
functions: no tables and patterns of modules, and no function that has a decorator. `mutants/` keeps what was found, so
that a second run tries only functions that changed, and what was not noticed.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections import Counter, defaultdict
from pathlib import Path

MUTMUT = str(Path(sys.executable).with_name("mutmut"))
# What only a type checker reads: the first argument of cast().
_CAST = re.compile(r"cast\((?:\"[^\"]*\"|None), ")
# These make tables while their modules are imported, or remember what they found once, which is before mutmut switches
# to a change of them. Each such change is tried in a process of its own.
_ONCE = re.compile(r"\.(accumulator\.x__typed|items\.x_(_by_execution|_generic|_of)|reading\.xǁ_ByClassǁ\w+)__mutmut_")


def main(names: list[str]) -> int:
    """Run mutmut over the functions named, or all, and print the changes that no test noticed."""
    forget()
    run = subprocess.run([MUTMUT, "run", *names], check=False)
    if run.returncode:
        return run.returncode
    counts: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for name, result in results():
        counts[name.rpartition(".")[0]][result if result == "killed" else examined(name, result)] += 1
    print()
    for module, counted in [*sorted(counts.items()), ("together", sum(counts.values(), Counter[str]()))]:
        print(f"{module}: {', '.join(f'{count} {outcome}' for outcome, count in sorted(counted.items()))}")
    return 0


def forget() -> None:
    """Keep of an earlier run what was noticed: other tests may notice more, and other functions."""
    Path("mutants/mutmut-stats.json").unlink(missing_ok=True)
    for path in Path("mutants").rglob("*.meta"):
        found = json.loads(path.read_text())
        codes: dict[str, int | None] = found["exit_code_by_key"]
        found["exit_code_by_key"] = {name: code if code == 1 else None for name, code in codes.items()}
        path.write_text(json.dumps(found))


def results() -> list[tuple[str, str]]:
    """Return the name of each change that was tried, and what came of it."""
    printed = subprocess.run([MUTMUT, "results", "--all", "true"], capture_output=True, text=True, check=True).stdout
    found = [line.strip().rpartition(": ") for line in printed.splitlines()]
    return [(name, result) for name, _, result in found if result != "not checked"]


def examined(name: str, result: str) -> str:
    """Say what came of a change that was not killed, and print it; what takes too long should be an endless loop."""
    shown = subprocess.run([MUTMUT, "show", name], capture_output=True, text=True, check=True).stdout
    lines = [line for line in shown.splitlines() if re.match(r"[-+](?![-+])", line)]
    before, after = ([_CAST.sub("cast(", line[1:]) for line in lines if line[0] == sign] for sign in "-+")
    if before == after:
        return "of types only"
    if _ONCE.search(name) and is_noticed(name):
        return "killed"
    print("", f"{name}: {result}", *lines, sep="\n", flush=True)
    return result


def is_noticed(name: str) -> bool:
    """Run the tests of the mapping with a change that is there from the beginning."""
    environment = {**os.environ, "MUTANT_UNDER_TEST": name, "PYTHONPATH": "src"}
    tests = ("--hypothesis-profile=mutation", "-p", "no:cacheprovider", "-q", "-x", "tests/content", "tests/mapping")
    run = (sys.executable, "-m", "pytest", *tests)
    return subprocess.run(run, cwd="mutants", env=environment, stdout=subprocess.DEVNULL, check=False).returncode == 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
