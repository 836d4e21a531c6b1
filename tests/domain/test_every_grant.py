"""What somebody said counts as long as one of the grants does by which they might say it."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace

import pytest

from domain.authority import Authority
from domain.change.standing import looked_back
from domain.clearance import clearing
from domain.grant.aggregate import AGGREGATE as GRANTS
from domain.grant.state import Grant, Scope, Status
from domain.kernel import Refusal
from domain.merge_request.standing import involved
from domain.playbook.aggregate import AGGREGATE as PLAYBOOK
from domain.policy import AGGREGATE as POLICY
from domain.showing import (
    First,
    dismissal,
    kept_from_release,
    standing,
    words,
)
from domain.stable_line.aggregate import AGGREGATE as LINE
from domain.template.standing import in_force, unsaid
from tests.domain.change_stories import reviewing
from tests.domain.fix_stories import APPSEC, MANAGER, Workshop
from tests.domain.given import DAY, NOON, asked_by, authority
from tests.domain.merge_stories import FIRST
from tests.domain.merge_stories import opened as merge_request
from tests.domain.organisation import (
    ANN,
    MAX,
    PLAYBOOKS,
    SUE,
    WORLD,
    Story,
    grant,
    refused,
    revoked,
)
from tests.domain.patch_stories import PATCH, linked, patch_office, request
from tests.domain.release_stories import DATE, RITA, Office, filled, opened
from tests.domain.template_stories import PLAN, proposed

GONE = revoked(replace(grant(MAX, "role:owner", None, "any"), id="gone"))
Rights = tuple[str, ...]
Counts = Callable[[Authority], bool]
"""Whether what was said counts, by who holds what."""


def reviewed(rights: Rights) -> tuple[str, Counts]:
    story = reviewing()
    story.rights = {MAX: rights}
    story.ask(MAX, "review", findings="It was slow.")
    return MAX, lambda now: looked_back(story.state, now)


def approved(rights: Rights) -> tuple[str, Counts]:
    story = proposed()
    story.rights = {MAX: rights}
    story.ask(MAX, "approve")
    return MAX, lambda now: in_force(story.state, now)


def next_version(rights: Rights) -> tuple[str, Counts]:
    story = proposed()
    story.rights = {ANN: rights}
    story.ask(ANN, "revise", content=replace(PLAN, test_plan="Book twice."))
    return ANN, lambda now: not unsaid(story.state, now)


def template(rights: Rights) -> tuple[str, Counts]:
    story = Story(proposed().aggregate, rights={ANN: rights})
    story.ask(ANN, "propose", playbook="itsm", kind="standard", content=PLAN)
    return ANN, lambda now: not unsaid(story.state, now)


def _adoptable(story: Story) -> Counts:
    run = next(each.run for each in story.aggregate.commands if each.name == "adopt")

    def adopts(now: Authority) -> bool:
        with suppress(Refusal):
            return bool(run(story.state, asked_by(SUE, *story.others, under=now)))
        with refused("proposer_lost"):
            run(story.state, asked_by(SUE, *story.others, under=now))
        return False

    return adopts


def policy(rights: Rights) -> tuple[str, Counts]:
    story = Story(POLICY, rights={MAX: rights})
    rules = "p, role:owner, change.edit, service, allow\n"
    told = {"model": "[request_definition]\n", "rules": rules}
    story.ask(MAX, "propose", **told, based_on=None, reason="So.")
    return MAX, _adoptable(story)


def playbook(rights: Rights) -> tuple[str, Counts]:
    story = Story(PLAYBOOK, WORLD[:-1], rights={MAX: rights})
    body = (PLAYBOOKS / "itsm.toml").read_text()
    story.ask(MAX, "propose", body=body, based_on=None, reason="So.")
    return MAX, _adoptable(story)


def _line(rights: Rights) -> Story:
    older = Story(LINE, subject="5" * 32)
    told = {"service": "gitlab", "released_at": NOON - DAY}
    older.ask(SUE, "enter", line="17.3", **told)
    story = Story(LINE, older.others, subject="6" * 32, rights={MAX: rights})
    story.ask(MAX, "enter", line="17.4", **told)
    return story


def line(rights: Rights) -> tuple[str, Counts]:
    story = _line(rights)
    return MAX, story.state.waits_for_one


def doubted(rights: Rights) -> tuple[str, Counts]:
    story = _line(())
    story.ask(SUE, "agree")
    story.rights = {MAX: rights}
    story.ask(MAX, "withdraw", reason="It never did.")
    return MAX, story.state.waits_for_one


def repeated(rights: Rights) -> tuple[str, Counts]:
    story = _line(("gone",))
    story.learn(GONE)
    story.rights = {SUE: rights}
    story.ask(SUE, "agree")
    assert story.state.repeated_by == SUE
    return SUE, story.state.waits_for_one


def freed(rights: Rights) -> tuple[str, Counts]:
    story = merge_request(author=FIRST)
    story.rights = {MAX: rights}
    story.ask(FIRST, "decline_authorship")
    story.ask(MAX, "agree_decline", person=FIRST)
    return MAX, lambda now: FIRST not in involved(story.state, now)


def shown(rights: Rights) -> tuple[str, Counts]:
    story = Workshop().add("master")
    story.ask(APPSEC, "untie")
    story.rights = {MANAGER: rights}
    story.ask(MANAGER, "reveal")
    return MANAGER, lambda now: words(story.state, now) != ()


def dismissed(rights: Rights) -> tuple[str, Counts]:
    story = Workshop().fix
    story.rights = {APPSEC: rights}
    story.ask(APPSEC, "dismiss", reason="It is meant to be so.")
    return APPSEC, lambda now: _first(dismissal(story.state), now)


def said_of_fix(rights: Rights) -> tuple[str, Counts]:
    story = Workshop().fix
    story.rights = {APPSEC: ("gone",), MANAGER: rights}
    story.ask(APPSEC, "dismiss", reason="It is meant to be so.")
    story.learn(GONE)
    story.ask(MANAGER, "reveal")
    [said] = story.state.reveal_proposals
    firsts = dismissal(story.state)
    return MANAGER, lambda now: not standing(firsts, (said,), frozenset(), now).lacks


def _first(firsts: tuple[First, ...], now: Authority) -> bool:
    assert firsts, "there is a first word"
    return not standing(firsts, (), frozenset(), now).lacks


def _let_go(made: Office, id: str, *, hides: bool = False) -> Counts:
    def counts(now: Authority) -> bool:
        return _first(
            kept_from_release(made.release(id), now, made.records, hides=hides).firsts, now
        )

    return counts


def taken_out(rights: Rights) -> tuple[str, Counts]:
    made, hole = Office(), request("f" * 32, "master", embargoed=True)
    made.at = DATE
    made.learn(hole)
    id = filled(made, "itsm_releases", "minor", embargoed=True)
    made.rights = {RITA: rights}
    made.ask(RITA, "release.include", id, merge_requests=[hole.id])
    made.ask(RITA, "release.exclude", id, merge_requests=[hole.id], reason="It waits.")
    return RITA, _let_go(made, id)


def taken_off(rights: Rights) -> tuple[str, Counts]:
    made = Office()
    made.at = DATE
    id = filled(made, "itsm_releases", "minor", embargoed=True)
    made.learn(linked((), id))
    made.rights = {RITA: rights}
    made.ask(RITA, "security_fix.unlink", "7" * 32, reason="It waits.")
    return RITA, _let_go(made, id)


def hidden(rights: Rights) -> tuple[str, Counts]:
    made = patch_office()
    made.learn(*held(RITA))
    made.rights = {RITA: rights}
    id = opened(made, "critical_patch", "critical_patch", PATCH, scheduled=None)
    return RITA, _let_go(made, id, hides=True)


def cleared(rights: Rights) -> tuple[str, Counts]:
    story = Story(GRANTS, rights={MAX: rights})
    told = {"person": ANN, "role": "role:cleared", "scope": Scope.PROJECT, "value": "shop"}
    story.ask(MAX, "give", **told, until=NOON + DAY, reason="She fixes it.")
    waits = replace(story.state, status=Status.PROPOSED)

    def counts(now: Authority) -> bool:
        now.learn(waits)
        found = clearing(now, (ANN,), "shop", lambda _: frozenset((SUE,)), NOON)
        return [each.action for each in found] == ["grant.confirm"]

    return MAX, counts


EACH = {
    "somebody is cleared": cleared,
    "a change was looked back on": reviewed,
    "a template is in force": approved,
    "a template is proposed": template,
    "its next version is": next_version,
    "a policy is proposed": policy,
    "a playbook is": playbook,
    "a line came out": line,
    "it never did": doubted,
    "that is said in the place of another": repeated,
    "somebody wrote nothing of a merge request": freed,
    "a merge request may be known": shown,
    "there is nothing to fix": dismissed,
    "a fix may be known": said_of_fix,
    "what hides goes not out with a release": taken_out,
    "nor does a fix": taken_off,
    "a release hides": hidden,
}
"""What somebody says, who then says it by which grants, and how it is told whether it counts."""


def held(who: str) -> list[Grant]:
    """The grants by which somebody might say it."""
    return [replace(grant(who, "role:owner", None, "any"), id=each) for each in ("right", "other")]


def world(who: str, *gone: str) -> Authority:
    """Who is there, and those grants, some of them taken away."""
    people = {e.id: e for e in (*WORLD, *Office().states.values(), *Workshop().fix.world)}
    rights = (revoked(each) if each.id in gone else each for each in held(who))
    return authority(*people.values(), GONE, *rights)


@pytest.mark.req("S0-13", "X-04")
@pytest.mark.parametrize("what", EACH)
def test_a_word_falls_with_the_last_grant_it_was_given_by(what: str) -> None:
    who, counts = EACH[what](("right", "other"))
    assert counts(world(who))
    assert counts(world(who, "right"))
    assert counts(world(who, "other"))
    assert not counts(world(who, "right", "other"))


@pytest.mark.req("S0-13", "X-04")
@pytest.mark.parametrize("what", EACH)
def test_of_which_an_early_log_tells_the_first_or_none(what: str) -> None:
    who, counts = EACH[what](("right",))
    assert counts(world(who, "other"))
    assert not counts(world(who, "right"))
    who, counts = EACH[what](())
    assert counts(world(who, "right", "other"))
