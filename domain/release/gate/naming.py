"""What a finding calls what stands in a release's way: its name, and which record it is."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from itertools import islice
from typing import Final

from domain.gate import Finding, Reference
from domain.inclusion import Inclusion, ItemKind
from domain.merge_request.state import MergeRequest
from domain.release.gate.question import Question
from domain.titles import change_title, merge_request_title

TOLD: Final = 10
"""How many items a message names."""


def listed(names: Iterable[str]) -> str:
    """The first names, each once, and that there are more."""
    every = list(islice(names, TOLD + 1))
    return f"{', '.join(dict.fromkeys(every[:TOLD]))}{', ...' if len(every) > TOLD else ''}"


def merge_request_name(ask: Question, request: MergeRequest | None) -> str:
    """Its project and number for whoever may see it."""
    if request is None:
        return "a merge request"
    return merge_request_title(request) if ask.sees(request) else "a hidden merge request"


def how_many(ask: Question, requests: Iterable[MergeRequest | None]) -> str:
    """How many they are, for whoever may see each: of hidden ones nobody else is told how many."""
    found = tuple(requests)
    return str(len(found)) if all(each is None or ask.sees(each) for each in found) else "Some"


def item_name(ask: Question, item: Inclusion) -> str:
    """What people call an item of the release."""
    if item.kind is ItemKind.COMMIT:
        return f"commit {item.reference}"
    if item.kind is ItemKind.MERGE_REQUEST:
        return merge_request_name(ask, ask.merge_requests.get(item.reference))
    change = ask.changes.get(item.reference)
    return change_title(change) if change else "a change"


def of_items(answer: Finding, left: Iterable[Inclusion]) -> Finding:
    """The finding with the first items that it is about; commits are no records of ours."""
    first = tuple(left)[:TOLD]
    outside = tuple(each.reference for each in first if each.kind is ItemKind.COMMIT)
    ours = tuple(
        Reference(each.kind.value, each.reference)
        for each in first
        if each.kind is not ItemKind.COMMIT
    )
    return replace(answer, missing=outside, lacking=ours)


def of_merge_requests(answer: Finding, left: Iterable[str]) -> Finding:
    """The finding with the first merge requests that it is about, by their ids."""
    first = tuple(left)[:TOLD]
    return replace(answer, lacking=tuple(Reference("merge_request", each) for each in first))
