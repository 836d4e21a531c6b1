"""Envelopes: one spelling, checked against the slow one; parts that can go without breaking it."""

from __future__ import annotations

import json
import unicodedata
import uuid
from datetime import UTC, datetime

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.digest import NotCanonical, canonical, instant
from ledger.envelope import (
    SEALED,
    Envelope,
    canonical_json,
    decode_envelope,
    encode_envelope,
)

KEYS = [
    *("actor", "aggregate", "at", "commit", "credential", "for", "happened", "id", "kind"),
    *("outcome", "policy", "request", "subject", "v", "version"),
]
AT = "2026-11-20T19:04:40.123456Z"
PLAIN = Envelope(id="ev1", at=AT, kind="change.approved", commit="ab" * 32)

words = (
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=30)
    .map(lambda text: unicodedata.normalize("NFC", text))
    .filter(bool)
)
moments = st.datetimes().map(lambda moment: moment.isoformat(timespec="microseconds") + "Z")
envelopes = st.builds(
    Envelope,
    **{name: st.none() | words for name in ("actor", "aggregate", "credential", "behalf")},
    **{name: st.none() | words for name in ("outcome", "policy", "request", "subject")},
    at=moments,
    happened=st.none() | moments,
    commit=st.binary(min_size=32, max_size=32).map(bytes.hex),
    id=words,
    kind=words.filter(lambda kind: kind != SEALED),
    version=st.none() | st.integers(0, 2**53 - 1),
)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8) | st.floats(),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.tuples(inner)
        | st.dictionaries(st.text(max_size=4), inner, max_size=4)
    ),
)


def slow(envelope: Envelope) -> bytes:
    """The reference: the envelope as a mapping, spelled by the domain's canonical JSON."""
    return canonical(msgspec.to_builtins(envelope))


def answer(spell: object, value: object) -> object:
    """What the function answers, or the kind of its refusal."""
    assert callable(spell)
    try:
        return spell(value)
    except NotCanonical:
        return NotCanonical


# Envelopes.


@given(envelopes)
def test_the_quick_spelling_is_the_canonical_one(envelope: Envelope) -> None:
    line = encode_envelope(envelope)
    assert line == slow(envelope)
    assert decode_envelope(line) == envelope


def test_every_key_is_always_written_in_order() -> None:
    assert list(json.loads(encode_envelope(PLAIN))) == KEYS == sorted(KEYS)


def test_an_envelope_has_these_bytes() -> None:
    full = Envelope(
        id="ev_7",
        at=AT,
        happened="2026-11-19T00:00:00.000000Z",
        kind="merge_request.claimed",
        aggregate="merge_request",
        subject="mr_1",
        version=0,
        actor="user:Zoë",
        behalf="user:2",
        credential="tok_3",
        request="req_4",
        policy='p"5',
        outcome="done",
        commit="0f" * 32,
    )
    assert encode_envelope(full).decode() == (
        '{"actor":"user:Zoë","aggregate":"merge_request","at":"2026-11-20T19:04:40.123456Z",'
        f'"commit":"{"0f" * 32}","credential":"tok_3","for":"user:2",'
        '"happened":"2026-11-19T00:00:00.000000Z","id":"ev_7","kind":"merge_request.claimed",'
        '"outcome":"done","policy":"p\\"5","request":"req_4","subject":"mr_1","v":1,"version":0}'
    )


@pytest.mark.parametrize(
    "change",
    [
        {"at": "2026-11-20T19:04:40Z"},
        {"at": "2026-11-20T19:04:40.123456+00:00"},
        {"at": "2026-13-20T19:04:40.123456Z"},
        {"at": "2026-02-30T19:04:40.123456Z"},
        {"at": AT + "\n"},
        {"at": "٢026-11-20T19:04:40.123456Z"},
        {"at": None},
        {"happened": "2026-11-20"},
        {"happened": "2026-11-20T24:60:40.123456Z"},
        {"happened": ""},
        {"commit": "AB" * 32},
        {"commit": "ab" * 31},
        {"commit": "ab" * 32 + "\n"},
        {"commit": None},
        {"id": ""},
        {"id": None},
        {"id": 7},
        {"kind": None},
        {"actor": ""},
        {"actor": "x" * 1001},
        {"actor": "a\0"},
        {"actor": "\ud800"},
        {"actor": "e\u0301"},
        {"actor": b"bytes"},
        {"subject": ["list"]},
        {"version": -1},
        {"version": 2**53},
        {"version": "1"},
        {"version": 1.5},
        {"version": 1.0},
        {"v": 1.0},
        {"id": uuid.UUID(int=7)},
        {"at": datetime(2026, 1, 1, 1, 1, 1, 123456, UTC)},
        {"version": True},
        {"v": 2},
        {"v": None},
        {"kind": SEALED, "actor": "user:1"},
        {"kind": SEALED, "version": 1},
    ],
    ids=repr,
)
def test_an_unfit_envelope_is_refused(change: dict[str, object]) -> None:
    with pytest.raises(NotCanonical):
        encode_envelope(msgspec.structs.replace(PLAIN, **change))


@pytest.mark.parametrize(
    "alter",
    [
        lambda line: line.replace(b'":', b'": ', 1),
        lambda line: line + b"\n",
        lambda line: b" " + line,
        lambda line: line.replace(b'{"actor":null,', b"{", 1),
        lambda line: line.replace(b'{"actor":null,', b'{"actor":null,"actor":null,', 1),
        lambda line: line.replace(b'{"actor":null,', b'{"actor":null,"added":null,', 1),
        lambda line: line.replace(
            b'{"actor":null,"aggregate":null', b'{"aggregate":null,"actor":null'
        ),
        lambda line: line.replace(b'"ev1"', b'"\\u0065v1"'),
        lambda line: line.replace(b'"ev1"', b'"ev\\/1"'),
        lambda line: line.replace(b'"ev1"', b'"ev\xff"'),
        lambda line: line.replace(b'"ev1"', b'"\\ud800"'),
        lambda line: line.replace(b'"ev1"', b'"e\\u0000"'),
        lambda line: line.replace(b'"v":1', b'"v":1.0'),
        lambda line: line.replace(b'"v":1', b'"v":2'),
        lambda line: line.replace(b'"version":null', b'"version":1e2'),
        lambda line: line.replace(b'"version":null', b'"version":-0'),
        lambda line: line[:-1],
        lambda _: b"",
        lambda _: b"null",
        lambda _: b"[" * 100_000,
    ],
)
def test_bytes_that_are_not_the_canonical_ones_are_no_envelope(alter: object) -> None:
    line = encode_envelope(PLAIN)
    assert callable(alter)
    assert alter(line) != line
    with pytest.raises(NotCanonical):
        decode_envelope(alter(line))


@given(st.binary(max_size=200))
def test_foreign_bytes_are_refused_without_a_crash(junk: bytes) -> None:
    with pytest.raises(NotCanonical):
        decode_envelope(junk)


@given(st.integers(0, 10_000), st.integers(0, 255))
def test_one_changed_byte_is_another_envelope_or_none(place: int, byte: int) -> None:
    line = encode_envelope(PLAIN)
    place %= len(line)
    changed = line[:place] + bytes([byte]) + line[place + 1 :]
    try:
        read = decode_envelope(changed)
    except NotCanonical:
        return
    assert (read == PLAIN) == (changed == line)


def test_the_domain_spells_times_as_envelopes_demand() -> None:
    moment = msgspec.json.decode(f'"{AT}"', type=datetime)
    assert instant(moment) == AT


# Canonical JSON of any plain value.


@given(json_values)
def test_the_quick_canonical_json_agrees_with_the_slow_one(value: object) -> None:
    assert answer(canonical_json, value) == answer(canonical, value)


@pytest.mark.parametrize(
    "value",
    ["\\u0000", "\0", "\ud800", {"\udc00": 1}, ["a"] * 3, {"b": [True], "a": -1}, "é", "e\u0301"],
)
def test_the_quick_canonical_json_agrees_where_the_roads_part(value: object) -> None:
    assert answer(canonical_json, value) == answer(canonical, value)


def test_nesting_is_bounded_on_both_roads() -> None:
    value: object = 1
    for _ in range(100):
        value = [value]
    assert canonical_json(value) == canonical(value)
    for _ in range(100_000):
        value = [value]
    with pytest.raises(NotCanonical):
        canonical_json(value)
