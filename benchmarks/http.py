"""`approveChange` over HTTP beside a bare route with one insert; writing beside a busy edge."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import msgspec

from api.derived.identity import global_id
from api.ids import new_id
from api.machine.first import issue_token
from benchmarks import by_hand, children, places
from benchmarks.asking import Ask, ask, crowd
from benchmarks.figures import Figure, against, alone
from benchmarks.organisation import Organisation
from benchmarks.places import Place
from benchmarks.sizes import Size
from benchmarks.traffic import Measured, lone
from ledger.request import Request

APPROVE = """
mutation($input: ApproveChangeInput!) {
  approveChange(input: $input) { change { id status revision } problems { code message path } }
}
"""
LOOK = "{ changes(first: 20) { edges { node { id status risk content { title } } } } }"
THINK_S = 0.004
LASTS = timedelta(days=1)


def measure(size: Size, server: str) -> Iterator[Figure]:
    """Every figure on both databases."""
    for place in places.each(server):
        yield from _on(place, size)


@dataclass(slots=True)
class Post:
    """The votes that are due, as requests of the writer and as messages; `cast` were cast."""

    votes: list[Request]
    tokens: dict[str, str]
    url: str = ""
    cast: int = 0
    rounds: dict[str, list[Measured]] = field(default_factory=dict)

    def take(self, number: int) -> Sequence[Request]:
        """The next votes; those that are not asked after all are taken again."""
        return self.votes[self.cast : self.cast + number]

    def keep(self, name: str, done: Measured) -> None:
        """Note a round, and how many votes it took."""
        self.cast += done.asked
        self.rounds.setdefault(name, []).append(done)

    def message(self, vote: Request) -> Ask:
        """A vote as a front end sends it."""
        told = msgspec.json.decode(vote.arguments)
        asked = {
            "id": global_id("Change", vote.subject),
            "seen": vote.seen,
            "rule": told["rule"],
            "comment": told["comment"],
            "idempotencyKey": vote.key,
        }
        body = msgspec.json.encode({"query": APPROVE, "variables": {"input": asked}})
        return ask(self.url, "/graphql", body, self.tokens[vote.by], b'"problems":[]')


def _on(place: Place, size: Size) -> Iterator[Figure]:
    post = _prepared(place, size)
    by_hand.prepare(place)
    path = place.folder / f"{place.kind}-writer"
    with ExitStack() as stack:
        post.url = stack.enter_context(children.service(place, path))
        bare = stack.enter_context(children.bare(place))
        limits: list[Measured] = []
        for _ in range(size.rounds):
            limits.append(_bare(bare, size))
            work = [post.message(each) for each in post.take(size.most)]
            post.keep("http", crowd(post.url, work, size.seconds))
            _beside(post, place, path, size)
        yield from _figures(post, limits, place)


def _prepared(place: Place, size: Size) -> Post:
    """An organisation with changes and a token for everybody who votes."""
    assert place.settings.token_pepper is not None
    pepper = place.settings.token_pepper.encode()
    with places.founded(place) as desk:
        organisation = Organisation(desk)
        organisation.build()
        needed = (size.most + 2 * size.lone) * size.rounds
        changes = organisation.changes(organisation.enough(needed))
        votes = list(organisation.approvals(changes))
        voters = {each.by for each in votes}
        tokens = {
            each: issue_token(desk, pepper, each, name="Bench", lasts=LASTS) for each in voters
        }
    return Post(votes, tokens)


def _bare(url: str, size: Size) -> Measured:
    body = msgspec.json.encode({"id": new_id(), "rule": "assessment", "comment": "Sound."})
    one = ask(url, "/insert", body, expected=b'"problems":[]')
    return crowd(url, [one] * (size.most * 8), size.seconds)


def _beside(post: Post, place: Place, path: Path, size: Size) -> None:
    """Lone requests to the writer, first beside an idle edge, then beside a busy one."""
    post.keep("idle", lone(path, post.take(size.lone), THINK_S))
    token = next(iter(post.tokens.values()))
    body = msgspec.json.encode({"query": LOOK})
    file = place.folder / "look"
    file.write_bytes(ask(post.url, "/graphql", body, token).message)
    arguments = (post.url, str(file))
    with children.child("benchmarks.asking", *arguments, environment=place.environment):
        lone(path, post.take(1), 1.0)  # until it is busy
        post.cast += 1
        post.keep("busy", lone(path, post.take(size.lone), THINK_S))


def _figures(post: Post, limits: list[Measured], place: Place) -> Iterator[Figure]:
    name, kind = "approveChange over HTTP, 16 connections", place.kind
    done = post.rounds["http"]
    rates = [each.rate for each in limits]
    yield against(name, kind, [each.rate for each in done], "/s", rates, "bare insert")
    for part in ("p50", "p99"):
        ours, theirs = ([getattr(each, part) for each in rounds] for rounds in (done, limits))
        yield against(f"{name}, {part}", kind, ours, "ms", theirs, "bare insert", at_most=True)
    idle, busy = ([each.p99 for each in post.rounds[which]] for which in ("idle", "busy"))
    yield alone("append, a request alone, idle edge, p99", kind, idle, "ms")
    yield against(
        "append, a request alone, busy edge, p99",
        kind,
        busy,
        "ms",
        idle,
        "idle edge",
        required=4,
        aim=3,
        at_most=True,
    )
