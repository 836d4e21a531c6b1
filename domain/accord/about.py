"""The accords about something that is hidden, or shown at last: they go with it."""

from __future__ import annotations

from domain.accord.state import Accord
from domain.kernel import Records, Then


def concealing(subject: str, records: Records) -> list[Then]:
    """That nobody learns from an accord in the open what is hidden from now on."""
    found = records.find(Accord, subject=subject)
    return [Then("accord.conceal", each.id) for each in found if not each.embargoed]


def disclosing(subjects: frozenset[str], records: Records) -> list[Then]:
    """That the hidden accords about these are shown together with them."""
    found = records.find(Accord, subject=subjects) if subjects else ()
    return [Then("accord.disclose", each.id) for each in found if each.embargoed]
