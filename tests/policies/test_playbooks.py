"""The shipped playbooks say what their processes demand."""

from pathlib import Path

import pytest

from domain.approval.approval import Quorum
from domain.playbook.format import decode
from domain.process.process import About, Cause, ChangeKind, Fulfilment, Merger, Process
from domain.process.release import ANNOUNCE, CLOSE, PUBLISH, Matter, ReleaseKind

SHIPPED = Path(__file__).parents[2] / "policies" / "playbooks"
EVER_SHIPPED = Path(__file__).parent / "shipped"


def shipped(name: str) -> Process:
    path = SHIPPED / f"{name}.toml"
    return decode(path.read_text(encoding="utf-8"), file=path.name)


def change(name: str) -> ChangeKind:
    kind = shipped("itsm").kind(name)
    assert kind is not None
    return kind


@pytest.mark.parametrize("path", sorted(SHIPPED.glob("*.toml")), ids=lambda path: str(path.stem))
def test_a_file_is_named_after_its_playbook(path: Path) -> None:
    assert decode(path.read_text(encoding="utf-8"), file=path.name).name == path.stem


@pytest.mark.parametrize("path", sorted(EVER_SHIPPED.glob("*.toml")), ids=lambda p: str(p.stem))
def test_every_version_ever_shipped_stays_decodable(path: Path) -> None:
    name, number, _ = path.name.split(".")
    assert int(number) >= 1
    assert decode(path.read_text(encoding="utf-8"), file=path.name).name == name


@pytest.mark.parametrize("path", sorted(SHIPPED.glob("*.toml")), ids=lambda path: str(path.stem))
def test_what_is_shipped_now_is_among_what_was_ever_shipped(path: Path) -> None:
    kept = [each.read_bytes() for each in EVER_SHIPPED.glob(f"{path.stem}.*.toml")]
    assert path.read_bytes() in kept, "copy it to tests/policies/shipped under the next number"


def test_risk_has_at_least_nine_cells_and_rises_with_both_answers() -> None:
    itsm = shipped("itsm")
    assert len(itsm.risk_table) >= 9
    grade = itsm.risks.index
    for impact in itsm.impacts:
        row = [grade(itsm.risk(impact, each)) for each in itsm.probabilities]
        assert row == sorted(row)
    for probability in itsm.probabilities:
        column = [grade(itsm.risk(each, probability)) for each in itsm.impacts]
        assert column == sorted(column)


def test_the_higher_the_risk_the_more_have_to_agree() -> None:
    normal = change("normal")
    (low,) = normal.rules("authorize", "low")
    assert (low.role, low.quorum, low.number) == ("role:change_manager", Quorum.COUNT, 1)
    (moderate,) = normal.rules("authorize", "moderate")
    assert (moderate.board, moderate.quorum, moderate.number) == ("cab", Quorum.COUNT, 2)
    owner, board = normal.rules("authorize", "high")
    assert (owner.role, owner.scope, owner.stage) == ("role:service_owner", "service", 1)
    assert (board.board, board.quorum, board.number) == ("cab", Quorum.PERCENT, 50)
    assert (board.mandatory, board.stage, board.veto) == (("chair",), 2, True)


def test_a_peer_assesses_a_normal_change_whatever_its_risk() -> None:
    normal = change("normal")
    for risk in shipped("itsm").risks:
        assert [rule.role for rule in normal.rules("assess", risk)] == ["role:assessor"]


def test_a_normal_change_needs_a_way_back() -> None:
    assert "backout_plan" in change("normal").required
    assert "backout_plan" in change("emergency").required


def test_a_standard_change_is_approved_as_a_template_and_only_at_low_risk() -> None:
    standard = change("standard")
    assert standard.rows == ()
    held = {condition.about: condition.values for condition in standard.conditions}
    assert held[About.RISK] == ("low",)
    assert "implementation_plan" not in held[About.TEMPLATE]


@pytest.mark.parametrize("cause", [Cause.EMERGENCY, Cause.BREAK_GLASS])
def test_an_emergency_is_written_up_approved_and_reviewed_afterwards(cause: Cause) -> None:
    owed = [row for row in change("emergency").obligations if row.cause is cause]
    assert [(row.fulfilled_by, row.due_hours) for row in owed] == [
        (Fulfilment.WRITE_UP, 4),
        (Fulfilment.APPROVAL, 24),
        (Fulfilment.REVIEW, 72),
    ]
    assert [row.rule.board for row in owed if row.rule] == ["cab"]


def test_an_emergency_asks_its_own_board() -> None:
    emergency = change("emergency")
    assert [rule.board for rule in emergency.rules("authorize", "high")] == ["ecab"]
    assert [rule.board for rule in emergency.rules("authorize", "low")] == ["ecab"]
    assert emergency.review_after == ("any",)


@pytest.mark.req("S2-01", "S2-02")
def test_a_component_takes_two_reviews_and_the_second_reviewer_merges() -> None:
    kind = shipped("gitaly").merge_request("component")
    assert kind is not None
    (reviews,) = kind.rules
    assert (reviews.role, reviews.quorum, reviews.number) == ("role:reviewer", Quorum.COUNT, 2)
    assert kind.merger is Merger.LAST_APPROVER


@pytest.mark.req("S1-20")
def test_a_security_fix_takes_appsec_and_a_maintainer_who_are_two_people() -> None:
    kind = shipped("security").merge_request("strict")
    assert kind is not None
    assert [rule.role for rule in kind.rules] == ["role:appsec", "role:maintainer"]
    assert all(rule.distinct and rule.number == 1 for rule in kind.rules)
    assert kind.merger is Merger.NOT_AUTHOR


@pytest.mark.req("X-07")
def test_processes_run_side_by_side_and_code_knows_none_of_their_names() -> None:
    names = set()
    for path in SHIPPED.glob("*.toml"):
        process = decode(path.read_text(encoding="utf-8"), file=path.name)
        names |= {kind.name for kind in process.merge_requests}
        names |= {row.rule.name for kind in process.kinds for row in kind.rows}
        names |= {row.name for kind in process.kinds for row in kind.obligations}
    told_apart = names - {"review", "write_up"}  # also ways to fulfil any obligation
    code = "".join(path.read_text(encoding="utf-8") for path in _code())
    assert {name for name in told_apart if f'"{name}"' in code} == set()


KINDS = {
    f"{path.stem}-{kind.name}": kind
    for path in sorted(SHIPPED.glob("*.toml"))
    for kind in shipped(path.stem).releases.kinds
}


@pytest.mark.req("X-01")
@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_no_release_closes_before_it_has_gone_out(kind: ReleaseKind) -> None:
    """It goes out by its last deployment, or by being published and announced."""
    wanted = {each.about for each in kind.requirements if CLOSE in each.gates}
    assert wanted & {Matter.DEPLOYED, Matter.ANNOUNCED}
    published = PUBLISH in kind.gates
    assert (published, published) == (ANNOUNCE in kind.gates, Matter.ANNOUNCED in wanted)


def _code() -> list[Path]:
    root = SHIPPED.parents[1]
    return [*(root / "domain").rglob("*.py"), *(root / "policies").rglob("*.py")]


@pytest.mark.req("S3-02", "S0-08", "S1-33", "X-01")
@pytest.mark.parametrize("path", sorted(SHIPPED.glob("*.toml")), ids=lambda path: str(path.stem))
def test_a_release_goes_to_no_environment_with_what_is_not_authorised(path: Path) -> None:
    process = decode(path.read_text(encoding="utf-8"), file=path.name)
    for kind in process.releases.kinds:
        for place in kind.environments:
            rows = [row for row in kind.rows(f"deploy:{place}") if not row.waivable_by]
            asked = {row.about for row in rows}
            wanted = {Matter.CHANGES_AUTHORISED, Matter.TRACED}
            assert wanted <= asked, f"{kind.name} goes to {place} unasked"
