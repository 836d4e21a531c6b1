"""Whether what a release is made of was built here, before it goes where that is asked (S0-14)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from domain.deployment.question import found
from domain.gate import Finding, or_else
from domain.gate import Status as Is
from domain.package import Package
from domain.reinstating import helping, told
from domain.release.evidence.made_of import distinct, packages_of
from domain.release.gate.question import Question

TITLE: Final = "What it is made of was built"
SOUND: Final = "Nothing it is made of turned out to be bad"
_NAME: Final = "package"


def built(ask: Question) -> tuple[Finding, ...]:
    """One package of each version, and a good one: nothing else stood anywhere, or is told of.

    Of a hidden release none is asked, since all may read of packages.
    """
    if ask.state.embargoed:
        return (_none("All may read of packages, so none is asked of what is hidden."),)
    return _all_built(ask, packages_of(ask.state, ask.records))


def named_built(ask: Question) -> tuple[Finding, ...]:
    """The same of the packages that it names, where nobody keeps what goes there.

    What is built elsewhere is aimed at its commit alone; if it was built here too, that is good.
    """
    targets = (ask.state.target(version) for version in ask.state.plan.versions)
    named = frozenset(each.version for each in targets if each.package)
    if not named or ask.state.embargoed:
        return sound(ask)
    made = packages_of(ask.state, ask.records)
    good = _all_built(ask, {each: made[each] for each in made if each in named})
    bad = _condemned(ask, {each: made[each] for each in made if each not in named})
    return (*bad, *(each for each in good if not bad or each.status.blocks))


def sound(ask: Question) -> tuple[Finding, ...]:
    """Nothing that it is made of turned out to be bad, as far as it was built here at all."""
    bad = _condemned(ask, packages_of(ask.state, ask.records))
    return bad or (_none("Nothing it is made of is known to be bad."),)


def _condemned(ask: Question, made: dict[str, tuple[Package, ...]]) -> tuple[Finding, ...]:
    """The versions of which packages were built here, and none of these is good."""
    bad = ((version, every) for version, every in made.items() if every)
    return tuple(
        finding
        for version, every in bad
        if all(each.condemned for each in every)
        for finding in _lacking(ask, version, every)
    )


def _none(message: str) -> Finding:
    return Finding(_NAME, Is.NOT_APPLICABLE, TITLE, message=message)


def _all_built(ask: Question, made: dict[str, tuple[Package, ...]]) -> tuple[Finding, ...]:
    lacking = [f for version, packages in made.items() for f in _lacking(ask, version, packages)]
    ids = dict.fromkeys(each.id for packages in made.values() for each in packages)
    return tuple(lacking) or (Finding(_NAME, Is.SATISFIED, TITLE, tuple(ids)),)


def _lacking(ask: Question, version: str, packages: tuple[Package, ...]) -> Iterator[Finding]:
    if not packages:
        act = ask.act("package.add", f"Build {version}, and add its package.")
        message = f"Nobody built here what {version} is made of."
        yield found(_NAME, TITLE, None, "package_never_built", message, act)
    elif all(each.condemned for each in packages):
        named = version if len(ask.state.plan.versions) > 1 else "the release"
        other = ask.act("release.aim", f"Aim {named} at a good package.")
        acts, *more = helping(packages, ask.who, ask.authority, ask.records, (other,))
        said = f"What {version} is made of turned out to be bad.{told(packages, ask.authority)}"
        yield or_else(found(_NAME, TITLE, None, "package_condemned", said, *acts), *more)
    elif (several := len(distinct(packages))) > 1:
        act = ask.act("release.aim", f"Aim {version} at one of them, by its digest and commit.")
        message = f"{version} may be made of {several} packages: name one by its digest."
        answer = found(_NAME, TITLE, None, "package_not_named", message, act)
        yield replace(answer, evidence=tuple(each.id for each in packages))
