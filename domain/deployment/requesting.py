"""Requesting a deployment, by hand or with a package, and overriding what blocks it."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Any, Final

from domain.askers import check_claim, rights
from domain.calendar.window import check_window
from domain.change.state import Change
from domain.deployment.dwelling import ELSE
from domain.deployment.events import (
    Countersigned,
    Joined,
    Overridden,
    Requested,
    Started,
    Withdrawn,
)
from domain.deployment.found_bad import faulty
from domain.deployment.gates import verdict
from domain.deployment.lifting import check_giver, check_signer, lifted
from domain.deployment.owing import unsigned
from domain.deployment.question import Question
from domain.deployment.state import Deployment, Status, Wish
from domain.environment.readiness import environment_named
from domain.kernel import Context, Problems, Text
from domain.package import Package
from domain.passage import Passed
from domain.release.evidence.made_of import (
    made_of,
    named,
    package_of,
    release_made_of,
    same_build,
    same_version,
)
from domain.release.standing import kind_of
from domain.release.state import ENDED, Release
from domain.release.whereabouts.by_hand import standing_of
from domain.release.whereabouts.counted import standing
from domain.wording import NOTE, check_given, check_name, check_names, check_wording

MOST_CHANGES: Final = 50
"""How many changes may go out with one deployment."""
BY_ITSELF: Final = "None beyond what the package itself brings."
"""What a request that comes with a package says of configuration."""


def request(
    _state: None, context: Context, *, wish: Annotated[Wish, "What is to be deployed where."]
) -> list[Any]:
    """File a deployment request, with the changes and the configuration it takes (S4-05, S4-13)."""
    problems = Problems()
    check_claim(problems, context)
    package = context.records.get(Package, wish.package)
    problems.unless(package, "unknown_package", "There is no such package.", "wish", "package")
    _check_place(problems, context, wish)
    _check_wish(problems, context, wish)
    release = _release(problems, context, wish, package)
    problems.settle()
    service, label = (package.service, package.label) if package else ("", "")
    return [Requested(replace(wish, belongs_to=release), service, label)]


def request_automatically(
    _state: None,
    context: Context,
    *,
    package: str,
    environment: str,
    service: str,
    label: str,
    release: str | None = None,
) -> list[Any]:
    """Request what comes with a package, for the release that it was built for (S4-25).

    Only the building of that package asks for this, and a release that is said to be made of it.
    """
    wish = Wish(package, environment, BY_ITSELF, contents=f"Everything in {label}.")
    built = None if release else context.records.get(Package, package)
    made = release_made_of(built, environment, context.records) if built else release
    return [Requested(replace(wish, belongs_to=made), service, label, automatic=True)]


def begin(
    _state: None,
    _context: Context,
    *,
    package: str,
    environment: str,
    release: str,
    service: str,
    label: str,
    evidence: tuple[Passed, ...] = (),
) -> list[Any]:
    """Start what a release brings there; only its own gate, which it has passed, asks for this."""
    contents = f"Everything in {label}."
    wish = Wish(package, environment, BY_ITSELF, contents=contents, belongs_to=release)
    return [Requested(wish, service, label, automatic=True), Started(evidence)]


def join(_state: Deployment, _context: Context, *, release: str) -> list[Any]:
    """Belong to a release; only its being made of this very package asks for this."""
    return [Joined(release)]


def set_off(_state: Deployment, _context: Context, *, evidence: tuple[Passed, ...]) -> list[Any]:
    """Start what was requested for a release; only its gate, which it has passed, asks for this."""
    return [Started(evidence)]


def _check_place(problems: Problems, context: Context, wish: Wish) -> None:
    """Note an environment that is not there, or where it stands, by whatever name (S4-12)."""
    place, path = environment_named(context.records, wish.environment), ("wish", "environment")
    known = place is not None and not place.retired
    problems.unless(known, "unknown_environment", "There is no such environment.", *path)
    packages = same_version(wish.package, context.records)
    same = standing_of(context.records, packages, wish.environment)
    bad = any(faulty(context.records, each) for each in same)
    message = f"It stands there already{ELSE if bad else _counting(context, wish)}."
    problems.unless(not same, "same_version", message, "wish", "package")


def _counting(context: Context, wish: Wish) -> str:
    """How what stands there counts for the release that it is wanted for, if it does not yet."""
    release = context.records.get(Release, wish.belongs_to) if wish.belongs_to else None
    if release is None or release.embargoed:
        return ""
    there = standing(release, wish.environment, context.records)
    return ": deploy the release, and it counts for that" if there else ""


def _release(
    problems: Problems, context: Context, wish: Wish, package: Package | None
) -> str | None:
    """The release it belongs to: the one named, else the one made of its package (S4-26)."""
    if wish.belongs_to is not None:
        _check_release(problems, context, wish, wish.belongs_to)
        return wish.belongs_to
    found = made_of(package, wish.environment, context.records) if package else ()
    message = f"It is what {named(found)} are made of: say to which of these it belongs."
    one = len(found) <= 1
    problems.unless(one, "release_not_named", message, "wish", "belongs_to")
    return found[0].id if found else None


def _check_release(problems: Problems, context: Context, wish: Wish, belongs: str) -> None:
    """Note a release that is not there, has ended, never goes there, or is of something else."""
    path = ("wish", "belongs_to")
    release = context.records.get(Release, belongs)
    if release is None or release.embargoed or release.status in ENDED:
        problems.add("unknown_release", "There is no such release that goes on.", *path)
        return
    goes = wish.environment in kind_of(release, context.records).environments
    problems.unless(goes, "unknown_environment", "The release never goes there.", *path)
    made = package_of(release, context.records)
    same = same_build(made, context.records.get(Package, wish.package))
    problems.unless(same, "other_package", "The release is not made of this package.", *path)


def _check_wish(problems: Problems, context: Context, wish: Wish) -> None:
    check_given(problems, wish.configuration, NOTE, "wish", "configuration")
    check_wording(problems, wish.contents, NOTE, "wish", "contents")
    told = wish.changes or wish.contents.strip()
    problems.unless(told, "changes_missing", "Say what goes out with it.", "wish", "changes")
    check_names(problems, wish.changes, MOST_CHANGES, "wish", "changes")
    for at, each in enumerate(wish.changes):
        known = context.records.get(Change, each)
        message = "There is no such change."
        problems.unless(known, "unknown_change", message, "wish", "changes", str(at))
    for name in ("activity", "release"):
        if (word := getattr(wish, name)) is not None:
            check_name(problems, word, "wish", name)
    if wish.window is not None:
        check_window(problems, wish.window, "wish")


def withdraw(
    state: Deployment, context: Context, *, reason: Annotated[Text, "Why it is not wanted."]
) -> list[Any]:
    """Take the request back before anything is deployed."""
    problems = Problems()
    check_claim(problems, context)
    _check_requested(problems, state)
    check_given(problems, reason, NOTE, "reason")
    problems.settle()
    return [Withdrawn(reason)]


def override(
    state: Deployment, context: Context, *, reason: Annotated[Text, "Why it cannot wait."]
) -> list[Any]:
    """Let it go on in spite of what blocks it now; a second person countersigns it.

    Afterwards within a day, or before it counts where a lock in force, a playbook or the
    criticality of a change says so. What comes up later is not overridden, and some blockers never
    are. Whoever overrode something for which that is overdue overrides nothing more before it is
    given.
    """
    problems = Problems()
    _check_requested(problems, state)
    check_giver(problems, context, reason)
    problems.settle()
    at, authority, records = context.at, context.authority, context.records
    bare = replace(state, override=None)
    asked = verdict(bare, "start", at=at, authority=authority, records=records)
    what = lifted(Question(bare, at, authority, records), asked)
    return [Overridden(reason, *what, *rights(context))]


def countersign(state: Deployment, context: Context) -> list[Any]:
    """Stand by an override, as a second person who neither made it nor asked for the deployment."""
    problems = Problems()
    message = "Who made it or asked for the deployment does not countersign it."
    check_signer(problems, state, context, waits=unsigned(state), message=message)
    problems.settle()
    return [Countersigned(*rights(context))]


def _check_requested(problems: Problems, state: Deployment) -> None:
    waiting = state.status is Status.REQUESTED
    problems.unless(waiting, "not_requested", f"It is {state.status.value}.")
