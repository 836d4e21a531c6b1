"""The code keeps its layers and its measure: imports point one way, files are short."""

import ast
import re
import subprocess
import sys
from ast import ClassDef
from collections.abc import Callable, Iterator, Mapping

import pytest

from tests.architecture import ROOT, STANDARD, Module, length, modules, needed, nouns

Modules = Mapping[str, Module]
Rule = Callable[[Modules], Iterator[str]]

MAY_IMPORT = {
    "domain": {"domain"},
    "policies": {"policies", "domain", "casbin", "msgspec"},
    "ledger": {"ledger", "domain", "sqlalchemy", "msgspec", "cryptography", "psycopg"},
    "verifier": {"verifier", "cryptography"},
}
ALSO = {"domain.calendar.recurrence": {"dateutil"}, "domain.calendar.holiday": {"holidays"}}
IMPURE = {"io", "os", "pathlib", "random", "secrets", "socket", "sqlite3", "subprocess", "time"}
ASKS = {"datetime.now", "datetime.utcnow", "datetime.today", "date.today", "print", "input"}
COMMAND_LINE = re.compile(r"api\.(cli|commands|machine\.migrating)\b")
INDEX = "domain.aggregates"
SHAPELESS = {"manager", "helper", "helpers", "util", "utils", "handler", "processor", "mock"}
FILE, FUNCTION, COMMAND = 300, 30, 15


# The rules. Each takes the code and yields a sentence for each place that breaks it.


def packages_import_only_what_they_may(code: Modules) -> Iterator[str]:
    for module in code.values():
        allowed = MAY_IMPORT.get(module.package)
        for each in module.imports:
            if each.root in STANDARD or allowed is None:
                continue
            if each.root not in allowed | ALSO.get(module.name, set()):
                yield f"{module.name}:{each.line} imports {each.module}"


def nothing_imports_tests_or_what_runs_beside(code: Modules) -> Iterator[str]:
    for module in code.values():
        for each in module.imports:
            if each.root in {"tests", "benchmarks", "verifier"} - {module.package}:
                yield f"{module.name}:{each.line} imports {each.module}"


def imports_go_round_in_no_circle(code: Modules) -> Iterator[str]:
    """A module that a circle goes through can be imported from one side only."""
    left = needed(code)
    while ready := {name for name, others in left.items() if not others}:
        left = {name: others - ready for name, others in left.items() if name not in ready}
    known = set(left)
    while idle := {name for name in known if not any(name in left[each] for each in known)}:
        known -= idle
    if known:
        yield " and ".join(sorted(known))


def the_domain_has_no_clock_and_no_files(code: Modules) -> Iterator[str]:
    for module in code.values():
        if module.package == "domain":
            for each in module.imports:
                if each.root in IMPURE or each.module == "uuid":
                    yield f"{module.name}:{each.line} imports {each.module}"
            for node in ast.walk(module.tree):
                if isinstance(node, ast.Call) and ast.unparse(node.func) in ASKS:
                    yield f"{module.name}:{node.lineno} calls {ast.unparse(node.func)}"


def a_noun_shows_others_only_its_state(code: Modules) -> Iterator[str]:
    """A state and questions about it: never commands, the fold, events, or a whole module.

    Only the index of all nouns names them whole.
    """
    noun_of = nouns(code)
    for module in code.values():
        if module.package != "domain" or module.name == INDEX:
            continue
        for each in module.imports:
            whole = f"{each.module}.{each.name}" if each.name else each.module
            other = noun_of.get(whole) or noun_of.get(each.module)
            if other is None or other == noun_of.get(module.name):
                continue
            if whole in noun_of or each.name in _hidden(code, other):
                yield f"{module.name}:{each.line} imports {whole}"


def _hidden(code: Modules, noun: str) -> set[str]:
    mine = [code[each] for each, owner in nouns(code).items() if owner == noun]
    return set().union(*(each.commands | each.declared for each in mine))


def alembic_stays_out_of_the_server(code: Modules) -> Iterator[str]:
    for module in code.values():
        for each in module.imports:
            if each.root == "alembic" and not (each.late or COMMAND_LINE.match(module.name)):
                yield f"{module.name}:{each.line} imports alembic before it is needed"


def files_are_short(code: Modules) -> Iterator[str]:
    for module in code.values():
        if (lines := len(module.text.splitlines())) > FILE:
            yield f"{module.name} has {lines} lines"


def functions_are_short(code: Modules) -> Iterator[str]:
    noun_of = nouns(code)
    commands = {(noun_of.get(m.name), each) for m in code.values() for each in m.commands}
    for module in code.values():
        for each in module.functions:
            is_command = (noun_of.get(module.name, ""), each.name) in commands
            limit = COMMAND if is_command else FUNCTION
            if (lines := length(each)) > limit:
                yield f"{module.name}:{each.lineno} {each.name} has {lines} lines, limit {limit}"


def names_say_what_things_are(code: Modules) -> Iterator[str]:
    for module in code.values():
        names = [module.name.rpartition(".")[2], *_class_names(module)]
        for name in names:
            words = re.findall(r"[a-z]+", re.sub(r"([A-Z])", r"_\1", name).lower())
            if SHAPELESS.intersection(words) and "release" not in words:
                yield f"{module.name} names something {name}"


def _class_names(module: Module) -> list[str]:
    return [each.name for each in ast.walk(module.tree) if isinstance(each, ClassDef)]


# Each rule holds, and each would notice.

CHANGE = """
class Change: ...
class Approved: ...
def approve(state, context): ...
def evolve(state, recorded): ...
def is_open(change): ...
CHANGE = Aggregate(
    name="change",
    state=Change,
    events=(Approved,),
    evolve=evolve,
    commands=(Command(approve),),
)
"""
LONG = "\n    pass"
BREAKS: dict[Rule, list[dict[str, str]]] = {
    packages_import_only_what_they_may: [
        {"domain.risk": "import msgspec"},
        {"domain.risk": "def f():\n    from sqlalchemy import text"},
        {"domain.risk": "import dateutil"},
        {"domain.calendar.recurrence": "import holidays"},
        {"policies.guard": "import ledger.store"},
        {"ledger.store": "from api import app"},
        {"ledger.store": "if TYPE_CHECKING:\n    import policies"},
        {"verifier.check": "import domain"},
    ],
    nothing_imports_tests_or_what_runs_beside: [
        {"api.app": "from tests import postgres"},
        {"api.app": "import verifier"},
    ],
    imports_go_round_in_no_circle: [
        {"domain.a": "import domain.b", "domain.b": "from domain import a"},
        {"domain.a": "from domain.b.c import x", "domain.b": "import domain.a", "domain.b.c": ""},
    ],
    the_domain_has_no_clock_and_no_files: [
        {"domain.risk": "import os"},
        {"domain.risk": "from uuid import uuid4"},
        {"domain.risk": "now = datetime.now(UTC)"},
    ],
    a_noun_shows_others_only_its_state: [
        {"domain.change": CHANGE, "domain.task": "from domain.change import approve"},
        {"domain.change": CHANGE, "domain.task": "from domain.change import Approved"},
        {"domain.change": CHANGE, "domain.task": "from domain.change import evolve"},
        {"domain.change": CHANGE, "domain.risk": "from domain.change import approve"},
        {"domain.change": CHANGE, "domain.task": "from domain import change"},
        {"domain.change": CHANGE, "domain.task": "import domain.change"},
        {
            "domain.change": CHANGE,
            "domain.task": "from domain.change import CHANGE\nTASK = Aggregate(events=())",
        },
    ],
    alembic_stays_out_of_the_server: [{"api.app": "from alembic import command"}],
    files_are_short: [{"domain.risk": "pass\n" * 301}],
    functions_are_short: [
        {"domain.risk": f"def f():{LONG * 31}"},
        {"domain.change": CHANGE, "domain.change_plan": f"def approve():{LONG * 16}"},
    ],
    names_say_what_things_are: [
        {"domain.utils": ""},
        {"api.app": "class RequestHandler: ..."},
    ],
}
FINE = {
    "domain.calendar.recurrence": "import dateutil\nfrom datetime import datetime",
    "domain.calendar.holiday": "import holidays",
    "domain.change": CHANGE + "from domain.change_plan import Plan, due",
    "domain.change_plan": "class Plan: ...\ndef due(): ...",
    "domain.task": "from domain.change import Change, is_open\n"
    "from domain.change_plan import Plan\n"
    "TASK = Aggregate(events=())",
    "domain.aggregates": "from domain import change\nfrom domain.task import TASK",
    "policies.release_manager": "import casbin\nfrom domain.change import approve",
    "api.machine.migrating": "import alembic",
    "api.app": "def f():\n    import alembic",
    "ledger.store": f"def f():\n    'A sentence.'{LONG * 30}",
}


def sample(texts: Mapping[str, str]) -> Modules:
    return {name: Module(name, text) for name, text in texts.items()}


@pytest.mark.parametrize("rule", BREAKS, ids=lambda rule: rule.__name__)
def test_the_code_keeps_the_rule(rule: Rule) -> None:
    assert list(rule(modules())) == []


@pytest.mark.parametrize(
    "rule,texts", [(rule, texts) for rule, samples in BREAKS.items() for texts in samples]
)
def test_a_breach_of_the_rule_is_noticed(rule: Rule, texts: Mapping[str, str]) -> None:
    assert len(list(rule(sample(texts)))) == 1


@pytest.mark.parametrize("rule", BREAKS, ids=lambda rule: rule.__name__)
def test_what_is_fine_passes(rule: Rule) -> None:
    assert list(rule(sample(FINE))) == []


def test_the_server_starts_without_what_only_the_command_line_needs() -> None:
    """In a process of its own: others may have imported them here."""
    ask = "import sys, api.app; print(*{'alembic', 'mako', 'typer'}.intersection(sys.modules))"
    found = subprocess.run([sys.executable, "-c", ask], cwd=ROOT, capture_output=True, check=True)
    assert found.stdout.decode().split() == []


def test_all_of_the_code_is_looked_at() -> None:
    assert {module.package for module in modules().values()} >= {
        "api",
        "domain",
        "ledger",
        "policies",
    }
