"""A question to the gates of a release: everything they look at, each read at most once."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from datetime import datetime
from functools import cached_property

from domain.accord.state import Accord
from domain.authority import Authority
from domain.change.covering import requests_of
from domain.change.state import Change
from domain.evidence.aggregate import Evidence
from domain.evidence.reports import Reports, judged
from domain.gate import Act, Finding, There, nowhere
from domain.gate import Status as Is
from domain.inclusion import Inclusion, ItemKind
from domain.kernel import Context, Records
from domain.merge_request.state import MergeRequest
from domain.process.process import Process
from domain.process.release import Matter, ReleaseKind, ReleaseProcess, RequirementRow
from domain.process.support import Fixes, branch_name, line_of
from domain.release.embargo import known
from domain.release.evidence.carried import named, sought
from domain.release.standing import whole
from domain.release.state import ENDED, Release
from domain.security_fix.state import SecurityFix
from domain.sync.state import Sync
from domain.waiver.state import Waiver

Who = Callable[[str], frozenset[str]]
"""Who may ask for an action on this release, by the policy and what they hold now."""
Sees = Callable[[MergeRequest | SecurityFix], bool]
"""Whether whoever is answered may see a merge request or a fix, and so be told of it."""


def unknown(_action: str) -> frozenset[str]:
    """Nobody: inside the writer it is decided, not explained, so nobody is looked up."""
    return frozenset()


def in_view(record: MergeRequest | SecurityFix) -> bool:
    """What everybody may see, where nobody's clearance is looked up."""
    return not record.embargoed


class Question:
    """A release at a moment, and the records its gates look at, read in sets and on first use.

    With `now`, `at` is a moment to come; where it is not `explained`, no way is told to its end.
    """

    def __init__(
        self,
        state: Release,
        at: datetime,
        authority: Authority,
        records: Records,
        who: Who = unknown,
        *,
        sees: Sees = in_view,
        now: datetime | None = None,
        there: There = nowhere,
        explained: bool = True,
    ) -> None:
        """Ask about this release; nothing is read yet."""
        self.state, self.at, self.authority = state, at, authority
        self.records, self.who, self.sees, self.now, self.there = records, who, sees, now, there
        self.explained = explained and who is not unknown
        self.believed: dict[tuple[str, str | None, str | None], bool] = {}
        self.hands: dict[str | None, frozenset[str]] = {}
        self.mends: dict[str, Fixes] = {}
        self.manifest: str | None = None
        self.asking = self.compared_before = frozenset[str]()

    @cached_property
    def playbook(self) -> Process:
        """The playbook the release runs under; LookupError when it is gone."""
        return whole(self.state, self.records)

    @property
    def process(self) -> ReleaseProcess:
        """What that playbook says of releases; LookupError when it is gone."""
        return self.playbook.releases

    @cached_property
    def kind(self) -> ReleaseKind:
        """The kind of the release; LookupError when its playbook has none of this name."""
        found = self.process.kind(self.state.kind)
        if found is None:
            raise LookupError(f"the playbook knows no {self.state.kind}")
        return found

    @cached_property
    def ever_included(self) -> tuple[Inclusion, ...]:
        """What was ever put into the release, also what was taken out since."""
        return tuple(self.records.find(Inclusion, release=self.state.id))

    @cached_property
    def items(self) -> tuple[Inclusion, ...]:
        """What the release contains; once it went out in the open, but for what is hidden."""
        inside = tuple(each for each in self.ever_included if each.included)
        done = self.state.published_at is not None or self.state.status in ENDED
        return self.open_to_all(inside) if done and not self.state.embargoed else inside

    def open_to_all(self, items: tuple[Inclusion, ...]) -> tuple[Inclusion, ...]:
        """Those that are of no hidden merge request: what went out changes no more for these."""
        ids = named(items)
        found = self.records.find(MergeRequest, id=ids) if ids else ()
        hidden = {each.id for each in found if each.embargoed}
        return tuple(e for e in items if hidden.isdisjoint((e.reference, e.covered_by)))

    @cached_property
    def changes(self) -> dict[str, Change]:
        """The changes that are included, or that answer for a commit."""
        ids = self._named(ItemKind.CHANGE)
        return {each.id: each for each in self.records.find(Change, id=ids)} if ids else {}

    @cached_property
    def merge_requests(self) -> dict[str, MergeRequest]:
        """The merge requests that are included, or that answer for a commit.

        In the open a hidden one is as absent: it answers for nothing, however far it has come.
        """
        ids = self._named(ItemKind.MERGE_REQUEST).difference(self.changes)
        found = self.records.find(MergeRequest, id=ids) if ids else ()
        return {e.id: e for e in found if self.state.embargoed or not e.embargoed}

    @cached_property
    def tied(self) -> tuple[MergeRequest, ...]:
        """The merge requests to which changes are tied that answer for commits in it."""
        covering = {each.covered_by for each in self.items if each.covered_by}
        return self.tied_to(each for id, each in self.changes.items() if id in covering)

    def tied_to(self, changes: Iterable[Change]) -> tuple[MergeRequest, ...]:
        """The merge requests to which these changes are tied; in the open without hidden ones."""
        ids = requests_of(changes)
        found = self.records.find(MergeRequest, id=ids) if ids else ()
        return tuple(each for each in found if self.state.embargoed or not each.embargoed)

    @cached_property
    def projects(self) -> frozenset[str]:
        """Whose evidence may count: of its own project, else of those that it contains.

        Of none while neither is known: nobody's word counts for just any release (X-05).
        """
        own = self.state.plan.project
        inside = (each.project for each in self.merge_requests.values())
        return frozenset(inside if own is None else (own,))

    def _named(self, kind: ItemKind) -> frozenset[str]:
        own = (each.reference for each in self.items if each.kind is kind)
        covering = (each.covered_by for each in self.items if each.covered_by)
        return frozenset((*own, *covering))

    def request_of(self, item: Inclusion) -> MergeRequest | None:
        """The merge request that an item is, or that covers it where it is a commit."""
        return self.merge_requests.get(item.covered_by or item.reference)

    @cached_property
    def backports(self) -> tuple[MergeRequest, ...]:
        """The included merge requests to the stable branches of the release's versions."""
        policy = self.kind.support
        if policy is None:
            return ()
        own = dict.fromkeys(request.id for each in self.items if (request := self.request_of(each)))
        found = (self.merge_requests[each] for each in own)
        versions = self.state.plan.versions
        stable = {policy.branch(line_of(policy, version)) for version in versions}
        return tuple(each for each in found if branch_name(each.target) in stable)

    @cached_property
    def originals(self) -> tuple[Inclusion, ...]:
        """Everything included but the backports to the versions' own branches."""
        ported = {each.id for each in self.backports}
        made = ((each, self.request_of(each)) for each in self.items)
        return tuple(each for each, request in made if request is None or request.id not in ported)

    @cached_property
    def ever_carried(self) -> tuple[Inclusion, ...]:
        """Every inclusion of what the release contains, in this or another, also where taken out.

        Merge requests are found as commits of theirs too, and commits as those that cover them.
        """
        references = frozenset(each.reference for each in self.items)
        asked = (references, self.elsewhere)
        every = (self.records.find(Inclusion, reference=ids) for ids in asked if ids)
        return tuple(each for found in every for each in found)

    @cached_property
    def elsewhere(self) -> frozenset[str]:
        """As what else other releases may contain the merge requests that this one has."""
        return sought(self.merge_requests.values()).difference(e.reference for e in self.items)

    @cached_property
    def other_ids(self) -> frozenset[str]:
        """The ids of the `others`; LookupError when its playbook is gone."""
        rows = self.kind.requirements
        news = any(row.since_last for row in rows)
        shared = news or any(row.about is Matter.CHANGES_DEPLOYED for row in rows)
        every = self.ever_carried if shared else ()
        carrying = frozenset(each.release for each in every if news or each.included)
        named = (self.state.plan.parent_release, *self.state.plan.depends_on)
        return carrying.union(filter(None, named)) - {self.state.id}

    @cached_property
    def others(self) -> dict[str, Release]:
        """What it derives from, what has to go first, and where asked what carries the same."""
        found = self.records.find(Release, id=self.other_ids) if self.other_ids else ()
        return {each.id: each for each in found if known(each, self.state)}

    @cached_property
    def reports(self) -> Reports:
        """What was reported of each commit and package of its versions."""
        return self.reported(self.subjects)

    @cached_property
    def subjects(self) -> frozenset[str]:
        """The commits and packages that its versions are made of."""
        made = (self.state.target(each) for each in self.state.plan.versions)
        return frozenset(s for each in made for s in (each.commit, each.package) if s)

    @cached_property
    def backport_reports(self) -> Reports:
        """What was reported of the head of each backport."""
        return self.reported(frozenset(each.head for each in self.backports))

    def reported(self, subjects: frozenset[str]) -> Reports:
        """What was reported of these commits and packages, as far as it may be known here."""
        return self.judged(self.records.find(Evidence, subject=subjects) if subjects else ())

    def judged(self, every: Collection[Evidence]) -> Reports:
        """These reports, as far as they may be known where the release is."""
        inside = self.merge_requests if any(e.merge_request for e in every) else ()
        shown = (*inside, self.state.id)
        return judged(every, self.records, hidden=self.state.embargoed, shown=shown)

    def told(self, reports: Collection[Evidence]) -> tuple[Evidence, ...]:
        """Those of these reports that may be told of where the release is."""
        untold = self.judged(reports).untold
        return tuple(each for each in reports if each.id not in untold)

    @cached_property
    def syncs(self) -> tuple[Sync, ...]:
        """What was reported of branches and tags on both sides, oldest first."""
        found = self.records.find(Sync, release=self.state.id)
        return tuple(sorted(found, key=lambda each: (each.reported_at, each.id)))

    @cached_property
    def fixes(self) -> tuple[SecurityFix, ...]:
        """The security fixes linked to this release; in the open, those that all may know of."""
        found = self.records.find(SecurityFix, tracker=self.state.id)
        return tuple(each for each in found if self.state.embargoed or not each.embargoed)

    @cached_property
    def accords(self) -> tuple[Accord, ...]:
        """The accords about this release, and about what it contains."""
        return self.records.find(Accord, subject=self.agreeable)

    @cached_property
    def agreeable(self) -> frozenset[str]:
        """What an accord may be about: the release, what is in it, and what covers that."""
        return named(self.items) | {self.state.id}

    @cached_property
    def waivers(self) -> tuple[Waiver, ...]:
        """The waivers asked for this release."""
        return self.records.find(Waiver, release=self.state.id)

    def waived(self, row: RequirementRow, gate: str) -> Waiver | None:
        """The waiver that lifts a requirement at a gate now, for this very revision."""
        if row.waivable_by is None:
            return None
        key = (row.name, gate, self.state.digest)
        holding = (e for e in self.waivers if e.holds(self.at, self.authority))
        return next((e for e in holding if (e.requirement, e.gate, e.digest) == key), None)

    def act(self, action: str, told: str, without: Iterable[str] = (), where: str = "") -> Act:
        """That somebody who may, and is not among `without`, asks for the action, there."""
        people = self.who(action) - frozenset(without)
        return Act(action, people, description=told, environment=where)


def asked_of(state: Release, context: Context) -> Question:
    """The question that a command on a release asks, at its moment, by what it may read."""
    return Question(state, context.at, context.authority, context.records)


def found(
    row: RequirementRow, title: str, holds: object, code: str, message: str, *acts: Act
) -> Finding:
    """A finding that is satisfied when `holds` is true, and else says what would help."""
    if holds:
        return Finding(row.name, Is.SATISFIED, title, source=row.source)
    return Finding(row.name, Is.UNSATISFIED, title, (), (), message, code, row.source, acts=acts)


def aside(row: RequirementRow, message: str) -> Finding:
    """A finding that asks for nothing here."""
    return Finding(row.name, Is.NOT_APPLICABLE, row.title, message=message, source=row.source)
