"""Canonical JSON: one spelling for each value, the same one RFC 8785 gives."""

from __future__ import annotations

import json
import unicodedata
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from enum import Enum, IntEnum, StrEnum
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.digest import MAX_DEPTH, NotCanonical, canonical, check_text, content_digest, instant


class Kind(StrEnum):
    NORMAL = "normal"


class Level(IntEnum):
    HIGH = 3


class Colour(Enum):
    RED = "red"


@dataclass(frozen=True, slots=True)
class Window:
    start: datetime
    zone: str


@dataclass(frozen=True)
class Content:
    title: str
    kind: Kind
    window: Window | None
    services: frozenset[str]
    steps: tuple[str, ...] = ()


texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")).map(
    lambda text: unicodedata.normalize("NFC", text)
)
scalars = st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | texts
values = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4)
)


def slow(value: object) -> bytes:
    """The standard library's own encoder, for keys that sort alike in both orders."""
    return json.dumps(
        value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False
    ).encode()


@given(values)
def test_canonical_json_reads_back_as_the_value(value: object) -> None:
    assert json.loads(canonical(value)) == value


@given(st.dictionaries(st.text(st.characters(max_codepoint=0x7F, min_codepoint=1)), values))
def test_plain_values_are_spelled_as_by_the_standard_encoder(value: dict[str, object]) -> None:
    flat = {key: member for key, member in value.items() if not isinstance(member, dict | list)}
    assert canonical(flat) == slow(flat)


def test_keys_are_sorted_by_their_utf16_units_as_rfc_8785_shows() -> None:
    shown = {
        "\u20ac": "Euro Sign",
        "\r": "Carriage Return",
        "\ufb33": "Hebrew Letter Dalet With Dagesh",
        "1": "One",
        "\U0001f600": "Emoji: Grinning Face",
        "\u0080": "Control",
        "\u00f6": "Latin Small Letter O With Diaeresis",
    }
    shown.pop("\ufb33")  # not NFC, which is refused here
    read = list(json.loads(canonical(shown)))
    assert read == ["\r", "1", "\u0080", "\u00f6", "\u20ac", "\U0001f600"]
    assert list(json.loads(canonical({"\uff61": 1, "\U0001f600": 2}))) == ["\U0001f600", "\uff61"]


def test_escapes_are_the_least_that_rfc_8785_allows() -> None:
    shown = '\u20ac$\u000f\nA\'B"\\\\"/\x7f\u2028'
    assert canonical(shown) == '"\u20ac$\\u000f\\nA\'B\\"\\\\\\\\\\"/\x7f\u2028"'.encode()
    assert canonical("\b\t\n\f\r\x01\x1f") == rb'"\b\t\n\f\r\u0001\u001f"'


def test_a_dataclass_is_the_object_of_its_fields() -> None:
    window = Window(
        datetime(2026, 11, 20, 20, 4, 40, 5, timezone(timedelta(hours=1))), "Europe/Rome"
    )
    content = Content("Größe", Kind.NORMAL, window, frozenset(["b", "a"]), ("one", "two"))
    assert (
        canonical(content)
        == (
            '{"kind":"normal","services":["a","b"],"steps":["one","two"],"title":"Größe",'
            '"window":{"start":"2026-11-20T19:04:40.000005Z","zone":"Europe/Rome"}}'
        ).encode()
    )


def test_enums_dates_and_sets_have_one_spelling() -> None:
    spelled = canonical([Kind.NORMAL, Level.HIGH, Colour.RED, date(2026, 2, 3), {10, 9, True}])
    assert spelled == b'["normal",3,"red","2026-02-03",[10,9,true]]'


@given(st.permutations(["b", "a", "c", "ä"]))
def test_neither_the_order_of_a_set_nor_of_a_mapping_matters(names: list[str]) -> None:
    assert canonical(frozenset(names)) == canonical({"ä", "c", "a", "b"})
    assert canonical(dict.fromkeys(names, 1)) == canonical(dict.fromkeys(["a", "b", "c", "ä"], 1))


def test_a_digest_names_its_algorithm() -> None:
    assert content_digest({"b": 1, "a": None}) == (
        "sha256:" + sha256(b'{"a":null,"b":1}').hexdigest()
    )


def test_different_contents_have_different_digests() -> None:
    contents: tuple[object, ...] = ("1", 1, True, [1], None, "", [], {}, [[1]], "[1]")
    digests = {content_digest(each) for each in contents}
    assert len(digests) == 10


@pytest.mark.parametrize(
    "value",
    [
        1.0,
        float("nan"),
        2**53,
        -(2**53),
        b"bytes",
        Decimal(1),
        timedelta(1),
        datetime(2026, 1, 1),  # noqa: DTZ001  (a naive time is what is refused)
        "\ud800",
        "a\0",
        "e\u0301",
        {"\ud800": 1},
        {"e\u0301": 1},
        {"a\0": 1},
        {1: 1},
        {Kind.NORMAL: 1},
        {None: 1},
        pytest.param(object(), id="an object"),
        Content,
        pytest.param(iter(()), id="an iterator"),
    ],
    ids=repr,
)
def test_what_has_no_single_spelling_is_refused(value: object) -> None:
    with pytest.raises(NotCanonical):
        canonical({"inside": [value]})


def test_nesting_has_a_bottom() -> None:
    value: list[object] = []
    for _ in range(MAX_DEPTH - 1):
        value = [value]
    assert canonical(value).count(b"[") == MAX_DEPTH
    with pytest.raises(NotCanonical, match="nested deeper"):
        canonical([value])


@given(st.datetimes(timezones=st.timezones()))
def test_a_moment_is_spelled_in_utc_with_fixed_width(moment: datetime) -> None:
    if not 1 < moment.year < 9999:
        return
    spelled = instant(moment)
    assert len(spelled) == 27
    assert datetime.fromisoformat(spelled) == moment.astimezone(UTC)


def test_texts_are_checked_where_they_come_in() -> None:
    assert check_text("Grüße 🙂\n") == "Grüße 🙂\n"
    for bad in ("\0", "é\0", "\udc80", "e\u0301", "\u212b"):
        with pytest.raises(NotCanonical):
            check_text(bad)
