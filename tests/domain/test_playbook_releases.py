"""Kinds of release in a playbook: read strictly, each fault with its line."""

from __future__ import annotations

import pytest

from domain.playbook.format import decode
from domain.playbook.matrix import KEYS
from domain.process.release import Matter, ReleaseStatus
from domain.process.version_form import version_pattern
from domain.release.checks.by_matter import CHECKS
from tests.domain.playbook_examples import assert_announced, faults, varied

RELEASES = """\
format = 1
name = "small"
title = "A small process"
[[environment]]
name = "test"
title = "Test"
kind = "test"
[[environment]]
name = "live"
title = "Live"
kind = "production"
[[release]]
name = "train"
title = "Train"
aliases = ["planned"]
version_form = "N.N.N"
environments = ["test", "live"]
duties = ["driver"]
[release.states]
planning = "Waiting"
[[release.phase]]
name = "plan"
title = "Plan"
status = "planning"
[[release.phase.task]]
name = "look"
title = "Look"
due_days = -2
[[release.phase]]
name = "run"
title = "Run"
status = "deploying"
opens_days = -1
[[release.phase.task]]
name = "leap"
title = "Leap"
role = "role:driver"
after = ["look"]
[[release.rule]]
name = "owner"
title = "Owner"
role = "role:owner"
number = 1
[[release.requirement]]
name = "full"
title = "Something is in it"
about = "changes_present"
gates = ["tag", "deploy:test"]
[[release.requirement]]
name = "tagged"
title = "It is tagged"
about = "tagged"
gates = ["publish"]
[[release.requirement]]
name = "tested"
title = "It is on the test instance"
about = "deployed"
environment = "test"
gates = ["publish"]
[[release.requirement]]
name = "quality"
title = "QA passed"
about = "evidence"
evidence = ["qa"]
quality = true
gates = ["publish"]
[[release.requirement]]
name = "hosted"
title = "Everything is live"
about = "changes_deployed"
environment = "live"
gates = ["publish"]
[[release.requirement]]
name = "authorised"
title = "Everything is authorised"
about = "changes_authorised"
gates = ["deploy:live", "publish"]
[[release.requirement]]
name = "approved"
title = "The owner approved"
about = "approval"
rules = ["owner"]
gates = ["publish"]
[[release.requirement]]
name = "tasks"
title = "Everything is done"
about = "tasks"
phase = "run"
waivable_by = "role:owner"
gates = ["close"]
"""

TASKS = 'about = "tasks"\nphase = "run"'
RESOURCE = """[[release.resource]]
name = "a"
title = "A"
location = "there" #! location must be
[[release.rule]]"""


def test_what_is_written_is_what_is_read() -> None:
    found = decode(RELEASES).releases
    train = found.kind("planned")
    assert train is not None
    assert train is found.kind("train")
    assert train.gates == ("tag", "deploy:test", "deploy:live", "publish", "close")
    assert [row.name for row in train.rows("deploy:live")] == ["authorised"]
    assert train.titled(ReleaseStatus.PLANNING) == "Waiting"
    assert train.titled(ReleaseStatus.CLOSED) == "closed"
    assert [(phase.name, phase.opens_days) for phase in train.phases] == [
        ("plan", None),
        ("run", -1),
    ]
    assert train.phases[1].tasks[0].after == ("look",)
    assert found.kind("trains") is None


@pytest.mark.req("S0-31")
def test_another_vocabulary_names_the_same_kind() -> None:
    both = RELEASES.replace('aliases = ["planned"]', 'aliases = ["critical", "unplanned"]')
    found = decode(both).releases
    assert found.kind("critical") == found.kind("unplanned") == found.kind("train")


@pytest.mark.parametrize(
    "old,new",
    [
        (
            'name = "live"\ntitle = "Live"',
            'name = "test" #! environment \'test\' is there 2 times\ntitle = "Live"',
        ),
        (
            'environments = ["test", "live"]',
            'environments = ["test", "nowhere"] #! there is no environment',
        ),
        ('version_form = "N.N.N"', 'version_form = "N..N" #! no version form'),
        ('duties = ["driver"]', 'strategies = ["hope"] #! there is no strategy'),
        ('duties = ["driver"]', 'parent = "month" #! there is no kind of release'),
        ('duties = ["driver"]', 'colour = "red" #! unknown key'),
        ('planning = "Waiting"', 'plan = "Waiting" #! unknown key'),
        ('status = "deploying"', 'status = "closed" #! a phase cannot mean closed'),
        ('status = "planning"', 'status = "somewhere" #! status must be one of'),
        ("due_days = -2", "due_days = -400 #! due_days must be from"),
        ('role = "role:driver"', 'role = "driver" #! is no role'),
        ('after = ["look"]', 'after = ["jump"] #! no earlier task'),
        ('name = "leap"', 'name = "look" #! is there twice'),
        ('about = "tagged"', 'about = "luck" #! about must be one of'),
        ('about = "tagged"', "about = 'luck' #! watched, traced, published, not 'luck'"),
        ('gates = ["close"]', 'gates = ["close", "deploy:moon"] #! is none of tag'),
        ('phase = "run"', 'phase = "walk" #! there is no phase'),
        ('phase = "run"', 'phase = "run"\nhours = 3 #! hours means nothing'),
        ('rules = ["owner"]', 'rules = ["boss"] #! there is no rule'),
        ('environment = "live"', 'environment = "moon" #! there is no environment'),
        ('waivable_by = "role:owner"', 'waivable_by = "owner" #! is no role'),
        (TASKS, 'about = "holiday"\nholidays = ["XX"] #! no holidays are known\nzone = "UTC"'),
        (TASKS, 'about = "holiday"\nholidays = ["US"]\nzone = "Mars/Base" #! there is no zone'),
        (
            TASKS,
            'about = "changes_authorised"\nmerge_requests = ["strict"] #! is no playbook and kind',
        ),
        (TASKS, 'about = "tasks"\nmerge_requests = ["a/b"] #! means nothing'),
        (TASKS, 'about = "tasks"\nzone = "UTC" #! zone means nothing'),
        (TASKS, 'about = "attestation"\nrole = "role:qa"\nreporter = "role:ci_bot" #! needs that'),
        (
            "[[release.rule]]",
            RESOURCE,
        ),
    ],
)
def test_a_fault_is_told_with_its_line(old: str, new: str) -> None:
    text = varied(RELEASES, old, new)
    found = faults(text)
    (mark,) = [line for line in text.split("\n") if "#!" in line]
    number = text.split("\n").index(mark) + 1
    wanted = mark.split("#! ")[1]
    assert any(each.startswith(f"{number}: ") and wanted in each for each in found), found


@pytest.mark.req("X-01", "S3-02")
@pytest.mark.parametrize(
    "row,told",
    [
        ("tagged", "publish needs a requirement about tagged"),
        ("tested", "publish needs a requirement about deployed in one of test"),
        ("quality", "publishing needs the result of QA"),
        ("hosted", "publish needs a requirement about changes_deployed in one of live"),
        ("authorised", "publish needs a requirement about changes_authorised"),
    ],
)
def test_what_publishing_implies_cannot_be_left_out_or_waived(row: str, told: str) -> None:
    head = f'[[release.requirement]]\nname = "{row}"\n'
    waived = varied(RELEASES, head, head + 'waivable_by = "role:owner"\n')
    assert any(told in each for each in faults(waived))
    start = RELEASES.index(head)
    end = RELEASES.index("[[release.requirement]]", start + 1)
    assert any(told in each for each in faults(RELEASES[:start] + RELEASES[end:]))


@pytest.mark.req("S3-02")
def test_deploying_to_production_always_asks_whether_the_changes_are_authorised() -> None:
    text = varied(RELEASES, 'gates = ["deploy:live", "publish"]', 'gates = ["publish"]')
    told = faults(text)
    assert any("deploy:live needs a requirement about changes_authorised" in each for each in told)
    assert any("nothing is required to deploy to live" in each for each in told)


@pytest.mark.parametrize(
    "text,told",
    [
        (
            RELEASES.replace('about = "approval"\nrules = ["owner"]', 'about = "notes"'),
            "the rules count for nothing",
        ),
        (
            RELEASES[: RELEASES.index("[[release.rule]]")]
            + RELEASES[RELEASES.index("[[release.requirement]]") :],
            "nobody is to approve",
        ),
        (
            RELEASES[: RELEASES.index('[[release.requirement]]\nname = "tasks"')],
            "could never be closed",
        ),
        (
            RELEASES.replace('about = "approval"\nrules = ["owner"]', 'about = "published"'),
            "what is tagged or published is out only after that",
        ),
        (
            RELEASES.replace(TASKS, 'about = "published"').replace('"publish"', '"tag"'),
            "so it could never be published",
        ),
        (RELEASES[: RELEASES.index("[[release]]")], "of which none is"),
    ],
)
def test_what_would_let_everything_or_nothing_pass_is_a_fault(text: str, told: str) -> None:
    assert any(told in each for each in faults(text)), faults(text)


def test_a_phase_that_goes_back_is_a_fault() -> None:
    text = varied(RELEASES, 'status = "planning"', 'status = "reviewing"')
    assert_announced(varied(text, 'status = "deploying"', 'status = "deploying" #! goes back'))


def test_every_matter_has_a_function_and_the_keys_it_takes_are_known_matters() -> None:
    assert set(CHECKS) == set(Matter)
    assert set(KEYS) <= set(Matter)


@pytest.mark.parametrize(
    "form,good,bad",
    [
        ("N.N.N", ["0.1.20", "10.0.0"], ["1.2", "01.2.3", "1.2.3-rc1", "1.2.x", "", "1.2.3\n"]),
        ("N.N.0", ["17.5.0"], ["17.5.1", "17.5"]),
        ("YYYY.MM.DD", ["2026.11.28"], ["2026.13.01", "26.11.28", "2026.11.32"]),
        ("N.N.YYYYMMDDhhmm", ["17.5.202611280300"], ["17.5.20261128", "17.5.202611282500"]),
        ("N.N.YYYYMMDDhhmm", ["4.2.202402290051"], ["4.2.202602300051", "4.2.202602290051"]),
        ("YY-MM-DD", ["24-02-29"], ["26-02-29", "26-04-31"]),
        ("DD.MM", ["29.02"], ["30.02", "31.06"]),
        ("YYYY.MM.N", ["2026.02.30"], ["2026.13.1"]),
        ("DD.DD.MM", ["01.31.02"], ["31.01.02"]),
        ("vN.N-ee", ["v17.5-ee"], ["17.5-ee", "v17.5"]),
    ],
)
def test_a_version_has_the_form_of_its_kind(form: str, good: list[str], bad: list[str]) -> None:
    pattern = version_pattern(form)
    assert [each for each in good if not pattern.fullmatch(each)] == []
    assert [each for each in bad if pattern.fullmatch(each)] == []


@pytest.mark.parametrize("form", ["", "N N", "N.", ".N", "N..N", "N/N", "N.N\n", "(N)"])
def test_what_is_no_form_is_refused(form: str) -> None:
    with pytest.raises(ValueError, match="is no version form"):
        version_pattern(form)
