"""Reads the code's own shape from its syntax: who imports whom, and how long things are."""

import ast
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

ROOT = Path(__file__).parent.parent
STANDARD = sys.stdlib_module_names
PACKAGES = ("api", "domain", "ledger", "policies", "verifier")

Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True)
class Module:
    """One file of the code: its dotted name and its text."""

    name: str
    text: str

    @cached_property
    def tree(self) -> ast.Module:
        """The parsed text."""
        return ast.parse(self.text, self.name)

    @property
    def package(self) -> str:
        """The folder at the root that holds it."""
        return self.name.partition(".")[0]

    @cached_property
    def imports(self) -> tuple["Import", ...]:
        """Everything it imports, at its top or later, while running or for types only."""
        return tuple(_imports(self.tree, self.name))

    @cached_property
    def functions(self) -> tuple[Function, ...]:
        """Its functions and methods, nested ones too."""
        return tuple(each for each in ast.walk(self.tree) if isinstance(each, Function))

    @cached_property
    def declaration(self) -> ast.Call | None:
        """The call `Aggregate(...)` that declares a noun here, if one does."""
        return next(_calls(self.tree, "Aggregate"), None)

    @cached_property
    def declared(self) -> frozenset[str]:
        """What is the noun's own business: its events, its fold, and the declaration itself."""
        if self.declaration is None:
            return frozenset()
        values = {each.arg: each.value for each in self.declaration.keywords}
        own = [*_items(values.get("events")), *_items(values.get("evolve"))]
        named = [
            name
            for node in self.tree.body
            if isinstance(node, ast.Assign | ast.AnnAssign) and node.value is self.declaration
            for name in (node.targets if isinstance(node, ast.Assign) else [node.target])
        ]
        return frozenset(ast.unparse(each) for each in [*own, *named])

    @cached_property
    def commands(self) -> frozenset[str]:
        """The names of the functions that stand in a `Command(...)` here."""
        runs = (
            ast.unparse(run)
            for call in _calls(self.tree, "Command")
            for run in [
                *call.args[:1],
                *(each.value for each in call.keywords if each.arg == "run"),
            ]
        )
        return frozenset(runs)


@dataclass(frozen=True)
class Import:
    """One name taken from one module; `name` is empty when the module itself is imported.

    One that is `late` takes place when a function runs, or for types only.
    """

    module: str
    name: str
    line: int
    late: bool

    @property
    def root(self) -> str:
        """The import package."""
        return self.module.partition(".")[0]


@cache
def modules(root: Path = ROOT) -> dict[str, Module]:
    """The code by dotted name, without tests, migrations and benchmarks."""
    found = {}
    for file in sorted(each for package in PACKAGES for each in (root / package).rglob("*.py")):
        parts = file.relative_to(root).with_suffix("").parts
        name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
        found[name] = Module(name, file.read_text())
    return found


def needed(code: Mapping[str, Module]) -> dict[str, set[str]]:
    """What must have run before each module can: what it imports, and the packages around that."""
    found: dict[str, set[str]] = {}
    for module in code.values():
        taken = (each for each in module.imports if not each.late)
        names = {name for each in taken for name in (each.module, f"{each.module}.{each.name}")}
        parts = (name.split(".") for name in names)
        above = {".".join(part[:n]) for part in parts for n in range(1, len(part) + 1)}
        found[module.name] = (above & code.keys()) - {module.name}
    return found


def nouns(code: Mapping[str, Module]) -> dict[str, str]:
    """Each module of the domain that belongs to a noun, with the name of that noun.

    A noun is declared in its file, or in a file of its folder; `change_plan` belongs to `change`.
    """
    declared = {
        name if name.count(".") == 1 else name.rpartition(".")[0]
        for name, module in code.items()
        if module.package == "domain" and module.declaration
    }
    found: dict[str, str] = {}
    for noun in sorted(declared, key=len):  # the longest name that fits comes last
        parts = (f"{noun}.", f"{noun}_")
        found |= {name: noun for name in code if name == noun or name.startswith(parts)}
    return found


def length(function: Function) -> int:
    """Lines of a function without its signature and its docstring."""
    body = function.body
    if ast.get_docstring(function, clean=False) is not None:
        body = body[1:]
    return (function.end_lineno or 0) - body[0].lineno + 1 if body else 0


def _calls(tree: ast.AST, name: str) -> Iterator[ast.Call]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            called = node.func.value if isinstance(node.func, ast.Subscript) else node.func
            if isinstance(called, ast.Name) and called.id == name:
                yield node


def _items(value: ast.expr | None) -> list[ast.expr]:
    if isinstance(value, ast.Tuple):
        return value.elts
    return [value] if value else []


def _imports(node: ast.AST, module: str, *, late: bool = False) -> Iterator[Import]:
    for child in ast.iter_child_nodes(node):
        match child:
            case ast.Import():
                yield from (Import(each.name, "", child.lineno, late) for each in child.names)
            case ast.ImportFrom():
                origin = _absolute(child, module)
                yield from (Import(origin, each.name, child.lineno, late) for each in child.names)
            case _:
                inside = late or isinstance(child, Function) or _for_types(child)
                yield from _imports(child, module, late=inside)


def _for_types(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"


def _absolute(node: ast.ImportFrom, module: str) -> str:
    if not node.level:
        return node.module or ""
    above = module.split(".")[: -node.level]
    return ".".join((*above, node.module) if node.module else above)
