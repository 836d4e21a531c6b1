"""People and programs: which fields hold ids of them, and what they are called by."""

from typing import Final

from strawberry.types.base import StrawberryOptional
from strawberry.types.field import StrawberryField

from api.derived.fields import ErasableText, attribute
from domain.principal.state import Principal

# fmt: off
PEOPLE: Final = (
    "account", "actor", "adopted_behalf", "adopted_by", "agreed_by", "announced_by",
    "approved_by", "approver", "assignee", "author", "behalf", "built_by", "by", "cancelled_by",
    "chair", "claimed_by",
    "closed_by", "condemned_by", "confirmed_behalf", "confirmed_by", "contributors",
    "countersigned_by", "declared_by", "declined_behalf", "declined_by",
    "declined_owners", "defined_by", "delegate", "delegator", "dissolved_by", "ended_by",
    "entered_by", "erased_behalf", "erased_by",
    "established_by", "exempters", "former_owners", "fulfiller", "given_by", "granted_behalf",
    "granted_by", "implementers", "issued_by", "linked", "linked_by", "mandatory", "merged_by",
    "missing_mandatory", "noted_by", "owner", "people", "person", "planned_by", "proposed_behalf",
    "proposed_by", "published_by", "put_by", "raised_by", "recorded_by", "registered_by",
    "reporter", "requested_by", "requester", "reverted_by", "revoked_by", "seated_by", "second",
    "settled_by", "stands_for", "started_by", "suspended_by", "taken_by", "trainees", "verified_by",
)
# fmt: on

FIELDS: Final[dict[type, dict[str, StrawberryField]]] = {
    Principal: {
        "handle": attribute(
            "handle",
            StrawberryOptional(str),
            "The name people are called by in the log's front ends. Null once erased.",
            ErasableText,
        ),
        "name": attribute(
            "name", StrawberryOptional(str), "The full name. Null once erased.", ErasableText
        ),
    }
}
"""What an account is called by: personal, and null once erased."""
