"""What was hidden and went out with a patch is checked by a program that shares no code with us."""

from __future__ import annotations

import json
from base64 import b64encode
from pathlib import Path
from typing import Any

import pytest

from api.machine.bundling import bundle
from tests.api.company import Headquarters
from tests.api.patches import Patch, hire
from verifier.__main__ import BAD, GOOD, main

TITLE = "Close the hole"


class Auditor:
    """Somebody who takes the log away, and remembers what it was before."""

    def __init__(self, hq: Headquarters, folder: Path, told: pytest.CaptureFixture[str]) -> None:
        """Trust the key that the log is signed with now."""
        self.installation = hq.installation
        self.folder = folder
        self.told = told
        self.key = str(hq.installation.key.verifier)

    def takes(self, name: str, *, contents: bool = False) -> Path:
        """The whole log in a file."""
        file = self.folder / name
        bundle(self.installation, file, lambda _: None, contents=contents)
        return file

    def judges(self, file: Path) -> tuple[int, dict[str, int]]:
        """Whether the file is good, and how often each finding came."""
        state = ["--state", str(self.folder / "seen.json")]
        self.told.readouterr()
        code = main([str(file), "--key", self.key, "--json", *state])
        report: dict[str, Any] = json.loads(self.told.readouterr().out)
        return code, report["counts"]


@pytest.fixture(scope="session")
def crew(hq: Headquarters) -> Headquarters:
    """The company with those who take part in patches."""
    hire(hq)
    return hq


@pytest.fixture
def auditor(crew: Headquarters, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Auditor:
    """An auditor of the company."""
    return Auditor(crew, tmp_path, capsys)


def publish(patch: Patch) -> None:
    """Bring a patch with a fix out."""
    fix = patch.fix()
    patch.to_publication(fix)
    patch.do("PublishRelease")


@pytest.mark.req("S1-37", "X-07")
def test_a_published_patch_leads_to_what_was_sealed_while_it_was_hidden(
    crew: Headquarters, auditor: Auditor
) -> None:
    patch = Patch(crew)
    publish(patch)
    sealed = auditor.takes("sealed.bundle", contents=True)
    assert auditor.judges(sealed)[0] == GOOD
    told = crew.data("wanda", "Release", id=patch.id)
    assert told["release"] is not None, "what went out is there for everybody"
    whole = sealed.read_bytes()
    forged = auditor.folder / "forged.bundle"
    changed = whole.replace(b64encode(TITLE.encode()), b64encode(b"Close the gate"))
    assert changed != whole
    forged.write_bytes(changed)
    code, counts = auditor.judges(forged)
    assert (code, counts["altered payload"] > 0) == (BAD, True)


@pytest.mark.req("S1-37", "X-07")
def test_publishing_writes_nothing_anew(crew: Headquarters, auditor: Auditor) -> None:
    patch = Patch(crew)
    fix = patch.fix()
    patch.to_publication(fix)
    before = auditor.takes("before.bundle")
    assert auditor.judges(before)[0] == GOOD
    patch.do("PublishRelease")
    after = auditor.takes("after.bundle")
    assert auditor.judges(after)[0] == GOOD, "it grew from what the auditor saw before"
    _, _, *entries = before.read_bytes().splitlines()
    _, _, *more = after.read_bytes().splitlines()
    assert len(entries) < len(more)
    assert entries == more[: len(entries)]
    secret = b64encode(TITLE.encode())
    assert secret not in after.read_bytes(), "the entries alone say nothing"
