"""A process as data: what a playbook says once it is decoded."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from domain.approval.approval import Rule
from domain.calendar.cadence import Cadence
from domain.clash import clash
from domain.lock.state import Countersign
from domain.process.accord import REVERT, AccordKind
from domain.process.cycle import Cycle
from domain.process.fix import SecurityFixKind
from domain.process.release import NO_RELEASES, ReleaseProcess
from domain.process.support import Support

FORMAT: Final = 1
"""The format this code writes; every format ever shipped stays decodable."""

CONTENT_FIELDS: Final = (
    "title",
    "description",
    "reason",
    "service",
    "configuration_items",
    "environments",
    "implementation_plan",
    "test_plan",
    "backout_plan",
    "communication_plan",
    "impact",
    "probability",
    "window",
)
"""What a kind of change may require, and what may differ from a standard change's template."""

OUTCOMES: Final = ("any", "successful", "with_issues", "unsuccessful", "rolled_back")
"""The outcomes after which a review may be demanded; `any` stands for each of them."""

CHAIR: Final = "chair"
"""Among a rule's mandatory people: whoever chairs the rule's board."""


class Phase(StrEnum):
    """The two phases in which people vote on a change."""

    ASSESS = "assess"
    AUTHORIZE = "authorize"


class Path(StrEnum):
    """The way a kind of change takes through the states of a change."""

    NORMAL = "normal"
    STANDARD = "standard"
    EMERGENCY = "emergency"


class Cause(StrEnum):
    """What opens an obligation when implementing starts.

    EMERGENCY: after the emergency vote. BREAK_GLASS: without any. ALWAYS: either way.
    """

    EMERGENCY = "emergency"
    BREAK_GLASS = "break_glass"
    ALWAYS = "always"


class Fulfilment(StrEnum):
    """What settles an obligation: a text, an approval after the fact, or a review."""

    WRITE_UP = "write_up"
    APPROVAL = "approval"
    REVIEW = "review"


class Merger(StrEnum):
    """Who may merge: whose approval came last, any approver, or anybody but an author."""

    LAST_APPROVER = "last_approver"
    APPROVER = "approver"
    NOT_AUTHOR = "not_author"


class About(StrEnum):
    """The closed set of conditions; one that cannot be evaluated does not hold (X-05).

    TEMPLATE: the content is that of an active template version; only the fields in `values` differ.
    RISK, IMPACT, PROBABILITY: the change's is one of `values`. SERVICE: its service is one of
    `values`. ENVIRONMENT: each of its environments is one of `values`, and it has at least one.
    """

    TEMPLATE = "template"
    RISK = "risk"
    IMPACT = "impact"
    PROBABILITY = "probability"
    SERVICE = "service"
    ENVIRONMENT = "environment"


@dataclass(frozen=True, slots=True)
class Condition:
    """One condition of a pre-approved change (S3-14); all conditions of a kind must hold."""

    about: About
    values: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RuleRow:
    """An approval rule, the phase it belongs to, and the risks it is for (none named: every risk).

    `rule.mandatory` may name `chair`, which stands for whoever chairs the rule's board when it is
    counted, or who stands in for them.
    """

    rule: Rule
    phase: Phase
    risks: tuple[str, ...] = ()

    def applies(self, risk: str) -> bool:
        """Whether changes of this risk need the rule."""
        return not self.risks or risk in self.risks


@dataclass(frozen=True, slots=True)
class ObligationRow:
    """What is owed after the fact, how many hours after the cause, and what settles it.

    `rule` is given exactly when it is fulfilled by approval.
    """

    name: str
    title: str
    cause: Cause
    due_hours: int
    fulfilled_by: Fulfilment
    rule: Rule | None = None
    source: str | None = None


@dataclass(frozen=True, slots=True)
class ChangeKind:
    """One kind of change: its path, the fields it demands, who approves, what is owed afterwards.

    `review_after` holds the outcomes that need a post-implementation review, or `any`. `activity`
    is what locks that spare activities know it by, and `lead_hours` how long before its window it
    is submitted at the latest. While such a change is under way it may block deployments.
    `countersign` says when a second person signs what is overridden for it to go out (S0-13).
    """

    name: str
    title: str
    path: Path
    required: tuple[str, ...] = ()
    rows: tuple[RuleRow, ...] = ()
    obligations: tuple[ObligationRow, ...] = ()
    review_after: tuple[str, ...] = ()
    conditions: tuple[Condition, ...] = ()
    source: str | None = None
    activity: str | None = None
    lead_hours: int = 0
    blocks_deployments: bool = False
    countersign: Countersign = Countersign.AFTERWARDS

    @property
    def signed_before(self) -> bool:
        """Whether an override counts only once it is signed; so it is always of one that blocks."""
        return self.blocks_deployments or self.countersign is Countersign.BEFORE

    def rules(self, phase: str, risk: str) -> tuple[Rule, ...]:
        """The rules of a phase for a change of this risk, in the playbook's order."""
        return tuple(row.rule for row in self.rows if row.phase == phase and row.applies(risk))


@dataclass(frozen=True, slots=True)
class RuleCondition:
    """A rule that is asked for only once the named evidence of the head failed (S1-16)."""

    rule: str
    only_if_failed: str


@dataclass(frozen=True, slots=True)
class MergeRequestKind:
    """One kind of merge request: who signs off, and who may merge (S2-01, S2-02).

    `evidence` has to have passed for the head, as told by holders of the role `reporter` if it is
    named (S1-23). `assignee` is the role of whoever it has to be assigned to (S1-25). Rules with a
    condition are asked for only when it has come about.
    """

    name: str
    title: str
    rules: tuple[Rule, ...]
    merger: Merger
    source: str | None = None
    merges_in: str | None = None
    evidence: tuple[str, ...] = ()
    reporter: str | None = None
    assignee: str | None = None
    conditions: tuple[RuleCondition, ...] = ()
    reverts_by: str | None = None

    @property
    def conditional(self) -> frozenset[str]:
        """The names of the rules that are not always asked for."""
        return frozenset(each.rule for each in self.conditions)


@dataclass(frozen=True, slots=True)
class RiskCell:
    """One cell of the risk table."""

    impact: str
    probability: str
    risk: str


@dataclass(frozen=True, slots=True)
class ClashRow:
    """How grave a cause of clashes is under this playbook."""

    cause: clash.Cause
    severity: clash.Severity


@dataclass(frozen=True, slots=True)
class Process:
    """A whole playbook, decoded. `risks` are in ascending order; names are the playbook's own."""

    format: int
    name: str
    title: str
    impacts: tuple[str, ...] = ()
    probabilities: tuple[str, ...] = ()
    risks: tuple[str, ...] = ()
    risk_table: tuple[RiskCell, ...] = ()
    kinds: tuple[ChangeKind, ...] = ()
    merge_requests: tuple[MergeRequestKind, ...] = ()
    cadences: tuple[Cadence, ...] = ()
    cycles: tuple[Cycle, ...] = ()
    releases: ReleaseProcess = NO_RELEASES
    clashes: tuple[ClashRow, ...] = ()
    supports: tuple[Support, ...] = ()
    accords: tuple[AccordKind, ...] = ()
    security_fixes: tuple[SecurityFixKind, ...] = ()

    def risk(self, impact: str, probability: str) -> str:
        """The risk of this impact and probability; KeyError for names the playbook lacks."""
        for cell in self.risk_table:
            if (cell.impact, cell.probability) == (impact, probability):
                return cell.risk
        raise KeyError((impact, probability))

    def kind(self, name: str) -> ChangeKind | None:
        """The kind of change of this name, if the playbook has it."""
        return next((kind for kind in self.kinds if kind.name == name), None)

    def merge_request(self, name: str) -> MergeRequestKind | None:
        """The kind of merge request of this name, if the playbook has it."""
        return next((kind for kind in self.merge_requests if kind.name == name), None)

    def accord(self, name: str) -> AccordKind | None:
        """The kind of accord of this name, if the playbook has it.

        Where merge requests go by it, it has the one by which a security fix is taken back.
        """
        own = next((each for each in self.accords if each.name == name), None)
        return own or (REVERT if self.merge_requests and name == REVERT.name else None)

    def support(self, name: str) -> Support | None:
        """The support policy of this name, if the playbook has it."""
        return next((each for each in self.supports if each.name == name), None)

    def security_fix(self, name: str) -> SecurityFixKind | None:
        """The kind of security fix of this name, if the playbook has it."""
        return next((each for each in self.security_fixes if each.name == name), None)

    def cadence(self, name: str) -> Cadence | None:
        """The cadence of this name, if the playbook has it."""
        return next((each for each in self.cadences if each.name == name), None)

    def cycle(self, name: str) -> Cycle | None:
        """The cycle of this name, if the playbook has it."""
        return next((each for each in self.cycles if each.name == name), None)

    def severities(self) -> clash.Severities:
        """How grave each cause of clashes is; what the playbook leaves out is as usual."""
        return {**clash.DEFAULT, **{row.cause: row.severity for row in self.clashes}}
