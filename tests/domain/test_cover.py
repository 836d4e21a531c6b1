"""Nothing reaches an environment that demands cover by one word of a program or a person."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from domain.change.state import Change, Link, LinkKind
from domain.change.state import Status as ChangeStatus
from domain.deployment.gates import verdict
from domain.deployment.state import Deployment, Status, Wish
from domain.environment.state import Check, Cover, Plan
from domain.evidence.aggregate import Outcome
from domain.gate import Reference
from domain.gate import Status as Is
from domain.merge_request.state import MergeRequest
from domain.merge_request.state import Status as MergeStatus
from domain.release.state import Release
from tests.domain.organisation import (
    ENG,
    LOW,
    MAX,
    OWEN,
    ROBOT,
    SERVICE,
    SUE,
    WINDOW,
    person,
    refused,
)
from tests.domain.release_stories import (
    CI,
    COMMIT,
    PACKAGE,
    PROJECT,
    RITA,
    SAM,
    Office,
    approved_change,
    merged,
)
from tests.domain.template_stories import active, standard
from tests.domain.test_release_deployment import PLACE, built
from tests.domain.test_release_unnamed import REBUILT, aimed, authorise

CHECK = Check("pipeline", PROJECT)
WISH = Wish("a" * 32, "test", "None.", contents="Trust me.")


def office(*cover: Cover, others: Any = (), **more: Any) -> Office:
    """A place that takes only what one of these covers, and a package."""
    checks = (CHECK,) if Cover.CHECKS in cover else ()
    plan: Plan = replace(PLACE.plan, **{"cover": cover, "checks": checks, **more})
    made = Office()
    made.learn(replace(PLACE, plan=plan), built(), *others)
    return made


def asked(made: Office, **changes: Any) -> str:
    """A deployment that a program asked for."""
    id = made.fresh()
    made.ask(ROBOT, "deployment.request", id, wish=replace(WISH, **changes))
    return id


def codes(made: Office, id: str) -> set[str]:
    """Why it may not start."""
    return {each.code for each in said(made, id).blocking}


def said(made: Office, id: str) -> Any:
    """What the gate of its start says."""
    state, at = made.states[Deployment, id], made.at
    return verdict(state, "start", at=at, authority=made.authority, records=made.records)


def cover(made: Office, id: str) -> Any:
    """What it says of cover."""
    return next(each for each in said(made, id).findings if each.requirement == "cover")


def change(status: ChangeStatus = ChangeStatus.IMPLEMENTING, **content: Any) -> Change:
    """A change of the package's service for the place, whose gate let it begin."""
    found = approved_change(status=status)
    meant = replace(found.content, **{"environments": ("test",), "service": SERVICE, **content})
    return replace(found, content=meant)


@pytest.mark.req("S0-12", "S4-26", "X-01", "X-05")
@pytest.mark.parametrize("ways", [(Cover.CHANGE,), (Cover.RELEASE,), tuple(Cover)])
def test_what_nothing_covers_is_refused_and_told_what_would(ways: tuple[Cover, ...]) -> None:
    made = office(*ways)
    id = asked(made)
    with refused("not_covered"):
        made.ask(ROBOT, "deployment.start", id)
    found = cover(made, id)
    assert found.missing == tuple(each.value for each in ways)
    assert (len(found.acts), "Nothing covers it. test takes" in found.message) == (1, True)


@pytest.mark.req("S0-07", "S0-14")
@pytest.mark.parametrize("ways", [(), None])
def test_an_environment_that_demands_none_takes_anything(ways: Any) -> None:
    made = office(cover=ways)
    id = asked(made)
    assert cover(made, id).status is Is.NOT_APPLICABLE
    made.ask(ROBOT, "deployment.start", id)


# Changes.


@pytest.mark.req("X-01", "S3-02")
def test_an_approved_change_of_its_service_for_the_place_covers_it() -> None:
    made = office(Cover.CHANGE, others=(change(),))
    id = asked(made, changes=("c" * 32,))
    assert cover(made, id).evidence == ("c" * 32,)
    made.ask(ROBOT, "deployment.start", id)


@pytest.mark.req("X-01")
@pytest.mark.parametrize(
    "other",
    [
        change(service="other"),
        change(environments=("elsewhere",)),
        change(ChangeStatus.DRAFT),
        change(ChangeStatus.CLOSED),
        change(ChangeStatus.SCHEDULED),
        None,
    ],
    ids=["another service", "another place", "draft", "over", "its votes are void", "unnamed"],
)
def test_no_other_change_does(other: Change | None) -> None:
    made = office(Cover.CHANGE, others=(other or change(),))
    id = asked(made, changes=(other.id,) if other else ())
    assert "not_covered" in codes(made, id)


ELSEWHERE = "9" * 40


def tied(*ties: tuple[LinkKind, str], **content: Any) -> Change:
    """A change for the place that says itself what goes out with it."""
    return replace(change(**content), links=tuple(Link(*each) for each in ties))


def requests(*others: MergeRequest) -> tuple[MergeRequest, ...]:
    return (merged(), *others)


@pytest.mark.req("S3-02", "S3-34", "X-01")
@pytest.mark.parametrize("strict", [True, False, None])
@pytest.mark.parametrize(
    "ties",
    [
        [(LinkKind.COMMIT, COMMIT)],
        [(LinkKind.MERGE_REQUEST, "m" * 32)],
        [(LinkKind.COMMIT, ELSEWHERE), (LinkKind.COMMIT, COMMIT)],
        [(LinkKind.MERGE_REQUEST, "n" * 32)],
    ],
    ids=["the commit", "what was merged", "one of several", "what it was merged as"],
)
def test_a_change_covers_what_was_built_of_what_it_is_tied_to(ties: Any, *, strict: Any) -> None:
    squashed = merged("n" * 32, head=ELSEWHERE, merge_commit=COMMIT)
    made = office(Cover.CHANGE, tied=strict, others=(tied(*ties), *requests(squashed)))
    id = asked(made, changes=("c" * 32,))
    assert cover(made, id).evidence == ("c" * 32,)
    made.ask(ROBOT, "deployment.start", id)


@pytest.mark.req("S3-02", "S3-34", "X-05")
@pytest.mark.parametrize("strict", [True, False, None])
@pytest.mark.parametrize(
    "ties",
    [
        [(LinkKind.COMMIT, ELSEWHERE)],
        [(LinkKind.MERGE_REQUEST, "n" * 32)],
        [(LinkKind.MERGE_REQUEST, "o" * 32)],
    ],
    ids=["another commit", "another merge", "a head nobody merged"],
)
def test_it_covers_nothing_else_and_says_so(ties: Any, *, strict: Any) -> None:
    other, going = merged("n" * 32, head=ELSEWHERE), merged("o" * 32, status=MergeStatus.OPEN)
    made = office(Cover.CHANGE, tied=strict, others=(tied(*ties), *requests(other, going)))
    id = asked(made, changes=("c" * 32,))
    with refused("not_covered"):
        made.ask(ROBOT, "deployment.start", id)
    found = cover(made, id)
    assert found.lacking == (Reference("change", "c" * 32),)
    assert "Approved, but not tied to what it was built of: change" in found.message
    assert [each.action for each in found.acts] == ["deployment.request", "change.link"]


@pytest.mark.req("S3-02", "X-01")
def test_a_change_that_is_tied_to_nothing_covers_only_where_no_tie_is_demanded() -> None:
    loose = tied((LinkKind.INCIDENT, "INC-7"), (LinkKind.PREDECESSOR, "d" * 32))
    for strict, wanted in ((True, {"not_covered"}), (False, set()), (None, set())):
        made = office(Cover.CHANGE, tied=strict, others=(loose,))
        assert codes(made, asked(made, changes=("c" * 32,))) == wanted
    made = office(Cover.CHANGE, tied=True, others=(loose,))
    assert "and is tied to the commit" in cover(made, asked(made)).message


@pytest.mark.req("S3-02", "X-05")
@pytest.mark.parametrize("strict", [True, False, None])
def test_a_tie_to_what_is_hidden_makes_a_change_cover_nothing_else(*, strict: Any) -> None:
    hidden = merged("n" * 32, head=ELSEWHERE, embargoed=True)
    for commit, wanted in ((None, {"not_covered"}), (ELSEWHERE, {"not_covered"}), (COMMIT, set())):
        ties = [(LinkKind.COMMIT, commit)] if commit else []
        secret = tied((LinkKind.MERGE_REQUEST, hidden.id), *ties)
        made = office(Cover.CHANGE, tied=strict, others=(secret, hidden))
        assert codes(made, asked(made, changes=("c" * 32,))) == wanted
    of_this = tied((LinkKind.MERGE_REQUEST, "m" * 32))
    made = office(Cover.CHANGE, tied=strict, others=(of_this, merged(embargoed=True)))
    assert codes(made, asked(made, changes=("c" * 32,))) == {"not_covered"}, "it brings nothing"


@pytest.mark.req("S3-02", "S3-14")
def test_a_release_is_covered_by_changes_tied_to_what_it_is_made_of() -> None:
    for ties, wanted in (
        ([(LinkKind.COMMIT, COMMIT)], set()),
        ([(LinkKind.COMMIT, ELSEWHERE)], {"not_covered", "commit_not_included"}),
        ([], {"not_covered", "commit_not_included"}),
    ):
        for packages in (True, False):
            made = office(Cover.CHANGE, tied=True)
            if not packages:
                del made.states[type(built()), built().id]
            major = aimed(made)
            authorise(made, major)
            made.learn(tied(*ties))
            unbuilt = set() if packages else {"package_never_built"}
            assert made.codes(major, "deploy:test") == wanted | unbuilt


@pytest.mark.req("X-01", "S3-14")
def test_a_standard_change_covers_while_its_template_is_in_force_and_its_window_open() -> None:
    template, story = active(), standard(replace(LOW, environments=("test",)))
    story.ask(ENG, "submit")
    timeless = replace(story.state, content=replace(story.state.content, window=None))
    made = office(Cover.CHANGE, others=(timeless, template.state))
    id = asked(made, changes=(story.subject,))
    assert codes(made, id) == set()
    template.ask(OWEN, "retire", reason="Gone.")
    made.learn(template.state)
    assert codes(made, id) == {"change_not_authorised", "not_covered"}
    made.learn(active().state, story.state)
    assert made.at < WINDOW.since
    assert codes(made, id) == {"change_outside_window", "not_covered"}


@pytest.mark.req("S3-14", "S3-02")
@pytest.mark.parametrize(
    "ties,wanted",
    [
        ((), {"not_covered"}),
        (((LinkKind.COMMIT, COMMIT),), {"not_covered"}),
        (((LinkKind.MERGE_REQUEST, "n" * 32),), {"not_covered"}),
        (((LinkKind.MERGE_REQUEST, "m" * 32),), set()),
    ],
    ids=["nothing", "a commit nobody voted on", "another merge", "what was merged"],
)
def test_a_standard_change_covers_what_was_merged_after_its_reviews(ties: Any, wanted: Any) -> None:
    template, story = active(), standard(replace(LOW, environments=("test",)))
    others = requests(merged("n" * 32, head=ELSEWHERE))
    story.learn(*others)
    for kind, reference in ties:
        story.ask(ENG, "link", kind=kind, reference=reference)
    story.ask(ENG, "submit")
    timeless = replace(story.state, content=replace(story.state.content, window=None))
    made = office(Cover.CHANGE, tied=True, others=(timeless, template.state, *others))
    assert codes(made, asked(made, changes=(story.subject,))) == wanted


# Releases.


@pytest.mark.req("S4-26", "S3-07")
def test_a_release_covers_what_it_is_made_of_once_its_matrix_lets_it() -> None:
    made = office(Cover.RELEASE)
    major = aimed(made)
    id = asked(made)
    assert codes(made, id) == {"release_not_ready"}
    assert cover(made, id).evidence == (major,)
    authorise(made, major)
    made.ask(ROBOT, "deployment.start", id)
    made.ask(ROBOT, "deployment.succeed", id)
    assert made.release(major).reached("test") is not None


def test_a_release_that_is_deployed_is_what_covers_its_package() -> None:
    made = office(Cover.RELEASE)
    major = aimed(made)
    authorise(made, major)
    assert made.codes(major, "deploy:test") == set()
    made.ask(RITA, "release.deploy", major, environment="test")


@pytest.mark.parametrize("packages", [True, False])
def test_where_only_changes_cover_a_release_brings_one(*, packages: bool) -> None:
    made = office(Cover.CHANGE)
    if not packages:
        del made.states[type(built()), built().id]
    major = aimed(made)
    authorise(made, major)
    unbuilt = set() if packages else {"package_never_built"}
    assert made.codes(major, "deploy:test") == {"not_covered"} | unbuilt
    made.learn(change())
    assert made.codes(major, "deploy:test") == unbuilt


def test_a_rebuild_is_not_what_a_release_said_by_its_digest_it_is_made_of() -> None:
    made = office(Cover.RELEASE, others=(REBUILT,))
    major = aimed(made)
    authorise(made, major)
    rebuilt = asked(made, package=REBUILT.id)
    assert codes(made, rebuilt) == set(), "aimed at the commit, it is made of whichever"
    made.ask(RITA, "release.aim", major, release_version="1.2.0", package=PACKAGE)
    assert codes(made, rebuilt) == {"not_covered"}


# Checks.


def report(made: Office, outcome: Outcome = Outcome.PASSED, **more: Any) -> None:
    made.report("pipeline", outcome=outcome, **more)
    made.at += timedelta(minutes=1)


@pytest.mark.req("S0-04", "S0-07", "S0-14")
def test_checks_that_passed_by_a_program_that_checks_cover_hosted_deployments() -> None:
    made = office(Cover.CHECKS)
    id = asked(made)
    assert codes(made, id) == {"not_covered"}
    report(made)
    made.ask(ROBOT, "deployment.start", id)
    (passed,) = (e for e in made.states[Deployment, id].evidence if e.requirement == "cover")
    assert len(passed.evidence) == 1


@pytest.mark.req("X-05")
@pytest.mark.parametrize(
    "reports",
    [
        [{"by": RITA}],
        [{"by": ROBOT}],
        [{"project": "other"}],
        [{"subject": "9" * 40}],
        [{"environment": "test"}],
        [{"outcome": Outcome.SKIPPED}],
        [{"outcome": Outcome.NEUTRAL}],
        [{"outcome": Outcome.RUNNING}],
        [{}, {"outcome": Outcome.FAILED}],
        [{"outcome": Outcome.FAILED}, {"by": RITA}],
        [{}, {"subject": PACKAGE, "outcome": Outcome.FAILED}],
    ],
)
def test_no_other_word_of_checks_covers(reports: list[dict[str, Any]]) -> None:
    made = office(Cover.CHECKS)
    id = asked(made)
    for each in reports:
        report(made, **each)
    assert codes(made, id) == {"not_covered"}


@pytest.mark.req("X-04", "X-05")
@pytest.mark.parametrize("behind,covers", [(SAM, False), (RITA, False), (OWEN, True)])
def test_checks_by_a_program_of_who_wrote_it_or_wants_it_there_cover_nothing(
    behind: str, *, covers: bool
) -> None:
    made = office(Cover.CHECKS, others=(merged(), person(CI, owner=behind)))
    id = made.fresh()
    made.ask(RITA, "deployment.request", id, wish=WISH)
    report(made)
    assert codes(made, id) == (set() if covers else {"not_covered"})


def test_every_check_of_the_service_is_asked_and_none_is_none() -> None:
    other = replace(CHECK, name="scan")
    foreign = replace(CHECK, name="elsewhere", service="other")
    made = office(Cover.CHECKS, checks=(CHECK, other, foreign))
    id = asked(made)
    report(made)
    assert codes(made, id) == {"not_covered"}
    made.report("scan")
    assert codes(made, id) == set()
    alone = office(Cover.CHECKS, checks=(foreign,))
    report(alone)
    assert codes(alone, asked(alone)) == {"not_covered"}


def test_the_word_of_a_program_that_was_suspended_counts_no_more() -> None:
    made = office(Cover.CHECKS)
    id = asked(made)
    report(made)
    program = next(e for (_, key), e in made.states.items() if key == CI)
    made.learn(replace(program, suspended=True))
    assert codes(made, id) == {"not_covered"}


# Overriding.


def test_nobody_overrides_that_nothing_covers_it_unless_the_environment_lets_them() -> None:
    made = office(Cover.CHANGE)
    id = asked(made)
    with refused("nothing_to_override"):
        made.ask(OWEN, "deployment.override", id, reason="Trust me.")


@pytest.mark.req("S0-13")
def test_where_it_may_be_overridden_a_second_person_signs_first() -> None:
    made = office(Cover.CHANGE, cover_overridable=True)
    id = asked(made)
    made.ask(OWEN, "deployment.override", id, reason="It cannot wait.")
    assert codes(made, id) == {"not_covered"}
    with refused("needs_second_person"):
        made.ask(OWEN, "deployment.countersign", id)
    made.ask(MAX, "deployment.countersign", id)
    assert cover(made, id).status is Is.BYPASSED
    made.ask(ROBOT, "deployment.start", id)
    assert made.states[Deployment, id].status is Status.RUNNING


def test_what_was_let_through_is_not_once_the_environment_lets_nobody() -> None:
    made = office(Cover.CHANGE, cover_overridable=True)
    id = asked(made)
    made.ask(OWEN, "deployment.override", id, reason="It cannot wait.")
    made.ask(SUE, "deployment.countersign", id)
    place = made.states[type(PLACE), PLACE.id]
    made.learn(replace(place, plan=replace(place.plan, cover_overridable=False)))
    assert codes(made, id) == {"not_covered"}


@pytest.mark.req("S1-50", "X-05")
@pytest.mark.parametrize("ways", [(Cover.RELEASE, Cover.CHECKS), (Cover.CHECKS,)])
def test_what_is_hidden_covers_nothing_in_the_open_until_it_is_shown(ways: tuple[Cover]) -> None:
    made = office(*ways)
    aimed(made, embargoed=True)
    made.learn(built(built_at=made.at))
    report(made)
    evidence = [each for each in made.states.values() if getattr(each, "subject", "") == COMMIT]
    assert [each.embargoed for each in evidence] == [True]
    going = asked(made)
    assert codes(made, going) == {"not_covered"}
    [hidden] = [
        each
        for each in made.states.values()
        if getattr(each, "embargoed", None) is True and isinstance(each, Release)
    ]
    made.learn(replace(hidden, embargoed=False))
    assert "not_covered" not in codes(made, going), "it is shown, so it counts"
