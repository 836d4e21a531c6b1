"""What fields and values mean whose own annotations do not say it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from domain.accord import state as accord
from domain.approval.voting import Vote
from domain.clash.terms import Cause
from domain.comment import About
from domain.deployment import state as deployment
from domain.environment import state as environment
from domain.evidence.state import Evidence
from domain.exemption import state as exemption_state
from domain.exemption.state import Exemption
from domain.lock import recurrence
from domain.lock import state as lock
from domain.metrics.package_schedule import Punctuality
from domain.package import Package
from domain.passage import Passed
from domain.process.release import Matter
from domain.release.state import Release

_DEPLOYMENTS: Final[dict[type, dict[str, str]]] = {
    deployment.Deployment: {
        "environment": "The name of the environment it goes to.",
        "package": "The package that is deployed.",
        "label": "What people call the package, such as its version.",
        "service": "The service that the package is of.",
        "wish": "What the request for it said.",
        "requested_by": "Who requested it.",
        "requested_at": "When it was requested.",
        "automatic": "Whether it was requested by itself, with its package or for its release.",
        "claimed": "Whether it took place elsewhere, as an importer said; no gate counts it.",
        "started_by": "Who started it.",
        "started_at": "When its gate let it start; null before.",
        "evidence": "What counted for each requirement when it started.",
        "stage": "The stage it has reached, in the words of whoever deploys.",
        "percent": "How far it is, from 0 to 100, as it was last reported.",
        "ended_at": "When it succeeded, failed, was rolled back or withdrawn; null before.",
        "ended_because": "Why it failed, was rolled back or withdrawn.",
        "override": "That it was let go on in spite of what blocked it; null if nobody did that.",
        "observations": "What people saw on the dashboards, oldest first.",
        "verification": "Whether somebody found that it works, at last; null before.",
        "stands": "The spans in which its package stood in the environment because of it.",
        "current": "Whether its package is in the environment now because of it; what came by hand "
        "since may lie over it.",
        "replaced": "The deployment it took the place of.",
        "moves": "Which components it moved, as told of one that took place elsewhere.",
        "closed_by": "Who closed it.",
        "closed_at": "When nothing was left to do for it; null before.",
    },
    deployment.Move: {
        "component": "The name of the component.",
        "before": "The commit or version that stood there before; null if none did.",
        "after": "The commit or version that stands there since.",
        "direction": "Whether that is later or earlier in its history.",
        "waits": "How many seconds each merge it brought had waited for it.",
    },
    deployment.Observation: {
        "by": "Who looked.",
        "well": "Whether it looked well.",
        "during": "Whether the deployment was still running then.",
        "note": "What was seen.",
    },
    deployment.Stand: {
        "since": "Since when it stood there.",
        "until": "Until when, itself not included; null while it stands there.",
    },
    deployment.Verification: {
        "by": "Who tried it.",
        "passed": "Whether it works.",
        "findings": "How one sees that.",
    },
    deployment.Status: {
        "REQUESTED": "It waits for its start, or to be withdrawn.",
        "RUNNING": "It is being carried out, and has its environment for itself.",
        "SUCCEEDED": "The package came to stand in the environment.",
        "FAILED": "It did not work out; what stood there before still does, as far as is known.",
        "ROLLED_BACK": "It was taken back, and what stood there before stands there again.",
        "WITHDRAWN": "The request was taken back before anything was deployed.",
    },
    deployment.Strategy: {
        "ROLLING": "One part after the other is replaced.",
        "CANARY": "A small part comes first and is watched, before the rest follows.",
        "BLUE_GREEN": "The new one is put up beside the old one, and then takes its place.",
    },
    deployment.Direction: {
        "FORWARD": "To a later commit of its line.",
        "BACKWARD": "To an earlier commit of its line.",
        "DIVERGED": "To a commit of another line.",
        "UNKNOWN": "The history at hand does not tell.",
    },
    Package: {
        "components": "The components in it, each with its version.",
        "built_by": "The program that built and added it.",
        "built_at": "When it was added.",
        "condemned": "Whether it turned out to be bad, and is deployed nowhere any more.",
        "condemned_by": "Who said so.",
        "condemned_because": "What is bad about it.",
        "waiting": "Of which somebody asks to take back that it is bad, or nobody does.",
    },
    Passed: {
        "requirement": "The stable name of the requirement.",
        "evidence": "The ids within the service of what counted.",
    },
}
_ENVIRONMENTS: Final[dict[type, dict[str, str]]] = {
    environment.Environment: {
        "plan": "What it is, and what it asks of what goes there, in force now.",
        "defined_by": "Who said first that there is such an environment.",
        "defined_at": "When that was.",
        "reports": "The newest word of each monitor on how well it is.",
        "stop": "That somebody stopped the line; null while it runs.",
        "resuming": "That somebody asks to release the line; null if nobody does.",
        "blockers": "What else keeps deployments away, by name.",
        "retired": "Whether it is no more: nothing is deployed there.",
        "retired_because": "Why it is no more.",
        "proposal": "What it is to be once a second person agrees; null if nothing waits.",
    },
    environment.Blocker: {
        "by": "Who raised it.",
        "cause": "What happened.",
        "unblocking": "That somebody else asks to take it away; null if nobody does.",
    },
    environment.Proposal: {
        "by": "Who proposed it, and so may not agree to it.",
        "plan": "What it is to be.",
    },
    environment.Report: {
        "reporter": "The monitor.",
        "health": "How well it calls the environment.",
        "measured_at": "When it measured that.",
    },
    environment.Resuming: {"by": "Who asks for it, and so may not release it."},
    environment.Stop: {"by": "Who stopped it."},
    environment.Unblocking: {"by": "Who asks for it, and so is not the second person."},
    environment.Cover: {
        "CHANGE": "An approved change of its service for this environment.",
        "RELEASE": "A release that is made of it, goes there, and lets it by its own matrix.",
        "CHECKS": "Reports that the environment's checks of its commit passed.",
    },
    environment.Health: {
        "HEALTHY": "All is well; the only word by which anything is deployed there.",
        "DEGRADED": "It works, but not as it should.",
        "UNHEALTHY": "It does not work.",
    },
}
_LOCKS: Final[dict[type, dict[str, str]]] = {
    lock.Lock: {
        "kind": "What it keeps from happening.",
        "terms": "What it says, in force now, or to be in force once it is confirmed.",
        "declared_by": "Who declared it.",
        "declared_at": "When it was declared.",
        "contributors": "Who wrote on it, and so may not confirm what it says.",
        "doubts": "Why what it says, or is to say, takes a second person.",
        "waiting": "What of it waits for a second person; null if nothing does.",
        "proposal": "What it says once a second person agrees; null if no amendment waits.",
        "confirmed_by": "The second person who last confirmed what it says.",
        "confirmed_at": "When that was.",
        "ended_by": "Who lifted or declined it.",
        "ended_at": "When it was lifted, declined or put away because its time was over.",
        "ended_because": "Why it was lifted or declined.",
        "lifting": "That somebody asks to end it before its time; null if nobody does.",
    },
    lock.Lifting: {
        "by": "Who asks for it, and so may not agree to it.",
        "behalf": "In whose place they asked, by delegation.",
    },
    lock.Countersign: {
        "BEFORE": "An override of it counts once a second person has signed.",
        "AFTERWARDS": "An override of it counts at once; a second person signs within a day.",
    },
    lock.Doubt: {
        "WITHOUT_END": "It is to lock for ever.",
        "IN_THE_PAST": "It is over already, or began some time ago.",
        "FAR_LONGER": "By itself, or with those beside it, it is to lock far longer than usual.",
        "TAKES_AWAY": "It would let something happen that the lock in force keeps from happening.",
    },
    lock.Waiting: {
        "DECLARATION": "The lock itself, which is not on before.",
        "AMENDMENT": "What it is to say; until then it is on as it was.",
        "LIFTING": "Its end before its time; until then it is on.",
    },
    lock.Kind: {
        "SOFT": "Every deployment and change, but for the activities it spares.",
        "HARD": "Every deployment and change.",
        "MERGE": "Merging.",
    },
    lock.Running: {
        "GOES_ON": "A deployment that runs already may take its further stages, and succeed.",
        "HALTS": "A deployment that runs already stays at its stage; it may fail or be taken back.",
    },
    lock.Status: {
        "PROPOSED": "It waits for a second person and does not lock.",
        "ACTIVE": "It locks in its time.",
        "DECLINED": "A second person turned it down, or it was taken back.",
        "LIFTED": "It was ended before its time.",
        "OVER": "Its time is over.",
    },
    Vote: {
        "role_grant": "By which the policy let who sits there, or is named, ask.",
        "other_grants": "By which else they might: one of all of these that stands is enough.",
    },
    exemption_state.Approval: {
        "by": "Who approved it, whom the lock names.",
        "grant": "The grant by which the policy let them.",
    },
    exemption_state.Status: {
        "OPEN": "It stands, and counts once as many approved it as the lock demands.",
        "DECLINED": "Somebody whom the lock names turned it down.",
        "WITHDRAWN": "It was taken back.",
    },
    recurrence.Every: {
        "WEEK": "Every week.",
        "MONTH": "Every month.",
        "YEAR": "Every year.",
    },
    Exemption: {
        "lock": "The lock it is from.",
        "requested_by": "Who asked for it.",
        "requested_at": "When they asked.",
        "change": "The change that is to go on, if it is one.",
        "merge_request": "The merge request that is to go on, if it is one.",
        "deployment": "The deployment that is to go on, if it is one.",
        "release": "The release that is to go on, if it is one.",
        "contributors": "Who had a hand in the wish, and so may not approve it.",
        "approvals": "Who approved it, of those whom the lock names.",
        "ended_by": "Who declined or withdrew it.",
        "ended_at": "When that was; null while it stands.",
        "ended_because": "Why it was declined or withdrawn.",
    },
}
_CLASHES: Final[dict[type, dict[str, str]]] = {
    Cause: {
        "ITEM": "Another change touches the same configuration item.",
        "SERVICE": "Another change touches the same service in the same environment.",
        "PREDECESSOR": "One of the two has to be finished before the other.",
        "PERSON": "Somebody has a part in both.",
        "AWAY": "Somebody with a part in it is absent.",
        "BUSINESS": "There is an event to keep clear of.",
        "OUTSIDE_MAINTENANCE": "The service has maintenance windows, and it is not in one.",
        "LOCK": "A lock is in force.",
        "RELEASE": "The service is released.",
        "UNKNOWN": "The calendar could not be worked out.",
        "LEAD_TIME": "Its kind wants it submitted longer before.",
        "HOLIDAY": "It is a holiday on which its kind goes nowhere.",
    },
}
_SCHEDULES: Final[dict[type, dict[str, str]]] = {
    Punctuality: {
        "ON_TIME": "It came within the time that it is given.",
        "LATE": "It came after that time, or that is over and it has not come yet.",
        "MISSED": "The next one was due before it came.",
        "DUE": "It has not come, and there is time for it.",
        "PLANNED": "Its date is still to come.",
    },
}
_COMMENTS: Final[dict[type, dict[str, str]]] = {
    About: {
        "CHANGE": "A change.",
        "TEMPLATE": "A template of standard changes.",
        "MERGE_REQUEST": "A merge request.",
        "RELEASE": "A release.",
        "SECURITY_FIX": "A security fix, for those who may see it.",
    },
}
_ACCORDS: Final[dict[type, dict[str, str]]] = {
    accord.Status: {
        "OPEN": "It is on the table; whether it is agreed is worked out when asked.",
        "WITHDRAWN": "Who asked for it, or a party, took it off the table.",
        "SUPERSEDED": "The parties agreed on another date since, and it is off the table.",
    },
}
_RELEASES: Final[dict[type, dict[str, str]]] = {
    Release: {
        "overridden": "That go somewhere by hand, or are published, by an override, or are not.",
        "publication_override": "That it is let be published in spite of a lock; null if not.",
        "owing": "That went on by an override that no second person has signed, or owe nothing.",
    },
}
_EVIDENCE: Final[dict[type, dict[str, str]]] = {
    Evidence: {
        "manifest": "The manifest of the release it was compared with; null if with none.",
    },
    Matter: {"PUBLISHED": "It is published."},
}
GIVEN: Final[Mapping[type, Mapping[str, str]]] = (
    _DEPLOYMENTS
    | _RELEASES
    | _ENVIRONMENTS
    | _LOCKS
    | _CLASHES
    | _COMMENTS
    | _EVIDENCE
    | _SCHEDULES
    | _ACCORDS
)
"""By class, the name of a field or a value to what it means."""
