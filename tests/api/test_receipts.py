"""Whoever passes a gate of a release takes the proof along that the log holds it, if they may."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from api.demo.cast import Role
from ledger.checkpoint import verify_receipt
from ledger.merkle import leaf_hash
from ledger.note import VerifierKey
from tests.api.company import Headquarters
from tests.api.patches import ADDRESS, Patch, hire

GUARDED = ("TagRelease", "DeployRelease", "PublishRelease", "CloseRelease")


@pytest.fixture
def crew(hq: Headquarters) -> Headquarters:
    """The company with those who take part in patches."""
    hire(hq)
    return hq


@pytest.fixture
def receipts(
    crew: Headquarters, monkeypatch: pytest.MonkeyPatch
) -> Iterator[list[tuple[str, str | None]]]:
    """What each guarded act of a release answered as its receipt, as operations ask for it."""
    told: list[tuple[str, str | None]] = []
    ask = crew.ask

    def asked(who: str, name: str, /, **variables: Any) -> Any:
        found = ask(who, name, **variables)
        if name in GUARDED:
            told.append((name, found["receipt"]))
        return found

    monkeypatch.setattr(crew, "ask", asked)
    yield told
    monkeypatch.undo()


def carried_out(crew: Headquarters) -> Patch:
    """A patch that was tagged, deployed, published and closed."""
    patch = Patch(crew)
    fix = patch.fix()
    patch.to_publication(fix)
    patch.do("PublishRelease")
    patch.enter()
    patch.do("AnnounceRelease", location=ADDRESS)
    patch.sync()
    patch.finish("final")
    patch.do("CloseRelease")
    return patch


@pytest.mark.req("X-07")
def test_who_may_not_read_the_log_gets_no_receipt(
    crew: Headquarters, receipts: list[tuple[str, str | None]]
) -> None:
    carried_out(crew)
    assert {name for name, _ in receipts} == set(GUARDED)
    assert {receipt for _, receipt in receipts} == {None}


@pytest.mark.req("X-07")
def test_each_guarded_act_is_proved_to_who_may_read_the_log(
    crew: Headquarters, receipts: list[tuple[str, str | None]]
) -> None:
    grant = crew.give(crew.id("rhea"), Role("role:auditor"))
    patch = carried_out(crew)
    events = crew.ask("rhea", "History", id=patch.id, first=100)["edges"]
    proofs = [crew.ask("rhea", "Proof", event=each["node"]["id"]) for each in events]
    crew.do("ada", "RevokeGrant", id=grant, reason="Carried out.")
    assert {name for name, _ in receipts} == set(GUARDED)
    told = [(name, index(receipt), receipt) for name, receipt in receipts if receipt is not None]
    assert len({at for _, at, _ in told}) == len(receipts), "each has one of its own"
    keys = [VerifierKey.parse(proofs[0]["verifierKey"])]
    by_index = {index(each["receipt"]): each for each in proofs}
    own = [(name, at, receipt) for name, at, receipt in told if at in by_index]
    for _, at, receipt in own:
        leaf = leaf_hash(by_index[at]["entry"].encode())
        verify_receipt(receipt, leaf, by_index[at]["origin"], keys)
    acts = ["DeployRelease", "PublishRelease", "CloseRelease"]
    assert [name for name, _, _ in own] == ["TagRelease"] * 3 + acts
    missing = [name for name, at, _ in told if at not in by_index]
    assert missing == ["DeployRelease"] * 2, "of the hosted package"


def index(receipt: str) -> str:
    """Where in the log the event is, as the proof says."""
    assert receipt.startswith("c2sp.org/tlog-proof@v1\n")
    return receipt.splitlines()[1]
