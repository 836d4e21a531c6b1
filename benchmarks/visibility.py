"""What hiding costs on every list that hides: the same page with the predicate, and without it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from statistics import median
from time import perf_counter
from typing import Any, Final
from unittest.mock import patch

from sqlalchemy import Select, false, true

from api.context import new_id
from api.hiding.gathered import Given
from api.hiding.veil import Veil, rows
from api.hiding.visibility import Sight
from api.hiding.wording import Predicate
from api.machine.installation import Desk, Installation
from benchmarks import places
from benchmarks.figures import Figure, against
from benchmarks.organisation import SERVICES, Organisation, request
from benchmarks.places import Place
from benchmarks.sizes import Size
from benchmarks.through_schema import Ask, through_schema
from ledger.databases import admin_engine
from ledger.request import Request

PAGE: Final = 50
HIDDEN: Final = 10
"""One record in so many is under embargo."""
SHARE: Final = 80
"""One merge request for so many of the size's changes."""
MANY: Final = 10
"""Merge requests of a release."""
COSTS: Final = 1.1
PAIRS: Final = 15
"""Askings of both in one round."""
WARM: Final = 3
"""Whoever asks first learns what was written, and prepares statements."""
PROJECT: Final = "shop"
LISTS: Final = {
    "mergeRequests": "id title author { handle }",
    "releases": "id plan { title versions } status",
    "inclusions": "id kind reference",
    "evidenceReports": "id name outcome subject",
    "comments": "id body author { handle }",
    "accords": "id kind subject requestedBy { handle }",
    "exemptions": "id reason requestedBy { handle }",
}
"""The lists that leave out what is hidden, and what is asked of each entry."""
INBOXES: Final = {
    "mergeRequestsAwaitingMe": "rule mergeRequest { id title }",
    "releasesAwaitingMe": "rule release { id status }",
}
"""The lists of what somebody has to decide, who is cleared for some of it."""
AUDITED: Final = {
    "events": "id at kind aggregate actor { handle }",
    "accesses": "id action outcome count person { handle }",
    "erasures": "id aggregate parts ground erasedBy { handle }",
}
"""The lists of what was done, read by an auditor who is not cleared."""
REFUSED: Final = ("merge", "close", "push", "retarget", "reopen")
"""What somebody without any role is denied."""
SECRETS: Final = {
    "securityFixes": "id title status openedBy { handle }",
    "vulnerabilityReports": "id title status",
}
"""The lists that show nothing to who is not cleared; here they are read by somebody who is."""
DOCUMENT: Final = "query($n: Int) { %s(first: $n) { edges { node { %s } } } }"


def measure(size: Size, server: str) -> Iterator[Figure]:
    """The ratio for every list, on both databases."""
    for place in places.each(server):
        yield from _measured(place, size)


def _measured(place: Place, size: Size) -> Iterator[Figure]:
    with places.founded(place) as desk:
        content = _Content(desk, max(size.changes // SHARE, HIDDEN))
        content.fill()
        readers = {content.outsider: LISTS, content.cleared: SECRETS}
        readers |= {content.maintainer: INBOXES, content.auditor: AUDITED}
    engine = admin_engine(place.settings.url)
    with engine.begin() as connection:
        places.analyze(place, connection)
    engine.dispose()
    installation = Installation.open(place.settings)
    try:
        with asyncio.Runner() as runner:
            for who, lists in readers.items():
                for name, asked in lists.items():
                    document = DOCUMENT % (name, asked)
                    ask = through_schema(installation.reader, who, document, n=PAGE)
                    yield _figure(runner, place, size, name, ask)
    finally:
        installation.close()


def _figure(runner: asyncio.Runner, place: Place, size: Size, name: str, ask: Ask) -> Figure:
    """The medians of many pairs, one right after the other, since they differ by little."""

    def shown() -> float:
        started = perf_counter()
        runner.run(ask())
        return (perf_counter() - started) * 1000

    def unhidden() -> float:
        with ExitStack() as stack:
            stack.enter_context(patch.object(Sight, "visible", _everything))
            stack.enter_context(patch.object(Sight, "listed", _every_row))
            stack.enter_context(patch("api.history.events.cleared", _always))
            stack.enter_context(patch("api.history.events.hushed", _never))
            return shown()

    pairs = [(shown(), unhidden()) for _ in range(WARM + size.rounds * PAIRS)][WARM:]
    mine, theirs = (median(times) for times in zip(*pairs, strict=True))
    title, demanded = f"{PAGE} of {name}, time", {"required": COSTS, "at_most": True}
    return against(title, place.kind, [mine], "ms", [theirs], "nothing hidden", **demanded)


def _everything(sight: Sight, _state: type) -> Predicate:
    """What is seen where nothing is hidden; the authority in force is read all the same."""
    assert sight.standing.judge is not None
    return true()


def _every_row(sight: Sight, state: type) -> tuple[Select[Any], Given]:
    """The page of a list where nothing is hidden, for which nothing was gathered."""
    return rows(sight.reader.columns(state), _everything(sight, state)), {}


def _always(_veil: Veil) -> Predicate:
    """That an event may be told, whatever it is about."""
    return true()


def _never(_veil: Veil) -> Predicate:
    """That no event follows from what is hidden."""
    return false()


# What there is.


@dataclass(slots=True)
class _Content:
    """Merge requests, what was reported and said of them, and releases that have them."""

    desk: Desk
    number: int
    organisation: Organisation = field(init=False)
    maintainer: str = field(init=False)
    outsider: str = field(init=False)
    cleared: str = field(init=False)
    auditor: str = field(init=False)

    def fill(self) -> None:
        """Ask for all of it as people and pipelines would."""
        told = self.organisation = Organisation(self.desk)
        told.build()
        self.outsider = told.requester
        self.maintainer = told.person("role:maintainer", "project")
        author = told.person("role:developer", "project")
        told.give(author, "role:cleared", "project", "any")
        self.cleared = told.person("role:requester", "service")
        told.give(self.cleared, "role:cleared", "project", PROJECT)
        told.give(self.cleared, "role:appsec", "project", PROJECT)
        self.auditor = told.person("role:auditor")
        pipeline = told.person("role:qa", "project")
        opened = [self._merge_request(author, each) for each in range(self.number)]
        told.ask(opened)
        told.ask(_report(pipeline, _head(each)) for each in range(self.number))
        comments = [_comment(author, each.subject) for each in opened[1::2]]
        told.ask(comments)
        officer = told.person("role:privacy_officer")
        told.ask(_erasure(officer, each.subject) for each in comments)
        self._denials([each.subject for each in opened])
        self._exemptions(author, [each.subject for each in opened])
        self._releases([each.subject for each in opened])
        some = range(self.number // HIDDEN)
        told.ask(_secret("security_fix.open", author) for _ in some)
        told.ask(_secret("vulnerability_report.submit", author) for _ in some)

    def _merge_request(self, by: str, number: int) -> Request:
        told: dict[str, Any] = {"playbook": "planned_patch", "kind": "strict", "project": PROJECT}
        told |= {"title": "Fix", "embargoed": number % HIDDEN == 0}
        told |= {"number": number + 1, "head": _head(number), "target": "master", "base": "b" * 40}
        return request("merge_request.open", new_id(), by, **told)

    def _denials(self, merge_requests: list[str]) -> None:
        """Let people be turned away, each for something else, so that each is told by itself."""
        told = self.organisation
        for first in range(0, len(merge_requests), len(REFUSED)):
            nobody = told.person("role:requester", "service")
            some = zip(REFUSED, merge_requests[first:], strict=False)
            asked = [request(f"merge_request.{verb}", id, nobody) for verb, id in some]
            self.desk.writer.run(asked)

    def _exemptions(self, author: str, merge_requests: list[str]) -> None:
        """A lock, and wishes to be exempt from it."""
        told = self.organisation
        by = told.person("role:release_manager", "environment")
        until = (datetime.now(UTC) + timedelta(days=1)).isoformat()
        terms = {"title": "Stop", "kind": "hard", "until": until, "environments": ["nowhere"]}
        terms |= {"exempters": [self.maintainer, self.auditor]}
        lock = request("lock.declare", new_id(), by, terms=terms)
        told.ask([lock])
        wish = {"lock": lock.subject, "reason": "It cannot wait."}
        told.ask(_wish(author, merge_request=each, **wish) for each in merge_requests)

    def _releases(self, merge_requests: list[str]) -> None:
        """Releases of some merge requests each, one in ten of them hidden."""
        by = self.organisation.person("role:release_manager", "service")
        self.organisation.give(by, "role:release_manager", "project", "any")
        self.organisation.give(by, "role:cleared", "project", "any")
        plan: dict[str, Any] = {"title": "Release", "service": SERVICES[0], "project": PROJECT}
        asked, filled = [], []
        for first in range(0, len(merge_requests), MANY):
            id = new_id()
            embargoed = first // MANY % HIDDEN == 0
            versions = [f"1.{first}.0"]
            told: dict[str, Any] = {"playbook": "gitlab", "kind": "monthly"}
            told["plan"] = plan | {"versions": versions}
            asked.append(request("release.open", id, by, embargoed=embargoed, **told))
            some = merge_requests[first : first + MANY]
            open_ones = [each for at, each in enumerate(some) if (first + at) % HIDDEN]
            filled.append(request("release.include", id, by, merge_requests=open_ones))
        self.organisation.ask(asked)
        self.organisation.ask(filled)
        self.organisation.ask(_accord(by, each.subject) for each in asked)


def _head(number: int) -> str:
    return f"{number + 4096:040x}"


def _report(by: str, commit: str) -> Request:
    told: dict[str, Any] = {"project": PROJECT, "name": "pipeline", "subject": commit}
    return request("evidence.report", new_id(), by, outcome="passed", **told)


def _comment(by: str, subject: str) -> Request:
    told: dict[str, Any] = {"about": "merge_request", "subject": subject}
    return request("comment.write", new_id(), by, body="Looks well.", **told)


def _erasure(by: str, comment: str) -> Request:
    told: dict[str, Any] = {"aggregate": "comment", "subject": comment, "parts": ["body"]}
    return request("erasure.erase", new_id(), by, ground="Article 17.", **told)


def _wish(by: str, **told: Any) -> Request:
    return request("exemption.request", new_id(), by, **told)


def _accord(by: str, subject: str) -> Request:
    due = (datetime.now(UTC) + timedelta(days=1)).isoformat()
    told: dict[str, Any] = {"playbook": "critical_patch", "kind": "timeline", "subject": subject}
    terms = {"wording": "As soon as it is tested.", "due": due}
    return request("accord.propose", new_id(), by, terms=terms, **told)


def _secret(action: str, by: str) -> Request:
    told: dict[str, Any] = {"service": SERVICES[0], "project": PROJECT, "title": "A hole"}
    if action == "security_fix.open":
        told |= {"playbook": "planned_patch", "kind": "vulnerability"}
    else:
        told |= {"description": "Ask for ../../etc."}
    return request(action, new_id(), by, **told)
