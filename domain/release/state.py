"""A release as it stands: what goes out, where it has been, what was decided, and what is left."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256
from typing import Annotated, Final

from domain.approval.approval import OpenRule, Vote
from domain.digest import canonical, content_digest
from domain.kernel import Internal, Text
from domain.process.release import ReleaseStatus
from domain.release.counts import Counted
from domain.release.parts import (
    Attestation,
    Baseline,
    Delivery,
    Duty,
    Entered,
    Former,
    Judgement,
    Move,
    PlaceOverride,
    Plan,
    Progress,
    Purpose,
    Rejection,
    RepositoryTag,
    Retrospect,
    Stood,
    Tag,
    Target,
    Task,
    TaskStatus,
    Withheld,
)
from domain.release.publication import PublicationOverride
from domain.word import ShowingProposal

__all__ = [
    "ENDED",
    "NOTHING_INCLUDED",
    "SEVERAL",
    "UNKNOWN",
    "Attestation",
    "Baseline",
    "Covered",
    "Delivery",
    "Duty",
    "Entered",
    "Former",
    "Judgement",
    "Move",
    "PlaceOverride",
    "Plan",
    "Progress",
    "Purpose",
    "Rejection",
    "Release",
    "RepositoryTag",
    "Retrospect",
    "Stood",
    "Tag",
    "Target",
    "Task",
    "TaskStatus",
    "Withheld",
    "cargo_of",
    "contents_after",
    "digest_of",
]

ENDED: Final = frozenset((ReleaseStatus.CLOSED, ReleaseStatus.ABORTED))
"""Where nothing happens any more."""
NOTHING_INCLUDED: Final = ""
"""What stands for the contents of one that nothing was ever put into; of what hides, a salt."""
SEVERAL: Final = "*"
"""What stands for the repository of a release whose tags are in several, or not all known where."""
UNKNOWN: Final = "?"
"""What stands for the repository of a release that names none and has no tag in a known one."""
_AS_EVER: Final = Former()


@dataclass(frozen=True, slots=True)
class Release:
    """A release of a service, on its way from planning to closed.

    `manifest` stands for what is in this very release now, and `item_count` says how much that is;
    the items are records of their own. `revision` rises with every change of what people decide on,
    also back, and `digest` covers it, so that no vote comes back.
    """

    id: str
    version: int
    status: ReleaseStatus
    phase: str
    kind: str
    playbook: str
    plan: Plan
    scheduled: datetime | None
    revision: int
    digest: str
    author: str
    opened_at: datetime
    targets: tuple[Target, ...] = ()
    contents: Internal[str] = NOTHING_INCLUDED
    """Covers everything that was ever put in or taken out."""
    item_count: int = 0
    contributors: tuple[str, ...] = ()
    duties: tuple[Duty, ...] = ()
    copied_from: str | None = None
    last_move: Move | None = None
    moves: int = 0
    repositories: tuple[RepositoryTag, ...] = ()
    rules: Internal[tuple[OpenRule, ...]] = ()
    votes: Internal[tuple[Vote, ...]] = ()
    voided: int = 0
    alarms: tuple[str, ...] = ()
    rejection: Rejection | None = None
    baseline: Internal[tuple[Baseline, ...]] = ()
    approved_at: datetime | None = None
    attestations: tuple[Attestation, ...] = ()
    tags: tuple[Tag, ...] = ()
    deliveries: tuple[Delivery, ...] = ()
    tasks: tuple[Task, ...] = ()
    published_by: str | None = None
    published_at: datetime | None = None
    announced_by: str | None = None
    announced_at: datetime | None = None
    announcement: str | None = None
    review: Retrospect | None = None
    aborted_because: Text | None = None
    ended_at: datetime | None = None
    embargoed: bool = False
    revealed_at: datetime | None = None
    stood: Internal[tuple[Stood, ...]] = ()
    former_tags: Internal[tuple[Tag, ...]] = ()
    entered: Internal[tuple[Entered, ...]] = ()
    former: Internal[Former] = _AS_EVER
    counted: Internal[tuple[Counted, ...]] = ()
    withheld: Internal[Withheld | None] = None
    overrides: Annotated[
        tuple[PlaceOverride, ...], "Who let it go where by hand in spite of what, oldest first."
    ] = ()
    publication_override: PublicationOverride | None = None
    reveal_proposals: Annotated[
        tuple[ShowingProposal, ...], "Who says that everybody may know of it, until another does."
    ] = ()
    author_grant: Internal[str | None] = None
    author_grants: Internal[tuple[str, ...]] = ()  # by what else it might have been opened

    @property
    def service(self) -> str:
        """The service that is released."""
        return self.plan.service

    @property
    def project(self) -> str | None:
        """The repository it tags, None for none."""
        return self.plan.project

    @property
    def stood_for(self) -> str | None:
        """The service of what ever stood anywhere by hand, None of all else."""
        return self.service if self.stood else None

    @property
    def overridden(self) -> bool:
        """Whether somebody let it go somewhere by hand, or be published, in spite of something."""
        return bool(self.overrides) or self.publication_override is not None

    @property
    def owing(self) -> bool:
        """Whether it went on by an override that no second person has signed."""
        return any(each and each.owing for each in (*self.overrides, self.publication_override))

    @property
    def repository(self) -> str:
        """The project that it names and has all its tags in; `SEVERAL` or `UNKNOWN` if none is."""
        places = [self.stands_in(each) for each in self.all_tags]
        places += [frozenset((self.project,))] if self.project else []
        found = frozenset[str]().union(*places)
        if not found:
            return UNKNOWN
        return SEVERAL if len(found) > 1 or not all(places) else min(found)

    @property
    def all_tags(self) -> tuple[Tag, ...]:
        """The tags of its versions, and those that others took the place of: none is moved."""
        return (*self.tags, *self.former_tags)

    def stands_in(self, tag: Tag) -> frozenset[str]:
        """The projects in which a tag of it stands; nothing where none was known."""
        named = (self.project,) if self.project else ()
        return frozenset(named if tag.projects is None else tag.projects)

    def has(self, version: str) -> frozenset[str]:
        """The projects in which it has a version: that it names, and where it is tagged so."""
        tags = (self.stands_in(each) for each in self.all_tags if each.version == version)
        return frozenset((self.project,) if self.project else ()).union(*tags)

    @property
    def listing(self) -> str:
        """The digest of what this very release lists: no other has it, and it never comes back.

        Its versions count, since it is what came after those before them. It begins the manifest.
        """
        of = {"release": self.id, "versions": self.plan.versions, "contents": self.contents}
        return content_digest(of)

    def is_listed_in(self, manifest: str | None) -> bool:
        """Whether a manifest is of what this release lists now, wherever that stood then."""
        return manifest is not None and manifest.partition("-")[0] == self.listing

    def ever_listed(self, manifest: str | None) -> bool:
        """Whether one is of what this hidden release lists, or ever listed."""
        listed = manifest is not None and manifest.partition("-")[0] in self.former.listings
        return listed or self.is_listed_in(manifest)

    def ever_made_of(self, subject: str, project: str) -> bool:
        """Whether a version of this hidden release is, or ever was, made of what the project has.

        Of which project it is may change as well; one that names none may be of any.
        """
        own = {None, project}.isdisjoint((self.project, *self.former.projects))
        made = (each for target in self.targets for each in (target.commit, target.package))
        return not own and subject in (*made, *self.former.subjects)

    @property
    def as_it_went_out(self) -> Release:
        """It with what was hidden since people put it together: so it went where it went before."""
        return self if self.withheld is None else replace(self, contents=self.withheld.contents)

    @property
    def went_with(self) -> frozenset[str]:
        """What left it as that was hidden, of it `as_it_went_out`."""
        found = self.withheld
        return frozenset(found.items if found and found.contents == self.contents else ())

    def target(self, version: str) -> Target:
        """What the version is made of, as far as it is known."""
        return next((each for each in self.targets if each.version == version), Target(version))

    def delivery(self, environment: str) -> Delivery | None:
        """The latest deployment to the environment."""
        return next((each for each in self.deliveries if each.environment == environment), None)

    def lifted(self, environment: str) -> PlaceOverride | None:
        """The override that may let it go there by hand now, or by which it is on its way."""
        there = (each for each in self.overrides if each.environment == environment)
        return next((each for each in there if self.may_pass(each)), None)

    def brought_by(self, delivery: Delivery) -> PlaceOverride | None:
        """The override by which it set off, or counted, on a delivery of it by hand."""
        at = delivery.counted_at or delivery.started_at
        there = (each for each in self.overrides if each.environment == delivery.environment)
        return next((each for each in there if each.set_off_at == at), None)

    def may_pass(self, each: PlaceOverride) -> bool:
        """Whether an override is for what it is now, or for what is on its way."""
        mine = each.set_off_at is not None or each.revision == self.revision
        return mine and each.over_at is None and self.status not in ENDED

    def reached(self, environment: str) -> Delivery | None:
        """The deployment by which this very cargo is in the environment."""
        found = self.delivery(environment)
        arrived = found is not None and found.progress is Progress.SUCCEEDED
        return found if found and arrived and found.cargo == cargo_of(self) else None


@dataclass(frozen=True, slots=True)
class Covered:
    """What the digest of a revision covers, and so what an approval names."""

    kind: str
    playbook: str
    plan: Plan
    scheduled: datetime | None
    cargo: str
    revision: int


def cargo_of(state: Release) -> str:
    """The digest of what a release carries: its versions' commits and packages, and its items."""
    made = tuple(state.target(version) for version in state.plan.versions)
    return content_digest({"contents": state.contents, "targets": made})


def digest_of(state: Release) -> str:
    """The digest of what people decide on: also the revision, so that no content comes back."""
    told = (state.kind, state.playbook, state.plan, state.scheduled)
    return content_digest(Covered(*told, cargo=cargo_of(state), revision=state.revision))


def contents_after(before: str, moved: Mapping[str, object]) -> str:
    """The digest of the contents once these items moved in or out, chained to all before them."""
    return "sha256:" + sha256(before.encode() + b"\n" + canonical(moved)).hexdigest()
