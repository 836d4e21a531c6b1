"""Who publishes meets who locks or publishes at the same moment: never do both win."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest

from api.context import new_id
from api.demo.cast import Role, projects, services
from api.derived.identity import PERSON, read_id
from domain.release.state import Release
from ledger.request import Answer, Request, Status
from ledger.writer import Writer
from tests.api.company import Headquarters

ROUNDS = 500
COMMIT = "e" * 40
OF_A_PROJECT = 25
"""A release is compared with every other of its project: a few at a time are quickly done."""
ROWS = (
    ("tagged", "tagged", "", ("publish",)),
    ("authorised", "changes_authorised", "", ("publish", "deploy:box")),
    ("hosted", "changes_deployed", 'environment = "live"\n', ("publish",)),
    ("there", "deployed", 'environment = "box"\n', ("publish", "close")),
    ("qa", "evidence", 'evidence = ["qa"]\nquality = true\n', ("publish",)),
    ("green", "evidence", 'evidence = ["qa"]\n', ("tag",)),
)
HEAD = """\
format = 1
name = "race"
title = "To race"
[[environment]]
name = "box"
title = "A box"
kind = "test"
[[environment]]
name = "live"
title = "Live"
kind = "production"
[[release]]
name = "quick"
title = "Quick"
version_form = "N.N.N"
environments = ["box"]
[[release.phase]]
name = "run"
title = "Run"
status = "deploying"
"""
PLAYBOOK = HEAD + "".join(
    f'[[release.requirement]]\nname = "{name}"\ntitle = "{name}"\nabout = "{about}"\n'
    f"{more}gates = {list(gates)}\n".replace("'", '"')
    for name, about, more, gates in ROWS
)


@dataclass
class Track:
    """Releases that may be published, and what races for them."""

    hq: Headquarters
    made: int = 0
    writers: list[Writer] = field(default_factory=list)

    def asked(
        self, action: str, id: str | None = None, seen: int | None = None, /, **given: Any
    ) -> Request:
        by = read_id(self.hq.id("race-rhea"), PERSON) or ""
        arguments = msgspec.json.encode(given)
        told = {"action": action, "subject": id or new_id(), "arguments": arguments}
        return Request(id=new_id(), **told, by=by, seen=seen)  # type: ignore[arg-type]

    def ready(self, number: int) -> Iterator[str]:
        """So many releases that lack nothing but to be published, each as it is asked for.

        Where each is tested by itself, the next one takes its place.
        """
        for id in (new_id() for _ in range(number)):
            where = self.place()
            self.made += 1
            version = f"1.0.{self.made}"
            plan = {"title": "Race", "service": where, "versions": [version], "project": where}
            told = {"environment": "box", "progress": "succeeded"}
            steps = [
                self.asked("release.open", id, playbook="race", kind="quick", plan=plan),
                self.asked("release.aim", id, release_version=version, commit=COMMIT),
                self.asked("release.tag", id, 2, release_version=version),
                self.asked("release.deploy", id, 2, environment="box"),
                self.asked("release.settle_deployment", id, **told),
            ]
            answers = self.hq.desk.writer.run(steps)
            assert {each.status for each in answers} == {Status.DONE}, answers
            yield id

    def place(self) -> str:
        """The service and project of the next one, whose commit is proved there."""
        where = f"race/{self.made // OF_A_PROJECT}"
        if self.made % OF_A_PROJECT == 0:
            told = {"project": where, "name": "qa", "outcome": "PASSED", "subject": COMMIT}
            self.hq.do("race-bot", "ReportEvidence", **told)
        return where

    def publish(self, id: str, seen: int = 2) -> Request:
        return self.asked("release.publish", id, seen)

    def lock(self) -> Request:
        until = (datetime.now(UTC) + timedelta(hours=2)).isoformat()
        terms = {"title": "Stop", "kind": "hard", "until": until, "environments": ["box"]}
        return self.asked("lock.declare", terms=terms)

    def lift(self, lock: str) -> None:
        asked = self.asked("lock.lift", lock, reason="The race is over.")
        answer = self.hq.desk.writer.submit(asked)
        assert answer.status is Status.DONE, answer

    def at_once(self, *requests: Request) -> list[Answer]:
        """Each by a writer of its own, all let go at one moment."""
        while len(self.writers) < len(requests):
            self.writers.append(self.hq.installation.writer())
        barrier = threading.Barrier(len(requests))
        answers: dict[str, Answer] = {}

        def go(writer: Writer, request: Request) -> None:
            barrier.wait(timeout=30)
            answers[request.id] = writer.submit(request)

        pairs = zip(self.writers, requests, strict=False)
        threads = [threading.Thread(target=go, args=pair) for pair in pairs]
        for each in threads:
            each.start()
        for each in threads:
            each.join(timeout=60)
        return [answers[each.id] for each in requests]

    def published(self, id: str) -> bool:
        reader = self.hq.installation.reader
        with reader.connection() as connection:
            state = reader.get(connection, Release, id)
        return state is not None and state.published_at is not None


def codes(answer: Answer) -> list[str]:
    return [each.code for each in answer.problems]


@pytest.fixture(scope="session")
def track(hq: Headquarters) -> Iterator[Track]:
    """A process with one quick kind of release, and its manager."""
    held = (services("role:release_manager"), projects("role:qa"))
    hq.hire("race-rhea", "racing", *held, Role("role:release_manager", "environment", "any"))
    adopted = hq.desk.ask("playbook.propose", body=PLAYBOOK, based_on=None, reason="To race.")
    hq.desk.ask("playbook.adopt", adopted.subject)
    track = Track(hq)
    hq.hire("race-bot", None, Role("role:ci_bot", "project", "any"), owner="yusuf")
    yield track
    for each in track.writers:
        each.close()


def test_a_lock_set_while_a_release_is_being_published_never_comes_before_it(track: Track) -> None:
    """Whichever is recorded first is seen by the other: no release goes out after the lock."""
    first = {"lock": 0, "publish": 0}
    waiting = track.ready(ROUNDS)
    id = next(waiting)
    for _ in range(ROUNDS):
        locked, out = track.at_once(track.lock(), track.publish(id))
        assert locked.status is Status.DONE
        if out.status is Status.DONE:
            assert (out.position or 0) < (locked.position or 0), "a breach"
            first["publish"] += 1
        else:
            assert codes(out) == ["hard_locked"]
            first["lock"] += 1
        assert track.published(id) == (out.status is Status.DONE)
        track.lift(locked.subject)
        if out.status is Status.DONE:
            id = next(waiting, "")
    assert sum(first.values()) == ROUNDS


def test_in_one_batch_what_comes_first_counts(track: Track) -> None:
    [before] = track.ready(1)
    locked, out = track.hq.desk.writer.run([track.lock(), track.publish(before)])
    assert (locked.status, codes(out)) == (Status.DONE, ["hard_locked"])
    track.lift(locked.subject)
    [after] = track.ready(1)
    out, locked = track.hq.desk.writer.run([track.publish(after), track.lock()])
    assert (out.status, locked.status) == (Status.DONE, Status.DONE)
    track.lift(locked.subject)


def test_of_two_who_publish_at_once_one_does(track: Track) -> None:
    for id in track.ready(20):
        answers = track.at_once(track.publish(id), track.publish(id))
        done = [each for each in answers if each.status is Status.DONE]
        [refused] = [each for each in answers if each.status is not Status.DONE]
        assert len(done) == 1
        assert codes(refused) == ["published_before"]
    [id] = track.ready(1)
    answers = track.hq.desk.writer.run([track.publish(id), track.publish(id)])
    assert [each.status for each in answers] == [Status.DONE, Status.REFUSED]


def test_a_request_that_is_sent_again_is_done_once(track: Track) -> None:
    [id] = track.ready(1)
    request = track.publish(id)
    once = track.hq.desk.writer.submit(request)
    assert once.status is Status.DONE
    found = track.hq.desk.writer.look(request)
    assert found is not None
    assert found.position == once.position
    again = track.hq.desk.writer.submit(track.publish(id))
    assert codes(again) == ["published_before"]


def test_who_looked_at_an_earlier_revision_neither_tags_nor_publishes(track: Track) -> None:
    [id] = track.ready(1)
    moved = track.asked("release.aim", id, release_version=f"1.0.{track.made}", commit="f" * 40)
    assert track.hq.desk.writer.submit(moved).status is Status.DONE
    for asked in (
        track.publish(id),
        track.asked("release.tag", id, 2, release_version=f"1.0.{track.made}"),
    ):
        assert codes(track.hq.desk.writer.submit(asked)) == ["moved_on"]
    now = track.hq.desk.writer.submit(track.publish(id, 3))
    assert set(codes(now)) == {"not_tagged", "not_deployed", "evidence_missing"}
    forgot = track.hq.desk.writer.submit(track.asked("release.publish", id))
    assert codes(forgot) == ["seen_missing"]
