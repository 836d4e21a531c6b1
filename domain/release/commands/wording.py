"""What a plan and a target must be like before they may enter the log."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from domain.digest import canonical
from domain.kernel import Problems
from domain.process.release import ReleaseKind
from domain.process.version_form import version_pattern
from domain.release.state import Plan, Release, Target
from domain.wording import LINE, NOTE, check_commit, check_given, check_name, check_wording

LARGEST: Final = 8_000
"""How many bytes a plan may take, so that a release stays quick to read and to fold."""
MOST_VERSIONS: Final = 10
"""How many versions one release may have: one for each line it is made for."""
MOST_DEPENDENCIES: Final = 20
"""How many releases one may wait for."""
TEXTS: Final = ("objectives", "notes", "configuration", "deployment_plan", "rollback_plan")
"""The free texts beside the title."""
PACKAGE: Final = re.compile(r"sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128}")
"""The digest of a package, as registries spell it."""
_TAG: Final = re.compile(
    r"(?!.*(\.\.|@\{|//|\.lock$|/\.))[0-9A-Za-z][0-9A-Za-z._/+-]{0,98}[0-9A-Za-z]|[0-9]"
)
"""What may name a tag in Git and everywhere else."""
_TAG_ELSEWHERE: Final = re.compile(
    r"(?!@$|.*(\.\.|@\{|//|\.lock$|/\.))[0-9A-Za-z@]([0-9A-Za-z@._/+-]{0,198}[0-9A-Za-z])?"
)
"""What may name a tag in Git, as others name theirs."""
_BETWEEN: Final = re.compile(r"[.+-]")
"""What stands between the parts of a version."""
_SPELLED: Final = (".", "-", "_")
"""What may stand there in a tag: all the same in one name."""


def check_plan(problems: Problems, plan: Plan, kind: ReleaseKind | None) -> None:
    """Note everything about the plan that could not be stored or followed, as far as is known."""
    path = "plan"
    check_given(problems, plan.title, LINE, path, "title")
    for name in ("service", "project", "series"):
        if (word := getattr(plan, name)) is not None:
            check_name(problems, word, path, name)
    for name in TEXTS:
        check_wording(problems, getattr(plan, name), LARGEST, path, name)
    if plan.short_circuit is not None:
        check_given(problems, plan.short_circuit, NOTE, path, "short_circuit")
    _check_versions(problems, plan)
    if kind is not None:
        _check_forms(problems, plan, kind)
    _check_size(problems, plan)


def _check_versions(problems: Problems, plan: Plan) -> None:
    path, versions = ("plan", "versions"), plan.versions
    problems.unless(versions, "version_missing", "Name at least one version.", *path)
    message = f"At most {MOST_VERSIONS} versions."
    problems.unless(len(versions) <= MOST_VERSIONS, "too_many", message, *path)
    once = len(set(versions)) == len(versions)
    problems.unless(once, "named_twice", "A version stands here twice.", *path)


def _check_forms(problems: Problems, plan: Plan, kind: ReleaseKind) -> None:
    """Note a strategy or version that is none by the playbook."""
    allowed = plan.strategy is None or plan.strategy in kind.strategies
    words = ", ".join(kind.strategies) or "no strategy"
    message = f"The playbook knows: {words}."
    problems.unless(allowed, "unknown_strategy", message, "plan", "strategy")
    for at, version in enumerate(plan.versions):
        good = version_pattern(kind.version_form).fullmatch(version)
        message = f"A version of this kind has the form {kind.version_form}."
        problems.unless(good, "not_a_version", message, "plan", "versions", str(at))


def _check_size(problems: Problems, plan: Plan) -> None:
    """Measure only what can be spelled; the rest has been noted already."""
    if problems:
        return
    size = len(canonical(plan))
    message = f"All texts together take at most {LARGEST} bytes; these take {size}."
    problems.unless(size <= LARGEST, "content_too_large", message, "plan")


def check_target(problems: Problems, state: Release, target: Target) -> None:
    """Note a version that is not the release's, and what is no commit or package."""
    known = target.version in state.plan.versions
    message = "The release has no such version."
    problems.unless(known, "unknown_version", message, "release_version")
    if target.commit is not None:
        check_commit(problems, target.commit, "commit")
    if target.package is not None:
        check_package(problems, target.package, "package")


def check_tag(problems: Problems, tag: str, path: str, *, elsewhere: bool = False) -> None:
    """Note what cannot name a tag: one of ours, or one of a repository elsewhere."""
    good = tag != "HEAD" and (_TAG_ELSEWHERE if elsewhere else _TAG).fullmatch(tag)
    problems.unless(good, "not_a_tag", "This cannot name a tag.", path)


def check_named_after(problems: Problems, tag: str, version: str, versions: Iterable[str]) -> None:
    """Note a tag that does not name the version that it is of, or names another of the release."""
    others = (each for each in versions if each != version and _names(tag, each))
    message = f"It does not name {version}, which it is of."
    problems.unless(_names(tag, version), "tag_of_other_version", message, "name")
    problems.unless(not any(others), "tag_of_other_version", "It names another version.", "name")


def _names(tag: str, version: str) -> bool:
    """Whether a version stands in a name as it is, or with dashes or lines: `v1-2-0` is 1.2.0.

    It stands there whole: 11.2.0, 1.2.0.1 and 01.2.0 are others.
    """
    parts = [re.escape(each) for each in _BETWEEN.split(version)]
    spelled = {re.escape(version), *(re.escape(each).join(parts) for each in _SPELLED)}
    near = rf"(?<![0-9])(?<![0-9][._])(?:{'|'.join(sorted(spelled))})(?![0-9]|[._][0-9])"
    return re.search(near, tag, re.IGNORECASE) is not None


def check_package(problems: Problems, package: str, *path: str) -> None:
    """Note what is no digest of a package."""
    message = "A package is named by its digest: sha256: and 64 hexadecimal digits in lower case."
    problems.unless(PACKAGE.fullmatch(package), "not_a_package", message, *path)
