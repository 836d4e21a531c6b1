"""A playbook with faults is refused whole: each fault is told at once, with its line."""

from pathlib import Path

import pytest

from domain.playbook.format import PlaybookFault, decode
from tests.domain.playbook_examples import (
    CHANGES,
    MERGE_REQUESTS,
    announced,
    assert_announced,
    faults,
    varied,
)


def test_the_examples_have_no_fault() -> None:
    assert faults(CHANGES) == []
    assert faults(MERGE_REQUESTS) == []


FAULTY = """\
format = 1
name = "Small Process" #! is no name
title = "" #! title must be one line
colour = "red" #! unknown key 'colour'

[risk]
impacts = ["low", "high"]
probabilities = ["unlikely", "likely"]
risks = ["low", "high"]
[risk.table] #! high is missing
low = ["low", "lowest"] #! risk 'lowest' is not in the list
middle = ["low", "low"] #! unknown key 'middle'

[[change]] #! phase authorize has no rule for risk high
name = "normal"
title = "Normal"
path = "normal"
required = [
    "title",
    "budget", #! 'budget' is none of
]
review_after = ["disaster"] #! 'disaster' is none of
[[change.condition]] #! only standard changes have conditions
about = "template"
[[change.rule]]
name = "peer" #! rule 'peer' is there 2 times
title = "A peer"
phase = "assess"
role = "peer" #! 'peer' is no role
number = 1
risks = ["low", "grave"] #! risk 'grave' is not in the list
[[change.rule]]
name = "peer" #! rule 'peer' is there 2 times
title = "A peer"
phase = "assess"
risks = ["high"]
role = "role:peer"
scope = "planet" #! scope must be one of
number = 0 #! number must be from 1 to
[[change.rule]] #! nobody may fill the rule
name = "board"
title = "The board"
phase = "authorize"
risks = ["low"]
quorum = "percent"
number = 101 #! number must be from 1 to 100
mandatory = [ #! the chair is a board's
    "chair",
    "somebody", #! 'somebody' is no person
]
[[change.obligation]] #! exactly when it is fulfilled by approval
name = "write_up"
title = "Write up"
cause = "emergency" #! never comes about on path normal
due_hours = 0 #! due_hours must be from 1
fulfilled_by = "approval"

[[change]]
name = "standard"
title = "Standard"
path = "standard"
[[change.condition]]
about = "template"
values = ["window", "price"] #! 'price' is none of
[[change.condition]] #! names no value never holds
about = "risk"
[[change.condition]]
about = "phase_of_the_moon" #! about must be one of
values = ["window"]
expression = "1 < 2" #! unknown key 'expression'
[[change.rule]] #! approved in advance
name = "board"
title = "The board"
phase = "authorize"
board = "cab"
number = "one" #! number must be a whole number, not text

[[change]]
name = "emergency"
title = "Emergency"
path = "emergency"
[[change.rule]]
name = "ecab"
title = "The emergency board"
phase = "authorize"
board = "ecab"
quorum = "any"
number = 2 #! quorum any takes no number
veto = 1 #! veto must be true or false, not a whole number
stage = true #! stage must be a whole number, not true or false

[[merge_request]] #! would let everything pass
name = "component"
title = "Component"
merger = "anybody" #! merger must be one of
"""


def test_all_faults_are_told_at_once_each_with_its_line() -> None:
    assert len(announced(FAULTY)) > 30
    assert_announced(FAULTY)


@pytest.mark.parametrize(
    "text",
    [
        varied(CHANGES, "format = 1\n", "#! format is missing\n"),
        varied(CHANGES, "format = 1", "format = 2 #! format must be from 1 to 1"),
        varied(CHANGES, "format = 1", 'format = "1" #! format must be a whole number'),
        varied(CHANGES, 'role = "role:peer"', 'role = "role:peer #! Illegal character'),
        varied(CHANGES, 'board = "cab"', "board = [1] #! board must be text, not a list"),
        varied(CHANGES, 'board = "cab"', 'board = "c\\u0000ab" #! is no name'),
        varied(CHANGES, '"Normal"', '"Nor\\u0000mal" #! printable'),
        varied(CHANGES, '"Normal"', '"Nor\\nmal" #! printable'),
        varied(CHANGES, '"Normal"', '"Nor\\u202emal" #! printable'),
        varied(CHANGES, '"Normal"', '"Nor\\uFDD0mal" #! printable'),
        varied(CHANGES, '"Normal"', '"Norma\\u0308l" #! normalisation form C'),
        varied(CHANGES, '"Normal"', f'"{"N" * 201}" #! printable'),
        varied(CHANGES, "number = 50", "number = 50.0 #! not a fraction"),
        varied(CHANGES, "number = 50", "number = 1979-05-27 #! not a date"),
        varied(CHANGES, 'quorum = "percent"\nnumber = 50', "#").replace(
            '[[change.rule]]\nname = "board"',
            '[[change.rule]] #! number is missing\nname = "board"',
        ),
        varied(CHANGES, 'high = ["low", "high"]', 'high = ["low"] #! has 1 risks for 2'),
        varied(CHANGES, 'low = ["low", "low"]', "low = [] #! has 0 risks for 2"),
        varied(CHANGES, 'risks = ["low", "high"]', 'risks = ["low", "high", "low"] #! twice'),
        varied(CHANGES, 'board = "cab"', 'board = "cab"\nscope = "board" #! needs a role'),
        varied(CHANGES, "mandatory = [", 'people = ["user:1"] #! is no person\nmandatory = ['),
        varied(MERGE_REQUESTS, "number = 2", "number = 1001 #! number must be from 1 to 1000"),
        varied(MERGE_REQUESTS, "number = 2", f"number = 0x{'f' * 5000} #! must be from 1 to 1000"),
        varied(MERGE_REQUESTS, "number = 2", f"number = {'9' * 5000} #! too long"),
        "format = 1 #! needs a kind of change\nname = 'bare'\ntitle = 'Bare'",
        "format = 1\nformat = 1 #! Cannot overwrite",
    ],
)
def test_a_fault_is_told_with_its_line(text: str) -> None:
    assert_announced(text)


SHIPPED = sorted(Path("policies/playbooks").glob("*.toml"))


@pytest.mark.parametrize("file", SHIPPED, ids=[each.stem for each in SHIPPED])
def test_a_value_of_the_wrong_type_is_the_only_fault_that_is_told(file: Path) -> None:
    """Of each key of each kind of table once: what hinges on the value is not known then."""
    lines, section, seen = file.read_text().split("\n"), "", set[tuple[str, str]]()
    for number, line in enumerate(lines):
        section = line if line.startswith("[") else section
        key, equals, value = line.partition(" = ")
        if not equals or (section, key) in seen or value in {"[", '"""'} or not key.isidentifier():
            continue
        seen.add((section, key))
        wrong = "\n".join([*lines[:number], f"{key} = 1.5", *lines[number + 1 :]])
        assert len(faults(wrong)) == 1, (section, key)
    assert seen


def test_a_scale_without_impacts_is_no_scale() -> None:
    found = faults(varied(CHANGES, 'impacts = ["low", "high"]', "impacts = []"))
    assert found == ["6: impacts names nothing"]
    bare = CHANGES[: CHANGES.index("[risk]")] + CHANGES[CHANGES.index("[[change]]") :]
    assert any("kinds of change need a [risk] with its table" in each for each in faults(bare))


def test_a_hostile_text_is_a_fault_and_nothing_worse() -> None:
    assert faults("a = " + "[" * 50_000) == ["1: is nested too deeply"]
    assert faults("format = ") == ["1: Invalid value (at end of document)"]
    assert faults("\x00") == ["1: Invalid statement (at line 1, column 1)"]
    assert len(faults("format = 1\n" + "\n".join(f"k{n} = 1" for n in range(500)))) > 500


def test_a_fault_carries_the_name_of_its_file() -> None:
    with pytest.raises(PlaybookFault, match=r"^ours\.toml:2: format must be a whole number"):
        decode("\nformat = true", file="ours.toml")


@pytest.mark.req("X-05")
@pytest.mark.parametrize("path", ["normal", "emergency"])
def test_no_phase_is_left_without_rules(path: str) -> None:
    bare = CHANGES[: CHANGES.index("[[change.rule]]")].replace(
        'path = "normal"', f'path = "{path}"'
    )
    found = faults(bare)
    assert "13: phase authorize has no rule for risk low, high" in found
    assert ("13: phase assess has no rule for risk low, high" in found) == (path == "normal")
