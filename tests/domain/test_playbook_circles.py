"""A matrix is not taken that asks before an act for what only that act brings about."""

from __future__ import annotations

from pathlib import Path

import pytest

from domain.playbook import circles
from domain.playbook.aggregate import AGGREGATE
from tests.domain.organisation import OWEN, PLAYBOOKS, Story, refused
from tests.domain.test_playbook_releases import RELEASES


def row(about: str, *gates: str, more: str = "") -> str:
    """The small process with one more row, about something at these gates."""
    named = ", ".join(f'"{each}"' for each in gates)
    head = '[[release.requirement]]\nname = "extra"\ntitle = "Extra"\n'
    return f'{RELEASES}{head}about = "{about}"\ngates = [{named}]\n{more}'


LIVE_KIND, TEST_KIND = 'kind = "production"', 'kind = "test"'
TEST, LIVE = 'environment = "test"\n', 'environment = "live"\n'


BEFORE = f"""[[release.requirement]]
name = "before"
title = "Before"
about = "deployed"
{TEST}gates = ["deploy:live"]
"""


PHASED = """[[release.requirement]]
name = "phased"
title = "Phased"
about = "phase"
phase = "run"
gates = ["deploy:live"]
"""


def unpublished(text: str) -> str:
    """The process without publishing."""
    return text.replace('"publish"', '"close"')


def announcing(text: str) -> str:
    """The process with something asked before it is announced."""
    return text.replace('gates = ["tag", "deploy:test"]', 'gates = ["tag", "announce"]').replace(
        'gates = ["deploy:live", "publish"]', 'gates = ["deploy:live", "deploy:test", "publish"]'
    )


def used_everywhere(text: str) -> str:
    """The process without publishing, with people in both places."""
    text = unpublished(text).replace(TEST_KIND, LIVE_KIND)
    return text.replace('["deploy:live", "close"]', '["deploy:live", "deploy:test", "close"]')


def told(text: str) -> list[tuple[int, str]]:
    return [(each.line, each.message) for each in circles.faults(text)]


@pytest.mark.req("S0-01")
@pytest.mark.parametrize(
    "text,gate",
    [
        (row("tagged", "tag"), "tag"),
        (row("tagged", "publish", "tag"), "tag"),
        (row("announced", "announce"), "announce"),
        (row("deployed", "deploy:test", more=TEST), "deploy:test"),
        (row("dwell", "deploy:test", more=f"{TEST}hours = 2\n"), "deploy:test"),
        (row("watched", "deploy:live", more=LIVE), "deploy:live"),
        (row("phase", "enter_phase:run", more='phase = "run"\n'), "enter_phase:run"),
        (announcing(row("announced", "publish")), "publish"),
        (unpublished(row("review", "deploy:live", "close")), "deploy:live"),
    ],
)
def test_what_waits_for_itself_is_told_with_its_line(text: str, gate: str) -> None:
    line = text[: text.rindex("gates = ")].count("\n") + 1
    assert told(text) == [(line, f"extra waits at {gate} for what comes only after that")]
    with refused("faulty_playbook"):
        Story(AGGREGATE).ask(OWEN, "propose", body=text, based_on=None, reason="More.")


@pytest.mark.req("S0-01")
def test_so_is_a_circle_of_several() -> None:
    first = row("deployed", "deploy:live", more=TEST)
    second = f'[[release.requirement]]\nname = "back"\ntitle = "Back"\nabout = "deployed"\n{LIVE}'
    both = told(f'{first}{second}gates = ["deploy:test"]\n')
    assert {message.split()[0] for _, message in both} == {"extra", "back"}


@pytest.mark.req("S0-01", "S3-11")
def test_what_is_out_by_any_of_several_acts_waits_in_vain_only_before_all_of_them() -> None:
    assert told(row("review", "deploy:live")) == []  # it may be published first
    assert told(used_everywhere(row("review", "deploy:live"))) == []
    assert told(used_everywhere(row("review", "deploy:test"))) == []
    both = told(used_everywhere(row("review", "deploy:test", "deploy:live")))
    assert [message[:27] for _, message in both] == ["extra waits at deploy:test "]
    first = told(used_everywhere(f"{row('review', 'deploy:test')}{BEFORE}"))
    assert {message.split()[0] for _, message in first} == {"extra", "before"}
    late = told(unpublished(f"{row('review', 'enter_phase:run')}{PHASED}"))
    assert {message.split()[0] for _, message in late} == {"extra", "phased"}


@pytest.mark.req("S0-01")
def test_phases_are_entered_one_after_the_other() -> None:
    first = row("phase", "deploy:test", more='phase = "run"\n')
    second = f'[[release.requirement]]\nname = "back"\ntitle = "Back"\nabout = "deployed"\n{TEST}'
    both = told(f'{first}{second}gates = ["enter_phase:run"]\n')
    assert {message.split()[0] for _, message in both} == {"extra", "back"}
    three = '[[release.phase]]\nname = "end"\ntitle = "End"\nstatus = "deploying"\n'
    late = row("phase", "enter_phase:run", more='phase = "end"\n')
    at = late.index("[[release.requirement]]")
    (found,) = told(f"{late[:at]}{three}{late[at:]}")
    assert found[1].startswith("extra waits at enter_phase:run")


@pytest.mark.req("S0-01")
@pytest.mark.parametrize("about", ["deployed", "dwell", "watched"])
def test_what_waits_for_where_no_such_release_goes_is_told_with_its_line(about: str) -> None:
    hours = "hours = 2\n" if about == "dwell" else ""
    elsewhere = f'environment = "spare"\n{hours}'
    text = row(about, "publish", more=elsewhere).replace(
        "[[environment]]",
        '[[environment]]\nname = "spare"\ntitle = "Spare"\nkind = "test"\n[[environment]]',
        1,
    )
    line = text[: text.rindex('environment = "spare"')].count("\n") + 1
    ((at, message),) = told(text)
    assert (at, message.split(", ")[0]) == (line, "extra waits for spare")
    waived = 'waivable_by = "role:owner"\n'
    assert told(f"{text}{waived}") == []


@pytest.mark.parametrize(
    "text",
    [
        RELEASES,
        row("phase", "deploy:live", more='phase = "run"\n'),
        row("phase", "enter_phase:run", more='phase = "plan"\n'),
        row("tagged", "publish"),
        row("review", "deploy:test"),
        row("review", "close"),
        row("review", "deploy:live", more='waivable_by = "role:owner"\n'),
        row("deployed", "deploy:live", more=TEST),
        row("tagged", "tag", more='waivable_by = "role:owner"\n'),
        *(each.read_text() for each in sorted(Path(PLAYBOOKS).glob("*.toml"))),
    ],
)
def test_what_opens_in_some_order_is_taken(text: str) -> None:
    assert told(text) == []
