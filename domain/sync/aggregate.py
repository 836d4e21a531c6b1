"""The aggregate `sync`: reports of where branches and tags stand on both sides after a release."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Final

from domain.askers import check_claim
from domain.kernel import Aggregate, Command, Context, Problems, Recorded, Scopes
from domain.release.embargo import release_named
from domain.sync.state import Ref, Sync
from domain.wording import check_commit, check_name

MOST_REFS: Final = 60
"""How many branches and tags one report may tell of."""


@dataclass(frozen=True, slots=True)
class Reported:
    """Somebody looked at both sides of a repository after a release."""

    release: str
    repository: str
    refs: tuple[Ref, ...]


def evolve(state: Sync | None, recorded: Recorded) -> Sync:
    """Fold one event; TypeError for one that is no report, or not the first."""
    event = recorded.event
    if state is not None or not isinstance(event, Reported):
        raise TypeError(f"{type(event).__name__} does not belong here")
    told = (event.release, event.repository, event.refs)
    return Sync(recorded.subject, recorded.version, *told, recorded.by, recorded.at)


def report(
    _state: None,
    context: Context,
    *,
    release: Annotated[str, "The release after which both sides are to be the same."],
    repository: Annotated[str, "The repository, by its full path."],
    refs: Annotated[tuple[Ref, ...], "Default branch, stable branches and tags, at most 60."],
) -> list[Any]:
    """Report where branches and tags stand on both sides, once it is published (S1-39, S1-48)."""
    problems = Problems()
    check_claim(problems, context)
    found = release_named(problems, context.records, release)
    message = "Until it is published both sides differ, and must."
    problems.unless(found is None or found.published_at, "not_published", message, "release")
    check_name(problems, repository, "repository")
    _check_refs(problems, refs)
    problems.settle()
    return [Reported(release, repository, refs)]


def _check_refs(problems: Problems, refs: tuple[Ref, ...]) -> None:
    problems.unless(refs, "nothing_named", "Name at least one branch or tag.", "refs")
    message = f"At most {MOST_REFS} of these."
    problems.unless(len(refs) <= MOST_REFS, "too_many", message, "refs")
    once = len({(each.kind, each.name) for each in refs}) == len(refs)
    problems.unless(once, "named_twice", "A branch or tag stands here twice.", "refs")
    for at, each in enumerate(refs[:MOST_REFS]):
        check_name(problems, each.name, "refs", str(at), "name")
        for side in ("here", "there"):
            if (commit := getattr(each, side)) is not None:
                check_commit(problems, commit, "refs", str(at), side)


def _scopes(state: Sync | None, _command: str, arguments: Mapping[str, Any]) -> Scopes:
    repository = state.repository if state else arguments.get("repository")
    return {"project": frozenset((repository,) if repository else ())}


AGGREGATE: Final = Aggregate(
    "sync",
    Sync,
    events=(Reported,),
    evolve=evolve,
    commands=(Command(report),),
    scopes=_scopes,
    indexed=("release", "repository"),
)
