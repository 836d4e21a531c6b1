"""A service goes on when one of its processes dies, and ends as a whole, however it is ended."""

from __future__ import annotations

import json
import os
import signal
import socket
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Thread
from typing import Any

import httpx2
import pytest

from api.demo.making import ensure_demo
from api.demo.settings import demo_settings, tokens_file
from api.processes.handing import arguments as passed
from api.processes.handing import environment as inherited
from api.processes.lifeline import ChildEnd, ParentEnd
from api.settings import Settings
from tests.api.watched import SECONDS, Running, alive, started, wait_for

BOARD = (
    "mutation($kind: String!) { establishBoard(input: {kind: $kind, name: $kind, "
    'services: ["billing"]}) { board { id } problems { code } } }'
)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file of a demo."""
    file = tmp_path_factory.mktemp("served") / "demo.sqlite"
    ensure_demo(demo_settings(file, {}), file)
    return file


@pytest.fixture(scope="module")
def shared_folder() -> Iterator[Path]:
    """Where services may make folders of their own; short, since a socket's path must be."""
    with tempfile.TemporaryDirectory(prefix="cgp", dir="/tmp") as name:
        yield Path(name)


@pytest.fixture(scope="module")
def served(made: Path, shared_folder: Path) -> Iterator[Running]:
    """The demo, served by two edges, for tests that leave it running."""
    settings = {"CHANGEGATE_LOG_FORMAT": "json", "CHANGEGATE_LOG_LEVEL": "debug"}
    settings |= {"CHANGEGATE_EDGES": "2", "TMPDIR": str(shared_folder)}
    with started("demo", "--serve", "--database", made, **settings) as running:
        assert running.url
        yield running


def ask(running: Running, made: Path, query: str, **variables: str) -> Any:
    """What ada is answered, with a connection of its own; the writer may be slow to come back."""
    tokens = dict(line.split() for line in tokens_file(made).read_text().splitlines())
    answer = httpx2.post(
        f"{running.url}/graphql",
        json={"query": query, "variables": variables},
        headers={"authorization": f"Bearer {tokens['ada']}"},
        timeout=SECONDS,
    )
    assert answer.status_code == 200, answer.text
    return answer.json()["data"]


def establish(running: Running, made: Path, kind: str) -> None:
    """Let ada establish a board, which goes through the writer."""
    payload = ask(running, made, BOARD, kind=kind)["establishBoard"]
    assert payload["problems"] == []
    assert payload["board"]["id"]


def boards(running: Running, made: Path) -> set[str]:
    """The kinds of boards there are."""
    found = ask(running, made, "{ boards(first: 100) { edges { node { kind } } } }")
    return {each["node"]["kind"] for each in found["boards"]["edges"]}


def readiness(running: Running) -> tuple[int, str]:
    """What the service says of its writer."""
    answer = httpx2.get(f"{running.url}/readyz", timeout=SECONDS)
    return answer.status_code, answer.json()["checks"]["writer"]


# Going on.


def test_a_service_goes_on_when_its_writer_is_killed(served: Running, made: Path) -> None:
    establish(served, made, "before")
    for kind in ("once", "twice"):
        os.kill(served.child("writer"), signal.SIGKILL)
        establish(served, made, kind)
    assert boards(served, made) >= {"before", "once", "twice"}
    wait_for(lambda: readiness(served) == (200, "ok"))


def test_a_service_goes_on_when_an_edge_is_killed(served: Running, made: Path) -> None:
    before = set(served.children())
    assert len(before) == 3
    os.kill(served.child("edge"), signal.SIGKILL)
    establish(served, made, "edge")
    wait_for(lambda: len(served.children()) == len(before))
    assert set(served.children()) != before
    establish(served, made, "edges")


def test_a_service_whose_writer_hangs_is_not_ready(served: Running) -> None:
    writer = served.child("writer")
    os.kill(writer, signal.SIGSTOP)
    try:
        wait_for(lambda: readiness(served) == (503, "took too long"))  # an answer is kept a second
        assert httpx2.get(f"{served.url}/healthz", timeout=SECONDS).status_code == 200
    finally:
        os.kill(writer, signal.SIGCONT)
    wait_for(lambda: readiness(served) == (200, "ok"))


def test_a_keystroke_of_the_terminal_reaches_the_parent_alone(served: Running) -> None:
    """Ctrl-C goes to a whole session; the children have sessions of their own."""
    sessions = {pid: os.getsid(pid) for pid in (served.process.pid, *served.children())}
    assert len(set(sessions.values())) == len(sessions)


def test_two_services_do_not_share_a_writers_socket(
    served: Running, founded: Any, shared_folder: Path
) -> None:
    path = next(shared_folder.glob("changegate-*/writer"))
    settings = {"CHANGEGATE_DATABASE": str(founded.database), "CHANGEGATE_WRITER_SOCKET": str(path)}
    with started("serve", **settings) as other:
        assert other.ended() == 1
    assert "another process is serving" in other.text
    assert readiness(served) == (200, "ok")


def test_every_line_of_a_service_is_json_without_payload(served: Running, made: Path) -> None:
    establish(served, made, "canary")
    wait_for(lambda: '"event": "request"' in served.text)
    lines = served.text.partition("answers at")[2].splitlines()[1:]
    assert all(isinstance(json.loads(line), dict) for line in lines)
    assert "canary" not in "".join(lines)
    secrets = [line.split()[1].split("_")[2] for line in tokens_file(made).read_text().splitlines()]
    assert not any(each in "".join(lines) for each in secrets)


# Ending.


def test_ctrl_c_ends_a_service_and_the_next_start_keeps_what_was_done(
    made: Path, shared_folder: Path, tmp_path: Path
) -> None:
    folder = shared_folder / "c"
    folder.mkdir()
    serve = ("demo", "--serve", "--database", made)
    with started(*serve, TMPDIR=str(folder)) as running:
        establish(running, made, "kept")
        children = running.children()
        assert sorted(children.values()) == ["edge", "writer"]
        assert list(folder.glob("changegate-*/writer"))
        running.process.send_signal(signal.SIGINT)
        assert running.ended() == 0
    assert not any(map(alive, children))
    assert list(folder.glob("changegate-*")) == []
    assert "Traceback" not in running.text
    assert running.text.endswith("Ended.\n")
    with started(*serve, TMPDIR=str(folder)) as running:
        assert "kept" in boards(running, made)
        assert "Using the demo" in running.text
        assert tokens_file(made).read_text() in running.text
        answered = ended_while_asked(running, made)
        assert "Traceback" not in running.text
    assert list(folder.glob("changegate-*")) == []
    with started(*serve, TMPDIR=str(folder)) as running:
        asked = {each for each in boards(running, made) if each.startswith("late")}
        assert asked == answered, "what was done was answered, and nothing else was done"
        children = running.children()
        running.process.kill()
        running.process.wait()
        wait_for(lambda: not any(map(alive, children)))


def ended_while_asked(running: Running, made: Path) -> set[str]:
    """End a service that many ask at once; the kinds of boards that were answered for."""
    answered: set[str] = set()

    def asking(kind: str) -> None:
        with suppress(httpx2.TransportError):  # it came too late to be taken in
            establish(running, made, kind)
            answered.add(kind)

    threads = [Thread(target=asking, args=(f"late{number}",)) for number in range(12)]
    for each in threads:
        each.start()
    wait_for(lambda: answered)
    running.process.terminate()
    assert running.ended() == 0
    for each in threads:
        each.join()
    return answered


# Not even starting.


def test_a_port_that_is_taken_is_named(made: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with started("demo", "--serve", "--database", made, CHANGEGATE_PORT=str(port)) as running:
            assert running.ended() == 1
    assert f"127.0.0.1:{port} cannot be listened on: Address already in use" in running.text
    assert "set CHANGEGATE_PORT to another" in running.text
    assert "Traceback" not in running.text


def test_a_host_of_another_machine_is_named(founded: Any) -> None:
    database = str(founded.database)
    with started("serve", CHANGEGATE_DATABASE=database, CHANGEGATE_HOST="192.0.2.1") as running:
        assert running.ended() == 1
    assert "192.0.2.1:0 cannot be listened on" in running.text


def test_a_service_whose_database_is_down_may_be_started_again() -> None:
    url = "postgresql://gate:hunter2@127.0.0.1:1/gate"
    settings = {"CHANGEGATE_SIGNING_KEY": "none", "CHANGEGATE_TOKEN_PEPPER": "p" * 32}
    with started("serve", CHANGEGATE_DATABASE=url, CHANGEGATE_PORT="0", **settings) as running:
        assert running.ended() == 1
    assert "keeps ending; the lines above say why" in running.text
    assert "Connection refused" in running.text
    assert "hunter2" not in running.text


def test_a_child_that_cannot_start_says_why(made: Path, tmp_path: Path) -> None:
    copy = tmp_path / "demo.sqlite"
    for ending in ("", ".pepper", ".tokens"):
        Path(f"{copy}{ending}").write_bytes(Path(f"{made}{ending}").read_bytes())
    with started("demo", "--serve", "--database", copy) as running:
        assert running.ended() == 2
    assert "cannot start: CHANGEGATE_SIGNING_KEY" in running.text
    assert "Traceback" not in running.text


# What parent and child tell each other.


@contextmanager
def line() -> Iterator[tuple[ParentEnd, ChildEnd]]:
    """Both ends of a line, in this process."""
    parent = ParentEnd()
    child = ChildEnd(os.dup(parent.handed))
    parent.taken()
    yield parent, child
    parent.close()
    child.close()


def test_a_child_whose_parent_died_before_it_began_ends_too() -> None:
    with line() as (parent, child):
        parent.close()
        ended: list[bool] = []
        child.watch(lambda: ended.append(True))
        wait_for(lambda: ended)


def test_a_parent_hears_that_a_child_serves() -> None:
    with line() as (parent, child):
        assert (parent.ready, parent.unfit) == (False, None)
        child.ready()
        assert (parent.ready, parent.unfit) == (True, None)


def test_a_parent_hears_why_a_child_cannot_start() -> None:
    with line() as (parent, child):
        child.unfit("no key " + "é" * 9000)
        assert not parent.ready
        assert parent.unfit is not None
        assert parent.unfit.startswith("no key é")
        assert len(parent.unfit.encode()) < 4096


def test_a_child_tells_nobody_without_harm() -> None:
    with line() as (parent, child):
        parent.close()
        child.ready()
        child.unfit("no key")


def test_a_password_stands_in_no_arguments() -> None:
    settings = Settings(database="postgresql://gate:secret@db/gate")
    assert "secret" not in " ".join(passed(settings, Path("/run/writer")))
    assert inherited(settings)["CHANGEGATE_DATABASE"] == settings.database
