"""JSON is bounded before it is parsed, and no character gets in that nobody may store."""

import json
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from api.http.wire import STRINGS, Unreadable, decode, keys_of, nests_deeper
from api.settings import Limits

LIMITS = Limits()
PLAIN = st.characters(
    exclude_categories=["Cs"], exclude_characters="\0", max_codepoint=0xFDCF
) | st.sampled_from("\ufdf0\ufffd\U0001f600")
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**64 - 1) | st.text(PLAIN),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(PLAIN), inner),
)


def code(body: bytes) -> str | None:
    try:
        decode(body, LIMITS)
    except Unreadable as error:
        return error.code
    return None


@given(VALUES, st.booleans())
def test_what_was_encoded_is_decoded(value: Any, escaped: bool) -> None:
    assert decode(json.dumps(value, ensure_ascii=escaped).encode(), LIMITS) == value


@given(st.binary() | st.text(st.sampled_from('[]{}",:\\u0dfFe19.-+ \n')).map(str.encode))
@example(b"[" * 100_000)
@example(b'{"a":' * 100_000)
@example(b'"' + b'\\"' * 1000)
@example(b"1" * 100_000)
@example(b'"\\ud800"')
def test_any_bytes_are_decoded_or_refused(body: bytes) -> None:
    assert code(body) in {
        None,
        "bad_json",
        "json_too_deep",
        "string_too_long",
        "forbidden_character",
        "doubled_key",
    }


@given(st.recursive(st.just(0), lambda inner: st.lists(inner, max_size=3), max_leaves=40))
def test_nesting_is_counted_as_a_parser_would(value: Any) -> None:
    def depth(item: Any) -> int:
        return 1 + max(map(depth, item), default=0) if isinstance(item, list) else 0

    text = json.dumps(value).encode()
    for limit in range(1, 8):
        assert nests_deeper(text, limit) is (depth(value) > limit)


@pytest.mark.parametrize(
    "open_,shut", [(b"[", b"]"), (b'{"a":', b"}"), (b'["[[[",', b"]"), (b'{"\\"[":', b"}")]
)
def test_32_levels_are_read_and_33_are_not(open_: bytes, shut: bytes) -> None:
    assert code(open_ * 32 + b"1" + shut * 32) is None
    assert code(open_ * 33 + b"1" + shut * 33) == "json_too_deep"


def test_brackets_in_strings_are_no_nesting() -> None:
    assert code(json.dumps(["[" * 1000, '"[{\\']).encode()) is None


def test_a_string_has_a_greatest_length() -> None:
    assert code(b'"' + b"a" * LIMITS.string + b'"') is None
    assert code(b'"' + b"a" * (LIMITS.string + 1) + b'"') == "string_too_long"
    assert code(b'{"' + b"a" * (LIMITS.string + 1) + b'":1}') == "string_too_long"


@pytest.mark.parametrize(
    "body",
    [
        b'{"a": 1, "a": 1}',
        b'{"a": 1, "\\u0061": 2}',
        b'[{"b": {"a": null, "c": ":", "a": {}}}]',
        b'{"a": {"a": 1, "b": 1, "a": 2}, "b": 1}',
        b'{"": 1, "": 2}',
    ],
)
def test_an_object_that_names_a_key_twice_is_refused(body: bytes) -> None:
    assert code(body) == "doubled_key"


@given(VALUES)
def test_keys_are_counted_as_they_are_spelled(value: Any) -> None:
    def count(item: Any) -> int:
        if isinstance(item, dict):
            return len(item) + sum(map(count, item.values()))
        return sum(map(count, item)) if isinstance(item, list) else 0

    assert keys_of(value) == count(value)
    assert code(json.dumps({":": value, '":"': [":", '\\":']}).encode()) is None


@pytest.mark.parametrize("body", [b'"', b'"\\', b'"' + b'\\"' * 999, b'"a" "', b'\\"'])
def test_the_search_for_strings_never_begins_again_inside_one(body: bytes) -> None:
    assert b"".join(STRINGS.split(body)) == body
    assert sum(len(found[0]) for found in STRINGS.finditer(body)) >= body.count(b'"') - 1


FORBIDDEN = ["\0", "\ufdd0", "\ufdef", "\ufffe", "\uffff", "\U0001fffe", "\U0010ffff"]


@pytest.mark.parametrize("character", FORBIDDEN)
@pytest.mark.parametrize("shape", ["{}", "a{}b", "{}{}"])
def test_characters_nobody_may_store_are_refused(character: str, shape: str) -> None:
    text = shape.replace("{}", character)
    for value in (text, [text], {text: 1}, {"a": {"b": [1, text]}}):
        assert code(json.dumps(value).encode()) == "forbidden_character"


def test_lone_surrogates_are_refused() -> None:
    assert code(b'"\\ud800"') is not None
    assert code(b'"\\udc00"') is not None
    assert code(b'"\\ud800\\u0041"') is not None
    assert code(b'"\xed\xa0\x80"') is not None
    assert code(b'"\\ud83d\\ude00"') is None
