"""Whether what a release is made of was built here, before it goes where that is asked (S0-14)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from domain.deployment.blockers import found
from domain.gate import Finding
from domain.gate import Status as Is
from domain.package import Package
from domain.release.made_of import packages_of
from domain.release.question import Question

TITLE: Final = "What it is made of was built"
_NAME: Final = "package"


def built(ask: Question) -> tuple[Finding, ...]:
    """One package of each version, and a good one: nothing else stood anywhere, or is told of.

    Of a hidden release none is asked, since all may read of packages.
    """
    if ask.state.embargoed:
        message = "All may read of packages, so none is asked of what is hidden."
        return (Finding(_NAME, Is.NOT_APPLICABLE, TITLE, message=message),)
    made = packages_of(ask.state, ask.records)
    lacking = [f for version, packages in made.items() for f in _lacking(ask, version, packages)]
    ids = dict.fromkeys(each.id for packages in made.values() for each in packages)
    return tuple(lacking) or (Finding(_NAME, Is.SATISFIED, TITLE, tuple(ids)),)


def _lacking(ask: Question, version: str, packages: tuple[Package, ...]) -> Iterator[Finding]:
    if not packages:
        act = ask.act("package.add", f"Build {version}, and add its package.")
        message = f"Nobody built here what {version} is made of."
        yield found(_NAME, TITLE, None, "package_never_built", message, act)
    elif all(each.condemned for each in packages):
        act = ask.act("release.aim", f"Aim {version} at a good package.")
        message = f"What {version} is made of turned out to be bad."
        yield found(_NAME, TITLE, None, "package_condemned", message, act)
    elif len(packages) > 1:
        act = ask.act("release.aim", f"Aim {version} at one of them, by its digest.")
        message = f"{version} may be made of {len(packages)} packages: name one by its digest."
        answer = found(_NAME, TITLE, None, "package_not_named", message, act)
        yield replace(answer, evidence=tuple(each.id for each in packages))
