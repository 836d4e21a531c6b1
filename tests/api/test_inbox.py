"""The inbox is exactly what a person may decide now, as trying every open rule would tell."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from api.hiding.visibility import Sight
from api.inbox import DECIDABLE, inbox
from api.machine.installation import Failed
from api.records import StoredRecords
from domain.approval.voting import Standing, Standpoint
from domain.board.state import Board
from domain.change import standing as of_change
from domain.change.standing import awaiting
from domain.change.state import Change, Status
from domain.change.votes import approve
from domain.kernel import Context, Refusal
from domain.merge_request.signing import sign_off
from domain.merge_request.standing import standings as of_merge_request
from domain.merge_request.state import MergeRequest
from domain.merge_request.state import Status as Merging
from domain.release.commands.votes import approve as approve_release
from domain.release.gate.question import asked_of
from domain.release.gate.voters import standings as of_release
from domain.release.state import ENDED, Release
from tests.api.office import Office

CAST = [f"p{number}" for number in range(10)]
HERE = {"scope": "service", "value": "billing"}
PROJECT = {"scope": "project", "value": "group/app"}
RISKS = (("low", "unlikely"), ("medium", "possible"), ("high", "likely"))


class Town(Office):
    """An office with a board, whose people do whatever chance has them do."""

    def __init__(self, folder: Path, database: str, seed: int) -> None:
        """Give ten people every role and seat by chance."""
        super().__init__(folder, database)
        self.chance = random.Random(seed)
        for handle in ("ada", "ben", *CAST):
            self.people[handle] = self.person(handle)
        for handle in ("ada", "ben"):
            self.grant(handle, "administrator")
        self.given = [self.give(handle, *self.some_role()) for handle in CAST for _ in "12"]
        board: dict[str, Any] = {"kind": "cab", "name": "CAB", "services": ["any"]}
        self.board = self.by_ada("board.establish", **board)
        for handle in CAST[:5]:
            self.sit(handle)
        for handle in CAST[:7]:
            value = self.chance.choice((self.board, "cab", "any"))
            self.give(handle, "cab_member", {"scope": "board", "value": value})

    def by_ada(self, action: str, subject: str | None = None, **given: Any) -> str:
        """Let an administrator do it; answers of what."""
        return self.desk.ask(action, subject, by=self.people["ada"], **given).subject

    def some_role(self) -> tuple[str, dict[str, str]]:
        """A role somebody could decide by."""
        wide = self.chance.choice((HERE, {"scope": "service", "value": "any"}))
        roles = ("assessor", "change_manager", "service_owner", "requester")
        found = [(role, wide) for role in roles] + [("reviewer", PROJECT), ("developer", PROJECT)]
        return self.chance.choice(found)

    def give(self, handle: str, role: str, where: dict[str, str]) -> str:
        """Give a role, and let a second person confirm it if that is needed."""
        given = {
            "person": self.people[handle],
            "role": f"role:{role}",
            "reason": "Chance.",
            **where,
        }
        try:
            grant = self.by_ada("grant.give", **given)
            self.desk.ask("grant.confirm", grant, by=self.people["ben"])
        except Failed:
            return ""
        return grant

    def sit(self, handle: str, **more: Any) -> None:
        """Give a seat on the board, and let a second person agree, most times."""
        self.by_ada("board.seat", self.board, person=self.people[handle], **more)
        board = self.writer.agreed.authority.board(self.board)
        assert board is not None
        if self.chance.random() < 0.8:
            ben, seat = self.people["ben"], board.seats[-1].id
            self.desk.ask("board.confirm_seat", self.board, by=ben, seat=seat)

    # Chance.

    def live(self, acts: int) -> None:
        """Let things happen; what is refused did not."""
        doings = [self.open, self.open, self.sign, self.open_merge_request, *[self.vote] * 12]
        doings += [self.revoke, self.suspend, self.link, self.leave, self.stand_in, self.lend]
        doings += [self.assign, self.unseat, self.hand_over]
        self.happen(doings, acts)

    def happen(self, doings: Sequence[Callable[[], None]], acts: int) -> None:
        """Let so many of these things be tried, by chance."""
        for _ in range(acts):
            try:
                self.chance.choice(doings)()
            except Failed:
                continue

    def anybody(self) -> str:
        return self.people[self.chance.choice(CAST)]

    def subject(self, state: type) -> Any:
        """Something of the kind, by chance."""
        with self.reader.connection() as connection:
            rows = connection.execute(select(*self.reader.columns(state))).all()
        return self.reader.state_of(state, self.chance.choice(rows)) if rows else None

    def open(self) -> None:
        impact, probability = self.chance.choice(RISKS)
        change = self.change(impact=impact, probability=probability)
        self.act("submitChange", "rita", change)

    def open_merge_request(self) -> None:
        place = {"project": "group/app", "number": self.chance.randrange(1, 10_000)}
        head = {"title": "Change", "head": "a" * 40, "target": "main", "base": "b" * 40}
        given: dict[str, Any] = {"playbook": "gitaly", "kind": "component", **place, **head}
        self.desk.ask("merge_request.open", by=self.anybody(), **given)

    def vote(self) -> None:
        change = self.subject(Change)
        if change is not None and awaiting(change):
            rule = self.chance.choice(awaiting(change)).rule.name
            verb, more = self.chance.choice((("approve", {}), ("reject", {"reason": "No."})))
            given = {"by": self.anybody(), "seen": change.revision, "rule": rule, **more}
            self.desk.ask(f"change.{verb}", change.id, **given)

    def sign(self) -> None:
        found = self.subject(MergeRequest)
        if found is not None:
            given = {"by": self.anybody(), "seen": found.revision, "rule": "reviews"}
            self.desk.ask("merge_request.sign_off", found.id, **given)

    def revoke(self) -> None:
        self.by_ada("grant.revoke", self.chance.choice(self.given) or "0" * 32, reason="Chance.")

    def suspend(self) -> None:
        verb = self.chance.choice(("suspend", "reinstate", "reinstate"))
        self.by_ada(f"principal.{verb}", self.anybody(), reason="Chance.")

    def link(self) -> None:
        if self.chance.random() < 0.3:
            self.by_ada("principal.link_account", self.anybody(), account=self.anybody())

    def leave(self) -> None:
        until = datetime.now(UTC) + timedelta(days=3)
        self.by_ada("principal.record_absence", self.anybody(), until=until)

    def stand_in(self) -> None:
        member = self.people[self.chance.choice(CAST[:5])]
        self.sit(self.chance.choice(CAST[5:]), stands_for=member)

    def lend(self) -> None:
        until = datetime.now(UTC) + timedelta(days=3)
        right = self.chance.choice(({"board": self.board}, {"role": "role:assessor"}))
        given: dict[str, Any] = {"delegate": self.anybody(), "until": until, **right}
        self.desk.ask("delegation.give", by=self.anybody(), reason="Away.", **given)

    def assign(self) -> None:
        change = self.subject(Change)
        if change is not None:
            by = self.people["rita"]
            self.desk.ask("change.assign", change.id, by=by, owner=self.anybody())

    def unseat(self) -> None:
        seat = self.chance.choice(self.subject(Board).seats)
        self.by_ada("board.unseat", self.board, seat=seat.id, reason="Chance.")

    def hand_over(self) -> None:
        self.by_ada("principal.edit", self.anybody(), seen=1, team=self.chance.choice("xyz"))


@pytest.fixture
def found(tmp_path: Path, office_database: str) -> Iterator[Callable[[int], Town]]:
    """Makes a town on either database; one a test."""
    towns: list[Town] = []

    def make(seed: int) -> Town:
        towns.append(Town(tmp_path, office_database, seed))
        return towns[-1]

    yield make
    for town in towns:
        town.close()


def shown(sight: Sight, aggregate: Any, seat: str) -> set[tuple[str, str]]:
    """What the inbox lists."""
    listing = inbox(sight, aggregate, "inbox", seat)
    assert listing.keep is not None
    assert listing.ahead is not None
    nodes = [listing.node(row) for row in sight.connection.execute(listing.statement)]
    listing.ahead(nodes)
    pairs = [(each.subject.id, each.rule) for each in nodes if listing.keep(each)]
    assert len(pairs) == len(set(pairs)), "something is listed twice"
    return set(pairs)


def tried(sight: Sight, aggregate: Any, context: Context, seat: str) -> set[tuple[str, str]]:
    """Every rule that still lacks something, and that the person is let decide under, tried out."""
    columns = sight.reader.columns(aggregate.state)
    rows = sight.connection.execute(select(*columns)).all()
    return {
        (state.id, standing.rule.name)
        for state in (sight.reader.state_of(aggregate.state, row) for row in rows)
        for standing in standing_now(state, context)
        if standing.status is not Standpoint.SATISFIED
        and is_let(aggregate, state, context, standing.rule.name, sight)
        and not has_decided(standing, seat, sight)
    }


def standing_now(state: Any, context: Context) -> list[Standing]:
    authority, at = context.authority, context.at
    if isinstance(state, Release):
        rules = of_release(asked_of(state, context)).rules
        return list(rules) if state.status not in ENDED else []
    if isinstance(state, MergeRequest):
        is_open = state.status is Merging.OPEN
        return list(of_merge_request(state, authority, at).rules) if is_open else []
    if state.status is Status.REVIEW:
        return []
    return list(of_change.standings(state, authority, at).rules) if awaiting(state) else []


DECIDING: dict[str, tuple[Callable[..., Any], str]] = {
    "change": (approve, "approve"),
    "merge_request": (sign_off, "sign_off"),
    "release": (approve_release, "approve"),
}


def is_let(aggregate: Any, state: Any, context: Context, rule: str, sight: Sight) -> bool:
    seat = context.behalf or context.by
    run, verb = DECIDING[aggregate.name]
    mine = replace(context, subject=state.id)
    scopes = aggregate.scopes(state, verb, {"rule": rule})
    judge, authority = sight.standing.judge, sight.standing.authority
    assert judge is not None
    if not judge.decide(seat, f"{aggregate.name}.{verb}", scopes, authority, sight.at).allowed:
        return False
    try:
        run(state, mine, rule=rule, behalf=context.behalf)
    except Refusal:
        return False
    return True


def has_decided(standing: Standing, seat: str, sight: Sight) -> bool:
    """Whether the person, by whichever account, or for the same member, has a vote that stands."""
    authority = sight.standing.authority
    cast = (*standing.approvals, *standing.rejections, *standing.abstentions)
    people = {who for vote in cast for who in (vote.person, vote.seat)}
    people |= {who for vote in cast if (who := authority.stood_for(vote.grant))}
    mine = set(authority.linked(seat)) | _places(standing, seat, sight)
    return not people.isdisjoint(mine)


def _places(standing: Standing, seat: str, sight: Sight) -> set[str]:
    """The members whose place the person takes, and who else may take it."""
    authority = sight.standing.authority
    board = standing.rule.board
    seats = authority.seats(board, sight.at, excluded=standing.excluded) if board else {}
    grant = seats.get(seat)
    member = authority.stood_for(grant) if grant else None
    if grant is None or member is None:
        return set()
    return set(authority.linked(member)) | (authority.alternates(grant) if member else set())


def agree(town: Town) -> int:
    """Compare every inbox with what trying tells; answers how much there was to decide."""
    some = 0
    at = datetime.now(UTC)
    with town.reader.connection() as connection:
        for who in town.people.values():
            sight = Sight(town.reader, connection, who, None, at)
            authority = sight.standing.authority
            lent = {each.delegator for each in authority.delegators(who, at)}
            for seat in (who, *sorted(lent)):
                some += _agree(town, sight, seat)
    return some


def _agree(town: Town, sight: Sight, seat: str) -> int:
    some = 0
    for name in DECIDABLE:
        aggregate = sight.reader.registry.by_name[name]
        behalf = None if seat == sight.principal else seat
        context = Context(
            at=sight.at,
            by=sight.principal,
            subject="",
            records=StoredRecords(sight.reader, sight.connection),
            authority=sight.standing.authority,
            behalf=behalf,
        )
        listed, true = shown(sight, aggregate, seat), tried(sight, aggregate, context, seat)
        names = {person: handle for handle, person in town.people.items()}
        assert listed == true, (names[sight.principal], names[seat], name)
        some += len(true)
    return some


@pytest.mark.req("X-04")
@pytest.mark.parametrize("seed", range(3))
def test_an_inbox_is_what_trying_every_open_rule_tells(
    found: Callable[[int], Town], seed: int
) -> None:
    town = found(seed)
    some = 0
    for _ in range(4):
        town.live(40)
        some += agree(town)
    assert some > 20, "there was nothing to decide"


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(100, 130))
def test_an_inbox_is_what_trying_every_open_rule_tells_at_length(
    found: Callable[[int], Town], seed: int
) -> None:
    town = found(seed)
    for _ in range(8):
        town.live(60)
        agree(town)
