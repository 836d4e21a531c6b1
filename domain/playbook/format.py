"""Decodes a playbook strictly: every fault at once, each with its file and line."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from functools import lru_cache
from typing import Final

from domain.lock.state import Countersign
from domain.playbook.accords import accords
from domain.playbook.cadences import cadence, clash_rows, cycle
from domain.playbook.fixes import security_fixes, supports
from domain.playbook.merge_requests import merge_request
from domain.playbook.releases import releases
from domain.playbook.rules import rule, rule_row
from domain.playbook.tables import each
from domain.playbook.toml_table import Fault, Faults, Table
from domain.process.process import (
    CONTENT_FIELDS,
    FORMAT,
    OUTCOMES,
    About,
    Cause,
    ChangeKind,
    Condition,
    Fulfilment,
    MergeRequestKind,
    ObligationRow,
    Path,
    Phase,
    Process,
    RiskCell,
)
from domain.process.support import Support

YEAR_HOURS: Final = 366 * 24


class PlaybookFault(ValueError):
    """A text is no playbook; `faults` says everything that is wrong with it, by line."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        """Refuse for these faults, at least one."""
        self.faults = tuple(sorted(faults, key=lambda fault: fault.line))
        super().__init__("\n".join(map(str, self.faults)))


@lru_cache(maxsize=64)
def process(body: str) -> Process:
    """The process an adopted playbook describes; decoded once for each text."""
    return decode(body)


def decode(text: str, *, file: str = "playbook") -> Process:
    """The process that a TOML text describes; PlaybookFault tells all faults by `file` and line."""
    faults = Faults(file, text)
    root = faults.load()
    if root is None:
        raise PlaybookFault(faults)
    number = root.number("format", 1, FORMAT)
    if faults:  # another format would make every line of it a fault
        raise PlaybookFault(faults)
    found = _FORMATS[number](root)
    if faults:
        raise PlaybookFault(faults)
    return found


def _first_format(root: Table) -> Process:
    scale = _scale(root.table("risk"))
    found = replace(
        scale,
        name=root.name("name"),
        title=root.text("title"),
        kinds=each(root, "change", lambda table: _kind(table, scale)),
        merge_requests=(requests := each(root, "merge_request", merge_request)),
        cadences=(cadences := each(root, "cadence", cadence)),
        cycles=(cycles := each(root, "cycle", lambda table: cycle(table, cadences))),
        supports=(policies := supports(root)),
        accords=accords(root),
        releases=releases(root, cycles, policies),
        clashes=clash_rows(root.table("clash")),
        security_fixes=security_fixes(root, _names(policies), _names(requests)),
    )
    if not (found.kinds or found.merge_requests or found.cadences or found.releases.kinds):
        message = "a playbook needs a kind of change, of merge request or of release"
        root.note(None, message, judging=("change", "merge_request", "cadence", "release"))
    if found.kinds and not scale.risk_table:
        root.note("change", "kinds of change need a [risk] with its table", judging=("risk",))
    root.close()
    return found


def _names(rows: Iterable[Support | MergeRequestKind]) -> tuple[str, ...]:
    return tuple(row.name for row in rows)


_FORMATS: Final = {1: _first_format}


def _scale(table: Table | None) -> Process:
    """The part of a process that says how risk is found."""
    if table is None:
        return Process(1, "", "")
    impacts = table.names("impacts", required=True)
    probabilities = table.names("probabilities", required=True)
    scale = Process(1, "", "", impacts, probabilities, table.names("risks", required=True))
    rows = table.table("table")
    if rows is None:
        table.note("table", "[risk.table] is missing: a row of risks for each impact")
        return scale
    cells = tuple(cell for impact in impacts for cell in _row(rows, impact, scale))
    if not table.spoilt("impacts"):
        rows.close()
    table.close()
    return replace(scale, risk_table=cells)


def _row(rows: Table, impact: str, scale: Process) -> list[RiskCell]:
    """The risks of one impact, one for each probability in the order these are listed."""
    row = rows.sequence(impact)
    if row is None:
        return []
    if len(row) != len(scale.probabilities) and not rows.faults.spoilt(("risk",), "probabilities"):
        rows.note(
            impact, f"{impact} has {len(row)} risks for {len(scale.probabilities)} probabilities"
        )
    for position, risk in enumerate(row):
        if risk not in scale.risks and not rows.faults.spoilt(("risk",), "risks"):
            path = (*rows.path, impact, position)
            rows.faults.note(path, f"risk {risk!r} is not in the list of risks")
    pairs = zip(scale.probabilities, row, strict=False)
    return [RiskCell(impact, probability, risk) for probability, risk in pairs]


def _kind(table: Table, scale: Process) -> ChangeKind:
    said = table.has("countersign")
    kind = ChangeKind(
        table.name("name"),
        table.text("title"),
        table.choice("path", Path),
        _known(table, "required", CONTENT_FIELDS),
        each(table, "rule", lambda row: rule_row(row, scale.risks)),
        each(table, "obligation", _obligation),
        _known(table, "review_after", OUTCOMES),
        _conditions(table, scale),
        table.optional("source"),
        table.name("activity") if table.has("activity") else None,
        table.number("lead_hours", 0, YEAR_HOURS, 0),
        table.flag("blocks_deployments", default=False),
        table.choice("countersign", Countersign, Countersign.AFTERWARDS),
    )
    if kind.blocks_deployments and said and kind.countersign is not Countersign.BEFORE:
        table.note("countersign", "what blocks deployments is countersigned before, never later")
    if not table.spoilt("path"):
        _PATHS[kind.path](table, kind, scale.risks)
    return kind


def _known(table: Table, key: str, known: tuple[str, ...]) -> tuple[str, ...]:
    words = table.names(key)
    for position, word in enumerate(words):
        if word not in known:
            path = (*table.path, key, position)
            table.faults.note(path, f"{word!r} is none of {', '.join(known)}")
    return words


def _conditions(kind: Table, scale: Process) -> tuple[Condition, ...]:
    tables = kind.tables("condition")
    found = tuple(_condition(table, scale) for table in tables)
    for table in tables:
        table.close()
    return found


_SCALES: Final = {
    About.RISK: ("risks",),
    About.IMPACT: ("impacts",),
    About.PROBABILITY: ("probabilities",),
}


def _condition(table: Table, scale: Process) -> Condition:
    about = table.choice("about", About)
    known = {
        About.TEMPLATE: (*CONTENT_FIELDS, "links"),
        About.RISK: scale.risks,
        About.IMPACT: scale.impacts,
        About.PROBABILITY: scale.probabilities,
    }.get(about)
    if table.spoilt("about") or table.faults.spoilt(("risk",), *_SCALES.get(about, ())):
        known = None
    values = table.words("values") if known is None else _known(table, "values", known)
    if not values and about is not About.TEMPLATE:
        message = f"a condition about {about} that names no value never holds"
        table.note(None, message, judging=("about", "values"))
    return Condition(about, values)


def _obligation(table: Table) -> ObligationRow:
    settled = table.choice("fulfilled_by", Fulfilment)
    owed = table.table("rule")
    if (owed is not None) != (settled is Fulfilment.APPROVAL):
        message = "an obligation has a rule exactly when it is fulfilled by approval"
        table.note(None, message, judging=("fulfilled_by", "rule"))
    found = ObligationRow(
        table.name("name"),
        table.text("title"),
        table.choice("cause", Cause),
        table.number("due_hours", 1, YEAR_HOURS),
        settled,
        None if owed is None else rule(owed),
        table.optional("source"),
    )
    if owed is not None:
        owed.close()
    return found


def _normal(table: Table, kind: ChangeKind, risks: tuple[str, ...]) -> None:
    _covered(table, kind, risks, (Phase.ASSESS, Phase.AUTHORIZE))
    _only(table, kind, causes=(Cause.ALWAYS,))


def _emergency(table: Table, kind: ChangeKind, risks: tuple[str, ...]) -> None:
    _covered(table, kind, risks, (Phase.AUTHORIZE,))
    if any(row.phase is Phase.ASSESS for row in kind.rows):
        message = "an emergency is not assessed, so no rule may be for that phase"
        table.note(None, message, judging=("phase",))
    _only(table, kind, causes=tuple(Cause))


def _standard(table: Table, kind: ChangeKind, risks: tuple[str, ...]) -> None:
    if kind.rows:
        table.note("rule", "a standard change is approved in advance and takes no rules")
    if not any(condition.about is About.TEMPLATE for condition in kind.conditions):
        message = "a standard change needs the condition about its template"
        table.note(None, message, judging=("condition", "about"))
    _only(table, kind, causes=(Cause.ALWAYS,), conditions=True)


def _covered(
    table: Table, kind: ChangeKind, risks: tuple[str, ...], phases: tuple[Phase, ...]
) -> None:
    """Each phase asks somebody, whatever the risk: an empty set of rules would never pass."""
    for phase in phases:
        bare = [risk for risk in risks if not kind.rules(phase, risk)]
        if bare:
            message = f"phase {phase} has no rule for risk {', '.join(bare)}"
            table.note(None, message, judging=("phase",))


def _only(
    table: Table, kind: ChangeKind, *, causes: tuple[Cause, ...], conditions: bool = False
) -> None:
    """What could never come about on this path is a mistake of whoever wrote it."""
    for position, row in enumerate(kind.obligations):
        path = (*table.path, "obligation", position, "cause")
        if row.cause not in causes and path not in table.faults.paths:
            table.faults.note(path, f"cause {row.cause} never comes about on path {kind.path}")
    if kind.conditions and not conditions:
        table.note("condition", "only standard changes have conditions")


_PATHS: Final = {Path.NORMAL: _normal, Path.EMERGENCY: _emergency, Path.STANDARD: _standard}
