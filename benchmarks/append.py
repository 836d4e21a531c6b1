"""Appending: approvals on real changes, through the writer process, against what it could cost."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import NamedTemporaryFile

import msgspec

from benchmarks import children, places
from benchmarks.figures import Figure, against, alone, share
from benchmarks.limits import Pgbench, recorder
from benchmarks.organisation import Organisation
from benchmarks.places import Place
from benchmarks.sizes import Size
from benchmarks.stopwatch import INTEGRITY, TREE
from benchmarks.traffic import Measured, drive, lone
from ledger.request import Request

BATCHES = "own batches of one"
THINK_S = 0.004
CROWDS = (64, 16)


def measure(size: Size, server: str) -> Iterator[Figure]:
    """Every figure on both databases."""
    with places.scratch() as folder:
        yield from _on_postgresql(size, server, folder)
        yield from _on_sqlite(size, folder)


@dataclass(slots=True)
class Yard:
    """An installation with changes that wait for votes, and its writer processes."""

    place: Place
    size: Size
    votes: Sequence[Request]
    plain: Path
    single: Path
    cast: int = 0
    rounds: dict[str, list[Measured]] = field(default_factory=dict)

    def run(self, name: str, sockets: list[Path], submitters: int) -> None:
        """Measure a crowd once more."""
        most = self.size.most * min(1.0, submitters / 32) + submitters
        work = self.votes[self.cast : self.cast + round(most)]
        assert len(work) > submitters, "the votes have run out"
        self._keep(name, drive(sockets, work, submitters, self.size.seconds))

    def alone(self) -> None:
        """Measure lone requests once more."""
        work = self.votes[self.cast : self.cast + self.size.lone]
        self._keep("lone", lone(self.plain, work, THINK_S))

    def _keep(self, name: str, done: Measured) -> None:
        """What was not asked in time is asked next, since votes come in an order."""
        self.cast += done.asked
        self.rounds.setdefault(name, []).append(done)

    def rates(self, name: str) -> list[float]:
        """The rates of a crowd, round by round."""
        return [each.rate for each in self.rounds[name]]

    def batches(self, required: dict[int, tuple[float, float]]) -> Iterator[Figure]:
        """Against the same writer with a transaction for each request."""
        for crowd in CROWDS:
            least, aim = required[crowd]
            yield against(
                f"append, {crowd} submitters, against {BATCHES}",
                self.place.kind,
                self.rates(f"plain {crowd}"),
                "/s",
                self.rates(f"single {crowd}"),
                BATCHES,
                required=least,
                aim=aim,
            )

    def waits(self) -> Iterator[Figure]:
        """How long a request waits, alone and in the crowd."""
        for name, title in (
            ("lone", "alone"),
            ("plain 16", "one of 16"),
            ("plain 64", "one of 64"),
        ):
            for part in ("p50", "p99"):
                values = [getattr(each, part) for each in self.rounds[name]]
                yield alone(f"append, a request {title}, {part}", self.place.kind, values, "ms")


def yard(place: Place, size: Size, stack: ExitStack, needed: int) -> Yard:
    """Prepare an installation with so many votes to cast, and start its writers."""
    with places.founded(place) as desk:
        organisation = Organisation(desk)
        organisation.build()
        changes = organisation.changes(organisation.enough(needed))
    plain = stack.enter_context(children.writer(place))
    single = stack.enter_context(children.writer(place, "--limit", "1"))
    return Yard(place, size, list(organisation.approvals(changes)), plain, single)


def _needed(size: Size, crowds: int) -> int:
    """How many votes a benchmark takes at most, by the number of its crowds of 64."""
    return (crowds * (size.most + 64) + size.lone) * size.rounds


def _on_postgresql(size: Size, server: str, folder: Path) -> Iterator[Figure]:
    place = places.postgresql(folder, server)
    bench = Pgbench(server, folder)
    limits: dict[int, list[float]] = {64: [], 16: [], 1: []}
    peers: dict[int, list[float]] = {64: [], 16: []}
    with ExitStack() as stack:
        peer = stack.enter_context(recorder(server, 64))
        ground = yard(place, size, stack, _needed(size, 7))
        other = stack.enter_context(children.writer(place))
        for _ in range(size.rounds):
            for crowd in CROWDS:
                limits[crowd].append(bench.rate(crowd, size.seconds))
                ground.run(f"plain {crowd}", [ground.plain], crowd)
                peers[crowd].append(peer.rate(crowd, size.seconds))
                ground.run(f"single {crowd}", [ground.single], crowd)
                ground.run(f"two {crowd}", [ground.plain, other], crowd)
            limits[1].append(bench.rate(1, size.seconds))
            ground.run("plain 1", [ground.plain], 1)
            ground.alone()
        yield from _against_limits(ground, limits, peers)
        yield from ground.batches({64: (6, 9), 16: (4, 6)})
        yield from _two_writers(ground)
        yield from ground.waits()
    yield from _shares(size, place, ground)


def _against_limits(
    ground: Yard, limits: dict[int, list[float]], peers: dict[int, list[float]]
) -> Iterator[Figure]:
    demanded: dict[int, dict[str, float]] = {
        64: {"required": 0.8, "aim": 1.0},
        16: {"required": 0.5, "aim": 0.7},
        1: {},
    }
    for crowd, limit in limits.items():
        ours = ground.rates(f"plain {crowd}")
        name = f"append, {crowd} submitters, against pgbench"
        yield against(name, "postgresql", ours, "/s", limit, "pgbench", **demanded[crowd])
    for crowd, peer in peers.items():
        ours = ground.rates(f"plain {crowd}")
        name = f"append, {crowd} submitters, against eventsourcing"
        yield against(name, "postgresql", ours, "/s", peer, "its recorder", required=5)


def _two_writers(ground: Yard) -> Iterator[Figure]:
    for crowd in CROWDS:
        two = ground.rounds[f"two {crowd}"]
        total, one = [each.rate for each in two], ground.rates(f"plain {crowd}")
        name = f"append, {crowd} submitters, two writers"
        yield against(f"{name}, total", "postgresql", total, "/s", one, "one writer", required=0.6)
        smaller = [min(each.shares) / sum(each.shares) for each in two]
        yield Figure(
            f"{name}, smaller share",
            "postgresql",
            100 * min(smaller),
            "%",
            ratio=min(smaller),
            required=0.4,
        )


def _on_sqlite(size: Size, folder: Path) -> Iterator[Figure]:
    place = places.sqlite(folder)
    with ExitStack() as stack:
        ground = yard(place, size, stack, _needed(size, 5))
        for _ in range(size.rounds):
            for crowd in CROWDS:
                ground.run(f"plain {crowd}", [ground.plain], crowd)
                ground.run(f"single {crowd}", [ground.single], crowd)
            ground.alone()
        yield from ground.batches({64: (2.5, 3.5), 16: (2, 2.5)})
        yield from ground.waits()
    yield from _shares(size, place, ground)


def _shares(size: Size, place: Place, ground: Yard) -> Iterator[Figure]:
    """What proving costs, by a watch inside a writer of its own."""
    spent: list[dict[str, float]] = []
    for _ in range(max(1, size.rounds // 2)):
        with NamedTemporaryFile(dir=place.folder, suffix=".json") as kept:
            with children.writer(place, "--stopwatch", kept.name) as path:
                ground.run("watched", [path], 64)
            spent.append(msgspec.json.decode(Path(kept.name).read_bytes()))
    tree = [sum(each[part] for part in TREE) / each["all"] for each in spent]
    whole = [sum(each[part] for part in INTEGRITY) / each["all"] for each in spent]
    name = "append, 64 submitters, share of"
    yield share(f"{name} leaf hash and tree", place.kind, tree, required=0.05, aim=0.03)
    yield share(f"{name} all that proves", place.kind, whole, required=0.15, aim=0.10)
