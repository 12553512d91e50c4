"""Changes one thing at a time in a module and shows what no test notices: scripts/mutants.py MODULE TESTS...

MODULE is a file of ours, TESTS are files or folders that must notice (pytest's own options may follow them). Everything
happens in a copy of the project under var/mutants, so that a run cut short leaves nothing changed. Prints each survivor
as a diff and exits 0 however many there are: whether one means anything is for a person to say. Exits 1 where the tests
fail without any change.
"""

import json
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
COPY = ROOT / "var" / "mutants"
# Changes that the language or the tools would notice, or that change nothing a test could see: of annotations
# (`A | B`), and of what is compared by identity.
LEFT_OUT = [
    "core/ReplaceBinaryOperator_BitOr_.*", "core/ReplaceComparisonOperator_(?!Is(Not)?_).*_Is(Not)?$",
    "core/ReplaceComparisonOperator_Is_(?!IsNot).*", "core/ReplaceComparisonOperator_IsNot_(?!Is$).*",
    "core/ExceptionReplacer", "core/RemoveDecorator",
]  # fmt: skip
# A mutant may never end. Ours are tests of seconds.
SECONDS = 120


def copy_project() -> None:
    """What git knows of, as it lies in the working tree."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    shutil.rmtree(COPY, ignore_errors=True)
    for name in filter(None, listed.stdout.decode().split("\0")):
        if (ROOT / name).is_file():
            (COPY / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, COPY / name)


def settings_of(module: str, tests: list[str]) -> str:
    """Cosmic Ray's configuration, as TOML."""
    command = " ".join([sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", *tests])
    return f"""[cosmic-ray]
module-path = {json.dumps(module)}
timeout = {SECONDS}
excluded-modules = []
test-command = {json.dumps(command)}

[cosmic-ray.distributor]
name = "local"

[cosmic-ray.filters.operators-filter]
exclude-operators = {json.dumps(LEFT_OUT)}
"""


def cosmic_ray(*arguments: str, program: str = "cosmic-ray") -> subprocess.CompletedProcess[str]:
    """Runs one of its programs in the copy."""
    tool = Path(sys.executable).parent / program
    return subprocess.run([tool, *arguments], cwd=COPY, check=False, capture_output=True, text=True)


def show(session: str) -> None:
    """Prints the survivors, then how many there were of each outcome."""
    outcomes: Counter[str] = Counter()
    for line in cosmic_ray("dump", session).stdout.splitlines():
        _, result = json.loads(line)
        if result is None:
            continue
        outcomes[result["test_outcome"] or result["worker_outcome"]] += 1
        if result["test_outcome"] == "survived":
            print(result["diff"], end="\n\n")
    print(", ".join(f"{number} {outcome}" for outcome, number in sorted(outcomes.items())))


def main() -> int:
    if len(sys.argv) < 3:
        sys.exit("make mutants MODULE=units/coverage.py TESTS=tests/units/test_coverage.py")
    module, *tests = sys.argv[1:]
    copy_project()
    (COPY / "mutants.toml").write_text(settings_of(module, tests))
    sound = cosmic_ray("--verbosity", "ERROR", "baseline", "mutants.toml")
    if sound.returncode:
        sys.exit(f"{sound.stdout}{sound.stderr}\nThe tests fail without any change.")
    session = "session.sqlite"
    cosmic_ray("init", "mutants.toml", session).check_returncode()
    cosmic_ray(session, "mutants.toml", program="cr-filter-operators").check_returncode()
    cosmic_ray("exec", "mutants.toml", session).check_returncode()
    show(session)
    return 0


if __name__ == "__main__":
    sys.exit(main())
