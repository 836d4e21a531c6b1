"""What a change says: the one value that is edited, rated, digested and approved as a whole."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Annotated, Final

from domain.calendar.window import Window, check_window
from domain.digest import canonical
from domain.kernel import ERASED, Problems, Text
from domain.process.process import Process
from domain.wording import LINE, check_given, check_name, check_names, check_wording

LARGEST: Final = 8_000
"""How many bytes a content may take, so that a change stays quick to read and to fold."""
MOST_ITEMS: Final = 40
"""How many configuration items, or environments, a change may touch."""
PLANS: Final = (
    "description",
    "reason",
    "implementation_plan",
    "test_plan",
    "backout_plan",
    "communication_plan",
)
"""The free texts beside the title."""


@dataclass(frozen=True, slots=True)
class Content:
    """Everything people look at when they decide on a change; every edit makes a new revision."""

    title: Annotated[Text, "One line that names the change."]
    service: Annotated[str, "The service that is changed."]
    description: Annotated[Text, "What is to be changed."] = ""
    reason: Annotated[Text, "Why it is to be changed, and what happens if it is not."] = ""
    configuration_items: Annotated[tuple[str, ...], "The configuration items it touches."] = ()
    environments: Annotated[tuple[str, ...], "The environments it is carried out in."] = ()
    implementation_plan: Annotated[Text, "How it is carried out, step by step."] = ""
    test_plan: Annotated[Text, "How one sees that it works."] = ""
    backout_plan: Annotated[Text, "How it is taken back when it does not."] = ""
    communication_plan: Annotated[Text, "Who is told what, and when."] = ""
    impact: Annotated[str | None, "How much would suffer, in the playbook's words."] = None
    probability: Annotated[str | None, "How likely that is, in the playbook's words."] = None
    window: Annotated[Window | None, "When it is to be carried out."] = None


def check_content(problems: Problems, content: Content, process: Process | None) -> None:
    """Note everything about the content that could not be stored or rated, as far as is known."""
    path = "content"
    check_given(problems, content.title, LINE, path, "title")
    check_name(problems, content.service, path, "service")
    for plan in PLANS:
        check_wording(problems, getattr(content, plan), LARGEST, path, plan)
    check_names(problems, content.configuration_items, MOST_ITEMS, path, "configuration_items")
    check_names(problems, content.environments, MOST_ITEMS, path, "environments")
    if content.window:
        check_window(problems, content.window, path)
    if process:
        _check_rating(problems, content, process)
    _check_size(problems, content)


def _check_rating(problems: Problems, content: Content, process: Process) -> None:
    known = content.impact is None or content.impact in process.impacts
    words = ", ".join(process.impacts)
    problems.unless(known, "unknown_impact", f"The playbook knows: {words}.", "content", "impact")
    known = content.probability is None or content.probability in process.probabilities
    message = f"The playbook knows: {', '.join(process.probabilities)}."
    problems.unless(known, "unknown_probability", message, "content", "probability")


def _check_size(problems: Problems, content: Content) -> None:
    """Measure only what can be spelled; the rest has been noted already."""
    if problems:
        return
    size = len(canonical(content))
    message = f"All texts together take at most {LARGEST} bytes; these take {size}."
    problems.unless(size <= LARGEST, "content_too_large", message, "content")


def rated(content: Content, process: Process) -> str | None:
    """The risk by the playbook's table; None until impact and probability are both answered."""
    if content.impact is None or content.probability is None:
        return None
    return process.risk(content.impact, content.probability)


def erased(content: Content) -> frozenset[str]:
    """The names of the fields that were emptied on a legal ground: nobody can write them anew."""
    return frozenset(each.name for each in fields(Content) if getattr(content, each.name) == ERASED)


def differing(one: Content, other: Content) -> tuple[str, ...]:
    """The names of the fields in which two contents differ, in their order."""
    names = (field.name for field in fields(Content))
    return tuple(name for name in names if getattr(one, name) != getattr(other, name))
