"""Planning a release: opening, copying, editing, moving its date, saying what it is made of."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Annotated, Any, Final

from domain.askers import check_claim, rights
from domain.clearance import is_told
from domain.digest import content_digest
from domain.evidence.reports import hiding
from domain.kernel import KEEP, Context, Keep, Problems, Text, refusal
from domain.package import Package
from domain.playbook.aggregate import Playbook
from domain.playbook.naming import book_named, kind_named
from domain.process.release import ReleaseKind
from domain.release.commands.circle import check_dependencies, check_parent
from domain.release.commands.going_out import check_called, check_made, check_still
from domain.release.commands.own_service import check_carried
from domain.release.commands.room import check_room
from domain.release.commands.ties import check_projects
from domain.release.commands.wording import check_plan, check_target
from domain.release.events import Aimed, Edited, NewTask, Opened, Rescheduled
from domain.release.evidence.made_of import arriving, joining
from domain.release.fold_plan import targets_with
from domain.release.standing import kind_of
from domain.release.state import (
    ENDED,
    NOTHING_INCLUDED,
    Covered,
    Plan,
    Release,
    Target,
    digest_of,
)
from domain.settled import settled
from domain.wording import NOTE, check_given

A_DAY: Final = timedelta(days=1)


def open(  # noqa: A001  the trade opens releases
    _state: None,
    context: Context,
    *,
    playbook: Annotated[str, "The name of the adopted playbook to follow."],
    kind: Annotated[str, "The kind of release, in the playbook's words or an alias."],
    plan: Annotated[Plan, "What is released, why and how."],
    scheduled: Annotated[datetime | None, "When it is to go out; may be moved."] = None,
    embargoed: Annotated[bool, "Hide it, whatever its kind says, until it is published."] = False,
) -> list[Any]:
    """Plan a release; it keeps the playbook version adopted now, and gets its tasks (S3-04)."""
    problems = Problems()
    check_claim(problems, context)
    book = book_named(problems, context.records, playbook)
    return [_opened(problems, context, (book, kind), plan, scheduled, embargoed=embargoed)]


def copy(
    _state: None,
    context: Context,
    *,
    source: Annotated[str, "The release to plan another like."],
    versions: Annotated[tuple[str, ...], "The versions of the new one."],
    scheduled: Annotated[datetime | None, "When the new one is to go out."] = None,
) -> list[Any]:
    """Plan a release like another: its plan and duties, under the playbook adopted now.

    That of one that is hidden is hidden, too. Nobody takes a duty over who may not know of it.
    """
    problems = Problems()
    check_claim(problems, context)
    source_of = context.records.get(Release, source)
    known = source_of if source_of and context.knows(source_of) else None
    problems.unless(known, "unknown_release", "There is no such release.", "source")
    if known is None:
        _check_date(problems, context, scheduled)
    found = settled(problems, known)
    before = context.records.get(Playbook, found.playbook)
    book = book_named(problems, context.records, before.name if before else "", "source")
    plan = replace(found.plan, versions=versions, short_circuit=None)
    hidden, under = found.embargoed, (book, found.kind)
    opened = _opened(problems, context, under, plan, scheduled, embargoed=hidden)
    made = replace(found, embargoed=opened.embargoed)
    duties = tuple(each for each in found.duties if is_told(context, made, each.person))
    return [replace(opened, duties=duties, copied_from=source)]


def _opened(
    problems: Problems,
    context: Context,
    under: tuple[Playbook | None, str],
    plan: Plan,
    scheduled: datetime | None,
    *,
    embargoed: bool,
) -> Opened:
    book, named = under
    found = kind_named(problems, book, "release", lambda plan: plan.releases.kind(named))
    check_plan(problems, plan, found)
    check_dependencies(problems, context, context.subject, plan)
    pinned = (book.id, found) if book and found else None
    check_parent(problems, context, context.subject, plan, pinned)
    check_projects(problems, context, plan.service, _project(plan), "plan", "project")
    _check_date(problems, context, scheduled)
    playbook, kind = settled(problems, book), settled(problems, found)
    first, tasks = kind.phases[0], new_tasks(kind, 0, ())
    told = (kind.name, playbook.id, first.name, first.status, plan, scheduled)
    hidden = embargoed or kind.embargo
    contents = context.salt if hidden else NOTHING_INCLUDED
    bare = Covered(kind.name, playbook.id, plan, scheduled, _no_cargo(plan, contents), 1)
    opened = Opened(*told, content_digest(bare), tasks, embargoed=hidden, contents=contents)
    grant, others = rights(context) if hidden else (None, ())
    return replace(opened, grant=grant, other_grants=others)


def _check_date(problems: Problems, context: Context, scheduled: datetime | None) -> None:
    """Note a date that is over: all that is due by it would be late, and nothing wait for it.

    One of today, or yesterday elsewhere, is for what goes out at once.
    """
    good = scheduled is None or scheduled > context.at - A_DAY
    message = "That date is over; leave it out if it goes out at once."
    problems.unless(good, "scheduled_in_the_past", message, "scheduled")


def _no_cargo(plan: Plan, contents: str) -> str:
    made = tuple(Target(version) for version in plan.versions)
    return content_digest({"contents": contents, "targets": made})


def new_tasks(kind: ReleaseKind, taken: int, known: tuple[str, ...]) -> tuple[NewTask, ...]:
    """The tasks a kind brings, numbered after those `taken`, without those `known` by name."""
    rows = [(phase, task) for phase in kind.phases for task in phase.tasks]
    fresh = [(phase, task) for phase, task in rows if task.name not in known]
    numbers = {task.name: taken + at for at, (_, task) in enumerate(fresh, start=1)}
    return tuple(
        NewTask(
            number=numbers[task.name],
            title=task.title,
            phase=phase.name,
            name=task.name,
            role=task.role,
            due_days=task.due_days,
            after=tuple(numbers[name] for name in task.after if name in numbers),
        )
        for phase, task in fresh
    )


def edit(
    state: Release, context: Context, *, plan: Annotated[Plan, "What it says from now on, whole."]
) -> list[Any]:
    """Say something else: a new revision, which voids every vote.

    Its service and project stay once anything of it went anywhere or is tagged, but for naming a
    project where it had none. Its versions stay while it is on its way, and once it is live. That
    it cannot wait stays once it went on by that.
    """
    kind = _editable(state, context)
    if plan == state.plan:
        return []
    problems = Problems()
    check_plan(problems, plan, kind)
    check_dependencies(problems, context, state.id, plan)
    check_parent(problems, context, state.id, plan, (state.playbook, kind))
    check_room(problems, state, "plan", plan=plan)
    check_called(problems, state, context, plan)
    if (plan.service, plan.project) != (state.plan.service, state.plan.project):
        check_projects(problems, context, plan.service, _project(plan), "plan", "project")
    if plan.service != state.plan.service:
        check_carried(problems, context.records, kind, state.id, plan, "plan", "service")
    problems.settle()
    return [_revised(state, Edited(plan, 0, ""), plan=plan, targets=_kept(state, plan))]


def _project(plan: Plan) -> tuple[str, ...]:
    return (plan.project,) if plan.project else ()


def _kept(state: Release, plan: Plan) -> tuple[Target, ...]:
    return tuple(each for each in state.targets if each.version in plan.versions)


def _editable(state: Release, context: Context) -> ReleaseKind:
    if state.status in ENDED:
        raise refusal("ended", "The release has ended.")
    if state.published_at is not None:
        raise refusal("published_before", "What was published stays as it was published.")
    problems = Problems()
    check_claim(problems, context)
    problems.settle()
    return kind_of(state, context.records)


def _revised(state: Release, event: Any, **changes: Any) -> Any:
    """The event with the revision and the digest of the release as it would stand."""
    after = replace(state, revision=state.revision + 1, **changes)
    return replace(event, revision=after.revision, digest=digest_of(after))


def reschedule(
    state: Release,
    context: Context,
    *,
    scheduled: Annotated[datetime | None, "When it is to go out from now on."],
    reason: Annotated[Text, "Why the date moves."],
) -> list[Any]:
    """Move the date, and with it what is due by it: a new revision (S1-09)."""
    _editable(state, context)
    problems = Problems()
    check_given(problems, reason, NOTE, "reason")
    problems.unless(scheduled != state.scheduled, "unchanged", "That is the date.", "scheduled")
    _check_date(problems, context, scheduled)
    problems.settle()
    event = Rescheduled(scheduled, reason, 0, "")
    return [_revised(state, event, scheduled=scheduled)]


def aim(
    state: Release,
    context: Context,
    *,
    release_version: Annotated[str, "One of the release's versions."],
    commit: Annotated[str | None, "The commit it is made from."] | Keep = KEEP,
    package: Annotated[str | None, "The package built from it, or its digest."] | Keep = KEEP,
) -> list[Any]:
    """Say which commit a version is made from, or which package was built: a new revision.

    What it went to production with stays, unless that is rolled back.

    Environments that take such packages by themselves get their request for it.
    """
    _editable(state, context)
    before = state.target(release_version)
    after = Target(
        release_version,
        before.commit if isinstance(commit, Keep) else commit,
        before.package if isinstance(package, Keep) else _digest_of(package, context),
    )
    problems = Problems()
    if after != before:
        check_still(problems, state, context)
        check_made(problems, state, context, after)
    check_target(problems, state, after)
    problems.settle()
    if after == before:
        return []
    targets = targets_with(state, after)
    aimed = replace(state, targets=targets)
    belonging = [*joining(aimed, context.records), *arriving(aimed, context.records)]
    made = (after.commit, after.package) if state.embargoed else ()
    reports = hiding(made, state.plan.project, context.records, release=state.id)
    return [_revised(state, Aimed(after, 0, ""), targets=targets), *belonging, *reports]


def _digest_of(package: str | None, context: Context) -> str | None:
    """The digest that is named, or that of the package named, if one was recorded."""
    known = context.records.get(Package, package) if package else None
    return package if known is None else known.digest or package
