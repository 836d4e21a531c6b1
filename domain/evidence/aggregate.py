"""Evidence: what programs and people report of a commit or package, by name and outcome."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Annotated, Any, Final

from domain.askers import check_claim
from domain.evidence.bare import bearing
from domain.evidence.reports import in_the_open, open_to_all
from domain.evidence.state import Evidence, Outcome
from domain.kernel import (
    Aggregate,
    Command,
    Context,
    Problems,
    Recorded,
    Scopes,
    Text,
    Then,
    distinct,
    moved,
)
from domain.merge_request.state import MergeRequest, Status
from domain.playbook.declared import known as known_environment
from domain.process.support import branch_name
from domain.release.standing import scopes_of
from domain.release.state import Release
from domain.wording import NOTE, check_given, check_name

__all__ = ["AGGREGATE", "Evidence", "Outcome", "Reported", "evolve", "report"]

_SUBJECT: Final = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}|sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128}")
_MANIFEST: Final = re.compile(r"sha256:[0-9a-f]{64}(-[0-9a-f]{64})?")
_NOWHERE: Final = (
    "No such environment is kept here or declared by a playbook: name one that is, or none."
)
_REQUEST: Final = "merge_request.read_embargoed"
_RELEASE: Final = "release.read_embargoed"
_LINK: Final = re.compile(r"https?://[^\s]{1,500}")


@dataclass(frozen=True, slots=True)
class Reported:
    """Somebody reported how a check of a commit or package ended."""

    project: str
    name: str
    outcome: Outcome
    subject: str
    environment: str | None = None
    link: str | None = None
    detail: Text | None = None
    merge_request: str | None = None
    embargoed: bool = False
    release: str | None = None
    manifest: str | None = None
    apart: bool = False
    branch: str | None = None
    at_large: bool = False
    heads: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Headed:
    """A merge request in the open came to have what it is of as its head, so that all know it."""

    merge_request: str


@dataclass(frozen=True, slots=True)
class Concealed:
    """What it is of became part of something hidden, and it hides with that from now on."""

    merge_request: str | None = None
    release: str | None = None


def evolve(state: Evidence | None, recorded: Recorded) -> Evidence:
    """Fold one event; TypeError for one that is no event of evidence, or not its first."""
    event = recorded.event
    if state is not None and isinstance(event, Concealed):
        owner = event.merge_request or state.merge_request
        release = event.release or state.release
        return moved(state, recorded, merge_request=owner, release=release, embargoed=True)
    if state is not None and isinstance(event, Headed):
        return moved(state, recorded, heads=distinct((*state.heads, event.merge_request)))
    if state is not None or not isinstance(event, Reported):
        raise TypeError(f"{type(event).__name__} does not belong here")
    return Evidence(
        id=recorded.subject,
        version=recorded.version,
        project=event.project,
        name=event.name,
        outcome=event.outcome,
        subject=event.subject,
        environment=event.environment,
        link=event.link,
        detail=event.detail,
        reporter=recorded.by,
        reported_at=recorded.at,
        manifest=event.manifest,
        merge_request=event.merge_request,
        embargoed=event.embargoed,
        release=event.release,
        apart=event.apart,
        branch=event.branch,
        at_large=event.at_large,
        heads=event.heads,
    )


def report(
    _state: None,
    context: Context,
    *,
    project: Annotated[str, "The project of the commit or package."],
    name: Annotated[str, "What was checked, by the name playbooks ask for."],
    outcome: Annotated[Outcome, "How it ended."],
    subject: Annotated[str, "The full commit hash, or the package's digest."],
    environment: Annotated[str | None, "Where it was checked, if in an environment."] = None,
    link: Annotated[str | None, "Where the whole result is found."] = None,
    detail: Annotated[Text | None, "A remark for the record."] = None,
    manifest: Annotated[
        str | None, "The `manifest` of the release that it was compared with, if with one."
    ] = None,
) -> list[Any]:
    """Report how a check ended, for exactly one commit or package; a newer report supersedes it.

    CI often reports before anybody here knows the commit, or what it goes into: then it counts as
    soon as something is made of it. An environment is known before.
    """
    problems = Problems()
    check_claim(problems, context)
    _check(problems, {"project": project, "name": name, "environment": environment})
    _check_subject(problems, subject, link)
    good = manifest is None or _MANIFEST.fullmatch(manifest)
    problems.unless(good, "digest_unusable", "This is no manifest of a release.", "manifest")
    if detail is not None:
        check_given(problems, detail, NOTE, "detail")
    told = environment is None or known_environment(environment, context.records)
    problems.unless(told, "unknown_environment", _NOWHERE, "environment")
    problems.settle()
    event = Reported(project, name, outcome, subject, environment, link, detail, manifest=manifest)
    return _of_heads(context, event)


def _of_heads(context: Context, event: Reported) -> list[Any]:
    """The report, tied to the merge request whose head it is of, which may then need more reviews.

    It hides with a merge request under embargo, also where it is of an earlier head or of the merge
    of that, and with what a hidden release is made of or has in it, or was before; but not where
    everybody knows the commit, so it is tied to none of several; nor where who reports may not see
    what is hidden, since who finds that others are not told of it learns what the commit is of.
    What hides asks for nothing in the open: there nobody could tell why. What is in the open comes
    first, since an event bears its number of the request. It keeps which branch those it tells of
    are for: what was checked for one says nothing of another (X-05).
    """
    found = context.records.find(MergeRequest, head=event.subject, project=event.project)
    secret = _hidden_request(context, event)
    shown = [each for each in found if not each.embargoed]
    owner = secret or (shown[0] if len(shown) == 1 else None)
    compared = _compared_with(context, event)
    release = compared or _made_into(context, event) or _brought_into(context, event)
    event = replace(
        event,
        merge_request=owner.id if owner else None,
        release=release.id if release else None,
        embargoed=secret is not None or release is not None,
        apart=compared is not None,
        at_large=compared is None and not _sees(context, _REQUEST, event.project),
    )
    event = replace(
        event,
        branch=_branch(found if event.embargoed else shown),
        heads=tuple(each.id for each in shown) if len(shown) > 1 else (),
    )
    near = [*(() if event.embargoed else shown), *(each for each in found if each.embargoed)]
    going = [each for each in near if each.status is Status.OPEN]
    failed = event.outcome is Outcome.FAILED
    return [event, *(Then("merge_request.demand", each.id) for each in going if failed)]


def _branch(requests: Iterable[MergeRequest]) -> str | None:
    """The one branch that all of these go to which may still go out, or went."""
    found = {branch_name(each.target) for each in requests if not each.given_up}
    return found.pop() if len(found) == 1 else None


def _hidden_request(context: Context, event: Reported) -> MergeRequest | None:
    """The hidden merge request of the project that the commit is, was or became the head of.

    None of what everybody knows by now, of whatever else in the open has it.
    """
    hidden = context.records.find(MergeRequest, project=event.project, embargoed=True)
    heads = ((each, {each.head, each.merge_commit, *each.earlier_heads}) for each in hidden)
    found = [each for each, commits in heads if event.subject in commits]
    if found and not _sees(context, _REQUEST, event.project):
        return None
    since = (each.hidden_since for each in found)
    return None if not found or _known(context, event, min(since)) else found[0]


def _sees(context: Context, action: str, project: str) -> bool:
    """Whether who reports may see what is hidden in the project, or who owns the program may."""
    return context.clears(action, {"project": frozenset((project,))})


def _compared_with(context: Context, event: Reported) -> Release | None:
    """The hidden release that it names the manifest of, or one it had: it is a word on that."""
    hidden = context.records.find(Release, embargoed=True) if event.manifest else ()
    return next((each for each in hidden if each.ever_listed(event.manifest)), None)


def _made_into(context: Context, event: Reported) -> Release | None:
    """The hidden release that alone is made of the commit or package, or was before."""
    hidden = context.records.find(Release, embargoed=True)
    ever = (each for each in hidden if each.ever_made_of(event.subject, event.project))
    made = [each for each in ever if context.clears(_RELEASE, scopes_of(each))]
    since = (each.opened_at for each in made)
    return None if not made or _known(context, event, min(since)) else made[0]


def _brought_into(context: Context, event: Reported) -> Release | None:
    """The hidden release that alone has the commit in it, or had it."""
    found = bearing(event.subject, event.project, context.records)
    seen = (each for each in found if context.clears(_RELEASE, scopes_of(each)))
    first = next(seen, None)
    return None if first is None or _known(context, event, first.opened_at) else first


def _known(context: Context, event: Reported, since: datetime) -> bool:
    """Whether everybody may know the commit or package, also what something has hidden `since`.

    Packages are built of what is hidden, too: one counts that was there before, or of which reports
    are told that what is hidden would have taken along as it got the commit.
    """
    told = in_the_open(_before(context, event), context.records)
    moment = None if told else since
    subject, records = event.subject, context.records
    return bool(open_to_all((subject,), event.project, records, before=moment))


def _before(context: Context, event: Reported) -> tuple[Evidence, ...]:
    """What was reported of it before, for the same project."""
    found = context.records.find(Evidence, subject=event.subject)
    return tuple(each for each in found if each.project == event.project)


def conceal(
    state: Evidence,
    _context: Context,
    *,
    merge_request: str | None = None,
    release: str | None = None,
) -> list[Any]:
    """Hide it with the merge request or release that its commit became part of."""
    return [] if state.embargoed else [Concealed(merge_request, release)]


def head(state: Evidence, _context: Context, *, merge_request: str) -> list[Any]:
    """Keep that a merge request in the open has what it is of as its head now."""
    return [] if state.embargoed or merge_request in state.heads else [Headed(merge_request)]


def _check(problems: Problems, named: Mapping[str, str | None]) -> None:
    for path, name in named.items():
        if name is not None:
            check_name(problems, name, path)


def _check_subject(problems: Problems, subject: str, link: str | None) -> None:
    message = "Evidence is of a full commit hash, or of a package by its digest; never of zeros."
    some = _SUBJECT.fullmatch(subject) and set(subject.rpartition(":")[2]) != {"0"}
    problems.unless(some, "not_a_subject", message, "subject")
    good = link is None or _LINK.fullmatch(link)
    message = "A link begins with http:// or https:// and has no spaces."
    problems.unless(good, "link_unusable", message, "link")


def _scopes(state: Evidence | None, _command: str, arguments: Mapping[str, Any]) -> Scopes:
    project = state.project if state else arguments.get("project")
    return {"project": frozenset((project,) if project else ())}


AGGREGATE: Final = Aggregate(
    "evidence",
    Evidence,
    events=(Reported, Concealed, Headed),
    evolve=evolve,
    commands=(Command(report), Command(conceal, internal=True), Command(head, internal=True)),
    scopes=_scopes,
    indexed=("subject", "name", "project", "outcome", "merge_request", "release"),
    plural="evidence_reports",
    fold=6,
)
