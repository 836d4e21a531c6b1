"""Whether a security fix is complete, and everything that is missing with who can mend it (S1-18).

What is asked is read in sets, so that many fixes cost as many questions as one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from domain.gate import Act, Finding, Requirement, Verdict, evaluate, fault_of, in_words, or_else
from domain.gate import Status as Is
from domain.merge_request.checks import requirements
from domain.merge_request.question import Question, knowing, unknown
from domain.merge_request.state import MergeRequest
from domain.merge_request.state import Status as Merge
from domain.playbook.aggregate import Playbook, process
from domain.process.support import branch_name, order
from domain.release.state import Release
from domain.security_fix.basis import Basis
from domain.security_fix.beyond import AGREE, agreed_lines, agreeing
from domain.security_fix.earlier import earlier
from domain.security_fix.goal import Goal, goal, upcoming
from domain.security_fix.lasting import MERGED, merged
from domain.security_fix.ported import PORTED, ported
from domain.security_fix.seconding import LEFT, NAME, SAY, deciding, judged
from domain.security_fix.standing import kind_of, policy_of
from domain.security_fix.state import ENDED, SecurityFix
from domain.security_fix.taking import takes


@dataclass(frozen=True, slots=True)
class Slot:
    """One branch that a fix has to reach, the merge request for it, and how that stands.

    `version` is empty for the default branch. `merge_request` is null while there is none, and
    `findings` say everything that is asked of it.
    """

    branch: str
    version: str
    merge_request: str | None
    complete: bool
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class Completeness:
    """Whether a fix is complete, what is asked of itself, and what of each merge request.

    `versions` are those it has to cover now, and those it goes to by agreement beyond the support
    policy. A fix without a known version is never complete. It is judged for the release that it is
    linked to, else for the next one that takes what is ready, else by the policy of the moment.
    """

    complete: bool
    versions: tuple[str, ...]
    findings: tuple[Finding, ...]
    slots: tuple[Slot, ...]

    @property
    def verdict(self) -> Verdict:
        """All findings as of one gate; those of merge requests bear the branch in their names."""
        parts = (
            replace(each, requirement=f"{slot.branch}:{each.requirement}")
            for slot in self.slots
            for each in slot.findings
        )
        return Verdict((*self.findings, *parts))


def completeness(
    state: SecurityFix, basis: Basis, release: Release | None = None, *, ahead: bool = True
) -> Completeness:
    """Everything that is asked of the fix now; whatever cannot be evaluated blocks (X-05).

    It is judged for this release, if one is given. Without `ahead` it goes by no release that it
    is not linked to: what is kept of a review tells nothing of those.
    """
    known = basis.records
    meant = release or basis.tracker(state)
    own = evaluate((*_own(state, basis), takes(state, basis, meant)))
    try:
        after = meant or (upcoming(state, known) if ahead else None)
        reached = goal(state, known, basis.at, after)
        slots = tuple(_slots(state, basis, reached))
        covered = tuple(
            e.version for e in slots if e.version and (e.merge_request or not e.complete)
        )
    except (LookupError, ValueError) as gone:  # without playbook or policy nothing is known
        failed = _blocked("scope", in_words(gone), "could_not_be_evaluated")
        own = Verdict((*own.findings, replace(failed, fault=fault_of(gone))))
        covered, slots = (), ()
    complete = own.allowed and all(slot.complete for slot in slots)
    return Completeness(complete, covered, own.findings, slots)


def _own(state: SecurityFix, basis: Basis) -> tuple[Requirement, ...]:
    """What is asked of the fix itself."""
    return (
        Requirement("status", "It is worked on", lambda: _goes_on(state)),
        Requirement("assessed", "It is assessed", lambda: _assessed(state, basis), "S1-10"),
        Requirement("checklist", "Every box is ticked", lambda: _ticked(state, basis), "S1-19"),
        Requirement("label", "It wears the label", lambda: _labelled(state, basis), "S1-26"),
        Requirement("scope", "Versions are known", lambda: _scoped(state, basis), "S1-22"),
        *((Requirement("ported", PORTED, lambda: ported(state, basis)),) if state.follows else ()),
    )


def _goes_on(state: SecurityFix) -> Finding:
    if state.status not in ENDED:
        return Finding("status", Is.SATISFIED, "It is worked on")
    return _blocked("status", f"It is {state.status.value}.", "fix_ended")


def _assessed(state: SecurityFix, basis: Basis) -> Finding:
    title = "It is assessed"
    if state.severity is not None:
        return Finding("assessed", Is.SATISFIED, title, source="S1-10")
    able, seconds = _assessing(state, basis)
    act = Act("security_fix.assess", able, description="Say how grave it is.")
    said = "Nobody has said how grave it is."
    return _blocked("assessed", said, "not_assessed", *_seconding(seconds), act)


def _assessing(state: SecurityFix, basis: Basis) -> tuple[frozenset[str], frozenset[str]]:
    """Who may assess it, and whose word frees them first, if it takes one."""
    there = _there(state, basis)
    return deciding(state, there("security_fix.assess"), basis.authority, basis.at, there)


def _there(state: SecurityFix, basis: Basis) -> Callable[[str], frozenset[str]]:
    return lambda action: basis.helping(state)(action, state.project)


def _seconding(seconds: frozenset[str]) -> tuple[Act, ...]:
    return (Act(NAME, seconds, description=SAY),) if seconds else ()


def _ticked(state: SecurityFix, basis: Basis) -> Finding:
    open_boxes = [item for item in state.items if item.ticked_at is None]
    title = "Every box is ticked"
    if state.items and not open_boxes:
        return Finding("checklist", Is.SATISFIED, title, source="S1-19")
    acts = (basis.act(state, "security_fix.tick", f"{e.title}.") for e in open_boxes)
    message = f"{len(open_boxes)} of {len(state.items)} boxes are open."
    found = _blocked("checklist", message, "boxes_open", *acts)
    return replace(found, missing=tuple(item.name for item in open_boxes))


def _labelled(state: SecurityFix, basis: Basis) -> Finding:
    label = kind_of(state, basis.records).label
    if label in state.labels:
        return Finding("label", Is.SATISFIED, "It wears the label", source="S1-26")
    act = basis.act(state, "security_fix.label", f"Put {label} on it.")
    return _blocked("label", f"It does not wear {label}.", "label_missing", act)


def _scoped(state: SecurityFix, basis: Basis) -> Finding:
    if goal(state, basis.records, basis.at, None).required:
        return Finding("scope", Is.SATISFIED, "Versions are known", source="S1-22")
    message = f"No version of {state.service} is known to be out."
    act = basis.act(state, "stable_line.enter", "Enter the lines that are out.")
    return _blocked("scope", message, "versions_unknown", act)


def _slots(state: SecurityFix, basis: Basis, reached: Goal) -> Iterable[Slot]:
    """The default branch, one for each version, those agreed on, and what aims elsewhere."""
    policy, kind = policy_of(state, basis.records), kind_of(state, basis.records)
    every = [basis.requests[id] for id in state.merge_requests if id in basis.requests]
    parts = [each for each in every if not each.given_up]
    left, out = list(parts), earlier(state, basis.records)

    def aimed(*branches: str) -> list[MergeRequest]:
        found = [each for each in parts if branch_name(each.target) in branches]
        left[:] = [each for each in left if each not in found]
        return found

    def slot(branch: str, version: str, found: list[MergeRequest]) -> Slot:
        if branch in out:
            return _out(branch, version, out[branch])
        of = kind.backport_kind if version else kind.default_kind
        return _slot(state, basis, (branch, version, of), found)

    main = aimed(*policy.default_branches)
    first = policy.default_branches[0]
    there = main[0] if main else out.get(first)
    yield slot(branch_name(there.target) if there else first, "", main)
    for version in (*reached.required, *reached.beside):
        branch = policy.branch(version)
        own = aimed(branch)
        asked = own or branch in out or version in reached.required
        yield slot(branch, version, own) if asked else _beside(branch, version, reached)
    for version in _agreed(state, basis, left):
        branch = policy.branch(version)
        yield slot(branch, version, aimed(branch))
    for each in left:
        yield _astray(state, basis, each)


def _agreed(state: SecurityFix, basis: Basis, left: list[MergeRequest]) -> list[str]:
    """The versions that these go to by agreement beyond the support policy, newest first."""
    known = basis.records, basis.authority, basis.at
    beyond = agreed_lines(state, left, *known) if left else {}
    return sorted(set(beyond.values()), key=order, reverse=True)


def _out(branch: str, version: str, found: MergeRequest) -> Slot:
    """A branch that the fix which this one follows has gone out to."""
    title = "It is out there with the fix that this one follows"
    there = Finding("merge_request", Is.SATISFIED, title, (found.id,), source="S1-22")
    return Slot(branch, version, found.id, complete=True, findings=(there,))


def _beside(branch: str, version: str, reached: Goal) -> Slot:
    """A version that came out since the release was opened: that does not wait for it."""
    port = "" if reached.shut else f"port the fix to {branch} and give it a version of that, or "
    message = (
        f"{version} came out since the release was opened, which does not wait for it: {port}"
        "cover it with the next release, by a fix that follows this one once it is out."
    )
    found = Finding("merge_request", Is.NOT_APPLICABLE, "It is ported there", message=message)
    return Slot(branch, version, None, complete=True, findings=(found,))


def _slot(
    state: SecurityFix, basis: Basis, wanted: tuple[str, str, str], found: list[MergeRequest]
) -> Slot:
    branch, version, kind = wanted
    if len(found) != 1:
        message = f"{len(found)} merge requests aim at {branch}; one is needed."
        code = "merge_request_missing" if not found else "merge_requests_several"
        action = "add" if not found else "remove"
        act = basis.act(state, f"security_fix.{action}_merge_request", message)
        missing = _blocked("merge_request", message, code, act)
        return Slot(branch, version, None, complete=False, findings=(missing,))
    verdict = evaluate(_of(state, basis, found[0], kind))
    return Slot(branch, version, found[0].id, verdict.allowed, verdict.findings)


def _of(
    state: SecurityFix, basis: Basis, found: MergeRequest, kind: str
) -> tuple[Requirement, ...]:
    """What is asked of a merge request: what its kind demands, if it is of the kind it must be."""

    def who(action: str) -> frozenset[str]:
        return knowing(found, action, lambda each: basis.who(each, found.project))

    found, seconds = judged(state, found, basis.authority, basis.at, _there(state, basis))
    standing = (basis.at, basis.authority, basis.records)
    asked = who if basis.explains else unknown
    ask = Question(found, *standing, None, asked, basis.reports, sees=basis.sees)
    title = "It is of the right kind"
    right = Requirement("kind", title, lambda: _right(state, basis, found, kind))
    told = (basis.authority, basis.helping(state))
    if found.status is Merge.MERGED:
        return (
            right,
            Requirement("merged", MERGED, lambda: merged(state, found, *told)),
        )
    if seconds and not (state.severity is None and _assessing(state, basis)[1]):
        freeing = _blocked("finder", LEFT, "own_find", *_seconding(seconds))
        return (right, Requirement("finder", LEFT, lambda: freeing, "S1-20"), *requirements(ask))
    return (right, *requirements(ask))


def _right(state: SecurityFix, basis: Basis, found: MergeRequest, kind: str) -> Finding:
    """Whether its rules are those the fix's playbook has for it, in whichever version."""
    own = basis.records.get(Playbook, state.playbook)
    its = basis.records.get(Playbook, found.playbook)
    same = own is not None and its is not None and own.name == its.name
    if same and found.kind == kind and process(its.body if its else "").merge_request(kind):
        return Finding("kind", Is.SATISFIED, "It is of the right kind")
    message = f"It has to be opened as {kind} of the playbook of the fix."
    act = basis.act(state, "merge_request.open", message)
    return _blocked("kind", message, "wrong_kind", act)


def _astray(state: SecurityFix, basis: Basis, found: MergeRequest) -> Slot:
    branch = branch_name(found.target)
    message = f"{branch} is of no version that has to be covered, and none that was agreed on."
    told = "Take it out of the fix, or link that to a release that covers the version."
    act = basis.act(state, "security_fix.remove_merge_request", told)
    finding = _blocked("target", message, "unsupported_version", act)
    if basis.explains:
        may, known = basis.who(AGREE, found.project), (basis.records, basis.authority, basis.at)
        finding = or_else(finding, *agreeing(state, found, may, *known))
    return Slot(branch, "", found.id, complete=False, findings=(finding,))


def _blocked(name: str, message: str, code: str, *acts: Act) -> Finding:
    title = message.rstrip(".")
    return Finding(name, Is.UNSATISFIED, title, message=message, code=code, acts=acts)
