"""Who had a hand in what releases contain, or found what is fixed, read at once for all."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from api.records import KnownRecords
from domain.accord.finding import settles
from domain.accord.state import Accord
from domain.change.covering import requests_of
from domain.change.state import Change
from domain.inclusion import Inclusion
from domain.merge_request.state import MergeRequest
from domain.playbook.aggregate import Playbook
from domain.process.accord import Subject
from domain.release.evidence.carried import named
from domain.release.standing import kind_of
from domain.release.state import Release
from domain.security_fix.state import SecurityFix


def read_hands(records: KnownRecords, releases: Sequence[Release]) -> None:
    """Read ahead what tells who may not approve these releases: four statements at most.

    What is not asked for by a kind of release is not read.
    """
    records.gather(Playbook, "id", frozenset(each.playbook for each in releases))
    read_contents(records, (e.id for e in releases if kind_of(e, records).independent))


def read_contents(records: KnownRecords, releases: Iterable[str]) -> None:
    """Read ahead what these releases contain, and what changes in them are tied to."""
    inside = [e for e in records.gather(Inclusion, "release", frozenset(releases)) if e.included]
    answering = {each.covered_by for each in inside if each.covered_by}
    ids = frozenset(answering.union(each.reference for each in inside))
    records.gather(MergeRequest, "id", ids | requests_of(records.gather(Change, "id", ids)))


def read_finders(records: KnownRecords, accords: Sequence[Accord]) -> None:
    """Read ahead what tells who found what these settle: three statements at most."""
    asking = [each for each in accords if settles(each)]
    releases = frozenset(e.subject for e in asking if e.about is Subject.RELEASE)
    requests = {each.subject for each in asking if each.about is Subject.MERGE_REQUEST}
    records.gather(SecurityFix, "tracker", releases)
    inside = [each for each in records.gather(Inclusion, "release", releases) if each.included]
    records.gather(MergeRequest, "id", named(inside).union(requests))
