"""The documents hold together: everything is linked, and every link leads somewhere."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"
DECISIONS = sorted((DOCS / "decisions").glob("*.md"))
PAGES = [
    *(ROOT / name for name in ("README.md", "CHANGELOG.md", "frontend-schema/README.md")),
    *sorted(DOCS.rglob("*.md")),
]
ARCHITECTURE = DOCS / "architecture.md"
PACKAGES = ("api", "domain", "ledger", "policies", "verifier")
LINK = re.compile(r"\]\(([^)#\s]+)(?:#[^)]*)?\)")


def links(page: Path) -> list[Path]:
    found = LINK.findall(page.read_text())
    return [(page.parent / link).resolve() for link in found if "://" not in link]


def headings(page: Path) -> set[str]:
    """The headings of a page, as a link spells them."""
    found = re.findall(r"^#+ (.*)$", page.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", each.lower()).replace(" ", "-") for each in found}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_every_link_leads_somewhere(page: Path) -> None:
    assert [link for link in links(page) if not link.exists()] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_every_link_into_a_page_leads_to_a_heading(page: Path) -> None:
    found = re.findall(r"\]\(([^)#\s:]*)#([^)]*)\)", page.read_text())
    inside = [((page.parent / file if file else page), heading) for file, heading in found]
    assert [each for each in inside if each[1] not in headings(each[0])] == []


def test_every_document_is_named_on_the_page_of_documents() -> None:
    named = {*links(DOCS / "README.md"), DOCS / "README.md"}
    assert {each for each in DOCS.rglob("*") if each.is_file()} - named == set()


def test_the_page_of_the_architecture_names_every_room_and_nothing_that_is_not_there() -> None:
    named = set(re.findall(r"`([a-z_-]+/[^`*\s]*)`", ARCHITECTURE.read_text()))
    inits = [file for package in PACKAGES for file in (ROOT / package).rglob("*/__init__.py")]
    nouns = [file for file in (ROOT / "domain").glob("*.py") if file.name != "__init__.py"]
    there = {each.relative_to(ROOT).as_posix() for each in (*(i.parent for i in inits), *nouns)}
    assert there - named == set()
    assert {each for each in named if not (ROOT / each).exists()} == set()


def test_decisions_are_numbered_and_titled_by_what_was_decided() -> None:
    for number, file in enumerate(DECISIONS, 1):
        title = file.read_text().splitlines()[0]
        assert file.name.startswith(f"{number:04}-")
        assert title.startswith(f"# {number}. ")
        words = re.sub(r"[^a-z0-9]+", "-", title.split(". ", 1)[1].lower()).strip("-")
        assert words.startswith(file.stem[5:])


@pytest.mark.parametrize("file", DECISIONS[1:], ids=lambda file: file.stem[:4])
def test_a_decision_says_why_what_was_refused_and_what_would_change_it(file: Path) -> None:
    text = file.read_text()
    assert "\nWhy: " in text
    assert "\nRefused:\n" in text
    assert "\nWhat would change our mind: " in text
    assert len(text.splitlines()) <= 45, "half a page"
