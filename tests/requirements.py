"""Which requirements the tests cover and which they do not: `make requirements` prints it."""

import ast
from collections.abc import Iterable, Iterator
from pathlib import Path

TESTS = Path(__file__).parent
GROUPS = {"S0": 31, "S1": 56, "S2": 22, "S3": 38, "S4": 28, "X": 7}
"""The sources and how many requirements each has: five source processes, and X for all five."""


def known() -> tuple[str, ...]:
    """Every requirement id in order: S0-01 to X-07."""
    return tuple(f"{group}-{n:02}" for group, size in GROUPS.items() for n in range(1, size + 1))


def marked(tree: ast.AST, place: str) -> Iterator[tuple[str, str]]:
    """Each id that `pytest.mark.req` names in a module, with the place where it stands.

    Raises ValueError where the mark names none, or names it other than by a plain string.
    """
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and ast.unparse(node) == "pytest.mark.req":
            call = _call_of(node, tree)
            where = f"{place}:{node.lineno}"
            ids = [each.value for each in call.args if isinstance(each, ast.Constant)]
            if not ids or len(ids) != len(call.args) or call.keywords:
                raise ValueError(f"{where}: a requirement is named by a plain string")
            yield from ((str(each), where) for each in ids)


def _call_of(mark: ast.AST, tree: ast.AST) -> ast.Call:
    calls = (each for each in ast.walk(tree) if isinstance(each, ast.Call) and each.func is mark)
    return next(calls, ast.Call(func=ast.Name("req"), args=[], keywords=[]))


def places(files: Iterable[Path]) -> dict[str, list[str]]:
    """Where each id that these test files mark stands, as `file:line`."""
    found: dict[str, list[str]] = {}
    for file in files:
        place = file.relative_to(TESTS.parent).as_posix()
        for id, where in marked(ast.parse(file.read_text(), place), place):
            found.setdefault(id, []).append(where)
    return found


def report(covered: Iterable[str]) -> str:
    """One line for each group, then a line for all, each with what is missing."""
    covered = set(covered)
    lines = []
    for group in GROUPS:
        ids = [each for each in known() if each.startswith(f"{group}-")]
        missing = [each for each in ids if each not in covered]
        line = f"{group:6}{len(ids) - len(missing):4} of {len(ids):3}"
        lines.append(f"{line}   missing: {' '.join(missing)}" if missing else line)
    total = len(covered.intersection(known()))
    return "\n".join((*lines, f"{'all':6}{total:4} of {len(known()):3}"))


def main() -> None:
    """Print the report on the tests of this checkout."""
    print(report(places(sorted(TESTS.rglob("test_*.py")))))  # noqa: T201  (it is what it is for)


if __name__ == "__main__":
    main()
