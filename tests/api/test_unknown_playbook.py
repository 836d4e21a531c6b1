"""Whatever playbook or kind is named, everything else wrong with an input is told with it."""

from __future__ import annotations

from typing import Any

import pytest

from api.demo.cast import Role, projects, services
from tests.api.company import Headquarters, content

NOBODY = "UHJpbmNpcGFsOnVzZXI6MDE5MTIzNDU2Nzg5YWJjZGVmMDEyMzQ1Njc4OWFiY2Q="
NO_RELEASE = "UmVsZWFzZTowMTkxMjM0NTY3ODlhYmNkZWYwMTIzNDU2Nzg5YWJjZA=="
NO_FIX = "U2VjdXJpdHlGaXg6MDE5MTIzNDU2Nzg5YWJjZGVmMDEyMzQ1Njc4OWFiY2Q="
ITSM: dict[str, Any] = {"playbook": "itsm", "kind": "never-heard-of"}
NONE: dict[str, Any] = {"playbook": "never-adopted", "kind": "normal"}

CHANGE: dict[str, Any] = {"content": content("", impact="vast"), "owner": NOBODY}
MERGE_REQUEST: dict[str, Any] = {
    "project": "",
    "number": 0,
    "title": " ",
    "head": "no commit",
    "target": "a..b",
    "base": "b" * 40,
    "author": NOBODY,
}
RELEASE: dict[str, Any] = {
    "plan": {"title": "", "service": "", "versions": [], "dependsOn": [NO_RELEASE]},
    "scheduled": "2020-01-01T00:00:00Z",
}
FIX: dict[str, Any] = {
    "service": "",
    "project": "",
    "title": " ",
    "knownSince": "2150-01-01T00:00:00Z",
    "reporter": NOBODY,
    "follows": NO_FIX,
}
ACCORD: dict[str, Any] = {"subject": NO_RELEASE, "terms": {"wording": "", "versions": ["", "1"]}}
DATE: dict[str, Any] = {
    "cadence": "weekly",
    "planned": {"local": "2030-02-02T10:00", "zone": "UTC"},
    "instead": {"local": "2020-02-02T10:00", "zone": "UTC"},
    "reason": " ",
}


@pytest.fixture(scope="session", autouse=True)
def staff(hq: Headquarters) -> None:
    """Who may open everything."""
    open_things = (services("role:requester"), projects("role:developer"), projects("role:appsec"))
    releasing = (services("role:release_manager"), Role("role:release_manager"))
    hq.hire("unheard-una", "delivery", *open_things, *releasing)
    hq.hire("unheard-bot", None, projects("role:release_bot"), owner="unheard-una")


def problems(
    hq: Headquarters, name: str, *, who: str = "unheard-una", **given: Any
) -> set[tuple[str, str]]:
    """The problems of a mutation as code and path; nothing was written."""
    size = hq.size()
    payload = hq.ask(who, name, input=given)
    assert hq.size() == size
    told = [(each["code"], ".".join(each["path"])) for each in payload["problems"]]
    assert len(set(told)) == len(told), "nothing is told twice"
    return set(told)


OTHERS: dict[str, tuple[dict[str, Any], set[tuple[str, str]]]] = {
    "OpenChange": (CHANGE, {("text_missing", "content.title"), ("unknown_person", "owner")}),
    "ProposeTemplate": ({"content": CHANGE["content"]}, {("text_missing", "content.title")}),
    "OpenMergeRequest": (
        MERGE_REQUEST,
        {
            ("name_unusable", "project"),
            ("number_unusable", "number"),
            ("text_missing", "title"),
            ("not_a_commit", "head"),
            ("not_a_branch", "target"),
            ("unknown_person", "author"),
        },
    ),
    "OpenRelease": (
        RELEASE,
        {
            ("text_missing", "plan.title"),
            ("name_unusable", "plan.service"),
            ("version_missing", "plan.versions"),
            ("unknown_release", "plan.dependsOn.0"),
            ("scheduled_in_the_past", "scheduled"),
        },
    ),
    "OpenSecurityFix": (
        FIX,
        {
            ("name_unusable", "service"),
            ("name_unusable", "project"),
            ("text_missing", "title"),
            ("in_the_future", "knownSince"),
            ("unknown_person", "reporter"),
            ("finder_followed", "reporter"),
            ("unknown_fix", "follows"),
        },
    ),
    "ProposeAccord": (
        ACCORD,
        {("text_missing", "terms.wording"), ("name_unusable", "terms.versions.0")},
    ),
}


@pytest.mark.parametrize("name", OTHERS)
def test_a_playbook_that_is_not_there_hides_nothing_else(hq: Headquarters, name: str) -> None:
    given, others = OTHERS[name]
    assert problems(hq, name, **NONE, **given) == {("unknown_playbook", "playbook"), *others}


@pytest.mark.parametrize("name", OTHERS)
def test_a_kind_that_is_not_there_hides_nothing_else(hq: Headquarters, name: str) -> None:
    given, others = OTHERS[name]
    found = problems(hq, name, **ITSM, **given)
    assert found - {("unknown_impact", "content.impact")} == {("unknown_kind", "kind"), *others}
    rated = "content" in given
    assert (("unknown_impact", "content.impact") in found) is rated, "the table is the playbook's"


@pytest.mark.parametrize("name", ["OpenChange", "OpenMergeRequest", "OpenRelease"])
def test_a_playbook_that_is_not_there_is_all_that_is_wrong_with_what_is_good(
    hq: Headquarters, name: str
) -> None:
    good: dict[str, dict[str, Any]] = {
        "OpenChange": {"content": content("Good")},
        "OpenMergeRequest": MERGE_REQUEST
        | {"project": "unheard/una", "number": 1, "title": "Good", "head": "a" * 40}
        | {"target": "main", "author": None},
        "OpenRelease": {"plan": {"title": "Good", "service": "una", "versions": ["1.0.0"]}},
    }
    assert problems(hq, name, **NONE, **good[name]) == {("unknown_playbook", "playbook")}


def test_what_cannot_be_read_hides_no_playbook_that_is_not_there(hq: Headquarters) -> None:
    window = {"since": "2030-02-02T10:00", "until": "2030-02-02T09:00", "zone": "UTC"}
    found = problems(hq, "OpenChange", **NONE, content=content("", window=window))
    assert found == {
        ("window_ends_first", "content.window.until"),
        ("unknown_playbook", "playbook"),
        ("text_missing", "content.title"),
    }


def test_a_template_is_of_no_other_kind_than_one_that_is_not_there(hq: Headquarters) -> None:
    none = "VGVtcGxhdGU6MDE5MTIzNDU2Nzg5YWJjZGVmMDEyMzQ1Njc4OWFiY2Q="
    found = problems(hq, "OpenChange", **NONE, content=content("A"), template=none)
    assert found == {("unknown_playbook", "playbook"), ("unknown_template", "template")}


def test_a_cadence_of_a_playbook_that_is_not_there_hides_nothing_else(hq: Headquarters) -> None:
    given = DATE | {"playbook": "never-adopted"}
    found = problems(hq, "MoveCadenceDate", **given)
    others = {("text_missing", "reason"), ("date_over", "instead")}
    assert found == {("unknown_playbook", "playbook"), *others}
    given = DATE | {"playbook": "itsm"}
    found = problems(hq, "MoveCadenceDate", **given)
    assert found == {("unknown_cadence", "cadence"), *others}


def test_a_release_that_is_not_there_hides_nothing_else(hq: Headquarters) -> None:
    waiver = {"release": NO_RELEASE, "requirement": "tests", "gate": "tag", "reason": " "}
    found = problems(hq, "RequestWaiver", **waiver, expiresAt="2020-01-01T00:00:00Z")
    assert found == {
        ("unknown_release", "release"),
        ("text_missing", "reason"),
        ("until_passed", "expiresAt"),
    }
    bot = "unheard-bot"
    found = problems(hq, "ReportSync", who=bot, release=NO_RELEASE, repository="", refs=[])
    assert found == {
        ("unknown_release", "release"),
        ("name_unusable", "repository"),
        ("nothing_named", "refs"),
    }
