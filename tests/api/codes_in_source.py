"""Every refusal code in the source, found where problems, refusals and findings are made."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

FOLDERS: Final = ("domain", "ledger", "policies", "api")
PLACES: Final = {
    "Halted": 0,
    "Problem": 0,
    "Unreadable": 0,
    "_blocked": 2,
    "_failed": 1,
    "_found": 2,
    "_not_you": 1,
    "_refuse": 2,
    "add": 0,
    "every": 3,
    "found": 3,
    "refusal": 0,
    "refusing": 0,
    "unless": 1,
}
"""Calls that name a code, and at which place."""
CODE: Final = re.compile(
    r"[a-z][a-z0-9]*(?:_[a-z0-9]+)+"
    "|blocked|busy|dissolved|ended|forbidden|internal|linked|machine|rejected|required|unchanged"
)
"""A code is snake_case of several words, or one of the few of a single word."""


def codes_in_source() -> dict[str, set[str]]:
    """Each code, with the files that answer it."""
    found: dict[str, set[str]] = {}
    for folder in FOLDERS:
        for path in sorted(Path(folder).rglob("*.py")):
            for code in codes_of(ast.parse(path.read_text())):
                found.setdefault(code, set()).add(str(path))
    return found


def codes_of(module: ast.Module) -> Iterator[str]:
    """The codes that a module answers."""
    names = dict((*_imported(module), *_constants(module)))
    for node in ast.walk(module):
        if isinstance(node, ast.Call):
            for value in _named(node):
                yield from _codes(value, names)
        if isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None:
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            named = any(isinstance(each, ast.Name) and "CODES" in each.id for each in targets)
            if named and isinstance(node.value, ast.Dict):
                for value in node.value.values:
                    yield from _codes(value, names)


def _imported(module: ast.Module) -> Iterator[tuple[str, str]]:
    """The constants of our own modules that a module takes in by name."""
    for node in module.body:
        path = Path(f"{(getattr(node, 'module', None) or '').replace('.', '/')}.py")
        if isinstance(node, ast.ImportFrom) and path.parts[0] in FOLDERS and path.exists():
            theirs = dict(_constants(ast.parse(path.read_text())))
            for each in node.names:
                if each.name in theirs:
                    yield each.asname or each.name, theirs[each.name]


def _constants(module: ast.Module) -> Iterator[tuple[str, str]]:
    for node in module.body:
        if isinstance(node, ast.Assign | ast.AnnAssign) and isinstance(node.value, ast.Constant):
            target = node.targets[0] if isinstance(node, ast.Assign) else node.target
            if isinstance(target, ast.Name) and isinstance(node.value.value, str):
                yield target.id, node.value.value


def _named(call: ast.Call) -> Iterator[ast.expr]:
    name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    place = PLACES.get(name)
    if place is not None and len(call.args) > place:
        yield call.args[place]
    for keyword in call.keywords:
        if keyword.arg == "code":
            yield keyword.value


def _codes(value: ast.expr, names: dict[str, str]) -> Iterator[str]:
    if isinstance(value, ast.IfExp):
        yield from _codes(value.body, names)
        yield from _codes(value.orelse, names)
    if isinstance(value, ast.BoolOp):
        for each in value.values:
            yield from _codes(each, names)
    text = value.value if isinstance(value, ast.Constant) else names.get(getattr(value, "id", ""))
    if isinstance(text, str) and CODE.fullmatch(text):
        yield text
