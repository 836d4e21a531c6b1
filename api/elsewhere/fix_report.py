"""The report on security fixes recorded elsewhere: their shape, and what is told of the rest."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, Final

import strawberry
from strawberry.types.field import StrawberryField
from strawberry.types.info import Info

from api.derived.nouns import TYPES
from api.hiding.visibility import Sight
from domain.adoption import Status
from domain.elsewhere.fix_record import FixRecord
from domain.elsewhere.fix_report import FixReport, report
from domain.playbook.aggregate import Playbook, process
from domain.process.support import Support
from domain.stable_line.state import StableLine, lines

ABOUT: Final = (
    "What the records tell of a project's security fixes: their shape, and item by item what a "
    "complete fix takes. The versions a fix had to cover follow from the support policy in force "
    "when its first merge request was merged; before a playbook was first adopted, from its first "
    "text. What is not recorded counts as that, never as met."
)


def fix_report_field() -> dict[str, StrawberryField]:
    """The query `securityFixReport`."""

    async def resolver(info: Info, project: str, service: str, playbook: str, policy: str) -> Any:
        def read(_connection: Any, sight: Sight) -> FixReport:
            return told(sight, project, service, (playbook, policy))

        return await info.context.look(read)

    described = {
        "project": "The project.",
        "service": "The product whose lines the fixes had to reach.",
        "playbook": "The name of the playbook with the support policy.",
        "policy": "The name of the support policy.",
    }
    resolver.__annotations__ |= {"info": Info} | {
        name: Annotated[str, strawberry.argument(description=about)]
        for name, about in described.items()
    }
    field = strawberry.field(resolver=resolver, description=ABOUT)
    field.type_annotation = TYPES.later("FixReport")
    TYPES.object(FixReport)
    return {"security_fix_report": field}


def told(sight: Sight, project: str, service: str, named: tuple[str, str]) -> FixReport:
    """The numbers, from three statements however many fixes there are."""
    table = sight.reader.snapshot(FixRecord)
    statement = sight.select(FixRecord).where(table.c.project == project).order_by(table.c.id)
    rows = sight.connection.execute(statement)
    found = [sight.reader.state_of(FixRecord, row) for row in rows]
    known = lines(sight.records.find(StableLine, service=service))
    texts = policies(sight.records.find(Playbook, name=named[0]), named[1])
    return report(found, lambda at: in_force(texts, at), known)


Dated = Sequence[tuple[datetime, Support | None]]


def policies(versions: Sequence[Playbook], name: str) -> Dated:
    """The policies of this name that were ever in force, oldest first, with since when."""
    adopted = [
        (each.adopted_at, process(each.body).support(name))
        for each in versions
        if each.adopted_at and each.status in (Status.ADOPTED, Status.SUPERSEDED)
    ]
    return sorted(adopted, key=lambda each: each[0])


def in_force(texts: Dated, at: datetime) -> Support | None:
    """The policy of the text in force then; before the first was adopted, that of the first."""
    earlier = [policy for since, policy in texts if since <= at]
    if earlier:
        return earlier[-1]
    return texts[0][1] if texts else None
