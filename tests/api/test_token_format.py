"""An API token can be told from chance, is stored without being known, and is checked alike."""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.authentication import tokens
from api.authentication.tokens import DIGITS, Minted, StoredToken, base62, check, mint

PEPPER = b"a pepper of 32 bytes at the least"
NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


def stored(minted: Minted) -> StoredToken:
    return StoredToken(minted.public_id, minted.hash, "user:ada")


def checked(text: str, *known: StoredToken, at: datetime = NOW) -> StoredToken | None:
    return check(text, {token.public_id: token for token in known}.get, PEPPER, at)


def test_a_minted_token_is_recognised() -> None:
    minted = mint(PEPPER)
    assert checked(minted.text, stored(minted)) == stored(minted)


def test_a_token_has_a_shape_that_scanners_find() -> None:
    assert re.fullmatch(r"cg_[0-9A-Za-z]{16}_[0-9A-Za-z]{43}_[0-9A-Za-z]{6}", mint(PEPPER).text)


def test_the_format_of_tokens_that_were_given_out_does_not_change() -> None:
    assert tokens.checksum("cg_0123456789ABCDEF_" + "a" * 43) == "10qToL"
    assert tokens.keyed_hash("0123456789ABCDEF", "a" * 43, PEPPER).hex() == (
        "8ebc68f091d97919bc7b04e3186dce5172df40299beb1fb5fe67a79875a30eba"
    )


def test_what_is_stored_does_not_hold_the_secret() -> None:
    minted = mint(PEPPER)
    secret = minted.text.split("_")[2]
    assert secret not in repr(stored(minted))
    assert secret not in repr(minted)
    assert secret.encode() not in minted.hash


def test_no_two_tokens_are_alike() -> None:
    made = [mint(PEPPER) for _ in range(50)]
    assert len({token.text for token in made}) == len({token.public_id for token in made}) == 50


def test_unknown_revoked_expired_and_wrong_tokens_are_answered_alike() -> None:
    minted, other = mint(PEPPER), mint(PEPPER)
    known = stored(minted)
    assert checked(minted.text) is None
    assert checked(minted.text, replace(known, revoked=NOW)) is None
    assert checked(minted.text, replace(known, expires=NOW)) is None
    assert checked(minted.text, replace(known, hash=other.hash)) is None
    assert checked(minted.text, replace(known, expires=NOW + timedelta(seconds=1))) is not None


def test_a_token_is_worth_nothing_under_another_pepper() -> None:
    minted = mint(b"another pepper of at least 32 bytes")
    assert checked(minted.text, stored(minted)) is None


def test_a_secret_does_not_fit_another_tokens_id() -> None:
    first, second = mint(PEPPER), mint(PEPPER)
    body = f"cg_{second.public_id}_{first.text.split('_')[2]}"
    text = f"{body}_{tokens.checksum(body)}"
    moved = StoredToken(second.public_id, first.hash, "user:eve")
    assert checked(text, moved) is None


@given(st.data())
def test_a_mistyped_token_is_refused_without_a_look_up(data: st.DataObject) -> None:
    minted = mint(PEPPER)
    place = data.draw(st.integers(0, len(minted.text) - 1))
    digit = data.draw(st.sampled_from(DIGITS + "_-. \n").filter(lambda d: d != minted.text[place]))
    text = minted.text[:place] + digit + minted.text[place + 1 :]
    asked: list[str] = []

    def find(public_id: str) -> StoredToken | None:
        asked.append(public_id)
        return stored(minted)

    assert check(text, find, PEPPER, NOW) is None
    assert asked == []


@given(st.text())
def test_any_text_is_checked_without_a_fault(text: str) -> None:
    assert checked(text, stored(mint(PEPPER))) is None
    assert checked(f"cg_{text}", stored(mint(PEPPER))) is None


@given(st.integers(0, 2**256 - 1))
def test_base_62_loses_nothing(number: int) -> None:
    text = base62(number, 43)
    value = 0
    for digit in text:
        value = value * 62 + DIGITS.index(digit)
    assert (value, len(text)) == (number, 43)


@pytest.mark.parametrize("minutes,valid", [(-1, False), (0, False), (1, True)])
def test_a_token_ends_at_its_time(minutes: int, valid: bool) -> None:
    token = stored(mint(PEPPER))
    ends = replace(token, expires=NOW + timedelta(minutes=minutes))
    assert ends.is_valid(NOW) is valid
