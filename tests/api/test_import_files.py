"""Files that break off, lines without end, and imports that are stopped or killed."""

from __future__ import annotations

import io
import json
import os
import pty
import re
import signal
import subprocess
import sys
import time
import tracemalloc
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from api.importing.claiming import Importer
from api.importing.lines import LONGEST, lines
from api.importing.rows import read_merge
from api.importing.running import BATCH, Told, run, stoppable
from domain.kernel import OPERATOR
from ledger.verifying import verify_contents, verify_tree
from tests.api.merges import (
    Machine,
    Row,
    bring,
    environment,
    opened_office,
    records,
    row,
    write,
)
from tests.api.office import Office


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def office(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Office]:
    with opened_office(request, tmp_path_factory.mktemp(f"import-{request.param}")) as office:
        yield office


@pytest.fixture
def machine(
    office: Office, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Machine:
    return Machine(office, monkeypatch, capsys)


# Files that cannot be read, and long ones.


@pytest.mark.parametrize("name", ["absent", "."])
def test_a_file_that_cannot_be_read_is_said_to_be(
    machine: Machine, tmp_path: Path, name: str
) -> None:
    ran = machine.imports(Path(f"{tmp_path}/{name}"))
    assert (ran.status, ran.out) == (2, "")
    assert re.search(r"(no file|no folder|a folder)", ran.err), "and no number of an error"


class Torn(io.BytesIO):
    """A file on a disk that breaks after some lines."""

    def readline(self, size: int | None = -1, /) -> bytes:
        if self.tell() == len(self.getvalue()):
            raise OSError(5, "Input/output error")
        return super().readline(size)


def test_a_file_that_ends_in_a_fault_keeps_what_came_before(
    machine: Machine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = write(tmp_path / "merges", [row(5000 + number) for number in range(BATCH)])
    torn, whole = Torn(file.read_bytes()), Path.open

    def opened(path: Path, *rest: Any, **more: Any) -> Any:
        return torn if path == file else whole(path, *rest, **more)

    with monkeypatch.context() as patched:
        patched.setattr(Path, "open", opened)
        ran = machine.imports(file)
    assert ran.status == 2
    assert "Input/output error; what was recorded stays" in ran.err
    assert machine.imports(file).said["known"] == BATCH


def test_an_empty_file_has_no_lines(machine: Machine, tmp_path: Path) -> None:
    assert machine.imports(write(tmp_path / "merges", [])).said["lines"] == 0


def test_no_line_is_ever_whole_in_memory_if_it_is_too_long(tmp_path: Path) -> None:
    file = tmp_path / "merges"
    with file.open("wb") as long:
        long.writelines(b"x" * 1_000_000 for _ in range(30))
        long.write(b"\n{}")
    tracemalloc.start()
    with file.open("rb") as source:
        first, second = lines(source)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert (first.content, second.content) == (None, b"{}")
    assert (first.number, second.number, second.end) == (1, 2, file.stat().st_size)
    assert peak < 4 * LONGEST


def test_the_longest_line_is_read() -> None:
    exactly = b"x" * LONGEST
    found = list(lines(io.BytesIO(exactly + b"\n" + exactly + b"y\n" + exactly)))
    assert [each.content for each in found] == [exactly, None, exactly]


# Stopping, and going on.


def test_an_import_stops_between_batches_and_goes_on(office: Office, tmp_path: Path) -> None:
    file = write(tmp_path / "merges", [row(7000 + number) for number in range(3 * BATCH)])
    importer = Importer(office.reader, office.writer, OPERATOR)
    done: list[int] = []
    with file.open("rb") as source:
        told = Told(lambda _outcome: None, done.append)
        tally = run(source, read_merge, importer, told, lambda: len(done) == 2)
    assert (tally.stopped, tally.lines, tally.added) == (True, 2 * BATCH, 2 * BATCH)
    assert done[0] < done[1] < file.stat().st_size
    again = bring(office, file)
    assert (again.known, again.added) == (2 * BATCH, BATCH)


def test_a_signal_waits_for_the_end_of_a_batch() -> None:
    before = signal.getsignal(signal.SIGINT)
    with stoppable() as stopped:
        assert not stopped()
        os.kill(os.getpid(), signal.SIGINT)
        assert stopped()
    assert signal.getsignal(signal.SIGINT) is before


class Piped:
    """An import in a process of its own, fed line by line."""

    def __init__(self, office: Office, folder: Path) -> None:
        """Begin to import from a pipe."""
        pipe = folder / "pipe"
        os.mkfifo(pipe)
        words = ["import", "merge-requests", str(pipe), "--json"]
        self.office = office
        self.process = subprocess.Popen(
            [sys.executable, "-m", "api.cli", *words],
            env=os.environ | environment(office),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        self.pipe = pipe.open("wb")

    def feed(self, rows: list[Row]) -> None:
        """Write lines."""
        self.pipe.write(b"".join(json.dumps(each).encode() + b"\n" for each in rows))
        self.pipe.flush()

    def wait_for(self, count: int) -> None:
        """Wait until so many merges are recorded."""
        while records(self.office) < count:
            assert self.process.poll() is None, self.process.communicate()
            time.sleep(0.02)

    def end(self) -> tuple[int, bytes, bytes]:
        """The exit status and what was said."""
        out, err = self.process.communicate()
        with suppress(BrokenPipeError):
            self.pipe.close()
        return self.process.returncode, out, err


def test_a_killed_import_loses_nothing_and_goes_on(office: Office, tmp_path: Path) -> None:
    told = [row(8000 + number) for number in range(2 * BATCH + 40)]
    before = records(office)
    piped = Piped(office, tmp_path)
    piped.feed(told[: BATCH + 40])
    piped.wait_for(before + BATCH)
    piped.process.send_signal(signal.SIGKILL)
    assert piped.end()[0] == -signal.SIGKILL
    tally = bring(office, write(tmp_path / "merges", told))
    assert (tally.known, tally.added) == (BATCH, BATCH + 40)
    assert list(verify_tree(office.reader, [office.installation.key.verifier])) == []
    assert list(verify_contents(office.reader)) == []


def test_ctrl_c_ends_an_import_after_its_batch(office: Office, tmp_path: Path) -> None:
    told = [row(9000 + number) for number in range(3 * BATCH)]
    before = records(office)
    piped = Piped(office, tmp_path)
    piped.feed(told[:BATCH])
    piped.wait_for(before + BATCH)
    piped.process.send_signal(signal.SIGINT)
    with suppress(BrokenPipeError):  # it may have ended already
        piped.feed(told[BATCH:])
    status, out, err = piped.end()
    assert (status, json.loads(out)["stopped"]) == (130, True)
    assert err == b"changegate: stopped; run the import again to go on\n"
    added = json.loads(out)["added"]
    assert added in (BATCH, 2 * BATCH)
    assert records(office) == before + added


def test_somebody_who_watches_sees_how_far_it_is(office: Office, tmp_path: Path) -> None:
    file = write(tmp_path / "merges", [row(10_000 + number) for number in range(BATCH)])
    screen, terminal = pty.openpty()
    words = ["-m", "api.cli", "import", "merge-requests", str(file)]
    ran = subprocess.run(
        [sys.executable, *words],
        env=os.environ | environment(office) | {"TERM": "xterm", "COLUMNS": "100"},
        stdout=subprocess.PIPE,
        stderr=terminal,
        check=True,
    )
    os.close(terminal)
    shown = os.read(screen, 100_000).decode()
    os.close(screen)
    length = file.stat().st_size
    assert "bytes read" in shown
    assert f"{length}/{length}" in shown
    assert ran.stdout.startswith(b"128 lines: 128 added")
