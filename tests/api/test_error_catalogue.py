"""Every code the edge answers is in its catalogue, and the catalogue holds no other."""

import ast
from collections.abc import Iterator
from pathlib import Path

import api
from api.errors import CATALOGUE

EDGE = [
    "errors",
    "http/documents",
    "http/edge",
    "http/endpoint",
    "http/guards",
    "http/limits",
    "http/wire",
]


def texts() -> Iterator[str]:
    """Every text in the edge's code that could be a code, docstrings aside."""
    for name in EDGE:
        tree = ast.parse((Path(api.__file__).parent / f"{name}.py").read_text())
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                yield node.value


def refusals() -> Iterator[str]:
    """The codes given to whatever refuses."""
    for name in EDGE:
        tree = ast.parse((Path(api.__file__).parent / f"{name}.py").read_text())
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.args:
                first = node.args[0]
                refuses = node.func.id in {
                    "refuse",
                    "failure",
                    "refusing",
                    "Rejected",
                    "Unreadable",
                }
                if refuses and isinstance(first, ast.Constant):
                    yield str(first.value)


def test_every_code_used_is_in_the_catalogue() -> None:
    used = list(refusals())
    assert len(used) > 10
    assert set(used) <= set(CATALOGUE)


def test_every_code_in_the_catalogue_is_used() -> None:
    found = list(texts())
    once = [code for code in CATALOGUE if found.count(code) < 2]
    assert once == []


def test_every_code_has_a_status_and_a_sentence() -> None:
    for code, fault in CATALOGUE.items():
        assert code.replace("_", "").isalpha()
        assert 200 <= fault.status < 600
        assert fault.message.endswith(".")
