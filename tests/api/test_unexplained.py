"""A gate says the same with its explanation and without, which is worked out only where asked."""

from __future__ import annotations

from typing import Any

import pytest

from domain.explanation import Explanation
from domain.release.gate import anew, brought_first
from domain.release.gate.brought_first import explained
from domain.release.gate.question import Question
from domain.verdict import Verdict
from tests.api.company import Headquarters
from tests.api.patches import Patch, hire

ACTS = ("TAG", "PUBLISH", "ANNOUNCE", "CLOSE", "ENTER_PHASE")
PLACES = ("gstg", "gprd", "release")
EVERY = {each: each for each in ACTS} | {e: f'DEPLOY, environment: "{e}"' for e in PLACES}
SAID = (
    "allowed permitted reason line verdict { findings { requirement title status code message } }"
)
TOLD = "ways { acts { action description } } impossibleReason"


def _of(gates: dict[str, str], more: str) -> str:
    """A document that asks these gates of a release, and `more` beside what each says."""
    asked = (f"{name}: can(action: {each}) {{ {SAID} {more} }}" for name, each in gates.items())
    return f"query($id: ID!) {{ release(id: $id) {{ {' '.join(asked)} }} }}"


def _answers(hq: Headquarters, patch: Patch, document: str) -> dict[str, Any]:
    answer = hq.post("rhea", document, {"id": patch.id}).json()
    assert "errors" not in answer, answer
    found: dict[str, Any] = answer["data"]["release"]
    return found


@pytest.fixture(scope="session")
def crew(hq: Headquarters) -> Headquarters:
    """The company with those who take part in patches."""
    hire(hq)
    return hq


@pytest.mark.req("S1-50")
def test_what_a_gate_says_does_not_depend_on_what_is_selected_beside_it(crew: Headquarters) -> None:
    patch = Patch(crew)

    def compare() -> None:
        plain = _answers(crew, patch, _of(EVERY, ""))
        whole = _answers(crew, patch, _of(EVERY, f"explanation {{ {TOLD} }}"))
        told = {name: each.pop("explanation") for name, each in whole.items()}
        assert plain == whole
        acts = "verdict { findings { acts { action description } } }"
        with_acts = _answers(crew, patch, _of(EVERY, acts))
        both = _answers(crew, patch, _of(EVERY, f"{acts} explanation {{ complete }}"))
        for each in both.values():
            each.pop("explanation")
        assert with_acts == both
        closed = {name for name, each in plain.items() if not each["allowed"]}
        assert closed == {n for n, each in told.items() if each["ways"] or each["impossibleReason"]}

    compare()
    fix = patch.fix()
    compare()
    patch.aim()
    assert patch.enter() == "first_steps"
    patch.to_preparation(fix)
    compare()


@pytest.mark.parametrize(
    "more, worked_out",
    [
        ("", False),
        ("__typename", False),
        ("verdict { allowed }", False),
        ("verdict { findings { acts { action } } }", True),
        ("verdict { ... { findings { helps: acts { action } } } }", True),
        ("explanation { complete }", True),
        ("how: explanation { complete }", True),
        ("... { explanation { complete } }", True),
        ("... on Possibility { ... { how: explanation { complete } } }", True),
        ("...told", True),
        ("explanation @include(if: true) { complete }", True),
    ],
)
def test_how_a_gate_opens_is_worked_out_where_it_is_selected(
    crew: Headquarters, monkeypatch: pytest.MonkeyPatch, more: str, worked_out: bool
) -> None:
    patch, asked = Patch(crew), list[str]()

    def noted(ask: Question, said: Verdict) -> Explanation:
        asked.append(ask.state.id)
        return explained(ask, said)

    for within in (anew, brought_first):
        monkeypatch.setattr(within, "explained", noted)
    document = _of({"it": "PUBLISH"}, more)
    if "...told" in more:
        document += " fragment told on Possibility { allowed ... { explanation { complete } } }"
    _answers(crew, patch, document)
    assert bool(asked) is worked_out
