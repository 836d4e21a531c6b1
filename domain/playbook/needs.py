"""What a playbook waits for that somebody has to be let do: acts that a policy must allow."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Final

from domain.playbook.format import process
from domain.playbook.toml_lines import Path, lines
from domain.playbook.toml_table import Fault
from domain.process.process import ChangeKind, Fulfilment, MergeRequestKind, Process
from domain.process.release import Matter, ReleaseKind, RequirementRow

_SETTLED_BY: Final = {
    Fulfilment.WRITE_UP: ("change.fulfil_obligation",),
    Fulfilment.APPROVAL: ("change.approve",),
    Fulfilment.REVIEW: ("change.review",),
}
_WAIVED: Final = ("waiver.request", "waiver.grant")
_BROUGHT_BY: Final = {
    Matter.EVIDENCE: ("evidence.report",),
    Matter.ATTESTATION: ("release.attest",),
    Matter.APPROVAL: ("release.request_approval", "release.approve"),
    Matter.TAGGED: ("release.tag",),
    Matter.REVIEW: ("release.review",),
    Matter.ANNOUNCED: ("release.announce",),
    Matter.PUBLISHED: ("release.publish",),
    Matter.SYNCED: ("sync.report",),
    Matter.AGREED: ("accord.propose", "accord.agree"),
}
"""The acts without each of which a requirement is never met; of the others there are more ways."""


@dataclass(frozen=True, slots=True)
class Need:
    """An act without which what stands at `path`, called `what`, never comes to hold.

    Unless all acts of `instead` are possible.
    """

    path: Path
    what: str
    act: str
    instead: tuple[str, ...] = ()

    def met(self, allowed: Collection[str]) -> bool:
        """Whether these acts would do."""
        return self.act in allowed or (bool(self.instead) and set(self.instead) <= set(allowed))


def unmet(body: str, allowed: Collection[str]) -> tuple[Need, ...]:
    """What a well-formed text waits for that is not among the acts allowed to somebody.

    Whether anybody holds a role yet is another matter: people come.
    """
    return tuple(each for each in _needs(body) if not each.met(allowed))


def faults(body: str, allowed: Collection[str]) -> Iterator[Fault]:
    """Each line of a well-formed text that waits for what a policy allows to nobody."""
    found = unmet(body, allowed)
    at = lines(body) if found else {}
    for each in found:
        message = (
            f"{each.what} waits for {each.act}, which no line of the policy allows anybody: "
            "adopt a policy that does first, and this afterwards"
        )
        yield Fault("playbook", at[each.path], message)


def _needs(body: str) -> Iterator[Need]:
    found = process(body)
    for number, change in enumerate(found.kinds):
        yield from _of_change(("change", number), change)
    for number, request in enumerate(found.merge_requests):
        yield from _of_merge_request(("merge_request", number), request)
    for number, release in enumerate(found.releases.kinds):
        for place, row in enumerate(release.requirements):
            yield from _of_release(("release", number, "requirement", place), release, row)
    yield from _of_accords_and_fixes(found)


def _of_accords_and_fixes(found: Process) -> Iterator[Need]:
    for number, accord in enumerate(found.accords):
        for place, party in enumerate(accord.parties):
            yield Need(("accord", number, "party", place), f"party {party.name}", "accord.agree")
    for number, fix in enumerate(found.security_fixes):
        for place, item in enumerate(fix.items):
            yield Need(
                ("security_fix", number, "item", place), f"item {item.name}", "security_fix.tick"
            )


def _of_change(path: Path, kind: ChangeKind) -> Iterator[Need]:
    for place, row in enumerate(kind.rows):
        yield Need((*path, "rule", place), f"rule {row.rule.name}", "change.approve")
    for place, owed in enumerate(kind.obligations):
        for act in _SETTLED_BY[owed.fulfilled_by]:
            yield Need((*path, "obligation", place), f"obligation {owed.name}", act)
    if kind.review_after:
        yield Need((*path, "review_after"), f"{kind.name}, once it is done,", "change.review")


def _of_merge_request(path: Path, kind: MergeRequestKind) -> Iterator[Need]:
    for place, rule in enumerate(kind.rules):
        yield Need((*path, "rule", place), f"rule {rule.name}", "merge_request.sign_off")
    if kind.evidence:
        yield Need((*path, "evidence"), kind.name, "evidence.report")
    if kind.assignee:
        yield Need((*path, "assignee"), kind.name, "merge_request.assign")


def _of_release(path: Path, kind: ReleaseKind, row: RequirementRow) -> Iterator[Need]:
    """What a requirement waits for; one that may be spared keeps nothing away for good."""
    if row.in_advance or row.only_if_failed:
        return
    waived = _WAIVED if row.waivable_by else ()
    entered = row.about is Matter.PHASE and row.phase != kind.phases[0].name
    acts = ("release.enter_phase",) if entered else _BROUGHT_BY.get(row.about, ())
    for act in acts:
        yield Need(path, f"requirement {row.name}", act, waived)
