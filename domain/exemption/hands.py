"""Who had a hand in what is to go on, and in what that brings, with every account of theirs."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from domain.authority import Authority
from domain.authorship import accounts
from domain.change.covering import requests_of
from domain.change.standing import involved
from domain.change.state import Change, LinkKind
from domain.deployment.state import Deployment
from domain.inclusion import Inclusion, ItemKind
from domain.kernel import Records
from domain.merge_request.standing import writers
from domain.merge_request.state import MergeRequest
from domain.merge_request.wrote import written_by, wrote
from domain.package import Package
from domain.release.evidence.carried import named
from domain.release.evidence.made_of import carried_by, packages_of
from domain.release.standing import authors
from domain.release.state import Release

Subject = Change | MergeRequest | Deployment | Release
"""What is to go on."""


def hands(subject: Subject, authority: Authority, records: Records) -> frozenset[str]:
    """Everybody without whom it would be another, or would not go on.

    Of a change also who wrote the merge requests that it is tied to; of a release who had a hand in
    what is in it, wrote what its commits are of, or built it; of a deployment the same of its
    changes, its package and the releases that it is of, and who asked for it. Of what is hidden
    nothing counts for what all may know of, whose gates tell who may exempt it.
    """
    search = _Search(authority, records, hidden=getattr(subject, "embargoed", False))
    match subject:
        case Change():
            return search.of_changes((subject,))
        case MergeRequest():
            return writers(subject, authority)
        case Release():
            return search.of_release(subject)
        case Deployment():
            return search.of_deployment(subject)


@dataclass(frozen=True, slots=True)
class _Search:
    """Where it is looked for, and whether what is `hidden` counts."""

    authority: Authority
    records: Records
    hidden: bool

    def of_deployment(self, state: Deployment) -> frozenset[str]:
        own = accounts((state.requested_by,), self.authority, state.requested_at)
        package = self.records.get(Package, state.package)
        made = self.of_packages((package,)) if package else frozenset[str]()
        of = (self.of_release(each) for each in self._releases(state, package))
        return own.union(made, self._of_items(frozenset(state.wish.changes)), *of)

    def _releases(self, state: Deployment, package: Package | None) -> tuple[Release, ...]:
        """The one it belongs to, else those it would be of once it starts."""
        if state.wish.belongs_to is not None:
            release = self.records.get(Release, state.wish.belongs_to)
            return (release,) if release else ()
        return carried_by(package, state.environment, self.records) if package else ()

    def of_release(self, state: Release) -> frozenset[str]:
        every = self.records.find(Inclusion, release=state.id)
        items = [each for each in every if each.included]
        commits = (each.reference for each in items if each.kind is ItemKind.COMMIT)
        aimed = (each.commit for each in state.targets if each.commit)
        built = packages_of(state, self.records).values()
        return authors(state, self.authority).union(
            self._of_items(named(items)),
            self._of_commits((*commits, *aimed)),
            self.of_packages(package for several in built for package in several),
        )

    def of_packages(self, packages: Iterable[Package]) -> frozenset[str]:
        found = {each.id: each for each in packages}.values()
        built = (accounts((each.built_by,), self.authority, each.built_at) for each in found)
        return self._of_commits(each.commit for each in found).union(*built)

    def of_changes(self, changes: Iterable[Change]) -> frozenset[str]:
        """Who asked for them, answers or wrote for them, or wrote what they are tied to."""
        found = tuple(changes)
        links = (link for each in found for link in each.links)
        commits = (link.reference for link in links if link.kind is LinkKind.COMMIT)
        own = (involved(each, self.authority) for each in found)
        return self._of_requests(requests_of(found)).union(self._of_commits(commits), *own)

    def _of_items(self, ids: frozenset[str]) -> frozenset[str]:
        changes = self.records.find(Change, id=ids) if ids else ()
        return self.of_changes(changes) | self._of_requests(ids)

    def _of_requests(self, ids: frozenset[str]) -> frozenset[str]:
        return self._wrote(self.records.find(MergeRequest, id=ids)) if ids else frozenset()

    def _of_commits(self, commits: Iterable[str]) -> frozenset[str]:
        """Who wrote the merge requests that these are the heads of, or were merged as."""
        return wrote(commits, self.authority, self.records, hidden=self.hidden)

    def _wrote(self, requests: Iterable[MergeRequest]) -> frozenset[str]:
        return written_by(requests, self.authority, hidden=self.hidden)
