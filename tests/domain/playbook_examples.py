"""Playbooks small enough to read, to vary in tests."""

import re

from domain.playbook.format import PlaybookFault, decode

CHANGES = """\
format = 1
name = "small"
title = "A small process"

[risk]
impacts = ["low", "high"]
probabilities = ["unlikely", "likely"]
risks = ["low", "high"]
[risk.table]
low = ["low", "low"]
high = ["low", "high"]

[[change]]
name = "normal"
title = "Normal"
path = "normal"
required = ["title", "backout_plan"]
[[change.rule]]
name = "peer"
title = "A peer"
phase = "assess"
role = "role:peer"
number = 1
[[change.rule]]
name = "board"
title = "The board"
phase = "authorize"
board = "cab"
quorum = "percent"
number = 50
mandatory = ["chair"]
"""

MERGE_REQUESTS = """\
format = 1
name = "small"
title = "A small process"
[[merge_request]]
name = "component"
title = "Component"
merger = "last_approver"
[[merge_request.rule]]
name = "reviews"
title = "Two reviews"
role = "role:reviewer"
scope = "project"
number = 2
"""


def varied(text: str, old: str, new: str) -> str:
    """The text with one part replaced, which must be there exactly once."""
    assert text.count(old) == 1, f"{old!r} is there {text.count(old)} times"
    return text.replace(old, new)


def faults(text: str) -> list[str]:
    """What is wrong with the text, as `line: message`."""
    try:
        decode(text, file="process.toml")
    except PlaybookFault as broken:
        return [str(fault).removeprefix("process.toml:") for fault in broken.faults]
    return []


def announced(text: str) -> list[tuple[int, str]]:
    """The faults that a text announces itself: on a line at fault, `#! part of the message`."""
    lines = enumerate(text.split("\n"), start=1)
    marks = ((at, mark) for at, line in lines for mark in re.findall(r"#! ([^#]+)", line))
    return [(at, mark.strip()) for at, mark in marks]


def assert_announced(text: str) -> None:
    """The faults found are those announced, in number, line and wording."""
    found, expected = faults(text), announced(text)
    for line, part in expected:
        assert any(each.startswith(f"{line}: ") and part in each for each in found), (
            f"no fault on line {line} says {part!r}: {found}"
        )
    assert len(found) == len(expected), f"found {found}"
