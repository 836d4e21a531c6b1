"""What the schema says differently from the domain: names, relations, and what stays inside."""

from __future__ import annotations

from typing import Any, Final

from strawberry.types.field import StrawberryField

from api import access, credit, findings, items, links, seats, subjects, waivers
from api.calendar.agenda_items import AgendaItem, AgendaLeftOut
from api.derived import people
from api.derived.inputs import Converted, Inputs, named_or
from api.derived.meanings_given import GIVEN
from api.derived.mutation_names import MUTATIONS
from api.derived.scalars import LocalDateTime
from api.derived.types import Types
from api.derived.windows import CONVERTED, WALL
from domain import adoption, explanation, verdict
from domain.access import Access
from domain.accord.state import Accord, Terms
from domain.aggregates import AGGREGATES
from domain.approval import dead_end, voting
from domain.calendar.entry_state import EntryKind, EntryPlan, MovedDate, Notice, Severity
from domain.calendar.window import LocalTime, Window
from domain.change.state import Change, Link, TemplateUse
from domain.clash import clash
from domain.content import Content
from domain.delegation.aggregate import Delegation
from domain.deployment.state import Covered, Deployment, Wish
from domain.elsewhere.merge_record import Part, Told
from domain.evidence.aggregate import Outcome as EvidenceOutcome
from domain.exemption import state as exemption
from domain.exposure import Onlooker
from domain.inclusion import Inclusion, ItemKind
from domain.merge_request.state import MergeRequest
from domain.metrics.review_state import MetricsReview
from domain.playbook.aggregate import Playbook
from domain.policy import Policy
from domain.principal.state import NewIdentity
from domain.process import cycle
from domain.process.accord import Subject
from domain.process.process import Path
from domain.process.release import Matter, Strategy
from domain.release.impact import Overlap, RiskShare, Touched
from domain.release.state import Attestation, Delivery, Plan, Release
from domain.rotation.schedule import Duty
from domain.rotation.state import Layer
from domain.security_fix import outcome
from domain.security_fix.readiness import Slot
from domain.security_fix.state import FinderProposal, Item, SecurityFix
from domain.stable_line.state import StableLine
from domain.sync.state import Ref, RefKind, Sync
from domain.waiver.state import Waiver

NAMES: Final[dict[type, str]] = {
    adoption.Status: "AdoptionStatus",
    Content: "ChangeContent",
    EntryPlan: "CalendarEntryPlan",
    EntryKind: "CalendarEntryKind",
    Severity: "ClashSeverity",
    clash.Cause: "ClashCause",
    clash.Rejected: "RejectedTime",
    clash.Slot: "FreeTime",
    Covered: "OverriddenFinding",
    cycle.Act: "CycleAct",
    cycle.Step: "CycleStep",
    cycle.Week: "CycleWeek",
    MovedDate: "MovedDate",
    Notice: "CalendarNotice",
    verdict.Status: "FindingStatus",
    voting.Rule: "ApprovalRule",
    voting.Standing: "RuleStanding",
    voting.Choice: "VoteChoice",
    Path: "ChangePath",
    NewIdentity: "PrincipalIdentity",
    Told: "Told",
    Part: "MergePart",
    ItemKind: "ReleaseItemKind",
    Ref: "SyncRef",
    Terms: "AccordTerms",
    Subject: "AccordSubjectKind",
    RefKind: "SyncRefKind",
    Strategy: "ReleaseStrategy",
    Matter: "RequirementMatter",
    Touched: "ReleaseImpactTouched",
    Overlap: "ReleaseImpactOverlap",
    RiskShare: "ReleaseImpactRisk",
    EvidenceOutcome: "EvidenceOutcome",
}
"""Published names that differ from the classes'."""

OMITTED: Final[dict[type, tuple[str, ...]]] = {
    verdict.Act: ("people", "services", "subject", "environment"),
    verdict.Finding: (
        *("lacking", "grounds", "fault", "instead", "kept"),
        *("approve", "taken_back", "vain", "more"),
    ),
    voting.Standing: (
        "entitled",
        "excluded",
        "decided",
        "subject",
        "behind",
        "same",
        "accounts",
    ),
    explanation.Slot: ("subject",),
    dead_end.Repair: ("subject",),
    voting.Vote: ("digest",),
    Inclusion: ("covered_by",),
    Release: ("repository", "stood_for"),
}
"""Fields that stay inside: whole electorates, of which `Explanation` names the first."""

COMMON: Final[dict[str, str]] = dict.fromkeys(people.PEOPLE, "principal") | {"rotation": "rotation"}
"""Fields that hold ids of principals, or of rotations, in every class."""

REFERENCES: Final[dict[type, dict[str, str]]] = {
    Change: {"playbook": "playbook"},
    Deployment: {"package": "package", "replaced": "deployment"},
    Wish: {"package": "package", "changes": "change", "belongs_to": "release"},
    Delivery: {"deployment": "deployment"},
    exemption.Exemption: {
        "lock": "lock",
        "change": "change",
        "merge_request": "merge_request",
        "deployment": "deployment",
        "release": "release",
    },
    exemption.Approval: {"grant": "grant"},
    MergeRequest: {"playbook": "playbook", "fix": "security_fix"},
    SecurityFix: {
        "playbook": "playbook",
        "tracker": "release",
        "follows": "security_fix",
        "opened_by": "principal",
        "assessed_by": "principal",
        "dismissed_by": "principal",
    },
    Item: {"ticked_by": "principal"},
    FinderProposal: {"reporter": "principal"},
    Slot: {"merge_request": "merge_request"},
    outcome.Outcome: {"tracker": "release", "merge_requests": "merge_request"},
    StableLine: {
        "withdrawn_by": "principal",
        "agreed_by": "principal",
        "doubted_by": "principal",
    },
    MetricsReview: {"opened_by": "principal"},
    AgendaItem: {
        "change": "change",
        "entry": "calendar_entry",
        "lock": "lock",
        "release": "release",
    },
    AgendaLeftOut: {"entry": "calendar_entry", "lock": "lock"},
    clash.Clash: {
        "change": "change",
        "entry": "calendar_entry",
        "lock": "lock",
        "release": "release",
    },
    TemplateUse: {"template": "template"},
    Delegation: {"board": "board"},
    Playbook: {"based_on": "playbook", "superseded_by": "playbook"},
    Policy: {"based_on": "policy", "superseded_by": "policy"},
    voting.Vote: {"grant": "grant", "role_grant": "grant", "other_grants": "grant"},
    Onlooker: {"grant": "grant"},
    Release: {"playbook": "playbook", "copied_from": "release", "parent_release": "release"},
    Plan: {"parent_release": "release", "depends_on": "release"},
    Attestation: {"grant": "grant"},
    Inclusion: {"release": "release"},
    Touched: {"changes": "change"},
    Overlap: {"first": "change", "second": "change"},
    Sync: {"release": "release"},
    Accord: {"playbook": "playbook"},
    Waiver: {"release": "release", "grant": "grant"},
    Duty: {"turn": "turn"},
}
"""Fields that hold ids of other aggregates."""

ASKED: Final[dict[str, str]] = COMMON | {
    "belongs_to": "release",
    "changes": "change",
    "package": "package",
    "change.open.template": "template",
    "delegation.give.board": "board",
    "depends_on": "release",
    "parent_release": "release",
    "release.copy.source": "release",
    "release.include.changes": "change",
    "release.include.merge_requests": "merge_request",
    "release.exclude.changes": "change",
    "release.exclude.merge_requests": "merge_request",
    "security_fix.open.reporter": "principal",
    "security_fix.open.follows": "security_fix",
    "security_fix.name_finder.reporter": "principal",
    "fix": "security_fix",
    "tracker": "release",
    "security_fix.link.tracker": "release",
    "security_fix.add_merge_request.merge_request": "merge_request",
    "security_fix.remove_merge_request.merge_request": "merge_request",
    "waiver.request.release": "release",
    "sync.report.release": "release",
    "exemption.request.change": "change",
    "exemption.request.deployment": "deployment",
    "exemption.request.lock": "lock",
    "exemption.request.merge_request": "merge_request",
    "exemption.request.release": "release",
    "playbook.propose.based_on": "playbook",
    "policy.propose.based_on": "policy",
}
"""Arguments that are global ids."""

EXTRA: Final[dict[type, dict[str, StrawberryField]]] = {
    **people.FIELDS,
    **credit.FIELDS,
    Link: links.FIELDS,
    Inclusion: items.FIELDS,
    Waiver: waivers.FIELDS,
    verdict.Finding: findings.FIELDS,
    Covered: findings.OF_COVERED,
    **subjects.FIELDS,
    verdict.Verdict: findings.OF_VERDICT,
}
KINDS: Final[dict[type, dict[str, Any]]] = {
    Window: {"local_since": LocalDateTime, "local_until": LocalDateTime},
    LocalTime: {"local": LocalDateTime},
    MovedDate: {"planned": LocalDateTime},
    Layer: {"local_start": LocalDateTime},
}
HIDDEN: Final = {
    "credential": ("issue",),
    "deployment": ("claim",),
    "merge_record": ("claim",),
    "package": ("claim",),
    "release_record": ("claim",),
    "fix_record": ("claim",),
    "commit_record": ("claim",),
    "log": ("open", "restore", "accept_clock", "rotate_key"),
}
"""Commands that are asked for at the machine, or by a mutation of their own."""

TYPES: Final = Types(
    AGGREGATES,
    names=NAMES,
    omitted=OMITTED,
    references=REFERENCES,
    common=COMMON,
    kinds=KINDS,
    meanings=GIVEN,
    extra=EXTRA,
)
EXTRA[Access] = access.FIELDS
EXTRA[voting.Vote] = seats.fields(
    TYPES.later("Optional[Board]"), TYPES.later("Optional[BoardSeat]")
)
IDS: Final = {
    "principal.register": lambda given: given["kind"].prefix,
}
"""What the ids of new objects begin with, where they tell what the object is."""

BOARD: Final = Converted(str, named_or("Board"))
"""What a role is limited to: a board by its global id, anything else by its name."""
INPUTS: Final = Inputs(
    TYPES,
    CONVERTED,
    ASKED,
    special={
        "change.link.reference": links.REFERENCE,
        "change.unlink.reference": links.REFERENCE,
        "delegation.give.value": BOARD,
        "grant.give.value": BOARD,
        "grant.map_group.value": BOARD,
        "grant.value": BOARD,
        **subjects.SPECIAL,
        **items.SPECIAL,
        ".local_start": WALL,
    },
    mutations=MUTATIONS,
    ids=IDS,
    long=("playbook.propose.body", "policy.propose.model", "policy.propose.rules"),
)
