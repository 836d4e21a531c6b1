"""The vocabulary of the domain: aggregates, commands, context, recorded events, refusals."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum, StrEnum
from typing import TYPE_CHECKING, Annotated, Any, Final, Generic, Protocol, TypeVar

from domain.anew import anew
from domain.belonging import anybody, everybody, everything, in_the_open, nothing_hidden, ungranted
from domain.sides import Wanted
from domain.spelling import snake

if TYPE_CHECKING:
    from domain.authority import Authority
    from domain.gate import Verdict

S = TypeVar("S")
T = TypeVar("T")


class Mark(Enum):
    """How a field is kept: apart and erasable, or out of every derived surface."""

    TEXT = "text"
    PERSONAL = "personal"
    INTERNAL = "internal"
    SECRET = "secret"  # noqa: S105  (the name of a mark, not a secret)


Text = Annotated[str, Mark.TEXT]
"""Free text: stored as a part of its own, erasable, with its own commitment."""
Personal = Annotated[str, Mark.PERSONAL]
"""Personal data (name, address, handle): stored like Text, never exposed by derivation."""
Internal = Annotated[T, Mark.INTERNAL]
"""Kept in the state for decisions, never exposed by derivation."""
Secret = Annotated[T, Mark.SECRET]
"""Never exposed and never logged."""

ERASED: Final = "\ufdd0erased"
"""What an erased part folds to. It starts with a noncharacter, which no input may hold."""


class Keep(Enum):
    """The value of an edit's argument that was left out: the field stays as it is."""

    KEEP = "keep"


KEEP: Final = Keep.KEEP


@dataclass(frozen=True, slots=True)
class Problem:
    """One reason to refuse: a code, a sentence, a path of arguments; `as_named` it ends in data."""

    code: str
    message: str
    path: tuple[str, ...] = ()
    as_named: bool = False


class Refusal(Exception):
    """A command's no. It carries every problem at once, and the verdict if a gate refused."""

    def __init__(self, *problems: Problem, verdict: Verdict | None = None) -> None:
        """Refuse for these problems, at least one."""
        super().__init__("; ".join(problem.code for problem in problems))
        self.problems, self.verdict = problems, verdict


def refusal(code: str, message: str, *path: str) -> Refusal:
    """Make a refusal for one problem; `path` names the argument at fault."""
    return Refusal(Problem(code, message, path))


class Problems(list[Problem]):
    """Collects problems so that all of them are answered at once."""

    def add(self, code: str, message: str, *path: str) -> None:
        """Note one problem at `path`."""
        self.append(Problem(code, message, path))

    def unless(self, holds: object, code: str, message: str, *path: str) -> None:
        """Note the problem unless `holds` is true."""
        if not holds:
            self.add(code, message, *path)

    def settle(self) -> None:
        """Raise one refusal with every problem noted, if there is any."""
        if self:
            raise Refusal(*self)


@dataclass(frozen=True, slots=True)
class Recorded:
    """An event with who asked for it, when, and where in its subject's history it stands.

    `at` is the database's time of recording; `happened` is when the fact took place elsewhere,
    given only with claims, which no gate and no as-of question about authority counts.
    """

    event: Any
    id: str
    subject: str
    version: int
    at: datetime
    by: str
    behalf: str | None = None
    happened: datetime | None = None
    claimed: bool = False


@dataclass(frozen=True, slots=True)
class Then:
    """A consequence elsewhere: run in the same transaction, authorised by its cause."""

    action: str
    subject: str
    arguments: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Erases:
    """What an erasing event tells the ledger: these parts of this subject are to be emptied."""

    aggregate: str
    subject: str
    parts: tuple[str, ...]


class Records(Protocol):
    """Reads other aggregates inside the transaction that will record the command's events."""

    def get(self, state: type[S], id: str) -> S | None:
        """The aggregate as it stands now, or None when there is none."""

    def find(self, state: type[S], **equal: object) -> tuple[S, ...]:
        """All whose indexed columns equal these (a frozenset: one of them; `sides`), by id."""

    def together(self, *asked: Wanted) -> None:
        """Read at once what will be found so, where that is cheaper; answers stay the same."""


@dataclass(frozen=True, slots=True)
class Context:
    """Who asks, when (the database's clock), for which subject, and what else is known.

    `grant` is what the policy found, None for consequences and operators, `grants` all by which
    one may ask this, `limits` a token's only actions; `knows` what one may know of, `secret` what
    hides, `may` who else may ask, `sees` what others know of, `clears` by which rights the asker
    or its owner sees what hides, `folds` what the subject becomes, `salt` what nobody can guess.
    """

    at: datetime
    by: str
    subject: str
    records: Records
    authority: Authority
    behalf: str | None = None
    request: str = ""
    grant: str | None = None
    grants: Callable[[str], tuple[str, ...]] = ungranted
    policy: str | None = None
    claimed: bool = False
    happened: datetime | None = None
    limits: tuple[str, ...] | None = None
    knows: Callable[[Any], bool] = in_the_open
    secret: Callable[[str, str], bool] = nothing_hidden
    may: Callable[..., bool] = anybody
    sees: Callable[[str, Any], bool] = everybody
    clears: Callable[[str, Scopes], bool] = everything
    folds: Callable[[Any, Any], Any] | None = None
    salt: str = ""


class Seen(StrEnum):
    """What a request must say it looked at: nothing, the subject's revision, or its version."""

    NOTHING = "nothing"
    REVISION = "revision"
    VERSION = "version"


class Audience(StrEnum):
    """Who may read an aggregate.

    SIGNED_IN: everyone with an identity. SCOPED: who holds `<aggregate>.read` for its scope.
    EMBARGOED: as SIGNED_IN, but while its `embargoed` field is true only who holds
    `<aggregate>.read_embargoed` for its scope; for everyone else it does not exist.
    """

    SIGNED_IN = "signed_in"
    SCOPED = "scoped"
    EMBARGOED = "embargoed"


Scopes = Mapping[str, frozenset[str]]
"""Scope kind (service, project, environment, board) to the values a command touches."""


@dataclass(frozen=True, slots=True)
class Command:
    """What the ledger and the edge must know of a command function beside its signature.

    `deciding`: only a person may ask, and a role that may is approving. `guarded`: a refusal is
    recorded. `operator`: it needs no grant. `internal`: a consequence. `most`: how many events.
    """

    run: Callable[..., list[Any]]
    seen: Seen = Seen.NOTHING
    deciding: bool = False
    guarded: bool = False
    operator: bool = False
    internal: bool = False
    most: int = 500

    @property
    def name(self) -> str:
        """The bare verb, which is the function's name."""
        return self.run.__name__

    @property
    def creates(self) -> bool:
        """Whether it opens a new subject: its first parameter is then annotated None."""
        return next(iter(self.run.__annotations__.values())) in (None, "None", type(None))


@dataclass(frozen=True, slots=True)
class Rows(Generic[S]):
    """Keyed rows kept beside a snapshot, derived from its state.

    `row` is a flat frozen dataclass of scalars; its fields become the table's columns, `indexed`
    names those that lists look rows up by, `needs` the fields that `of` reads, if they are named.
    """

    table: str
    row: type
    of: Callable[[S], Iterable[Any]]
    indexed: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Aggregate(Generic[S]):
    """One noun: its state, its events, how they fold, and what may be asked of it.

    `scopes(state, command name, arguments)` tells where a command acts, on both sides of an edit.
    `columns` are derived values beside the snapshot, `rows` keyed rows, for lists; `column_needs`
    names what a value reads. `find` takes the `indexed`. `fold` rises as `evolve` changes meaning.
    """

    name: str
    state: type[S]
    events: tuple[type, ...]
    evolve: Callable[[Any, Recorded], S]
    commands: tuple[Command, ...]
    scopes: Callable[[Any, str, Mapping[str, Any]], Scopes] = lambda _state, _action, _given: {}
    columns: Mapping[str, tuple[Any, Callable[[S], Any]]] = field(default_factory=dict)
    column_needs: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    rows: tuple[Rows[S], ...] = ()
    indexed: tuple[str, ...] = ()
    audience: Audience = Audience.SIGNED_IN
    erasable: bool = True
    plural: str = ""
    fold: int = 1

    @property
    def table(self) -> str:
        """The snapshot table's name, which is the plural of the noun."""
        return self.plural or f"{self.name}s"

    def kind(self, event: type) -> str:
        """The event kind stored for ever, such as `change.approved`."""
        return f"{self.name}.{snake(event.__name__)}"

    def action(self, command: Command) -> str:
        """The policy's name of a command, such as `change.approve`."""
        return f"{self.name}.{command.name}"


def moved(state: S, recorded: Recorded, **changes: Any) -> S:
    """The state with these changes, at the version of the recorded event."""
    return anew(state, {**changes, "version": recorded.version})


def distinct(values: Iterable[T]) -> tuple[T, ...]:
    """The values in order of first appearance, each once."""
    return tuple(dict.fromkeys(values))


def is_person(principal: str) -> bool:
    """Whether the principal is a human: machines never fill a human rule."""
    return principal.startswith("user:")


OPERATOR: Final = "operator"
"""The actor of acts done at the machine itself, such as appointing the first administrator."""
