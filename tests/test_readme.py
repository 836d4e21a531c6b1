"""The README's commands work as written, typed into a shell against the demo it starts."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from api.settings import Settings
from tests.api.served import ROOT, environment, running

README = (ROOT / "README.md").read_text()
BLOCKS = re.findall(r"^```sh\n(.*?)^```", README, re.DOTALL | re.MULTILINE)
DEMO = "var/changegate-demo.sqlite"
SHOWN = {
    1: ['"status": "ASSESSING"', '"status": "AUTHORIZING"'],
    2: [
        '"code": "own_change"',
        '"allowed": false',
        '"name": "Erin Eriksen"',
        '"status": "SCHEDULED"',
        '"status": "IMPLEMENTING"',
        '"status": "REVIEW"',
        '"status": "CLOSED"',
        '"name": "Mara Moreau"',
        '"role": "role:assessor"',
        '"name": "Ben Bakker"',
        '"name": "Change advisory board"',
        "change.closed",
    ],
    3: [
        "60 lines: 60 added, 0 known already, 0 bad",
        '"project": "example/storage"',
        '"count": 1,',
        '"mergedByAuthor": "YES"',
        " 0 faults",
    ],
}
"""What each block prints, in this order among other things."""


def test_the_readme_fits_one_screen() -> None:
    assert len(README.splitlines()) <= 60
    assert [block.split()[0] for block in BLOCKS] == ["make", ".", "ask", "export"]


def test_make_serve_serves_the_demo_the_readme_speaks_of() -> None:
    recipe = f"changegate demo --serve --database {DEMO}"
    assert recipe in (ROOT / "Makefile").read_text()


def test_where_no_port_is_set_the_demo_is_asked_where_it_answers_by_itself() -> None:
    asked = f'os.environ.get("CHANGEGATE_PORT") or {Settings().port})'
    assert asked in (ROOT / "frontend-schema" / "ask.sh").read_text()


def test_everything_the_readme_links_to_is_there() -> None:
    for link in re.findall(r"\]\(([^)]+)\)", README):
        assert (ROOT / link).exists(), link


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """The checkout with a folder `var` of its own."""
    for each in (".venv", "docs", "README.md"):
        (tmp_path / each).symlink_to(ROOT / each)
    shutil.copytree(ROOT / "frontend-schema", tmp_path / "frontend-schema")
    return tmp_path


def test_a_stranger_can_type_the_commands_as_written(checkout: Path) -> None:
    with running("demo", "--serve", "--database", DEMO, cwd=checkout) as url:
        shown = typed(checkout, BLOCKS[1:], url.rpartition(":")[2])
    for number, expected in SHOWN.items():
        at = 0
        for text in expected:
            found = shown[number].find(text, at)
            assert found >= 0, f"{text!r} is not in its place in:\n{shown[number]}"
            at = found + len(text)


def typed(folder: Path, blocks: list[str], port: str) -> dict[int, str]:
    """What a shell prints for each block, all typed into one."""
    script = "".join(f"echo '=== {n}'\n{block}" for n, block in enumerate(blocks, 1))
    ran = subprocess.run(
        ["sh", "-eu"],
        input=script,
        cwd=folder,
        env=environment(CHANGEGATE_PORT=port),
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert (ran.returncode, ran.stderr) == (0, ""), ran.stdout + ran.stderr
    _, *parts = re.split(r"^=== \d+\n", ran.stdout, flags=re.MULTILINE)
    return dict(enumerate(parts, 1))
