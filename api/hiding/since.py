"""What was read earlier in an operation: whether more of it may still be told."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection

from api.hiding.parts import Reach
from api.hiding.visibility import Sight
from domain.kernel import Problem, Refusal

Question = Callable[[Connection, Sight, Sequence[Any]], Sequence[Any]]
GONE = Problem("not_found", "There is no such record.")


@dataclass(slots=True)
class Since:
    """By what an operation has seen things so far: the shortest log, and each right's reach.

    While the log has not grown and every right reaches as far, what was seen may be seen. Else it
    is looked up again, which is a statement, before anything more of it is told.
    """

    size: int | None = None
    reached: dict[str, Reach] = field(default_factory=dict)

    def note(self, sight: Sight) -> None:
        """Remember by what something was seen; what everybody sees needs nothing."""
        if sight.size is not None:
            self.size = sight.size if self.size is None else min(self.size, sight.size)
            self.reached = sight.reached | self.reached

    def answered(
        self, question: Question, connection: Connection, sight: Sight, keys: Sequence[Any]
    ) -> list[Any]:
        """The answers to a question about these keys, a refusal for each that is out of sight."""
        subjects = [_subject(each) for each in keys]
        if not any(_may_hide(each, sight) for each in subjects) or self._holds(sight):
            return list(question(connection, sight, keys))
        seen = _still_seen(sight, subjects)
        shown = [key for key, subject in zip(keys, subjects, strict=True) if seen(subject)]
        found = iter(question(connection, sight, shown) if shown else ())
        return [next(found) if seen(each) else Refusal(GONE) for each in subjects]

    def _holds(self, sight: Sight) -> bool:
        """Whether nothing has changed; of the operator, who sees everything, nothing is noted."""
        if self.size is None:
            return True
        same = all(sight.reach(action) == reach for action, reach in self.reached.items())
        return same and sight.length == self.size


def _subject(key: Any) -> Any:
    return key[0] if isinstance(key, tuple) and key else key


def _may_hide(subject: Any, sight: Sight) -> bool:
    """Whether something is a record of a kind that not everybody always sees all of."""
    kind = type(subject)
    return kind in sight.reader.registry.by_state and not sight.is_open(kind)


def _still_seen(sight: Sight, subjects: Sequence[Any]) -> Callable[[Any], bool]:
    """Which of these may be seen now: a statement for each kind of record."""
    named: dict[type, set[str]] = {}
    for each in subjects:
        if _may_hide(each, sight):
            named.setdefault(type(each), set()).add(each.id)
    seen = {kind: sight.seen(kind, ids) for kind, ids in named.items()}
    return lambda subject: type(subject) not in seen or subject.id in seen[type(subject)]
