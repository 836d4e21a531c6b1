"""Which versions an accord may be about: whole ones, and of the branch that its subject goes to."""

from __future__ import annotations

from collections.abc import Iterable

from domain.kernel import Problems
from domain.merge_request.state import MergeRequest
from domain.process.process import Process
from domain.process.release import Matter
from domain.process.support import Support, branch_name, line_of
from domain.process.version_form import version_pattern
from domain.release.state import Release


def check_versions(
    problems: Problems,
    versions: tuple[str, ...],
    kind: str,
    about: Release | MergeRequest | None,
    book: Process,
) -> None:
    """Note what is but a line of versions, and what nothing could come of (S1-03).

    An accord about going beyond the policy names versions that releases may have, each of the line
    whose branch its merge request goes to.
    """
    forms = {
        each.version_form: None
        for each in book.releases.kinds
        for row in each.requirements
        if about and row.about is Matter.SUPPORTED and row.accord == kind
    }
    message = "Name the version that it goes to, in full."
    problems.unless(versions or not forms, "version_missing", message, "terms", "versions")
    for at, version in enumerate(versions):
        path = ("terms", "versions", str(at))
        if any(each.is_line(version) for each in book.supports):
            message = f"{version} is a line of versions: name the version, such as {version}.1."
            problems.add("version_not_whole", message, *path)
        elif forms and not any(version_pattern(each).fullmatch(version) for each in forms):
            message = f"A version that a release may have here has the form {' or '.join(forms)}."
            problems.add("not_a_version", message, *path)
        elif forms and isinstance(about, MergeRequest) and not _goes(about, version, book.supports):
            message = f"The merge request goes to {about.target}, which is no branch of {version}."
            problems.add("version_elsewhere", message, *path)


def _goes(about: MergeRequest, version: str, supports: Iterable[Support]) -> bool:
    """Whether it goes to the branch of the line of a version."""
    return any(_branch(each, version) == branch_name(about.target) for each in supports)


def _branch(policy: Support, version: str) -> str | None:
    """The stable branch of the line of a version; None for what is of no line."""
    try:
        return policy.branch(line_of(policy, version))
    except ValueError:
        return None
