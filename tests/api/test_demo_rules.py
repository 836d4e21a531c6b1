"""Every rule of every shipped playbook can be met by the demo's people, whoever opens what."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

import pytest

from api.demo.cast import BILLING, GITALY, PEOPLE, PROGRAMS
from api.demo.making import ensure_demo
from api.demo.settings import demo_settings
from api.machine.installation import Installation
from domain.approval.approval import Rule
from domain.approval.electorate import Electorate
from domain.approval.voting import Standpoint
from domain.digest import content_digest
from domain.kernel import Scopes
from domain.playbook.aggregate import process
from domain.process.process import Process
from ledger.store import Standing
from policies.files import shipped
from policies.rules import read

PLACES: Scopes = {
    "service": frozenset((BILLING,)),
    "project": frozenset((GITALY,)),
    "environment": frozenset(("production",)),
}


class Asked(NamedTuple):
    """What has to be approved at once: the command that opens it, and its rules."""

    told: str
    opens: str
    rules: tuple[Rule, ...]


@pytest.fixture(scope="module")
def standing(tmp_path_factory: pytest.TempPathFactory) -> tuple[Standing, Any]:
    """Who holds what in the demo, by which policy, and when that is asked."""
    file = tmp_path_factory.mktemp("demo") / "demo.sqlite"
    ensure_demo(demo_settings(file, {}), file)
    opened = Installation.open(demo_settings(file, {}))
    with opened.reader.connection() as connection:
        found = opened.reader.standing(connection), opened.reader.head(connection).at
    opened.close()
    return found


def asked(book: Process) -> Iterator[Asked]:
    """Everything that a playbook has approved by people."""
    for each in book.merge_requests:
        yield Asked(each.name, "merge_request.open", each.rules)
    for kind in book.kinds:
        for risk in book.risks:
            for phase in ("assess", "authorize"):
                yield Asked(f"{kind.name} {risk} {phase}", "change.open", kind.rules(phase, risk))
        for owed in kind.obligations:
            yield Asked(owed.name, "change.open", (owed.rule,) if owed.rule else ())
    for release in book.releases.kinds:
        yield Asked(release.name, "release.open", release.rules)


RULES = [
    pytest.param(each, id=f"{name} {each.told}")
    for name, body in shipped().playbooks
    for each in asked(process(body))
    if each.rules
]


@pytest.mark.req("S2-01", "S1-20")
@pytest.mark.parametrize("wanted", RULES)
def test_whoever_opens_it_others_can_approve_it(wanted: Asked, standing: Any) -> None:
    held, at = standing
    openers = held.judge.who(wanted.opens, PLACES, held.authority, at).people
    assert openers
    for opener in openers:
        voters = Electorate(held.authority, at, PLACES, frozenset((opener,)))
        opened = voters.opened(wanted.rules)
        now = voters.standings(opened, (), revision=1, digest=content_digest({}))
        stuck = {e.rule.name: e.lacking for e in now.rules if e.status is Standpoint.IMPOSSIBLE}
        assert stuck == {}, held.authority.person(opener)


@pytest.mark.req("S2-02")
def test_whoever_approves_a_merge_request_last_may_merge_it(standing: Any) -> None:
    held, at = standing
    who = {
        action: held.judge.who(f"merge_request.{action}", PLACES, held.authority, at).people
        for action in ("sign_off", "merge")
    }
    reviewers = held.authority.holders("role:reviewer", "project", PLACES["project"], at)
    assert len(reviewers) > 1
    assert set(reviewers) <= who["sign_off"].keys() & who["merge"].keys()


def test_every_role_that_a_playbook_names_is_held_by_somebody() -> None:
    held = {role.name for each in (*PEOPLE, *PROGRAMS) for role in each.roles}
    named = {
        found for _, body in shipped().playbooks for found in re.findall(r'"(role:[a-z_]+)"', body)
    }
    assert len(named) > 10
    assert named - held == set()


def test_somebody_may_ask_for_whatever_takes_a_role_without_a_scope(
    standing: tuple[Standing, Any],
) -> None:
    held, at = standing
    judge: Any = held.judge
    assert judge is not None
    files = shipped()
    lines = read(files.model, files.rules, None)
    actions = {each.action for each in lines if each.scope == "none" and each.allows}
    assert "calendar_entry.move_date" in actions
    found = {each: judge.who(each, {}, held.authority, at) for each in actions}
    idle = {each for each, who in found.items() if not who.people and who.everyone is None}
    assert idle == {"grant.map_group"}, "only what signs people in asks for that"
