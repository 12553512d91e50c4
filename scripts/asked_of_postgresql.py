"""What the engine may answer in its own way, and no test asked of PostgreSQL: scripts/asked_of_postgresql.py COVERAGE.

Reads the coverage of the tests that ran there (tests/engine.py says which). Every statement of the rooms that locks,
orders, counts, joins or searches in the database must be among the lines that ran. Exits 1 and names those that are
not: mark a test that reaches them, `pytest.mark.engine("aggregates")`.
"""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

from coverage import CoverageData

ROOT = Path(__file__).resolve().parent.parent
# Calls and look-ups that PostgreSQL and SQLite do not carry out alike.
CALLS = {
    "aggregate", "alias", "annotate", "bulk_create", "bulk_update", "dates", "distinct", "earliest", "execute", "extra",
    "get_or_create", "in_bulk", "iterator", "latest", "order_by", "raw", "select_for_update", "union",
    "update_or_create",
}  # fmt: skip
LOOKUPS = ("contains", "date", "endswith", "has_key", "iexact", "regex", "startswith", "year")


def asks(node: ast.AST) -> bool:
    """Whether this very node is such a call, or the argument of a look-up."""
    if isinstance(node, ast.Call):
        return isinstance(node.func, ast.Attribute) and node.func.attr in CALLS
    name = node.arg if isinstance(node, ast.keyword) else None
    return name is not None and "__" in name and name.endswith(LOOKUPS)


def asking_lines(tree: ast.AST) -> Iterator[range]:
    """The lines of each innermost statement that asks; of a compound one those of its head."""
    for child in parts_for_postgresql(tree):
        yield from asking_lines(child)
        if isinstance(child, ast.stmt):
            body = getattr(child, "body", None)
            last = body[0].lineno - 1 if isinstance(body, list) else child.end_lineno or child.lineno
            lines = range(child.lineno, last + 1)
            if any(asks(node) and getattr(node, "lineno", 0) in lines for node in own_nodes(child)):
                yield lines


def parts_for_postgresql(node: ast.AST) -> Iterator[ast.AST]:
    """What a node is made of, without functions that are SQLite's by name, and its half of an `if`."""
    if isinstance(node, ast.If) and ast.unparse(node.test).endswith("vendor == 'sqlite'"):
        yield from node.orelse
        return
    for child in ast.iter_child_nodes(node):
        if not (isinstance(child, ast.FunctionDef) and child.name.endswith("_on_sqlite")):
            yield child


def own_nodes(statement: ast.stmt) -> Iterator[ast.AST]:
    """The nodes of a statement that are not those of a statement inside it."""
    waiting: list[ast.AST] = [statement]
    while waiting:
        node = waiting.pop()
        yield node
        waiting += [child for child in ast.iter_child_nodes(node) if not isinstance(child, ast.stmt)]


def main() -> int:
    data = CoverageData(sys.argv[1])
    data.read()
    unasked, number = [], 0
    for name in sorted(data.measured_files()):
        if not Path(name).exists():
            continue
        ran = set(data.lines(name) or ())
        for lines in asking_lines(ast.parse(Path(name).read_text())):
            number += 1
            if ran.isdisjoint(lines):
                unasked.append(f"{Path(name).relative_to(ROOT)}:{lines.start}")
    print(f"{number - len(unasked)} of {number} statements were put to PostgreSQL.")
    if unasked:
        print("No test of the engine (tests/engine.py) reaches:", *unasked, sep="\n  ")
    # A run that measured nothing proves nothing.
    return 1 if unasked or not number else 0


if __name__ == "__main__":
    sys.exit(main())
