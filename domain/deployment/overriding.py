"""Overriding what blocks a deployment: what of it counts, and when a second person comes first."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from domain.adoption import Status as Adoption
from domain.authorship import accounts, others, stands
from domain.change.standing import kind_of
from domain.change.state import Change
from domain.deployment.blockers import may_override
from domain.deployment.cover import COVER
from domain.deployment.owing import Owed, barred, overdue, owing_since, signers, too_few
from domain.deployment.question import Question
from domain.deployment.state import Covered, Override, Status
from domain.gate import Act, Finding, Reference
from domain.gate import Status as Is
from domain.kernel import is_person
from domain.lock.blocking import bearing
from domain.lock.state import Countersign
from domain.lock.timing import on
from domain.playbook.aggregate import Playbook, process
from domain.process.release import Environment
from domain.release.standing import pinned
from domain.release.state import Release
from domain.titles import person_name

MOST_NAMED: Final = 3
"""How many deployments a message names that a signature is owed for."""
SIGNED_FIRST: Final = frozenset(("criticality", COVER))
"""What an override of takes the second person before it counts."""
ANEW: Final = "Override it anew, as it stands now."
SIGN: Final = "Countersign that, as somebody else."
NO_THIRD: Final = " Nobody is left to countersign that: it takes a third who has that right."


def signed_before(ask: Question) -> bool:
    """Whether an override takes a second person before it counts.

    So it is where a lock in force or a playbook says so, of the environment or of a change that
    goes out, and where that blocks deployments while it is under way, such as one of criticality
    C1 or C2. Whichever is the strictest holds (S0-13).
    """
    holding = (each for each in bearing(ask.target, ask.records) if on(each.terms, ask.at))
    locks = any(each.terms.countersign is Countersign.BEFORE for each in holding)
    going = locks or any(kind_of(e, ask.records).signed_before for e in _at_stake(ask))
    return going or any(each.countersign is Countersign.BEFORE for each in _declared(ask))


def _at_stake(ask: Question) -> tuple[Change, ...]:
    return ask.records.find(Change, id=ask.own) if ask.own else ()


def _declared(ask: Question) -> Iterator[Environment]:
    """The places as playbooks declare them: those in force, and the one of its release."""
    release = ask.state.wish.belongs_to
    own = ask.records.get(Release, release) if release else None
    books = {each.id: each for each in ask.records.find(Playbook, status=Adoption.ADOPTED)}
    processes = [process(each.body).releases for each in books.values()]
    if own is not None and own.playbook not in books:
        processes.append(pinned(own, ask.records))
    places = ask.target.environments
    found = (each.environment(place) for each in processes for place in places)
    return (each for each in found if each is not None)


def as_it_stands(finding: Finding) -> Covered:
    """What an override keeps of a finding, so as to cover just that."""
    told = (finding.requirement, finding.code, finding.evidence, finding.grounds)
    return Covered(*told, finding.lacking)


def overridden(ask: Question, findings: tuple[Finding, ...]) -> tuple[Finding, ...]:
    """The findings, with what the override covers marked as bypassed, as far as it counts now.

    It covers what stood in the way when it was given, as long as that stands as it did: nothing
    that came up later, grew worse, or went away and came back. What else was overridden says why
    it counts no more, and who helps by doing what.
    """
    override = ask.state.override
    if override is None:
        return findings
    meant = [each for each in findings if _meant(ask, each, override)]
    covered = [each for each in meant if _covers(override, each)]
    told = {id(each): _another(ask, each, override) for each in meant}
    if covered and (lost := _lost(ask, override)):
        told |= {id(each): _fallen(ask, each, lost) for each in covered}
    elif covered and not _counts(ask, override):
        told |= {id(each): _unsigned(ask, each) for each in covered}
    elif covered and (late := _owed(ask, override)):
        told |= {id(each): _held_up(ask, each, override, late) for each in covered}
    else:
        told |= {id(each): _bypassed(ask, each) for each in covered}
    return tuple(told.get(id(each), each) for each in findings)


def _meant(ask: Question, finding: Finding, override: Override) -> bool:
    """Whether it is of a kind that was overridden, and may be."""
    named = finding.status is Is.UNSATISFIED and finding.requirement in override.requirements
    return named and may_override(ask, finding.requirement)


def _covers(override: Override, finding: Finding) -> bool:
    """Whether just this stood in the way then, with all that tells it from what it was not."""
    now = as_it_stands(finding)
    return any(replace(each, lacking=now.lacking) == now for each in override.covers)


def _counts(ask: Question, override: Override) -> bool:
    signed = override.countersigned_at is not None
    return signed or (not override.before and not signed_before(ask))


def _lost(ask: Question, override: Override) -> str | None:
    """Who gave or countersigned it and has lost the right to, unless it was used before that.

    So has who countersigned it once they turn out to have given it, or asked for what goes there.
    """
    if override.used_at is not None:
        return None
    given = {override.by: (override.grant, override.other_grants)}
    signer = override.countersigned_by
    if signer and signer in barred(ask.state, ask.authority):
        return signer
    if signer:
        given[signer] = (override.countersigned_grant, override.countersigned_others)
    words = ((who, stands(who, by, ask.authority, others=o)) for who, (by, o) in given.items())
    return next((who for who, counts in words if not counts), None)


def _owed(ask: Question, override: Override) -> tuple[Owed, ...]:
    """What whoever gave it owes a signature for since too long, unless it was used before that."""
    if override.used_at is not None:
        return ()
    giver = frozenset((override.by,))
    return overdue(giver, ask.records, ask.authority, ask.at, hidden=ask.hidden)


def _bypassed(ask: Question, finding: Finding) -> Finding:
    """What is overridden; it says where nobody is left to countersign that, as it is owed."""
    message = f"{finding.message}{_too_few(ask)}"
    return replace(finding, status=Is.BYPASSED, message=message)


def _too_few(ask: Question) -> str:
    people = ask.who(ask.state.action("countersign"))
    return too_few(ask.state, people, ask.authority)


# What is said of an override that lets nothing pass.


def _another(ask: Question, finding: Finding, override: Override) -> Finding:
    """What is not what was overridden: it has changed since, or is something else."""
    before = [each for each in override.covers if each.requirement == finding.requirement]
    same = any(each.grounds[:1] == finding.grounds[:1] for each in before)
    at = override.at.isoformat()
    if not before and ask.state.by_hand:
        said = f"It was overridden at {at} for another revision of the release."
    elif not before:
        said = f"It was overridden at {at}, and nothing says how it stood then."
    elif same:
        said = f"It was overridden as it stood at {at}; it has changed since."
    else:
        said = f"What was overridden at {at} was something else."
    return _anew(ask, finding, said)


def _fallen(ask: Question, finding: Finding, lost: str) -> Finding:
    """What stays in the way since somebody who let it pass may do so no more."""
    named = person_name(ask.authority.person(lost))
    said = f"It was overridden by the word of {named}, which counts no more."
    return _anew(ask, finding, said)


def _anew(ask: Question, finding: Finding, said: str) -> Finding:
    """With what is said of its override, and that it is overridden anew, while it may be."""
    told = replace(finding, message=f"{finding.message} {said}")
    if ask.state.status is not Status.REQUESTED:
        return told
    return _or_without(told, *ways(ask, finding.requirement, ANEW))


def _unsigned(ask: Question, finding: Finding) -> Finding:
    """What waits for a signature; where nobody is left to give it, it is overridden anew."""
    said = "Its override counts once a second person has countersigned it."
    action = ask.state.action("countersign")
    people = frozenset(signers(ask.state, ask.who(action), ask.authority))
    act = Act(action, people, description="Countersign the override.")
    alone = _too_few(ask)
    told = replace(finding, message=f"{finding.message} {said}{alone}")
    anew = possible(ways(ask, finding.requirement, ANEW)) if alone else ()
    return _or_without(told, *(anew or ((act,),)))


def _or_without(finding: Finding, *others: tuple[Act, ...]) -> Finding:
    """The finding with any of these, and with what would do without an override."""
    ways = (*others, finding.acts, *finding.instead)
    return replace(finding, acts=ways[0], instead=tuple(each for each in ways[1:] if each))


def ways(ask: Question, requirement: str, told: str) -> tuple[tuple[Act, ...], ...]:
    """How it is overridden, and where that comes first, countersigned by somebody else.

    By those alone whose word somebody is left to sign; where all of these owe a signature since
    too long, and so override nothing (S0-13), by one of them once that is signed. Where nobody is
    left to sign anybody's, and that need not come first, it says so.
    """
    override, sign = ask.state.action("override"), ask.state.action("countersign")
    able = frozenset(filter(is_person, ask.who(override)))
    owing = owing_since(ask.records, ask.authority, ask.at) if able else frozenset()
    second = ask.who(sign)
    left = {each: signs for each in able if (signs := _left(ask, each, second))}
    before = requirement in SIGNED_FIRST or signed_before(ask)

    def by(people: frozenset[str]) -> tuple[Act, ...]:
        made = Act(override, people, description=told)
        signing = frozenset().union(*(left[each] for each in people))
        return (made, Act(sign, signing, description=SIGN)) if before else (made,)

    if free := frozenset(left) - owing:
        return (by(free),)
    signed = ((each, _signed_up(ask, each)) for each in sorted(left))
    if later := tuple((*first, *by(frozenset((each,)))) for each, first in signed if first):
        return later
    if before or not able - owing:
        return (by(frozenset()),)
    return ((Act(override, able - owing, description=told + NO_THIRD),),)


def possible(found: tuple[tuple[Act, ...], ...]) -> tuple[tuple[Act, ...], ...]:
    """Those ways of which somebody may do every act."""
    return tuple(way for way in found if all(each.people for each in way))


def _signed_up(ask: Question, giver: str) -> tuple[Act, ...]:
    """That everything is signed that somebody owes since too long; nothing where that cannot be.

    So it is where it is not to be told what that is, either.
    """
    given = (frozenset((giver,)), ask.records, ask.authority, ask.at)
    late, every = overdue(*given, hidden=ask.hidden), overdue(*given, hidden=True)
    acts = tuple(_signing(ask, each) for each in late)
    able = len(late) == len(every) and all(each.people for each in acts)
    return acts if able else ()


def _left(ask: Question, giver: str, people: frozenset[str]) -> tuple[str, ...]:
    """Those of the people who may sign what somebody overrides."""
    out = accounts((giver, *ask.state.askers), ask.authority, ask.state.requested_at)
    return others(people, out, ask.authority)


def _held_up(
    ask: Question, finding: Finding, override: Override, late: tuple[Owed, ...]
) -> Finding:
    """What stays in the way until what its overrider owes elsewhere is signed (S0-13)."""
    giver = person_name(ask.authority.person(override.by))
    owed = ", ".join(each.named for each in late[:MOST_NAMED])
    said = f"{giver} overrode it, but owes a second person's signature for {owed} since too long."
    acts = (_signing(ask, each) for each in late[:MOST_NAMED])
    named = (Reference(each.noun, each.state.id) for each in late[:MOST_NAMED])
    owing = replace(
        finding,
        code="countersignature_owed",
        message=f"{finding.message} {said}",
        lacking=(*finding.lacking, Reference("principal", override.by), *named),
    )
    return _or_without(owing, tuple(acts))


def _signing(ask: Question, late: Owed) -> Act:
    action = late.state.action("countersign")
    people = ask.who(action) - barred(late.state, ask.authority)
    return Act(action, people, description=f"Countersign what was overridden for {late.named}.")
