"""Who can open a closed gate by doing what."""

from __future__ import annotations

from dataclasses import replace

from domain.approval.approval import Choice, Standings
from domain.change.aggregate import AGGREGATE as CHANGE
from domain.explanation import Explanation, Repair, Slot
from domain.gate import (
    Act,
    Finding,
    Status,
    Verdict,
    approval_findings,
    elsewhere,
    explain,
    or_else,
    taken_back,
    with_people,
)
from domain.release.aggregate import AGGREGATE as RELEASE
from domain.sequence import VOIDED
from domain.unfolding import unfolded
from domain.verdict import WHOEVER
from tests.domain.approval_examples import (
    ANN,
    BOB,
    CAT,
    DAN,
    EVE,
    FAY,
    count,
    rule,
    vote,
)

REJECT = Choice.REJECT


def explained(*standings: Standings, others: tuple[Finding, ...] = ()) -> Explanation:
    findings = [each for one in standings for each in approval_findings(one)]
    return explain(Verdict((*others, *findings)))


def told(explanation: Explanation) -> list[list[tuple[str | None, int, tuple[str, ...]]]]:
    return [[(s.rule, s.count, s.people) for s in way.acts] for way in explanation.ways]


def blocked(name: str, *acts: Act, message: str = "Not yet.") -> Finding:
    return Finding(name, Status.UNSATISFIED, name.title(), message=message, code=name, acts=acts)


def test_an_open_gate_needs_no_explanation() -> None:
    standings = count(rule("cab"), [vote(ANN, "cab")], {"cab": (ANN,)})
    assert explained(standings) == Explanation((), complete=True, impossible_reason=None)


def test_the_missing_approvals_are_counted_in_slots() -> None:
    standings = count(rule("cab", 3), [vote(ANN, "cab")], {"cab": (ANN, BOB, CAT, DAN)})
    explanation = explained(standings)
    (way,) = explanation.ways
    assert way.acts == (Slot("change.approve", 2, (BOB, CAT, DAN), 3, "Cab", "cab"),)
    assert way.size == 2
    assert explanation.complete


def test_the_action_of_an_approval_is_the_one_asked_for() -> None:
    standings = count(rule("review"), [], {"review": (ANN,)})
    explanation = explain(Verdict(approval_findings(standings)), approve="merge_request.sign_off")
    assert explanation.ways[0].acts[0].action == "merge_request.sign_off"


def test_only_whom_the_policy_lets_approve_is_named() -> None:
    standings = count(rule("cab", 2), [vote(ANN, "cab")], {"cab": (ANN, BOB, CAT, DAN)})
    findings = Verdict(approval_findings(standings))
    (way,) = explain(findings, may=lambda _: frozenset((CAT, EVE))).ways
    assert [slot.people for slot in way.acts] == [(CAT,)]
    assert explain(findings, may=lambda _: None) == explain(findings)


def test_nobody_can_where_the_policy_lets_too_few_of_those_who_sit_there() -> None:
    standings = count(rule("cab", 3), [vote(ANN, "cab")], {"cab": (ANN, BOB, CAT, DAN)})
    found = explain(Verdict(approval_findings(standings)), may=lambda _: frozenset((CAT,)))
    assert (found.ways, found.complete) == ((), True)
    assert found.repairs == (Repair(("cab",), 1),)
    lacking = "A role by which the policy lets them decide is lacking to: "
    assert str(found.impossible_reason).endswith(f"{lacking}{BOB}, {DAN}.")


def test_whoever_is_mandatory_and_may_not_ask_is_told() -> None:
    standings = count(rule("cab", mandatory=(BOB,)), [], {"cab": (ANN, BOB)})
    found = explain(Verdict(approval_findings(standings)), may=lambda _: frozenset((ANN,)))
    assert found.ways == ()
    assert [each.unable for each in found.repairs] == [(BOB,)]


def test_of_many_people_the_first_twenty_are_named_and_all_are_counted() -> None:
    people = [f"user:{number:03}" for number in range(100)]
    (way,) = explained(count(rule("cab"), [], {"cab": people})).ways
    assert way.acts[0].people == tuple(people[:20])
    assert way.acts[0].total == 100


def test_mandatory_people_have_a_slot_of_their_own() -> None:
    chaired = rule("cab", 2, mandatory=(ANN,))
    explanation = explained(count(chaired, [], {"cab": (ANN, BOB, CAT)}))
    assert told(explanation) == [[("cab", 1, (ANN,)), ("cab", 1, (BOB, CAT))]]


def test_where_only_the_mandatory_person_is_missing_nobody_else_is_asked() -> None:
    chaired = rule("cab", 2, mandatory=(ANN,))
    explanation = explained(count(chaired, [vote(BOB, "cab")], {"cab": (ANN, BOB, CAT)}))
    assert told(explanation) == [[("cab", 1, (ANN,))]]


def test_who_is_needed_elsewhere_is_not_named() -> None:
    both = [rule("appsec"), rule("cab", 2)]
    explanation = explained(count(both, [], {"appsec": (ANN,), "cab": (ANN, BOB, CAT)}))
    assert told(explanation) == [[("appsec", 1, (ANN,)), ("cab", 2, (BOB, CAT))]]


def test_later_stages_are_part_of_the_way() -> None:
    staged = [rule("cab", stage=2), rule("tech")]
    explanation = explained(count(staged, [], {"cab": (ANN, BOB), "tech": (CAT,)}))
    assert told(explanation) == [[("tech", 1, (CAT,)), ("cab", 1, (ANN, BOB))]]


def test_a_person_spent_on_one_rule_may_be_freed_for_another() -> None:
    both = [rule("appsec"), rule("cab")]
    entitled = {"appsec": (ANN, BOB), "cab": (ANN,)}
    explanation = explained(count(both, [vote(ANN, "appsec")], entitled))
    assert told(explanation) == [[("cab", 1, (ANN,)), ("appsec", 1, (BOB,))][::-1]]


def test_people_who_help_alike_are_told_together() -> None:
    both = [rule("appsec"), rule("cab")]
    entitled = {"appsec": (ANN, BOB), "cab": (ANN, BOB, CAT)}
    votes = [vote(ANN, "appsec"), vote(BOB, "appsec")]
    explanation = explained(count(both, votes, entitled))
    assert told(explanation) == [[("cab", 1, (ANN, BOB, CAT))]]


def test_different_ways_are_told_apart_smallest_first() -> None:
    both = [rule("appsec"), rule("cab")]
    entitled = {"appsec": (ANN, BOB), "cab": (ANN, CAT)}
    explanation = explained(count(both, [vote(ANN, "appsec")], entitled))
    assert told(explanation) == [
        [("cab", 1, (CAT,))],
        [("appsec", 1, (BOB,)), ("cab", 1, (ANN,))],
    ]
    assert explanation.complete


def test_no_more_than_five_ways_are_told_and_that_there_are_more_is_said() -> None:
    names = [f"r{number}" for number in range(6)]
    everybody = (ANN, BOB, CAT, DAN, EVE, FAY, "user:gus")
    six = [rule(name) for name in names]
    votes = [vote(ANN, name) for name in names]
    explanation = explained(count(six, votes, dict.fromkeys(names, everybody)))
    assert len(explanation.ways) == 5
    assert {way.size for way in explanation.ways} == {5}
    assert not explanation.complete


def test_of_six_ways_told_beside_approvals_there_are_more_than_five() -> None:
    acts = [(Act(f"do.{number}", frozenset((ANN,))),) for number in range(6)]
    for instead, complete in ((acts[1:5], True), (acts[1:], False)):
        finding = replace(blocked("tests", *acts[0]), instead=tuple(instead))
        told = explain(Verdict((finding,)))
        assert (len(told.ways), told.complete) == (5, complete)


def test_there_are_more_ways_where_the_gate_that_comes_first_has_more_than_are_told() -> None:
    names = [f"r{number}" for number in range(6)]
    people = (ANN, BOB, CAT, DAN, EVE, FAY, "user:gus")
    votes = [vote(ANN, name) for name in names]
    first = explained(count([rule(name) for name in names], votes, dict.fromkeys(names, people)))
    deploy = Act("deployment.request", frozenset((ANN,)), environment="staging")
    waits = blocked("order", deploy)
    (one, *_) = first.ways
    for before, complete in ((first, False), (replace(first, ways=(one,), complete=True), True)):
        opens = {deploy: before}
        told = explain(Verdict((unfolded(waits, opens.get, lambda act: act),)))
        assert (len(told.ways), told.complete) == (len(before.ways), complete)


def test_two_ballots_in_one_verdict_do_not_compete_for_people() -> None:
    first = count(rule("review"), [], {"review": (ANN,)})
    second = Standings(tuple(replace(each, subject="mr:2") for each in first.rules))
    explanation = explained(first, second)
    assert told(explanation) == [[("review", 1, (ANN,)), ("review", 1, (ANN,))]]
    assert [slot.subject for slot in explanation.ways[0].acts] == ["", "mr:2"]


# Other findings.


def test_acts_of_other_findings_are_needed_too() -> None:
    task = blocked("tasks", Act("change.finish_task", frozenset((DAN,)), 1, "Finish it."))
    window = blocked("window", Act("wait", count=0, description="It opens at 22:00."))
    explanation = explained(count(rule("cab"), [], {"cab": (ANN,)}), others=(task, window))
    (way,) = explanation.ways
    assert [(slot.action, slot.count, slot.people) for slot in way.acts] == [
        ("change.finish_task", 1, (DAN,)),
        ("wait", 0, ()),
        ("change.approve", 1, (ANN,)),
    ]
    assert way.size == 2


def test_what_was_waived_asks_for_nothing() -> None:
    (found,) = approval_findings(count(rule("cab"), [], {"cab": (ANN,)}))
    task = blocked("tasks", Act("change.finish_task", frozenset((DAN,))))
    explanation = explain(Verdict((replace(found, status=Status.WAIVED), task)))
    assert [slot.action for slot in explanation.ways[0].acts] == ["change.finish_task"]


def test_a_finding_nobody_can_change_is_a_dead_end() -> None:
    explanation = explained(others=(blocked("health", message="The probe raised."),))
    assert explanation.ways == ()
    assert explanation.impossible_reason == (
        'Nobody can. "Health" does not hold: The probe raised. '
        "No act is known that would change it."
    )


def test_an_act_that_too_few_may_do_is_a_dead_end() -> None:
    explanation = explained(others=(blocked("tasks", Act("change.finish_task", frozenset())),))
    assert "too few may ask for change.finish_task" in str(explanation.impossible_reason)


def test_a_gate_that_asks_nothing_cannot_be_opened() -> None:
    assert "nothing here that could be evaluated" in str(explain(Verdict(())).impossible_reason)


# Nobody can.


def test_when_too_few_are_entitled_it_is_said_how_many_are_lacking() -> None:
    both = [rule("appsec"), rule("cab", 2)]
    explanation = explained(count(both, [], {"appsec": (ANN,), "cab": (ANN, BOB)}))
    assert explanation.ways == ()
    assert explanation.repairs == (Repair(("appsec", "cab"), 1),)
    assert explanation.impossible_reason == (
        "Nobody can. Too few people may approve: appsec and cab would need 1 more person entitled."
    )


def test_a_mandatory_person_who_cannot_act_is_named() -> None:
    chaired = rule("cab", 2, mandatory=(ANN,))
    explanation = explained(count(chaired, [], {"cab": (ANN, BOB)}, excluded=[ANN]))
    assert explanation.repairs == (Repair(("cab",), 0, (ANN,)),)
    assert f"cab must have {ANN}, who cannot approve" in str(explanation.impossible_reason)


def test_after_a_rejection_nobody_is_sent_to_vote() -> None:
    votes = [vote(ANN, "cab", REJECT), vote(BOB, "cab", REJECT)]
    explanation = explained(count(rule("cab", 2), votes, {"cab": (ANN, BOB, CAT)}))
    assert explanation.ways == ()
    assert "The votes reject it" in str(explanation.impossible_reason)


def test_after_a_veto_only_a_new_revision_helps() -> None:
    votes = [vote(ANN, "cab", REJECT)]
    explanation = explained(count(rule("cab", veto=True), votes, {"cab": (ANN, BOB, CAT)}))
    assert explanation.impossible_reason == (
        f"Nobody can. Rejected with a veto by {ANN}: a new revision must be approved."
    )
    assert explanation.repairs == ()


def undone(*standings: Standings, able: tuple[str, ...] = (ANN, BOB)) -> Explanation:
    """As it is told where who rejected something may take that back."""
    findings = [each for one in standings for each in approval_findings(one)]
    who = frozenset(able)
    return explain(Verdict(tuple(taken_back(e, "withdraw", lambda _action: who) for e in findings)))


def test_whoever_rejected_what_stays_open_may_approve_it_instead() -> None:
    votes = [vote(ANN, "cab", REJECT), vote(BOB, "cab", REJECT)]
    explanation = undone(count(rule("cab", 2), votes, {"cab": (ANN, BOB, CAT)}))
    assert told(explanation) == [[("cab", 2, (ANN, BOB, CAT))]]
    assert explanation.complete
    assert explanation.ways[0].acts[0].description == "Cab: who decided against it may approve."


def test_nobody_is_sent_to_decide_anew_who_may_not() -> None:
    votes = [vote(ANN, "cab", REJECT)]
    lapsed = count(rule("cab", 2), votes, {"cab": (BOB,)}, lapsed=[votes[0].id])
    assert "would need 1 more person" in str(undone(lapsed).impossible_reason)


def test_a_veto_that_stays_open_is_taken_back_or_who_cast_it_approves() -> None:
    votes = [vote(ANN, "cab", REJECT)]
    found = count(rule("cab", veto=True), votes, {"cab": (ANN, BOB, CAT)})
    explanation = undone(found)
    ways = [[(s.action, s.count, s.people) for s in way.acts] for way in explanation.ways]
    assert ways == [
        [("change.approve", 1, (ANN,))],
        [("withdraw", 1, (ANN,)), ("change.approve", 1, (BOB, CAT))],
    ]
    assert explanation.complete
    alone = undone(found, able=())
    assert told(alone) == [[("cab", 1, (ANN,))]]


def test_every_veto_is_undone_and_what_else_is_missing_is_asked_for() -> None:
    votes = [vote(ANN, "cab", REJECT), vote(BOB, "cab", REJECT)]
    found = count(rule("cab", 3, veto=True), votes, {"cab": (ANN, BOB, CAT, DAN, EVE)})
    explanation = undone(found)
    assert told(explanation) == [
        [("cab", 2, (ANN, BOB)), ("cab", 1, (CAT, DAN, EVE))],
        [("cab", 2, (ANN, BOB)), ("cab", 3, (CAT, DAN, EVE))],
    ]
    assert not explanation.complete, "one may take it back while the other approves"


def test_an_explanation_of_a_large_board_is_exact_for_what_it_names() -> None:
    board = [f"user:{number:04}" for number in range(3000)]
    both = [rule("cab", 60), rule("appsec", 2)]
    votes = [vote(person, "cab") for person in board[:40]]
    explanation = explained(count(both, votes, {"cab": board, "appsec": board[:50]}))
    assert explanation.ways[0].size == 22


# Instead of what is needed.


def either(name: str, *ways: tuple[Act, ...]) -> Finding:
    first, *instead = ways
    return replace(blocked(name, *first), instead=tuple(instead))


def acts(explanation: Explanation) -> list[list[str]]:
    return [[slot.action for slot in way.acts] for way in explanation.ways]


WAIT = Act("calendar.wait", count=0)
CANCEL = Act("calendar_entry.cancel", frozenset((DAN,)))
PAIR = (Act("lock.lift", frozenset((DAN,))), Act("lock.confirm", frozenset((EVE,))))
TASK = Act("change.finish_task", frozenset((DAN,)))


def test_each_of_the_ways_of_a_finding_is_told_smallest_first() -> None:
    found = explained(others=(either("clash", PAIR, (CANCEL,), (WAIT,)), blocked("tasks", TASK)))
    assert acts(found) == [
        ["calendar.wait", "change.finish_task"],
        ["calendar_entry.cancel", "change.finish_task"],
        ["lock.lift", "lock.confirm", "change.finish_task"],
    ]
    assert found.complete


def test_they_stand_around_the_approvals_as_the_findings_do() -> None:
    (vote_,) = approval_findings(count(rule("cab"), [], {"cab": (ANN,)}))
    clash = either("clash", (WAIT,), (CANCEL,))
    before, after = explain(Verdict((clash, vote_))), explain(Verdict((vote_, clash)))
    assert acts(before) == [
        ["calendar.wait", "change.approve"],
        ["calendar_entry.cancel", "change.approve"],
    ]
    assert acts(after) == [list(reversed(each)) for each in acts(before)]


def test_a_way_that_too_few_may_go_is_left_out_and_where_none_is_left_nobody_can() -> None:
    lame = Act("calendar_entry.cancel", frozenset())
    assert acts(explained(others=(either("clash", (WAIT,), (lame,)),))) == [["calendar.wait"]]
    assert acts(explained(others=(either("clash", (lame,), (WAIT,)),))) == [["calendar.wait"]]
    nobody = explained(others=(either("clash", (lame,), (lame,)),))
    assert nobody.ways == ()
    assert "too few may ask for calendar_entry.cancel" in str(nobody.impossible_reason)


def test_no_more_than_five_of_all_their_ways_are_told() -> None:
    one, other = (
        tuple((replace(TASK, action=f"change.{name}"),) for name in names)
        for names in ("abc", "def")
    )
    found = explained(others=(either("one", *one), either("other", *other)))
    assert (len(found.ways), found.complete) == (5, False)


def test_who_acts_on_records_of_other_services_is_looked_up_by_those() -> None:
    far = replace(CANCEL, people=WHOEVER, services=("shop",))
    named = with_people(either("clash", (WAIT,), (far,)), lambda _: frozenset((ANN,)))
    assert named.instead == ((far,),), "who may in the gate's own service is another matter"
    asked: list[Act] = []

    def who(act: Act) -> frozenset[str]:
        asked.append(act)
        return frozenset((EVE,))

    (found,) = elsewhere(Verdict((named,)), who).findings
    assert asked == [far]
    assert found.instead[0][0].people == {EVE}
    open_ = replace(named, status=Status.SATISFIED)
    assert elsewhere(Verdict((open_,)), who).findings == (open_,)


def test_what_two_findings_have_in_common_is_done_once_and_nothing_more_is_asked() -> None:
    ways = ((replace(TASK, action="calendar_entry.replan"),), (CANCEL,))
    found = explained(others=(either("one", *ways), either("other", *ways)))
    assert acts(found) == [["calendar_entry.replan"], ["calendar_entry.cancel"]]
    assert found.complete


def test_what_would_do_instead_of_approvals_is_a_way_where_it_is_so_of_all_that_lack() -> None:
    report = Act("evidence.report", frozenset((DAN,)))
    standings = count(rule("cab"), [], {"cab": (ANN,)})
    ask = blocked("asked", Act("release.request_approval", frozenset((BOB,))))
    cab = [or_else(each, (report,)) for each in approval_findings(standings)]
    both = explain(Verdict((or_else(ask, (report,)), *cab)))
    assert [[each.action for each in way.acts] for way in both.ways] == [
        ["evidence.report"],
        ["release.request_approval", "change.approve"],
    ]
    nobody = count(rule("cab"), [], {"cab": ()})
    dead = [or_else(each, (report,)) for each in approval_findings(nobody)]
    (way,) = explain(Verdict((or_else(ask, (report,)), *dead))).ways
    assert [each.action for each in way.acts] == ["evidence.report"]
    assert explain(Verdict((ask, *approval_findings(nobody)))).ways == ()


def test_what_makes_a_new_revision_comes_before_what_that_voids_and_no_further_ahead() -> None:
    names = ("release.resume", "release.approve", "release.complete_task", "release.exclude")
    verdict = Verdict(tuple(blocked(each, Act(each, frozenset((ANN,)))) for each in names))
    (way,) = explain(verdict).ways
    assert [each.action for each in way.acts] == [names[0], names[3], names[1], names[2]]


def test_every_act_that_makes_a_new_revision_is_told_before_what_that_voids() -> None:
    """By whatever a release and a change say of themselves that it is a new revision."""
    commands = {
        f"{each.name}.{one.name}": one for each in (RELEASE, CHANGE) for one in each.commands
    }
    revising = {
        name
        for name, each in commands.items()
        if not each.internal and "new revision" in (each.run.__doc__ or "")
    }
    assert {each for each in revising if each.startswith("release.")} <= VOIDED.keys()
    assert VOIDED.keys() <= commands.keys()
    assert {each for every in VOIDED.values() for each in every if each.startswith("release.")} - {
        "release.wait"
    } <= commands.keys()
