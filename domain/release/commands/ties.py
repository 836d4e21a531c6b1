"""Which projects a release may be of: those of its service, and those that one may release."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from typing import Final

from domain.kernel import Context, Problems, Records
from domain.process.release import ReleaseStatus
from domain.release.state import Release

CODE: Final = "project_of_other_service"
_EVERY: Final[frozenset[str]] = frozenset()
"""What only a grant for any value covers."""


def check_projects(
    problems: Problems, context: Context, service: str, projects: Iterable[str], *path: str
) -> None:
    """Note each project that is not known to be of the service, unless the asker may release it.

    So whoever releases one service takes nothing out that others answer for, under its name. A
    project is of a service once a release of it was opened for that project, by somebody who may
    release the project or every service; a hidden one says so to who may know of it.
    """
    left = [each for each in sorted(projects) if not _may_release(context, each)]
    known = projects_of(context.records, service, left, context.knows)
    for each in left:
        message = (
            f"{each} is not known to be of the service {service}: whoever may release {each}, or "
            "every service, opens the first release for it."
        )
        problems.unless(each in known, CODE, message, *path)


def _may_release(context: Context, project: str) -> bool:
    """Whether the role by which they ask is held for the project, or for every service.

    Who asks by no grant does so as everybody may, or as the operator.
    """
    grant = context.authority.grant(context.grant) if context.grant else None
    if grant is None:
        return context.grant is None
    held, role, at = context.authority.covering, grant.role, context.at
    ways = ((None, _EVERY), ("service", _EVERY), ("project", frozenset((project,))))
    return any(held(context.by, role, scope, values, at) for scope, values in ways)


def projects_of(
    records: Records, service: str, projects: Collection[str], knows: Callable[[Release], bool]
) -> frozenset[str]:
    """Those for which known releases of the service were opened that are not given up."""
    if not projects:
        return _EVERY
    found = records.find(Release, service=service, project=frozenset(projects))
    good = (e for e in found if e.status is not ReleaseStatus.ABORTED and knows(e))
    return frozenset(each.plan.project for each in good if each.plan.project)
