"""A small aggregate of the tests' own, so that the ledger is tested apart from the domain."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from domain.kernel import (
    Aggregate,
    Audience,
    Command,
    Context,
    Personal,
    Recorded,
    Rows,
    Seen,
    Text,
    Then,
    moved,
    refusal,
)


class Condition(StrEnum):
    GOOD = "good"
    WORN = "worn"


@dataclass(frozen=True, slots=True)
class Note:
    by: str
    text: Text
    at: datetime


@dataclass(frozen=True, slots=True)
class Book:
    id: str
    version: int
    revision: int
    title: Text
    owner: Personal | None
    condition: Condition
    lent: bool
    due: datetime | None
    notes: tuple[Note, ...] = ()
    tags: tuple[str, ...] = ()
    embargoed: bool = False


@dataclass(frozen=True, slots=True)
class Shelved:
    title: Text
    owner: Personal | None
    condition: Condition
    embargoed: bool = False


@dataclass(frozen=True, slots=True)
class Noted:
    note: Note


@dataclass(frozen=True, slots=True)
class Lent:
    due: datetime
    tags: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Revealed:
    pass


@dataclass(frozen=True, slots=True)
class BookTag:
    tag: str
    lent: bool


def evolve(state: Book | None, recorded: Recorded) -> Book:
    event = recorded.event
    if isinstance(event, Shelved):
        return Book(
            id=recorded.subject,
            version=recorded.version,
            revision=1,
            title=event.title,
            owner=event.owner,
            condition=event.condition,
            lent=False,
            due=None,
            embargoed=event.embargoed,
        )
    assert state is not None
    if isinstance(event, Noted):
        return moved(state, recorded, notes=(*state.notes, event.note))
    if isinstance(event, Revealed):
        return moved(state, recorded, embargoed=False)
    return moved(
        state, recorded, lent=True, due=event.due, tags=event.tags, revision=state.revision + 1
    )


def shelve(
    _state: None,
    _context: Context,
    *,
    title: Text,
    owner: Personal | None = None,
    condition: Condition = Condition.GOOD,
    embargoed: bool = False,
) -> list[object]:
    """Put a book on the shelf."""
    return [Shelved(title, owner, condition, embargoed)]


def note(_state: Book, context: Context, *, text: Text) -> list[object]:
    """Write a note into a book."""
    if text == "bug":
        raise RuntimeError("a command with a fault")
    return [Noted(Note(context.by, text, context.at))]


def lend(
    state: Book, _context: Context, *, due: datetime, tags: tuple[str, ...] = ()
) -> list[object]:
    """Lend a book that is there."""
    if state.lent:
        raise refusal("lent_already", "The book is lent already.", "id")
    return [Lent(due, tags)]


def lend_two(state: Book, context: Context, *, due: datetime, other: str) -> list[object]:
    """Lend this book and, as a consequence, another."""
    return [*lend(state, context, due=due), Then("book.lend", other, {"due": due})]


def lend_rarest(_state: Book, context: Context, *, due: datetime) -> list[object]:
    """Lend another book that is still there, whichever comes first."""
    found = [one for one in context.records.find(Book, lent=False) if one.id != context.subject]
    if not found:
        raise refusal("all_lent", "Every other book is lent.")
    return [Then("book.lend", found[0].id, {"due": due})]


def annotate(_state: Book, context: Context, *, times: int) -> list[object]:
    """Write as many notes into a book as one request may."""
    return [Noted(Note(context.by, f"{each}", context.at)) for each in range(times)]


def transcribe(state: Book, context: Context, *, times: int) -> list[object]:
    """Write many more notes into a book."""
    return annotate(state, context, times=times)


def reveal(_state: Book, _context: Context) -> list[object]:
    """Let everyone know of the book."""
    return [Revealed()]


BOOK = Aggregate(
    "book",
    Book,
    events=(Shelved, Noted, Lent, Revealed),
    evolve=evolve,
    commands=(
        Command(shelve),
        Command(note),
        Command(lend, seen=Seen.REVISION),
        Command(lend_two),
        Command(lend_rarest),
        Command(annotate),
        Command(transcribe, most=2_000),
        Command(reveal),
    ),
    columns={"tagged": (int, lambda book: len(book.tags))},
    rows=(
        Rows(
            "book_tags",
            BookTag,
            lambda book: [BookTag(tag, book.lent) for tag in book.tags],
            ("tag",),
        ),
    ),
    indexed=("lent", "condition"),
    audience=Audience.EMBARGOED,
)
