"""The operations that front ends are given: each is valid, and the journey runs each."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from graphql import (
    DocumentNode,
    FragmentDefinitionNode,
    OperationDefinitionNode,
    build_schema,
    parse,
    validate,
)

from api.schema import sdl
from tests.api.company import OPERATIONS

FILES = sorted(OPERATIONS.glob("*.graphql"))
SCHEMA = build_schema(sdl())
RUNNING = ("company.py", "fixes.py", "patches.py")
"""What runs operations for tests, beside the tests themselves."""
RUN = re.compile(r'"([A-Z][A-Za-z]+)"')


def document(file: Path) -> DocumentNode:
    return parse(file.read_text())


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_an_operation_is_valid(file: Path) -> None:
    assert validate(SCHEMA, document(file)) == []


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_file_holds_one_operation_of_its_name_and_says_what_it_is_for(file: Path) -> None:
    kinds = (OperationDefinitionNode, FragmentDefinitionNode)
    definitions = document(file).definitions
    assert all(isinstance(each, kinds) for each in definitions)
    (operation,) = (each for each in definitions if isinstance(each, OperationDefinitionNode))
    assert operation.name is not None
    assert operation.name.value == file.stem
    assert re.match(r"# [A-Z].+[.?]\n", file.read_text())


def test_the_journey_runs_every_operation() -> None:
    tests = [*Path(__file__).parent.glob("test_*.py"), *map(Path(__file__).with_name, RUNNING)]
    run = {name for test in tests for name in RUN.findall(test.read_text())}
    readme = set(re.findall(r"ask \w+ (\w+)", Path("README.md").read_text()))
    assert {file.stem for file in FILES} - run - readme == set()
