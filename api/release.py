"""What a release says beyond its fields: approvals, matrix, gates now and at a time to come."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import cache, partial
from typing import Annotated, Any, Final

import strawberry
from sqlalchemy import Connection
from strawberry.annotation import StrawberryAnnotation
from strawberry.types.base import StrawberryList
from strawberry.types.field import StrawberryField
from strawberry.types.info import Info

from api.approved_then import as_used
from api.can import AT, Asked, act_enum, asked_by, asking
from api.derived.fields import batched
from api.derived.nouns import TYPES
from api.gates import (
    Gates,
    Moment,
    Possibility,
    moment_of,
    moments_of,
    read_time,
    together,
)
from api.hands import read_contents, read_hands
from api.hiding.untold import untold_of
from api.hiding.visibility import Sight
from api.records import KnownRecords
from domain.approval.voting import Standing, Standings
from domain.authority import Authority
from domain.gate import Verdict
from domain.kernel import Problem, Refusal, Scopes
from domain.merge_request.state import MergeRequest
from domain.process.release import DEPLOY, Resource
from domain.release.aggregate import AGGREGATE
from domain.release.evidence.manifest import manifest
from domain.release.gate.environment_matrix import EnvironmentMatrixRow, environment_matrix
from domain.release.gate.gates import GATES as ACTS
from domain.release.gate.gates import asked
from domain.release.gate.matrix import MatrixDifference, MatrixRow, difference, matrix
from domain.release.gate.question import Question, Sees, Who
from domain.release.gate.voters import may_approve, standings
from domain.release.standing import kind_of, pinned, scopes_of
from domain.release.state import Release
from domain.security_fix.state import SecurityFix


def _ask(state: Release, gate: str, moment: Moment) -> Verdict:
    return asked(question(state, moment, gate.partition(":")[2]), gate)


def question(state: Release, moment: Moment, environment: str = "") -> Question:
    """What the gates of a release look at, at a moment, for an environment if for one."""
    authority = moment.standing.authority
    scopes = dict(scopes_of(state))
    owing = frozenset(each.environment for each in state.overrides if each.owing)
    scopes["environment"] = frozenset((environment,)) if environment else owing
    known = (state, moment.at, authority, moment.records, _who(state, moment, scopes))
    told = partial(Question, *known, sees=_sees(moment), now=moment.now, there=moment.who)
    return told(explained=moment.explained)


def _sees(moment: Moment) -> Sees:
    """Whether whoever asks may see a merge request or a fix by the clearance that they hold."""

    @cache
    def cleared(kind: str, project: str) -> bool:
        scopes = {"project": frozenset((project,))}
        return moment.by in moment.who(f"{kind}.read_embargoed", scopes)

    def sees(record: MergeRequest | SecurityFix) -> bool:
        kind = "merge_request" if isinstance(record, MergeRequest) else "security_fix"
        return not record.embargoed or cleared(kind, record.project)

    return sees


def _who(state: Release, moment: Moment, scopes: Scopes) -> Who:
    """Who may ask for an action; of what is hidden only those may whom it is not hidden from."""
    if not state.embargoed:
        return lambda action: moment.who(action, scopes)
    cleared = moment.who("release.read_embargoed", scopes)

    def who(action: str) -> frozenset[str]:
        people = moment.who(action, scopes)
        if action.startswith("security_fix."):
            return people & moment.who("security_fix.read_embargoed", scopes)
        apart = action.startswith(("release.", "sync.", "exemption.")) or action == "accord.propose"
        return people & cleared if apart else people

    return who


GATES: Final = Gates(AGGREGATE, ACTS, _ask, "release.approve", may_approve)


def approvals(
    connection: Connection, sight: Sight, found: Sequence[Release]
) -> list[tuple[Standing, ...]]:
    """How the rules of each release stand for the revision at hand; once it ended, as they did."""
    known: dict[str, KnownRecords] = {}
    for moment, some in together(sight, found):
        read_hands(moment.records, some)
        known |= {each.id: moment.records for each in some}

    def stand(state: Release, authority: Authority, at: datetime) -> Standings:
        return standings(Question(state, at, authority, known[state.id]))

    stood = as_used(sight, [(each, each.ended_at) for each in found], stand)
    left = untold_of(connection, sight, found)
    return [each.retold(rules) for each, rules in zip(left, stood, strict=True)]


def differences(
    connection: Connection, sight: Sight, found: Sequence[Release]
) -> list[tuple[MatrixDifference, ...]]:
    """What stands otherwise than when each was approved last."""
    moments = moments_of(sight, ((each, None) for each in found))
    return [difference(question(e, moment)) for e, moment in zip(found, moments, strict=True)]


def matrices(
    connection: Connection,
    sight: Sight,
    asked: Sequence[tuple[Release, datetime | None]],
) -> list[tuple[MatrixRow, ...]]:
    """The matrix of each release, now or at a moment to come."""
    moments = zip(asked, moments_of(sight, asked), strict=True)
    return [matrix(question(state, moment)) for (state, _), moment in moments]


def environment_matrices(
    connection: Connection,
    sight: Sight,
    asked: Sequence[tuple[Release, datetime | None]],
) -> list[tuple[EnvironmentMatrixRow, ...]]:
    """What the environments ask of each release, now or at a moment to come."""
    moments = zip(asked, moments_of(sight, asked), strict=True)
    return [
        environment_matrix(kind_of(state, moment.records), partial(question, state, moment))
        for (state, _), moment in moments
    ]


def resources(
    connection: Connection, sight: Sight, found: Sequence[Release]
) -> list[tuple[Resource, ...]]:
    """The resource directory of each release's process (S0-30)."""
    moment = moment_of(sight)
    kinds = [pinned(each, moment.records).kind(each.kind) for each in found]
    return [kind.resources if kind else () for kind in kinds]


def states(connection: Connection, sight: Sight, found: Sequence[Release]) -> list[str]:
    """What the process of each release calls the state it is in (S3-22)."""
    moment = moment_of(sight)
    kinds = [pinned(each, moment.records).kind(each.kind) for each in found]
    return [
        kind.titled(state.status) if kind else state.status.value
        for kind, state in zip(kinds, found, strict=True)
    ]


def manifests(connection: Connection, sight: Sight, found: Sequence[Release]) -> list[str]:
    """What CI compares a commit of each release with, the same for everybody who sees it."""
    told: dict[str, str] = {}
    for moment, some in together(sight, found):
        read_contents(moment.records, (each.id for each in some))
        told |= {each.id: manifest(question(each, moment)) for each in some}
    left = untold_of(connection, sight, found)
    return [named.retold(told[each.id]) for each, named in zip(found, left, strict=True)]


# Acts.


def possibilities(
    connection: Connection, sight: Sight, asked: Sequence[Asked]
) -> list[Possibility]:
    """Whether each act is possible, now or then."""
    return [
        GATES.possibility(key.state, key.act, moment, {"environment": key.act.partition(":")[2]})
        for key, moment in zip(asked, asked_by(sight, asked), strict=True)
    ]


def _gate(action: str, environment: Any) -> str:
    """The gate of an act; deploying is to an environment."""
    if (action == DEPLOY) is not bool(environment):
        message = "Deploying is to an environment, and nothing else is."
        raise Refusal(Problem("environment_missing", message, ("environment",)))
    return f"{action}:{environment}" if environment else action


PLACE: Final = Annotated[
    str | None, strawberry.argument(description="Where to; needed for deploying, and only there.")
]


def _can() -> StrawberryField:
    async def resolver(
        root: Any,
        info: Info,
        action: Any,
        environment: Any = strawberry.UNSET,
        at: Any = strawberry.UNSET,
    ) -> Any:
        gate = _gate(action.value, environment)
        return await info.context.batch(possibilities, asking(info, root, gate, at))

    acts = act_enum("ReleaseAct", "Release", ACTS)
    described = strawberry.argument(description="The guarded act.")
    resolver.__annotations__ |= {
        "root": Any,
        "info": Info,
        "action": Annotated[acts, described],
        "environment": PLACE,
        "at": AT,
        "return": Any,
    }
    about = (
        "Whether a guarded act is possible now, or at a moment to come, and if not, who can "
        "unblock it by doing what."
    )
    field = strawberry.field(resolver=resolver, description=about)
    field.type_annotation = StrawberryAnnotation(TYPES.object(Possibility))
    return field  # type: ignore[no-any-return]


def _matrix(load: Any, row: type, about: str) -> StrawberryField:
    """Rows of requirements, each with how it stands at each gate."""

    async def resolver(root: Any, info: Info, at: Any = strawberry.UNSET) -> Any:
        return await info.context.batch(load, (root, read_time(at)))

    resolver.__annotations__ |= {"root": Any, "info": Info, "at": AT, "return": Any}
    field = strawberry.field(resolver=resolver, description=about)
    field.type_annotation = StrawberryAnnotation(StrawberryList(TYPES.object(row)))
    return field  # type: ignore[no-any-return]


FIELDS: Final[dict[str, StrawberryField]] = {
    "approvals": batched(
        "approvals",
        StrawberryList(TYPES.object(Standing)),
        "How each approval rule of this revision stands now.",
        approvals,
    ),
    "matrix": _matrix(
        matrices,
        MatrixRow,
        "Every requirement of its kind at every gate, as it stands now or at a moment to come.",
    ),
    "environment_matrix": _matrix(
        environment_matrices,
        EnvironmentMatrixRow,
        "What each environment asks of whatever goes there, such as that no lock is in force, as "
        "it stands now or at a moment to come; where the release went already, as it stood then. "
        "Only here a requirement may be `BYPASSED`, by an override that its cell tells of.",
    ),
    "matrix_differences": batched(
        "matrix_differences",
        StrawberryList(TYPES.object(MatrixDifference)),
        "The cells of the matrix that stand otherwise than when it was approved last.",
        differences,
    ),
    "resources": batched(
        "resources",
        StrawberryList(TYPES.object(Resource)),
        "Where what belongs to the process is found.",
        resources,
    ),
    "state_name": batched(
        "state_name", str, "What the process calls the state the release is in.", states
    ),
    "manifest": batched(
        "manifest",
        str,
        "What stands for what this very release contains now, by which a report on a commit says "
        "what it was compared with. Whatever is put in or taken out changes it, and so does every "
        "push to a merge request in it, and another target of that. Merging that changes nothing.",
        manifests,
    ),
    "can": _can(),
}
