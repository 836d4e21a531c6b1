"""Years of deliveries told at random straight into a log, and numbers worked out from all of it."""

from __future__ import annotations

import random
from collections.abc import Collection
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final, TypeVar

import msgspec
from sqlalchemy import ColumnElement, Engine, insert, update

from api.delivery import blockers as delivery_blockers
from api.delivery.log import Log
from api.delivery.reading import DEPLOYED, production
from api.deployment import TABLES
from domain.change.state import Change
from domain.delivery import blockers, carrying, changes, commits, delivered, releases
from domain.delivery.commits import Carried
from domain.delivery.happening import Period
from domain.delivery.intervals import Stage
from domain.delivery.report import Recorded
from domain.deployment.state import Deployment
from domain.digest import instant
from domain.environment.state import Environment
from domain.inclusion import Inclusion
from domain.lock.state import Lock
from domain.merge_request.state import MergeRequest
from domain.package import Package
from domain.playbook.aggregate import Playbook
from domain.process.cycle import out_of_turn
from domain.release.state import Release
from tests.golden.files import events as examples

S = TypeVar("S")
PROPOSED: Final = "playbook.proposed"
LOCKING: Final = ("lock.declared",)
SERVICES: Final = ("billing", "till")
PLACES: Final = {"eu": "production", "us": "production", "staging": "staging"}
CRITICALITY: Final = Path(__file__).parents[2] / "policies/playbooks/criticality.toml"
HEALTH: Final = ("healthy", "degraded", "unhealthy", "unhealthy")


@dataclass
class History:
    """A log to come: its events in order, ever later."""

    seed: int
    at: datetime
    position: int
    rows: list[dict[str, Any]] = field(default_factory=list)
    parts: list[dict[str, Any]] = field(default_factory=list)
    known: dict[str, list[str]] = field(default_factory=dict)
    versions: dict[str, int] = field(default_factory=dict)
    going: set[str] = field(default_factory=set)
    examples: dict[str, tuple[bytes, dict[str, bytes]]] = field(default_factory=examples)

    def __post_init__(self) -> None:
        self.chance = random.Random(self.seed)

    def tell(self, kind: str, subject: str, by: str = "bot:teller", /, **facts: Any) -> str:
        """Let something be recorded, some time after what was recorded before."""
        example, parts = self.examples[kind]
        said = msgspec.json.decode(example) | facts
        self.versions[subject] = self.versions.get(subject, 0) + 1
        hours = self.chance.expovariate(1 / self.chance.choice((0.1, 3, 30)))
        self.at += timedelta(hours=hours)
        row = {
            "position": self.position,
            "id": f"{self.position:032x}",
            "at": self.at,
            "kind": kind,
            "aggregate": kind.partition(".")[0],
            "subject": subject,
            "version": self.versions[subject],
            "actor": by,
            "request": "r",
            "outcome": "claimed" if kind.endswith(".claimed") else "done",
            "sealed": False,
            "envelope": b"",
            "leaf": b"",
            "facts": msgspec.json.encode(said),
            "salt": b"",
        }
        self.rows.append(row)
        for name, content in parts.items():
            if name != "plan.short_circuit" or self.chance.random() < 0.4:
                part = {"position": self.position, "name": name, "content": content}
                self.parts.append(part | {"commitment": b"", "salt": b"s"})
        self.position += 1
        return subject

    def fresh(self, noun: str) -> str:
        """The id of another one."""
        mine = self.known.setdefault(noun, [])
        mine.append(f"{noun}-{self.seed}-{self.position:05}".ljust(40, "x"))
        return mine[-1]

    def some(self, noun: str) -> str | None:
        """One of those there are, and rather a late one."""
        mine = self.known.get(noun, [])
        if not mine:
            return None
        near = self.chance.random() < 0.8
        return self.chance.choice(mine[-6:] if near else mine)

    # What happens.

    def run(self, number: int) -> None:
        """So many things, one after another."""
        for name, kind in PLACES.items():
            plan = self._example("environment.defined")["plan"] | {"kind": kind}
            id = self.fresh("environment")
            self.tell("environment.defined", id, name=f"{name}-{self.seed}", plan=plan)
        named = {"name": f"criticality-{self.seed}", "body": CRITICALITY.read_text()}
        self.tell("playbook.proposed", self.fresh("playbook"), **named)
        acts = (
            *(self.health, self.deploy, self.deploy, self.deploy, self.change, self.change),
            *(self.tie, self.tie, self.merge_request, self.merge_request, self.package),
            *(self.release, self.item, self.item, self.block, self.judge, self.lock),
        )
        for _ in range(number):
            self.chance.choice(acts)()

    def _example(self, kind: str) -> Any:
        return msgspec.json.decode(self.examples[kind][0])

    def health(self) -> None:
        place, choice = self.some("environment") or "", self.chance.choice
        for _ in range(self.chance.randrange(1, 5)):
            monitor = f"bot:monitor-{choice((1, 2))}"
            self.tell("environment.health_reported", place, monitor, health=choice(HEALTH))
        if self.chance.random() < 0.1:
            gone = f"bot:monitor-{choice((1, 2))}"
            self.tell("environment.reporter_dismissed", place, reporter=gone)

    def block(self) -> None:
        place, name = self.some("environment") or "", self.chance.choice(("freeze", "incident"))
        kind = self.chance.choice(("blocked", "unblocked", "stopped", "resumed"))
        named = {"name": name} if kind.endswith("blocked") else {}
        self.tell(f"environment.{kind}", place, **named)

    def package(self) -> None:
        kinds = ("head", "merge", "commit")
        commit = self.some(self.chance.choice(kinds)) or self.fresh("commit")
        built = self._example("package.added")["built"] | {"commit": commit}
        self.tell("package.added", self.fresh("package"), built=built)

    def merge_request(self) -> None:
        id = self.some("merge_request")
        if id is None or self.chance.random() < 0.4:
            id, head = self.fresh("merge_request"), self.fresh("head")
            if self.chance.random() < 0.2:
                head = self.some("head") or head
            self.known.setdefault(f"head of {id}", []).append(head)
            self.tell("merge_request.opened", id, head=head, embargoed=False)
        elif self.known.get(f"merged {id}") is None:
            heads = self.known[f"head of {id}"]
            if self.chance.random() < 0.3:
                heads.append(self.fresh("head"))
                self.tell("merge_request.pushed", id, head=heads[-1])
            else:
                commit = self.fresh("merge") if self.chance.random() < 0.7 else None
                self.known[f"merged {id}"] = []
                self.tell("merge_request.merged", id, head=heads[-1], merge_commit=commit)

    def change(self) -> None:
        id, choice = self.some("change"), self.chance.choice
        content = self._example("change.opened")["content"] | {"service": choice(SERVICES)}
        if id is None or self.chance.random() < 0.3:
            path = choice(("normal", "standard", "emergency"))
            content["environments"] = [f"{choice(tuple(PLACES))}-{self.seed}"]
            book = {"playbook": self.some("playbook"), "kind": choice(("c1", "c3"))}
            self.tell("change.opened", self.fresh("change"), content=content, path=path, **book)
            return
        kinds = ("submitted", "preapproved", "authorized", "authorized", "returned", "edited")
        kind = choice((*kinds, "started", "glass_broken", "finished", "finished", "held"))
        if id in self.going:
            kind = choice(("finished", "held"))
        self.going ^= {id} if id in self.going or kind in ("started", "glass_broken") else set()
        facts: dict[str, Any] = {"content": content} if kind == "edited" else {}
        if kind == "glass_broken":
            self.tell("change.glass_break_requested", id)
        if kind == "finished":
            facts = {"outcome": choice(("successful", "unsuccessful", "rolled_back"))}
        self.tell(f"change.{kind}", id, **facts)

    def lock(self) -> None:
        id, choice = self.some("lock"), self.chance.choice
        if id is None or self.chance.random() < 0.4:
            terms = self._terms()
            doubts = choice(((), (), ("without_end",)))
            self.tell("lock.declared", self.fresh("lock"), terms=terms, doubts=doubts)
            return
        kind = choice(("amended", "confirmed", "declined", "lift_requested", "lifted", "expired"))
        facts: dict[str, Any] = {"doubts": choice(((), ("far_longer",)))}
        facts |= {"terms": self._terms()} if kind == "amended" else {}
        if kind in ("declined", "lifted", "expired"):
            self.known["lock"].remove(id)
        self.tell(f"lock.{kind}", id, **(facts if kind in ("amended", "lift_requested") else {}))

    def _terms(self) -> dict[str, Any]:
        """A lock that lasts some hours or comes every week, wherever and for whatever."""
        choice, edge = self.chance.choice, self._example("lock.declared")["terms"]["recurrence"]
        bare = dict.fromkeys(edge["since"]) | {"offset_days": 0}
        days = {"since": bare | {"time": "22:00", "weekday": 5}}
        days["until"] = bare | {"time": "06:00", "weekday": 1}
        since = self.at + timedelta(hours=self.chance.randrange(-5, 50))
        until = since + timedelta(hours=self.chance.randrange(1, 400))
        terms: dict[str, Any] = self._example("lock.declared")["terms"]
        return terms | {
            "kind": choice(("hard", "soft", "merge")),
            "recurrence": choice((None, {"every": "week", **days})),
            "since": instant(since),
            "until": choice((None, instant(until))),
            "environments": choice(([], [f"eu-{self.seed}"], [f"{self.seed}-gone"])),
            "services": choice(([], [SERVICES[0]])),
            "buffer_hours": choice((0, 3)),
        }

    def tie(self) -> None:
        change, request = self.some("change"), self.some("merge_request")
        if change and request:
            kind = self.chance.choice(("linked", "linked", "unlinked"))
            link = {"kind": "merge_request", "reference": request}
            self.tell(f"change.{kind}", change, link=link)

    def release(self) -> None:
        id, choice = self.some("release"), self.chance.choice
        if id is None or self.chance.random() < 0.4:
            plan = self._example("release.opened")["plan"] | {"service": choice(SERVICES)}
            self.tell("release.opened", self.fresh("release"), plan=plan)
            return
        told: dict[str, Any] = {"environment": f"{choice(tuple(PLACES))}-{self.seed}"}
        kind = choice(("started", "settled"))
        told["deployment"] = choice(("d" * 32, None, None))
        told["progress"] = choice(("succeeded", "succeeded", "failed", "rolled_back"))
        del told["progress" if kind == "started" else "deployment"]
        self.tell(f"release.deployment_{kind}", id, **told)

    def item(self) -> None:
        release, item = self.some("release"), self.some("item")
        if item and self.chance.random() < 0.3:
            self.tell(f"inclusion.{self.chance.choice(('removed', 'added_again'))}", item)
            return
        kind = self.chance.choice(("change", "merge_request", "commit"))
        of = self.chance.choice(("head", "merge", "commit")) if kind == "commit" else kind
        reference = self.some(of)
        if release and reference:
            told = {"release": release, "kind": kind, "reference": reference}
            self.tell("inclusion.added", self.fresh("item"), **told)

    def deploy(self) -> None:
        choice, place = self.chance.choice, f"{self.chance.choice(tuple(PLACES))}-{self.seed}"
        package = self.some("package")
        running = self.some("running")
        if running and self.chance.random() < 0.5:
            self.known["running"].remove(running)
            end = choice(("succeeded", "succeeded", "succeeded", "failed", "rolled_back"))
            self.tell(f"deployment.{end}", running)
            self.known.setdefault("ended", []).append(running)
        elif package and self.chance.random() < 0.1:
            told = {"environment": place, "service": choice(SERVICES), "package": package}
            self.tell("deployment.claimed", self.fresh("claim"), **told)
        elif package:
            wish = self._example("deployment.requested")["wish"]
            named = [each for each in (self.some("change"), self.some("change")) if each]
            wish |= {"package": package, "environment": place, "changes": named}
            wish["belongs_to"] = self.some("release") if self.chance.random() < 0.4 else None
            id = self.fresh("deployment")
            self.tell("deployment.requested", id, wish=wish, service=choice(SERVICES))
            if self.chance.random() < 0.9:
                self.tell("deployment.started", id)
                self.known.setdefault("running", []).append(id)

    def judge(self) -> None:
        id = self.some("ended") if self.chance.random() < 0.7 else self.some("running")
        if id is not None:
            kind = self.chance.choice(("observed", "verified", "rolled_back"))
            facts = {"observed": {"well": self.chance.random() < 0.3}}
            facts["verified"] = {"passed": self.chance.random() < 0.5}
            self.tell(f"deployment.{kind}", id, **facts.get(kind, {}))

    # Into the log.

    def store(self, engine: Engine) -> None:
        """Append it all, as nobody but a test does."""
        with engine.begin() as connection:
            connection.execute(insert(TABLES.events), self.rows)
            connection.execute(insert(TABLES.parts), self.parts)
            tree = bytes(32 * self.position.bit_count())
            head = update(TABLES.head).values(size=self.position, at=self.at, range=tree)
            connection.execute(head)


# The numbers from everything, however long ago.


def whole(log: Log, period: Period, service: str | None, named: Collection[str] | None) -> Recorded:
    """All that was recorded of the deliveries of a service, or of all, whatever the period."""
    told = log.happenings
    there = frozenset(named or production(log, period.since))
    table = log.table(Deployment)
    where: list[ColumnElement[bool]] = [table.c.environment.in_(sorted(there))]
    where += [table.c.service == service] if service is not None else []
    released = told(Release, (*releases.KINDS, delivered.STARTED))
    ids, sight = {each.subject for each in released}, log.sight
    stood = sight.reader.stood(sight.connection, Release, ids, log.until)
    ours = {id: each for id, each in stood.items() if service in (None, each.plan.service)}
    released = [
        replace(each, place=ours[each.subject].plan.service)
        for each in released
        if each.subject in ours
    ]
    found = told(Deployment, DEPLOYED, where, "environment")
    found += delivered.deliveries(released, there)
    tied = told(Change, (changes.FINISHED, *carrying.TIES))
    brought = carrying.brought(found, tied, told(Inclusion, carrying.ITEMS))
    wishes = {e.subject: e.facts["wish"] for e in found if e.kind == "deployment.requested"}
    added = told(Package, ("package.added",))
    built = {each.subject: each.facts["built"]["commit"] for each in added}
    came = {
        id: one.commits | {built[each] for each in (wishes.get(id, {}).get("package"),) if each}
        for id, one in brought.items()
    }
    requests = told(MergeRequest, commits.KINDS)
    seen = {each.subject for each in requests}
    items = [e for e in told(Inclusion, ("inclusion.added",)) if e.facts["kind"] == "commit"]
    merges = {id: each.merges & seen for id, each in brought.items()}
    changed = told(Change, changes.KINDS)
    contents = (each for each in changed if each.kind in ("change.opened", "change.edited"))
    last = {each.subject: each.facts["content"]["service"] for each in contents}
    begun = {each.subject for each in told(Change, delivery_blockers.MOVES)}
    names = [log.table(Environment).c.name.in_(sorted(named))] if named is not None else []
    return Recorded(
        places=there,
        deployments=found,
        changes=[
            *(each for each in changed if service in (None, last[each.subject])),
            *(each for each in tied if each.kind == changes.FINISHED),
        ],
        releases=released,
        environments=told(Environment, blockers.KINDS, names, "name"),
        carried_changes={id: each.changes for id, each in brought.items()},
        carried_merges=merges,
        merges={each.subject: each for each in requests if each.kind == commits.MERGED},
        out_of_turn=frozenset(
            id
            for id, each in ours.items()
            if out_of_turn((), each.kind, hurried=each.plan.short_circuit is not None)
        ),
        carried=Carried(merges, came, requests, items),
        locks=_stages(log, Lock, {each.subject for each in told(Lock, LOCKING)}),
        under_way=_stages(log, Change, begun),
        critical={(each, "c1") for each in {e.subject for e in told(Playbook, (PROPOSED,))}},
    )


def _stages(log: Log, state: type[S], ids: Collection[str]) -> list[list[Stage[S]]]:
    return [
        [Stage(each.id, each.at, stood) for each, stood in story]
        for id in ids
        if (story := list(log.sight.reader.stages(log.sight.connection, state, [id], log.until)))
    ]
