"""What changes around a release: duties, other repositories, the version of its playbook."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Any, Final

from domain.approval.electorate import check_person
from domain.askers import check_claim
from domain.clearance import check_cleared
from domain.environment.readiness import environment_named
from domain.kernel import Context, Problems, Text, refusal
from domain.playbook.aggregate import Playbook, adopted, process
from domain.process.release import EnvironmentKind, ReleaseKind, ReleaseProcess
from domain.process.support import Fixes, Support
from domain.release.commands.own_service import check_carried
from domain.release.commands.planning import new_tasks
from domain.release.commands.room import check_room
from domain.release.commands.wording import check_plan, check_tag
from domain.release.events import (
    DutiesAssigned,
    PlaybookTaken,
    RepositoryAwaited,
    RepositoryFoundUnchanged,
    RepositoryTagEntered,
)
from domain.release.fold_plan import task_of
from domain.release.gate.question import Question, asked_of
from domain.release.standing import kind_of
from domain.release.state import ENDED, Duty, Release, RepositoryTag, digest_of
from domain.release.whereabouts.live import used
from domain.wording import NOTE, check_given, check_name

MOST_DUTIES: Final = 20
"""How many people may hold duties for a release, trainees among them."""
MOST_REPOSITORIES: Final = 20
"""How many other repositories a release may wait for."""
_DEMOTED: Final = (
    "By the newer version nobody uses {}, where it is or is on its way: it goes on under its own."
)


def assign_duties(
    state: Release,
    context: Context,
    *,
    duties: Annotated[tuple[Duty, ...], "Everybody who holds a duty from now on."],
) -> list[Any]:
    """Say who manages the release, who is learning it, who is on duty for security.

    Of one that is hidden, only to people who may know of it.
    """
    kind, project = _open(state, context), state.plan.project
    problems = Problems()
    message = f"At most {MOST_DUTIES} of these."
    problems.unless(len(duties) <= MOST_DUTIES, "too_many", message, "duties")
    once = len(set(duties)) == len(duties)
    problems.unless(once, "named_twice", "Somebody holds a duty twice.", "duties")
    for at, duty in enumerate(duties):
        known, path = duty.name in kind.duties, ("duties", str(at))
        message = f"The playbook knows: {', '.join(kind.duties) or 'no duty'}."
        problems.unless(known, "unknown_duty", message, *path, "name")
        check_person(problems, context, duty.person, *path, "person")
        if duty not in state.duties:
            check_cleared(problems, context, state, duty.person, project, *path, "person")
    problems.settle()
    return [DutiesAssigned(duties)] if duties != state.duties else []


def await_repository(
    state: Release,
    context: Context,
    *,
    repository: Annotated[str, "The repository that may have to be released as well."],
) -> list[Any]:
    """Note that another repository has to be looked at, such as functional tests (S4-02)."""
    _open(state, context)
    problems = Problems()
    check_name(problems, repository, "repository")
    fresh = all(each.repository != repository for each in state.repositories)
    problems.unless(fresh, "named_twice", "It is waited for already.", "repository")
    message = f"At most {MOST_REPOSITORIES} of these."
    few = len(state.repositories) < MOST_REPOSITORIES
    problems.unless(few, "too_many", message, "repository")
    more = (*state.repositories, RepositoryTag(repository))
    check_room(problems, state, "repository", repositories=more)
    problems.settle()
    return [RepositoryAwaited(repository)]


def enter_repository_tag(
    state: Release,
    context: Context,
    *,
    repository: Annotated[str, "The other repository."],
    tag: Annotated[str, "Its tag, entered by hand."],
) -> list[Any]:
    """Enter the tag that another repository was released under (S4-03)."""
    _open(state, context)
    problems = Problems()
    _check_awaited(problems, state, repository)
    check_tag(problems, tag, "tag", elsewhere=True)
    problems.settle()
    return [RepositoryTagEntered(repository, tag)]


def spare_repository(
    state: Release,
    context: Context,
    *,
    repository: Annotated[str, "The other repository."],
    reason: Annotated[Text, "How it is known that nothing changed there."],
) -> list[Any]:
    """Say that nothing changed in another repository, so that no tag is needed (S4-02)."""
    _open(state, context)
    problems = Problems()
    _check_awaited(problems, state, repository)
    check_given(problems, reason, NOTE, "reason")
    problems.settle()
    return [RepositoryFoundUnchanged(repository, reason)]


def _check_awaited(problems: Problems, state: Release, repository: str) -> None:
    known = any(each.repository == repository for each in state.repositories)
    message = "The release does not wait for this repository."
    problems.unless(known, "unknown_repository", message, "repository")


def take_playbook(
    state: Release, context: Context, *, reason: Annotated[Text, "Why it goes over."]
) -> list[Any]:
    """Go over to the version of the playbook adopted now: a new revision, with its new tasks.

    The versions that it has to cover stay those of the policy it was opened under: one whose fixes
    reach fewer is for the releases to come (X-02).
    """
    _open(state, context)
    former = context.records.get(Playbook, state.playbook)
    current = adopted(context.records, former.name) if former else None
    if current is None or current.id == state.playbook:
        raise refusal("unchanged", "No newer version of its playbook is adopted.")
    kind = process(current.body).releases.kind(state.kind)
    problems = Problems()
    check_given(problems, reason, NOTE, "reason")
    _check_fits(problems, context, state, kind)
    _check_places(problems, asked_of(state, context), process(current.body).releases)
    problems.settle()
    return [_taken(state, current, kind, reason)] if kind else []


def _check_fits(
    problems: Problems, context: Context, state: Release, kind: ReleaseKind | None
) -> None:
    """Note when the release, as it stands, could not have been opened under the newer version."""
    if kind is None:
        problems.add("unknown_kind", f"The newer version has no kind {state.kind}.")
        return
    check_plan(problems, state.plan, kind)
    message = f"The newer version has no phase {state.phase}."
    problems.unless(kind.phase(state.phase), "unknown_phase", message)
    before, after = kind_of(state, context.records).support, kind.support
    message = "Fixes reach fewer versions by the newer version: it goes on under its own."
    problems.unless(not _reaches_less(before, after), "reaches_less", message)
    check_carried(problems, context.records, kind, state.id, state.plan)
    tasks = new_tasks(kind, len(state.tasks), _names(state))
    more = tuple(task_of(each, state.scheduled) for each in tasks)
    check_room(problems, state, tasks=(*state.tasks, *more))


def _check_places(problems: Problems, ask: Question, newer: ReleaseProcess) -> None:
    """Note where it is, or is on its way, for people's use, which it would be said not to be."""
    told = {each.environment for each in used(ask)}
    for where in sorted(told):
        place = newer.environment(where)
        lower = place is not None and place.kind is not EnvironmentKind.PRODUCTION
        kept = environment_named(ask.records, where) if lower else None
        live = kept is not None and kept.plan.kind == EnvironmentKind.PRODUCTION
        problems.unless(live or not lower, "place_demoted", _DEMOTED.format(where))


def _reaches_less(before: Support | None, after: Support | None) -> bool:
    """Whether fixes of some kind go to fewer versions than before."""
    if before is None or after is None:
        return before is not None
    return any(after.reach(each) < before.reach(each) for each in Fixes)


def _names(state: Release) -> tuple[str, ...]:
    return tuple(each.name for each in state.tasks if each.name)


def _taken(state: Release, current: Playbook, kind: ReleaseKind, reason: str) -> PlaybookTaken:
    tasks = new_tasks(kind, len(state.tasks), _names(state))
    after = replace(state, playbook=current.id, revision=state.revision + 1)
    told = (current.id, state.playbook, current.number, reason)
    return PlaybookTaken(*told, after.revision, digest_of(after), tasks)


def _open(state: Release, context: Context) -> ReleaseKind:
    if state.status in ENDED:
        raise refusal("ended", "The release has ended.")
    problems = Problems()
    check_claim(problems, context)
    problems.settle()
    return kind_of(state, context.records)
