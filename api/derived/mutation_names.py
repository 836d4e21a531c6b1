"""How mutations are called whose names would read badly as they derive."""

from __future__ import annotations

from typing import Final

MUTATIONS: Final[dict[str, str]] = {
    "calendar_entry.move_date": "moveCadenceDate",
    "calendar_entry.restore_date": "restoreCadenceDate",
    "calendar_entry.record_notice": "recordCalendarNotice",
    "accord.agree": "agreeToAccord",
    "accord.object": "objectToAccord",
    "board.seat": "seatBoardMember",
    "board.unseat": "unseatBoardMember",
    "change.break_glass": "breakGlassForChange",
    "change.decline_ownership": "declineChangeOwnership",
    "merge_request.decline_authorship": "declineMergeRequestAuthorship",
    "merge_request.agree_decline": "agreeToMergeRequestDecline",
    "change.confirm_break_glass": "confirmBreakGlassForChange",
    "deployment.roll_back": "rollBackDeployment",
    "environment.ask_to_resume": "askToResumeEnvironment",
    "package.ask_to_reinstate": "askToReinstatePackage",
    "environment.dismiss": "dismissEnvironmentReporter",
    "environment.report": "reportEnvironmentHealth",
    "merge_request.sign_off": "signOffMergeRequest",
    "merge_request.withdraw_sign_off": "withdrawMergeRequestSignOff",
    "security_fix.add_merge_request": "addSecurityFixMergeRequest",
    "security_fix.remove_merge_request": "removeSecurityFixMergeRequest",
    "security_fix.name_finder": "nameSecurityFixFinder",
    "security_fix.claim_find": "claimSecurityFixFind",
    "rotation.hand_over": "handOverRotation",
    "rotation.plan_turns": "planRotationTurns",
}
"""Mutations whose derived name reads badly."""
