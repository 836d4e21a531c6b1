"""A small noun of its own, with one of everything that a surface is derived from."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any

from domain.calendar.window import Window
from domain.kernel import (
    KEEP,
    Aggregate,
    Audience,
    Command,
    Context,
    Internal,
    Keep,
    Personal,
    Problems,
    Recorded,
    Secret,
    Seen,
    Text,
    moved,
    refusal,
)


class Genre(StrEnum):
    """What kind of book it is."""

    NOVEL = "novel"
    ATLAS = "atlas"


@dataclass(frozen=True, slots=True)
class Imprint:
    """Where and when it was printed."""

    place: Annotated[str, "The town."]
    printed: datetime | None = None
    blurb: Text = ""
    printer: Personal = ""


@dataclass(frozen=True, slots=True)
class Book:
    """A book on the shelf."""

    id: str
    version: int
    revision: int
    digest: str
    title: Text
    genre: Genre
    shelf: str
    imprint: Imprint | None
    tags: tuple[str, ...]
    notes: tuple[Text, ...]
    added_at: datetime
    successor: str | None
    embargoed: bool
    lending: Window | None = None
    borrower: Personal | None = None
    borrowers: tuple[Personal, ...] = ()
    score: Internal[dict[str, int] | None] = None
    shelf_key: Secret[str] = ""


@dataclass(frozen=True, slots=True)
class Added:
    """A book was put on the shelf."""

    title: Text
    genre: Genre
    shelf: str
    imprint: Imprint | None
    tags: tuple[str, ...]
    lending: Window | None = None
    embargoed: bool = False


@dataclass(frozen=True, slots=True)
class Edited:
    """What a book says about itself was changed."""

    title: Text
    imprint: Imprint | None
    notes: tuple[str, ...]
    successor: str | None


def evolve(state: Book | None, recorded: Recorded) -> Book:
    """Fold one event."""
    event = recorded.event
    if isinstance(event, Added):
        return Book(
            id=recorded.subject,
            version=recorded.version,
            revision=1,
            digest="sha256:0",
            title=event.title,
            genre=event.genre,
            shelf=event.shelf,
            imprint=event.imprint,
            tags=event.tags,
            notes=(),
            added_at=recorded.at,
            successor=None,
            embargoed=event.embargoed,
            lending=event.lending,
        )
    assert state is not None
    changed = replace(state, revision=state.revision + 1)
    return moved(
        changed,
        recorded,
        title=event.title,
        imprint=event.imprint,
        notes=event.notes,
        successor=event.successor,
    )


def add(
    _state: None,
    context: Context,
    *,
    title: Annotated[Text, "What stands on the cover."],
    shelf: str,
    genre: Genre = Genre.NOVEL,
    imprint: Imprint | None = None,
    tags: tuple[str, ...] = (),
    lending: Window | None = None,
    embargoed: bool = False,
) -> list[Any]:
    """Put a book on the shelf."""
    problems = Problems()
    problems.unless(title.strip(), "untitled", "A book has a title.", "title")
    problems.unless(shelf.strip(), "shelfless", "A book stands on a shelf.", "shelf")
    problems.settle()
    return [Added(title, genre, shelf, imprint, tags, lending, embargoed)]


def edit(
    state: Book,
    context: Context,
    *,
    title: Text | Keep = KEEP,
    imprint: Imprint | Keep | None = KEEP,
    successor: str | Keep | None = KEEP,
    notes: tuple[Text, ...] | Keep = KEEP,
) -> list[Any]:
    """Change what a book says about itself."""
    return [
        Edited(
            state.title if isinstance(title, Keep) else title,
            state.imprint if isinstance(imprint, Keep) else imprint,
            state.notes if isinstance(notes, Keep) else notes,
            state.successor if isinstance(successor, Keep) else successor,
        )
    ]


def praise(
    state: Book,
    context: Context,
    *,
    stars: Annotated[int, "From 1 to 5."],
    behalf: str | None = None,
) -> list[Any]:
    """Decide how good it is."""
    raise refusal("not_read", "Nobody has read it yet.", "stars")


def burn(state: Book, context: Context) -> list[Any]:
    """A consequence, never asked for."""
    return []


def audit(state: Book, context: Context) -> list[Any]:
    """Only the operator at the machine asks for this."""
    return []


BOOK = Aggregate(
    "book",
    Book,
    events=(Added, Edited),
    evolve=evolve,
    commands=(
        Command(add),
        Command(edit, seen=Seen.VERSION),
        Command(praise, seen=Seen.REVISION, deciding=True, guarded=True),
        Command(burn, internal=True),
        Command(audit, operator=True),
    ),
    columns={"title_length": (int, lambda book: len(book.title))},
    indexed=("genre", "shelf", "successor", "added_at", "title_length"),
    audience=Audience.EMBARGOED,
)
