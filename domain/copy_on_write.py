"""Dictionaries that are copied at once: two share each container until one of them changes it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol, Self, TypeVar

K = TypeVar("K")


class Copied(Protocol):
    """What a branching dictionary holds: something that can be copied before it is changed."""

    def copy(self) -> Self:
        """Another with the same content."""


V = TypeVar("V", bound=Copied)


class Branching(dict[K, V]):
    """A dictionary whose branches share its containers until one of them changes a container.

    Branching costs one shallow copy, however much is in it. A container is changed only after it
    was asked for by `own`, and read like any other. Branchings may hold branchings.
    """

    _copied: set[Any] | None = None
    """The keys whose containers are nobody else's; None while none is shared."""

    def branch(self) -> Branching[K, V]:
        """Another with the same content; from now on neither sees what the other changes."""
        made = Branching(self)
        made._copied, self._copied = set(), set()
        return made

    def copy(self) -> Branching[K, V]:
        """What `branch` makes, so that a container may be branching itself."""
        return self.branch()

    def own(self, key: K, empty: Callable[[], V]) -> V:
        """The container under a key, to be changed; an empty one if there was none."""
        found = self.get(key)
        if found is None:
            found = self[key] = empty()
        elif self._copied is None or key in self._copied:
            return found
        else:
            found = self[key] = found.copy()
        if self._copied is not None:
            self._copied.add(key)
        return found
