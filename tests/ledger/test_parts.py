"""Parts and seals: what an envelope commits to, and how another hides it."""

from __future__ import annotations

import json
from hashlib import sha256

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.digest import canonical
from ledger.envelope import (
    SEALED,
    Envelope,
    Part,
    commit,
    commit_parts,
    encode_envelope,
    part_commitment,
    salted,
    seal,
    unseal,
)

AT = "2026-11-20T19:04:40.123456Z"
PLAIN = Envelope(id="ev1", at=AT, kind="change.approved", commit="ab" * 32)


# Parts.


def test_a_commitment_hashes_salt_and_content_behind_its_mark() -> None:
    salt = bytes(range(32))
    assert part_commitment(salt, b"text") == sha256(b"\x02" + salt + b"text").digest()


@pytest.mark.parametrize("length", [0, 31, 33])
def test_a_salt_of_another_length_is_refused(length: int) -> None:
    with pytest.raises(ValueError, match="a salt has 32 bytes"):
        part_commitment(bytes(length), b"")


def test_the_commit_hashes_the_sorted_names_and_commitments() -> None:
    commitments = {"title": bytes([1] * 32), "facts": bytes([2] * 32), "plan.0": bytes(32)}
    listed = [[name, commitments[name].hex()] for name in ("facts", "plan.0", "title")]
    assert commit(commitments) == sha256(b"\x03" + canonical(listed)).hexdigest()


@given(st.dictionaries(st.from_regex(r"[A-Za-z0-9_.:-]{1,9}", fullmatch=True), st.binary()))
def test_the_commit_is_the_canonical_list_for_any_names(contents: dict[str, bytes]) -> None:
    parts = salted(contents)
    listed = sorted([part.name, part.commitment.hex()] for part in parts)
    if parts:
        assert commit_parts(parts) == sha256(b"\x03" + canonical(listed)).hexdigest()


@pytest.mark.parametrize(
    "commitments",
    [
        {},
        {"facts": bytes(31)},
        {"facts": bytes(32), "title": bytes(33)},
        {"": bytes(32)},
        {'a"': bytes(32)},
        {"é": bytes(32)},
        {"a\n": bytes(32)},
        {"a" * 201: bytes(32)},
    ],
)
def test_a_list_of_parts_that_could_be_read_two_ways_is_refused(
    commitments: dict[str, bytes],
) -> None:
    with pytest.raises(ValueError, match=r"at least one part|no name"):
        commit(commitments)


def test_two_parts_cannot_share_a_name() -> None:
    with pytest.raises(ValueError, match="same name"):
        commit_parts([Part("facts", bytes(32), b""), Part("facts", bytes(32), b"x")])


def test_salts_are_fresh_for_every_part() -> None:
    names = [f"part{number}" for number in range(50)]
    salts = {part.salt for _ in range(3) for part in salted(dict.fromkeys(names, b"same"))}
    assert len(salts) == 150
    assert {len(salt) for salt in salts} == {32}


def test_any_change_of_a_part_changes_the_commit() -> None:
    facts, title = Part("facts", bytes(32), b"{}"), Part("title", bytes(32), b"Old")
    original = commit_parts([facts, title])
    assert commit_parts([title, facts]) == original
    others = [
        [facts],
        [facts, title._replace(content=b"New")],
        [facts, title._replace(salt=bytes(31) + b"\1")],
        [facts, title._replace(name="titles")],
        [facts._replace(content=b"Old"), title._replace(content=b"{}")],
        [facts, title, Part("more", bytes(32), b"")],
    ]
    assert len({original, *map(commit_parts, others)}) == 7


# Sealed envelopes.


def test_a_sealed_envelope_tells_nothing_but_that_something_happened() -> None:
    true = msgspec.structs.replace(PLAIN, actor="user:1", subject="change_1", version=3)
    outer, part = seal(true)
    told = {key: value for key, value in json.loads(encode_envelope(outer)).items() if value}
    assert told == {"v": 1, "id": outer.id, "at": AT, "kind": SEALED, "commit": outer.commit}
    assert outer.id not in {true.id, seal(true)[0].id}
    assert part.name == SEALED
    assert unseal(outer, part) == true


def test_the_same_envelope_sealed_twice_cannot_be_told_from_another() -> None:
    assert seal(PLAIN)[0].commit != seal(PLAIN)[0].commit


def test_an_envelope_is_not_unsealed_by_the_part_of_another() -> None:
    outer, part = seal(PLAIN)
    other = seal(msgspec.structs.replace(PLAIN, actor="user:2"))[1]
    for wrong in (other, part._replace(name="facts"), part._replace(salt=bytes(32))):
        with pytest.raises(ValueError, match="does not commit"):
            unseal(outer, wrong)
    with pytest.raises(ValueError, match="does not commit"):
        unseal(PLAIN, part)


def test_a_sealed_envelope_hides_an_envelope_of_its_own_time() -> None:
    part = salted({SEALED: encode_envelope(PLAIN)})[0]
    own = Envelope(id="ev1", at=AT, kind=SEALED, commit=commit_parts([part]))
    outer = msgspec.structs.replace(own, at="2026-11-20T19:04:40.123457Z")
    assert unseal(own, part) == PLAIN
    with pytest.raises(ValueError, match="another event"):
        unseal(outer, part)


def test_a_seal_holds_no_second_seal() -> None:
    inner = seal(PLAIN)[0]
    outer, part = seal(inner)
    with pytest.raises(ValueError, match="another event"):
        unseal(outer, part)
