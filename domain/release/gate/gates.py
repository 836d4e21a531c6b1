"""The gates of a release: what must hold before it is tagged, deployed, published and closed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Final

from domain.askers import check_firsthand
from domain.authority import Authority
from domain.clash.findings import TITLE as CLASHES
from domain.gate import Act, Answer, Finding, Requirement, There, Verdict, evaluate, nowhere
from domain.gate import Status as Is
from domain.kernel import Context, Problems, Records
from domain.lock.blocking import TITLE as LOCKS
from domain.package import Package
from domain.passage import Passed, require
from domain.process.release import ANNOUNCE, CLOSE, DEPLOY, ENTER_PHASE, PUBLISH, TAG, Matter
from domain.release.checks.hidden import hidden
from domain.release.checks.known import KNOWN, known_commits
from domain.release.checks.made import APART, SAME, apart, names_both, same
from domain.release.checks.tag import FREE, versions_free
from domain.release.checks.traced import UNKNOWN
from domain.release.evidence.made_of import aimed_at, named
from domain.release.gate import ahead, place
from domain.release.gate.anew import done_again
from domain.release.gate.brought_first import brought_first, helped
from domain.release.gate.declared import declared
from domain.release.gate.going_on import everywhere
from domain.release.gate.matrix import requirement
from domain.release.gate.owed import ENDED as SETTLED
from domain.release.gate.owed import SIGNED, countersigned, ended
from domain.release.gate.phase_gate import entering, following
from domain.release.gate.phases import in_turn, reaching, up_to
from domain.release.gate.question import Question, Who, unknown
from domain.release.gate.together import of_another
from domain.release.state import ENDED, Release
from domain.release.whereabouts.built import SOUND, sound
from domain.release.whereabouts.in_use import in_use
from domain.release.whereabouts.left_behind import passable
from domain.release.whereabouts.superseded import superseded

GATES: Final = (TAG, DEPLOY, PUBLISH, CLOSE, ANNOUNCE, ENTER_PHASE)
"""The guarded acts, by the command that asks for them."""
RELEASE: Final = "The release it is for may go there"


def verdict(
    state: Release,
    gate: str,
    *,
    at: datetime,
    authority: Authority,
    records: Records,
    who: Who = unknown,
    there: There = nowhere,
) -> Verdict:
    """What a gate says at a moment: now, or for a forecast at any later time.

    `gate` is an act of the playbook, such as `tag` or `deploy:ENVIRONMENT`; one the playbook asks
    nothing for stays closed. With `who`, the acts that would help name who may ask for them; with
    `there` so do those on the locks in its way.
    """
    return asked(Question(state, at, authority, records, who, there=there), gate)


def asked(ask: Question, gate: str) -> Verdict:
    """What a gate says to a question; entering a phase without saying which is that of the next."""
    if gate == ENTER_PHASE:
        phase = following(ask.state, ask.kind)
        gate = f"{gate}:{phase.name if phase else ''}"
    said = _said(ask, gate)
    return said if ask.asking else done_again(ask, said, lambda then: _said(then, gate))


def _said(ask: Question, gate: str) -> Verdict:
    """The same of what is there now, without what an act that would help voids of it."""
    act, _, where = gate.partition(":")
    ahead.read(ask, act, where)
    if act == DEPLOY and (nowhere := _nowhere(ask, where)):
        return Verdict((_goes_on(ask), nowhere))
    said = passable(ask, gate, evaluate((*_beside(ask, gate), *_rows(ask, gate))))
    return brought_first(ask, gate, superseded(ask, gate, said), asked)


def coming_to(ask: Question, phase: str) -> Verdict:
    """What keeps it from a phase that is still to be entered, and from each on the way there."""
    ahead.read(ask, ENTER_PHASE, phase)
    return brought_first(ask, f"{ENTER_PHASE}:{phase}", Verdict(tuple(up_to(ask, phase))), asked)


def of_environment(ask: Question, where: str) -> Verdict:
    """What it is asked on its way to an environment whatever its playbook says."""
    ahead.read(ask, DEPLOY, where)
    return evaluate(_beside(ask, f"{DEPLOY}:{where}"))


def of_place(ask: Question, where: str) -> Verdict:
    """What the environment itself asks of it, all that an override may lift."""
    ahead.read(ask, DEPLOY, where)
    return evaluate(place.requirements(ask, where, partial(_others, ask, where)))


def _beside(ask: Question, gate: str) -> Iterator[Requirement]:
    """What holds beside the playbook, and what an environment asks."""
    act, _, where = gate.partition(":")
    yield from _always(ask, gate)
    if act == DEPLOY:
        yield from place.requirements(ask, where, partial(_others, ask, where))


def _nowhere(ask: Question, where: str) -> Finding | None:
    """That releases of the kind never go there, if so; of a kind that is gone nothing is known."""
    try:
        places = ask.kind.environments
    except LookupError:  # the requirements answer for that
        return None
    if where in places:
        return None
    goes = f"Releases of the kind {ask.state.kind} go to {', '.join(places) or 'no environment'}"
    message = f"{goes}, and not to {where}." if where else f"{goes}: say to which."
    answer = Finding("environment", Is.UNSATISFIED, "Releases of its kind go there")
    return replace(answer, message=message, code="unknown_environment")


def own(
    state: Release,
    environment: str,
    at: datetime,
    authority: Authority,
    records: Records,
) -> Verdict:
    """What the release itself asks before it goes there, apart from the environment."""
    return _own(Question(state, at, authority, records), environment)


def _own(ask: Question, environment: str) -> Verdict:
    gate = f"{DEPLOY}:{environment}"
    return evaluate((*_always(ask, gate), *_rows(ask, gate)))


def lets(ask: Question, environment: str) -> Finding:
    """Whether a release lets something go there by its own matrix, as a finding that names it.

    It tells what helps as the gate of the release does, of those who may ask for that of it.
    """
    gate = f"{DEPLOY}:{environment}"
    said = _let(ask, gate)
    if not ask.asking:
        said = done_again(ask, said, lambda then: _let(then, gate))
    why = " ".join(dict.fromkeys(each.message for each in said.blocking))
    message = f"{named((ask.state,))} may not go there: {why}"
    answer = _found("release", RELEASE, "release_not_ready", message, holds=said.allowed)
    answer = replace(answer, evidence=(ask.state.id,), missing=said.codes)
    return helped(answer, ask, said) if ask.explained else answer


def _let(ask: Question, gate: str) -> Verdict:
    return brought_first(ask, gate, _own(ask, gate.partition(":")[2]), asked)


def _others(ask: Question, where: str, package: str) -> Answer:
    """Whether each other release that is aimed at the package lets it go there as well.

    So no release is passed by because another one is made of the same.
    """
    built = ask.records.get(Package, package)
    aimed = aimed_at(built, where, ask.records) if built else ()
    others = [each for each in aimed if each.id != ask.state.id]
    none = Finding("release", Is.NOT_APPLICABLE, place.TOGETHER)
    too = (_asked_too(ask, each, where) for each in others)
    found = [(each, lets(each, where)) for each in too]
    if ask.who is not unknown:
        return [of_another(*each) for each in found] or none
    return [said for _, said in found] or none


def _asked_too(ask: Question, other: Release, where: str) -> Question:
    """The same question about another release; what is asked already is not asked anew."""
    told = ask.at, ask.authority, ask.records, ask.who
    too = Question(other, *told, now=ask.now, there=ask.there, explained=ask.explained)
    too.asking = ask.asking | {f"{DEPLOY}:{where}"}
    return too


def passed(state: Release, context: Context, gate: str) -> tuple[Passed, ...]:
    """The evidence on which a gate opens; a Refusal with its verdict when it stays closed."""
    problems = Problems()
    check_firsthand(problems, context)
    problems.settle()
    at, authority, records = context.at, context.authority, context.records
    ask = Question(state, at, authority, records, sees=context.knows)
    return require(asked(ask, gate))


def _rows(ask: Question, gate: str) -> Iterator[Requirement]:
    """The playbook's requirements, read inside a check: without its playbook nothing passes."""
    try:
        rows = ask.kind.rows(gate)
    except LookupError as gone:
        message = str(gone)

        def missing() -> Finding:
            raise LookupError(message)

        yield Requirement("playbook", "The playbook says what is required", missing)
        return
    if not rows and not gate.startswith(ENTER_PHASE):
        yield Requirement("matrix", "The playbook asks for something", tuple)
    for row in in_turn(rows):
        yield reaching(ask, row, gate) if row.about is Matter.PHASE else requirement(ask, row, gate)


def _always(ask: Question, gate: str) -> Iterator[Requirement]:
    """What holds whatever the playbook says."""
    yield Requirement("status", "The release goes on", lambda: _goes_on(ask))
    act, _, where = gate.partition(":")
    if act in (TAG, DEPLOY):
        yield Requirement("targets", "It is known what goes out", lambda: _targets(ask, act))
    if act == ENTER_PHASE:
        yield from entering(ask, where)
    if ask.state.embargoed:
        yield from hidden(ask, act)
    yield from declared(ask, gate)
    if act == DEPLOY:
        yield Requirement("kind", place.KIND, lambda: place.kind(ask, where), "X-01")
        yield Requirement("clashes", CLASHES, lambda: place.clashes(ask, where), "S3-23")
    if act in (TAG, PUBLISH) or (act == DEPLOY and in_use(ask, where)):
        yield Requirement("version", FREE, lambda: versions_free(ask, act), "S4-04")
    yield from _of_act(ask, act)


def _of_act(ask: Question, act: str) -> Iterator[Requirement]:
    """What holds of an act that goes beyond the environments."""
    if act == TAG:
        yield Requirement("known", KNOWN, lambda: known_commits(ask), "S4-04")
    if act in (TAG, DEPLOY, PUBLISH) and names_both(ask):
        yield Requirement("made", SAME, lambda: same(ask), "S0-14")
    if act in (TAG, DEPLOY, PUBLISH) and _ported(ask):
        yield Requirement("apart", APART, lambda: apart(ask), "S1-34")
    if act in (TAG, PUBLISH):
        yield Requirement("package", SOUND, lambda: sound(ask), "S0-14")
    if act == PUBLISH:
        yield Requirement("unpublished", "It was not published yet", lambda: _fresh(ask))
        yield Requirement("locks", LOCKS, lambda: place.locked_for_all(ask), "S0-13")
    if act == ANNOUNCE:
        yield Requirement("published", "It was published", lambda: _published(ask))
    yield from everywhere(ask, act)  # what is on its way arrives once it is approved still
    if act == CLOSE:
        yield Requirement("ended", SETTLED, lambda: ended(ask), "S0-13")
        yield Requirement("countersigned", SIGNED, lambda: countersigned(ask))


def _ported(ask: Question) -> bool:
    """Whether its versions come from branches that a support policy names."""
    try:
        return ask.kind.support is not None
    except LookupError:  # the requirements answer for that
        return False


def _found(name: str, title: str, code: str, message: str, *acts: Act, holds: bool) -> Finding:
    if holds:
        return Finding(name, Is.SATISFIED, title)
    return Finding(name, Is.UNSATISFIED, title, message=message, code=code, acts=acts)


def _goes_on(ask: Question) -> Finding:
    holds, message = ask.state.status not in ENDED, f"It is {ask.state.status.value}."
    return _found("status", "The release goes on", "ended", message, holds=holds)


def _targets(ask: Question, act: str) -> Finding:
    """A tag needs a commit; a deployment needs that or a package."""
    made = [ask.state.target(version) for version in ask.state.plan.versions]
    bare = [e.version for e in made if not (e.commit or (act == DEPLOY and e.package))]
    title, message = "It is known what goes out", f"Nobody said what {', '.join(bare)} is made of."
    aim = ask.act("release.aim", UNKNOWN)
    return _found("targets", title, "target_unknown", message, aim, holds=not bare)


def _published(ask: Question) -> Finding:
    """Nobody is told of what is not there yet, nor twice."""
    title, at = "It was published", ask.state.published_at
    if at is not None and ask.state.announced_at is not None:
        message = "It was announced before."
        return _found("published", title, "announced_before", message, holds=False)
    publish = ask.act("release.publish", "Publish it.")
    message = "It was not published yet."
    return _found("published", title, "not_published", message, publish, holds=at is not None)


def _fresh(ask: Question) -> Finding:
    title, message = "It was not published yet", "It was published before."
    holds = ask.state.published_at is None
    return _found("unpublished", title, "published_before", message, holds=holds)
