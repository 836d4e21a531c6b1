"""A planned and a critical patch, each from the first fix to its close."""

from __future__ import annotations

from dataclasses import replace

import pytest

from domain.belonging import in_the_open
from domain.evidence.aggregate import Outcome
from domain.gate import Finding, Status
from domain.merge_request.merging import verdict as merge_verdict
from domain.process.release import ReleaseStatus
from domain.release.standing import kind_of
from domain.sync.state import Ref, RefKind
from tests.domain.given import DAY
from tests.domain.organisation import refused
from tests.domain.patch_stories import (
    ADDRESS,
    APPSEC,
    BOT,
    BRANCHES,
    COMMITS,
    PATCH,
    VERSIONS,
    accord,
    apply_backports,
    begin,
    compare_all,
    fix,
    host,
    merge,
    patch_office,
    ported_bug,
    prepared,
    refs,
    report_all,
    report_sync,
    request,
    tag_and_test,
    to_preparation,
)
from tests.domain.release_stories import CI, DATE, EVE, RITA, SAM, Office, opened


def published(office: Office) -> str:
    """A planned patch that is out."""
    id = prepared(office)
    begin(office, id)
    to_preparation(office, id)
    tag_and_test(office, id)
    office.ask(RITA, "release.publish", id)
    return id


@pytest.mark.req("S1-06", "S1-28", "S1-29", "S1-30", "S1-31", "S1-32", "S1-33", "S1-34")
@pytest.mark.req("S1-35", "S1-36", "S1-37", "S1-38", "S1-39", "X-01")
def test_a_planned_patch_goes_from_the_first_fix_to_its_close() -> None:
    office = patch_office()
    id = prepared(office)
    office.at = DATE - 3 * DAY
    with refused("phase_not_open"):
        office.ask(RITA, "release.enter_phase", id)
    begin(office, id)
    first, *ports = fix()
    apply_backports(office, *ports)
    waits = {"changes_not_deployed", "phase_not_open"}
    assert office.codes(id, "enter_phase:backports") == waits
    merge(office, first)
    host(office, first)
    office.at = DATE - DAY
    office.ask(RITA, "release.enter_phase", id)
    assert office.codes(id, "enter_phase:preparation") == {"not_authorised"}
    merge(office, *ports)
    office.ask(RITA, "release.enter_phase", id)
    assert "not_tagged" in office.codes(id, "deploy:release")
    tag_and_test(office, id)
    for gate in ("announce", "enter_phase"):
        assert office.codes(id, gate) == {"not_published"}
    office.ask(RITA, "release.publish", id)
    office.ask(RITA, "release.enter_phase", id)
    assert office.codes(id, "close") == {"not_announced", "not_in_sync", "tasks_open"}
    office.ask(RITA, "release.announce", id, location=ADDRESS)
    report_sync(office, id, refs(office, id))
    office.finish_tasks(id)
    office.ask(RITA, "release.close", id)
    closed = office.release(id)
    assert {each.version for each in closed.tags} == set(VERSIONS)
    assert (closed.status, closed.announcement) == (ReleaseStatus.CLOSED, ADDRESS)


def agree_on_time(office: Office, id: str) -> None:
    """Application security proposes when, and a release manager agrees."""
    when = accord(office, APPSEC, id, "timeline", due=office.at + DAY)
    office.ask(APPSEC, "accord.agree", when, rule="appsec")
    assert "not_agreed" in office.codes(id, "publish")
    office.ask(RITA, "accord.agree", when, rule="release_managers")


@pytest.mark.req("S1-07", "S1-40", "S1-42", "S1-44", "S1-45", "S1-46", "S1-47", "S1-48", "S1-49")
def test_a_critical_patch_has_no_day_one_fix_every_test_and_a_reviewed_announcement() -> None:
    office = patch_office()
    id = prepared(office, "critical_patch", scheduled=None)
    assert office.codes(id, "enter_phase") == {"attestation_missing", "not_agreed"}
    office.attest(APPSEC, id, "assessment", "enter_phase:first_steps")
    agree_on_time(office, id)
    begin(office, id, office.at)
    to_preparation(office, id, None)
    tag_and_test(office, id)
    assert office.codes(id, "publish") == {"attestation_missing"}
    with refused("not_entitled"):
        office.attest(EVE, id, "announcement", "publish")
    office.attest(APPSEC, id, "announcement", "publish")
    office.report("package_and_test", subject=COMMITS["17.5.3"], outcome=Outcome.FAILED)
    assert office.codes(id, "publish") == {"evidence_failed"}
    office.report("package_and_test", subject=COMMITS["17.5.3"], outcome=Outcome.SKIPPED)
    assert office.codes(id, "publish") == {"evidence_missing"}
    office.report("package_and_test", subject=COMMITS["17.5.3"])
    assert office.codes(id, "enter_phase") == {"not_published"}
    office.ask(RITA, "release.publish", id)
    office.ask(RITA, "release.enter_phase", id)
    office.ask(RITA, "release.announce", id, location=ADDRESS)
    office.finish_tasks(id)
    assert office.codes(id, "close") == {"not_in_sync"}
    report_sync(office, id, refs(office, id))
    office.ask(RITA, "release.close", id)
    assert office.release(id).status is ReleaseStatus.CLOSED


@pytest.mark.req("S1-47")
def test_no_test_of_a_critical_patch_is_waived_and_an_announcement_is_read_again() -> None:
    office = patch_office()
    id = prepared(office, "critical_patch", scheduled=None)
    told = {"release": id, "requirement": "qa", "gate": "publish", "reason": "No."}
    with refused("unknown_release"):
        office.ask(RITA, "waiver.request", office.fresh(), **told, expires_at=office.at + DAY)
    kind = kind_of(office.release(id), office.records)
    assert not any(row.waivable_by for row in kind.requirements)
    office.attest(APPSEC, id, "announcement", "publish")
    found = office.verdict(id, "publish").findings
    assert [e.status.value for e in found if e.requirement == "announcement"] == ["satisfied"]
    plan = replace(office.release(id).plan, notes="Fixes two holes.")
    office.ask(RITA, "release.edit", id, plan=plan)
    assert "attestation_missing" in office.codes(id, "publish")


@pytest.mark.req("S1-49")
def test_a_critical_patch_carries_one_fix_and_nothing_beside_it() -> None:
    office = patch_office()
    id = prepared(office, "critical_patch", scheduled=None)
    assert "not_a_single_change" not in office.codes(id, "tag")
    more = fix("b", ())
    office.learn(*more)
    office.ask(RITA, "release.include", id, merge_requests=[each.id for each in more])
    assert "not_a_single_change" in office.codes(id, "tag")


@pytest.mark.req("S1-20", "S1-49")
def test_one_fix_of_whose_versions_one_is_gone_is_one_again_once_that_is_back() -> None:
    office = patch_office()
    id = prepared(office, "critical_patch", scheduled=None)
    plan = replace(office.release(id).plan, versions=tuple(COMMITS)[:2])
    office.ask(RITA, "release.edit", id, plan=plan)
    blocking = {each.code: each for each in office.verdict(id, "tag").blocking}
    single, stray = blocking["not_a_single_change"], blocking["target_not_covered"]
    assert [each.description for each in single.acts] == [
        "Let it have a version of each supported line."
    ]
    assert single.acts == stray.acts, "both are had by the same"


@pytest.mark.req("S1-11")
def test_what_is_not_ready_at_the_cut_off_waits_for_the_next() -> None:
    office = patch_office()
    id = prepared(office)
    begin(office, id)
    office.learn(*fix("b"))
    with refused("past_cut_off"):
        office.ask(RITA, "release.include", id, merge_requests=[fix("b")[0].id])
    told = {"merge_requests": [fix()[0].id], "reason": "It breaks something."}
    office.ask(RITA, "release.exclude", id, **told)
    assert office.release(id).item_count == 3


@pytest.mark.req("S1-04", "S1-05")
def test_the_hosted_service_is_deployed_to_in_every_phase_of_a_patch_and_has_its_fixes_first() -> (
    None
):
    office = patch_office()
    id = prepared(office)
    host(office)
    begin(office, id)
    first, *_ = fix()
    merge(office, first)
    host(office, first)
    assert office.release(id).published_at is None
    assert "changes_not_deployed" not in office.codes(id, "publish")


@pytest.mark.req("S1-32")
def test_backports_must_be_reported_to_apply_at_the_very_head_that_is_merged() -> None:
    office = patch_office()
    id = prepared(office)
    gate = "enter_phase:backports"
    _, *ports = fix()
    apply_backports(office, *ports[:2])
    office.report("applies", subject=ports[2].head, outcome=Outcome.NEUTRAL)
    assert "evidence_missing" in office.codes(id, gate)
    apply_backports(office, ports[2])
    assert "evidence_missing" not in office.codes(id, gate)
    office.learn(replace(ports[2], head="e" * 40))
    assert "evidence_missing" in office.codes(id, gate)


@pytest.mark.req("S1-32", "S1-34")
def test_each_version_has_a_backport_and_none_goes_to_a_version_that_is_not_there() -> None:
    office = patch_office()
    id = opened(office, "planned_patch", "planned_patch", PATCH)
    some = fix("a", BRANCHES[:2])
    office.learn(*some)
    office.ask(RITA, "release.include", id, merge_requests=[each.id for each in some])
    gate = "enter_phase:backports"
    assert "backport_missing" in office.codes(id, gate)
    stray = ported_bug("f", "16-1-stable-ee")
    office.learn(stray)
    office.ask(RITA, "release.include", id, merge_requests=[stray.id])
    assert "target_not_covered" in office.codes(id, gate)


@pytest.mark.req("S1-30", "X-03")
def test_who_takes_the_release_there_is_named_and_who_merges_ones_own() -> None:
    office = patch_office()
    book = next(each for each in office.states if each[1] == "playbook planned_patch")[1]
    mine = replace(fix()[0], kind="strict", playbook=book, embargoed=True, author=EVE)

    def acts(by: str) -> dict[str, frozenset[str]]:
        told = {"at": office.at, "authority": office.authority, "records": office.records}
        found = merge_verdict(
            mine,
            "merge",
            **told,  # type: ignore[arg-type]
            by=by,
            who=lambda _: frozenset((EVE, RITA)),
            there=lambda action, _: frozenset((RITA,) if action.startswith("release.") else ()),
        )
        return {act.action: act.people for each in found.blocking for act in each.acts}

    id = opened(office, "planned_patch", "planned_patch", PATCH)
    assert acts(EVE)["release.include"] == {RITA}
    assert acts(EVE)["merge_request.merge"] == {RITA}
    office.learn(mine)
    office.ask(RITA, "release.include", id, merge_requests=[mine.id])
    assert acts(EVE)["release.enter_phase"] == {RITA}


@pytest.mark.req("S1-20", "S1-30", "S1-31", "S1-12")
def test_what_each_phase_waits_for_is_told_of_what_merges_in_a_later_one() -> None:
    office = patch_office()
    book = next(each for each in office.states if each[1] == "playbook planned_patch")[1]
    mine = replace(fix()[1], kind="backport", playbook=book, embargoed=True)
    id = prepared(office)

    def ways(by: str) -> list[list[str]]:
        told = {"at": office.at, "authority": office.authority, "records": office.records}
        found = merge_verdict(
            mine,
            "merge",
            **told,  # type: ignore[arg-type]
            by=by,
            there=lambda *_: frozenset((RITA, CI)),
            sees=lambda who, _: who == RITA,
        )
        (said,) = (each for each in found.blocking if each.code == "phase_not_reached")
        return [[each.description for each in acts] for acts in (said.acts, *said.instead)]

    names, start = ("first_steps", "early_merge", "backports"), "For the release of "
    for way in ways(RITA):
        assert {each for each in way if not each.startswith(start)} <= {
            "Merge merge request shop!7."
        }
        told = [each.partition(": ")[2] for each in way]
        entered = [told.index(f"Go on to the phase {each}.") for each in names]
        assert entered == sorted(entered)
        assert told[-1] == "Go on to the phase backports."
        assert entered[0] < told.index("Complete task 1.") < entered[1]
        assert told.index("Report that applies passed for the head of each.") > entered[1]
    assert ways(EVE) == [["Put it into a release."]], "she may not know of it"
    begin(office, id)
    assert all(names[1] not in each for way in ways(RITA) for each in way), "it is there"


@pytest.mark.req("S1-12", "S1-31")
def test_who_may_not_know_of_a_hidden_release_is_told_nothing_of_what_is_in_it() -> None:
    office = patch_office()
    book = next(each for each in office.states if each[1] == "playbook planned_patch")[1]
    mine = replace(fix()[0], kind="strict", playbook=book, embargoed=True)

    def told(able: str, by: str | None = EVE) -> Finding:
        found = merge_verdict(
            mine,
            "merge",
            at=office.at,
            authority=office.authority,
            records=office.records,
            by=by,
            who=lambda _: frozenset((able,)),
            there=lambda *_: frozenset((RITA, CI)),
            sees=lambda who, _: who == RITA,
        )
        (said,) = (each for each in found.findings if each.requirement == "release")
        return said

    id = prepared(office)
    office.ask(RITA, "release.exclude", id, merge_requests=[mine.id], reason="Another time.")
    without = told(RITA)
    assert without.message == "No release that you may know of has it."
    office.ask(RITA, "release.include", id, merge_requests=[mine.id])
    assert told(RITA) == told(EVE) == without
    begin(office, id)
    assert told(RITA) == without, "who may not merge it learns nothing of the phase either"
    merging = told(EVE)
    assert (merging.status, merging.evidence) == (Status.SATISFIED, ())
    assert told(EVE, by=RITA).evidence == (id,)


@pytest.mark.req("S1-30", "S1-31")
def test_fixes_and_backports_are_merged_once_their_release_has_come_to_it() -> None:
    office = patch_office()
    book = next(each for each in office.states if each[1] == "playbook planned_patch")[1]
    kinds = {"strict": fix()[0], "backport": fix()[1]}
    made = {
        name: replace(each, kind=name, playbook=book, embargoed=True)
        for name, each in kinds.items()
    }

    def codes(name: str) -> set[str]:
        found = merge_verdict(
            made[name],
            "merge",
            at=office.at,
            authority=office.authority,
            records=office.records,
            by=EVE,
        )
        return set(found.codes)

    id = prepared(office)
    assert all("phase_not_reached" in codes(name) for name in made)
    begin(office, id)
    assert "phase_not_reached" not in codes("strict")
    assert "phase_not_reached" in codes("backport")
    merge(office, fix()[0])
    host(office, fix()[0])
    apply_backports(office, *fix()[1:])
    office.at = DATE - DAY
    office.ask(RITA, "release.enter_phase", id)
    assert "phase_not_reached" not in codes("backport")
    office.ask(RITA, "release.abort", id, reason="Another way was found.")
    assert "phase_not_reached" in codes("backport")


@pytest.mark.req("S1-39", "S1-48", "X-05")
def test_a_release_closes_only_when_both_sides_are_reported_to_be_the_same() -> None:
    office = patch_office()
    id = published(office)
    whole = refs(office, id)
    wrong = (
        whole[1:],  # no default branch
        (replace(whole[0], name="main"), *whole[1:]),  # not the one that the fix was merged to
        whole[:-1],  # a tag is missing
        refs(office, id, master="e" * 40),
        refs(office, id, **{"v17.5.3": "e" * 40}),
        tuple(replace(e, here="e" * 40, there="e" * 40) for e in whole),  # tags were moved
        tuple(replace(e, here=None, there=None) for e in whole),
        (*whole, Ref(RefKind.BRANCH, "17-1-stable-ee", "a" * 40, "b" * 40)),
    )
    for told in wrong:
        report_sync(office, id, whole)
        assert "not_in_sync" not in office.codes(id, "close")
        report_sync(office, id, told)
        assert "not_in_sync" in office.codes(id, "close")
    report_sync(office, id, whole, by=SAM)
    assert "not_in_sync" in office.codes(id, "close"), "only the release bot's word counts"


@pytest.mark.req("S1-39")
def test_what_cannot_be_a_report_of_both_sides_is_refused() -> None:
    office = patch_office()
    with refused("unknown_release"):
        report_sync(office, prepared(office), (Ref(RefKind.BRANCH, "master"),))
    open_to_all = opened(office, "gitlab", "monthly", replace(PATCH, versions=("17.6.0",)))
    with refused("not_published"):
        report_sync(office, open_to_all, (Ref(RefKind.BRANCH, "master"),))
    id = published(patch := patch_office())
    good = refs(patch, id)
    for told, code in (
        ((), "nothing_named"),
        ((good[0], good[0]), "named_twice"),
        ((replace(good[0], here="main"),), "not_a_commit"),
        ((replace(good[0], name=""),), "name_unusable"),
        (tuple(replace(good[0], name=f"b{at}") for at in range(61)), "too_many"),
    ):
        with refused(code):
            report_sync(patch, id, told)
    with refused("unknown_release"):
        report_sync(patch, "0" * 32, good)


@pytest.mark.req("S1-38")
def test_an_announcement_follows_publication_once_and_says_where_it_stands() -> None:
    office = patch_office()
    id = published(office)
    with refused("link_unusable"):
        office.ask(RITA, "release.announce", id, location="on the wall")
    office.ask(RITA, "release.announce", id, location=ADDRESS)
    with refused("announced_before"):
        office.ask(RITA, "release.announce", id, location=ADDRESS)


@pytest.mark.req("S1-15", "S1-16")
def test_a_failed_end_to_end_run_takes_a_software_engineer_in_test() -> None:
    office = patch_office()
    id = prepared(office)
    begin(office, id)
    to_preparation(office, id)
    report_all(office, "pipeline", "package_and_test")
    compare_all(office, id)
    assert office.verdict(id, "tag").allowed
    office.report("package_and_test", subject=COMMITS["17.6.1"], outcome=Outcome.FAILED)
    assert office.codes(id, "tag") == {"attestation_missing"}
    office.attest(SAM, id, "end_to_end", "tag")
    assert office.verdict(id, "tag").allowed


def test_the_bot_takes_no_part_in_what_people_attest() -> None:
    office = patch_office()
    id = prepared(office, "critical_patch", scheduled=None)
    with refused("not_a_person"):
        office.attest(BOT, id, "assessment", "enter_phase:first_steps")


@pytest.mark.req("S1-12", "S1-30")
def test_a_patch_is_hidden_until_it_is_published_and_nothing_open_names_it() -> None:
    office = patch_office()
    id = prepared(office)
    assert office.release(id).embargoed
    with refused("unknown_release"):
        plan = replace(PATCH, versions=("17.6.0",), depends_on=(id,))
        opened(office, "gitlab", "monthly", plan)
    office.knows = in_the_open
    with refused("unknown_release"):
        office.ask(RITA, "release.copy", office.fresh(), source=id, versions=("17.6.2",))
    hidden = request("f" * 32, "master", embargoed=True)
    office.learn(hidden)
    office.ask(RITA, "release.include", id, merge_requests=[hidden.id])
    monthly = opened(office, "gitlab", "monthly", replace(PATCH, versions=("17.6.0",)))
    with refused("unknown_merge_request"):
        office.ask(RITA, "release.include", monthly, merge_requests=[hidden.id])
    another = patch_office()
    shown = another.release(published(another))
    assert (shown.embargoed, shown.revealed_at) == (False, shown.published_at)


def test_a_hidden_package_is_revealed_by_hand_and_once() -> None:
    office = patch_office()
    plan = replace(PATCH, versions=("17.7.202603021200",))
    package = opened(office, "gitlab", "auto_deploy", plan, embargoed=True)
    assert office.release(package).embargoed
    office.ask(RITA, "release.reveal", package)
    assert office.release(package).revealed_at is not None
    with refused("not_embargoed"):
        office.ask(RITA, "release.reveal", package)
