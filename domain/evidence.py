"""Evidence: what programs and people report of a commit or package, by name and outcome."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Annotated, Any, Final

from domain.askers import check_claim
from domain.evidence_state import Evidence, Outcome
from domain.kernel import (
    Aggregate,
    Command,
    Context,
    Problems,
    Recorded,
    Scopes,
    Text,
    Then,
    moved,
)
from domain.merge_request.state import MergeRequest, Status
from domain.release.state import Release
from domain.wording import NOTE, check_given, check_name

__all__ = ["AGGREGATE", "Evidence", "Outcome", "Reported", "evolve", "report"]

_SUBJECT: Final = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}|sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128}")
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
        merge_request=event.merge_request,
        embargoed=event.embargoed,
        release=event.release,
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
) -> list[Any]:
    """Report how a check ended, for exactly one commit or package; a newer report supersedes it."""
    problems = Problems()
    check_claim(problems, context)
    _check(problems, {"project": project, "name": name, "environment": environment})
    _check_subject(problems, subject, link)
    if detail is not None:
        check_given(problems, detail, NOTE, "detail")
    problems.settle()
    event = Reported(project, name, outcome, subject, environment, link, detail)
    return _of_heads(context, event)


def _of_heads(context: Context, event: Reported) -> list[Any]:
    """The report, tied to the merge request whose head it is of, which may then need more reviews.

    Where several have the head, it hides with the one that is under embargo; so it does where it is
    of an earlier head or of the merge of such a one, or of what a hidden release is made of.
    """
    found = context.records.find(MergeRequest, head=event.subject, project=event.project)
    secret = _hidden_request(context, event)
    owner = secret or next(iter(found), None)
    release = _hidden_release(context, event)
    event = replace(
        event,
        merge_request=owner.id if owner else None,
        release=release.id if release else None,
        embargoed=secret is not None or release is not None,
    )
    going = [each for each in found if each.status is Status.OPEN]
    failed = event.outcome is Outcome.FAILED
    return [event, *(Then("merge_request.demand", each.id) for each in going if failed)]


def _hidden_request(context: Context, event: Reported) -> MergeRequest | None:
    """The hidden merge request of the project that the commit is, was or became the head of."""
    hidden = context.records.find(MergeRequest, project=event.project, embargoed=True)
    heads = ((each, {each.head, each.merge_commit, *each.earlier_heads}) for each in hidden)
    return next((each for each, commits in heads if event.subject in commits), None)


def _hidden_release(context: Context, event: Reported) -> Release | None:
    """The hidden release that is made of the commit or package, unless of another project."""
    hidden = context.records.find(Release, embargoed=True)
    near = (each for each in hidden if each.plan.project in (None, event.project))
    made = ((each, {s for t in each.targets for s in (t.commit, t.package)}) for each in near)
    return next((each for each, subjects in made if event.subject in subjects), None)


def conceal(
    state: Evidence,
    _context: Context,
    *,
    merge_request: str | None = None,
    release: str | None = None,
) -> list[Any]:
    """Hide it with the merge request or release that its commit became part of."""
    return [] if state.embargoed else [Concealed(merge_request, release)]


def _check(problems: Problems, named: Mapping[str, str | None]) -> None:
    for path, name in named.items():
        if name is not None:
            check_name(problems, name, path)


def _check_subject(problems: Problems, subject: str, link: str | None) -> None:
    message = "Evidence is of a full commit hash, or of a package by its digest."
    problems.unless(_SUBJECT.fullmatch(subject), "not_a_subject", message, "subject")
    good = link is None or _LINK.fullmatch(link)
    message = "A link begins with http:// or https:// and has no spaces."
    problems.unless(good, "link_unusable", message, "link")


def _scopes(state: Evidence | None, _command: str, arguments: Mapping[str, Any]) -> Scopes:
    project = state.project if state else arguments.get("project")
    return {"project": frozenset((project,) if project else ())}


AGGREGATE: Final = Aggregate(
    "evidence",
    Evidence,
    events=(Reported, Concealed),
    evolve=evolve,
    commands=(Command(report), Command(conceal, internal=True)),
    scopes=_scopes,
    indexed=("subject", "name", "project", "outcome", "merge_request", "release"),
    plural="evidence_reports",
    fold=3,
)
