"""Signed notes and their keys: the published note holds, everything beside it does not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.note import (
    MAX_NOTE_BYTES,
    MAX_SIGNATURES,
    BadNote,
    Signature,
    VerifierKey,
    open_note,
    parse_note,
    read_base64,
    sign_note,
)
from ledger.signing import SigningKey

# The note and keys that golang.org/x/mod/sumdb/note publishes.
PETER_KEY = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
PETER_SECRET = "AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz"
ENOCH_KEY = "EnochRoot+af0cfe78+ATtqJ7zOtqQtYqOo0CpvDXNlMhV3HeJDpjrASKGLWdop"
TEXT = (
    "If you think cryptography is the answer to your problem,\n"
    "then you don't know what your problem is.\n"
)
PETER_LINE = (
    "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotp"
    "RZb6KE6RyyBwJnAM=\n"
)
ENOCH_LINE = (
    "— EnochRoot rwz+eBzmZa0SO3NbfRGzPCpDckykFXSdeX+MNtCOXm2/5n2tiOHp+vAF1aGrQ5ovTG01oOTGwnWLox3"
    "3WWd1RvMc+QQ=\n"
)
PETER, ENOCH = VerifierKey.parse(PETER_KEY), VerifierKey.parse(ENOCH_KEY)
NOTE = f"{TEXT}\n{PETER_LINE}"


def test_the_published_note_is_opened_by_its_key() -> None:
    assert open_note(NOTE, [PETER]) == (TEXT, [PETER])
    assert open_note(NOTE.encode(), [PETER, ENOCH]) == (TEXT, [PETER])
    assert open_note(NOTE + ENOCH_LINE, [ENOCH, PETER]) == (TEXT, [PETER, ENOCH])


def test_the_published_secret_signs_the_published_note() -> None:
    secret = SigningKey.from_seed("PeterNeumann", read_base64(PETER_SECRET)[1:])
    assert str(secret.verifier) == PETER_KEY
    assert sign_note(TEXT, [secret]) == NOTE


def test_a_signature_of_an_unknown_key_is_passed_over() -> None:
    assert open_note(NOTE + ENOCH_LINE, [PETER]) == (TEXT, [PETER])
    broken = ENOCH_LINE.replace("5n2t", "5n2T")
    assert open_note(NOTE + broken, [PETER]) == (TEXT, [PETER])


def test_a_known_key_that_fails_spoils_the_note_whoever_else_signed() -> None:
    broken = ENOCH_LINE.replace("5n2t", "5n2T")
    with pytest.raises(BadNote, match="signature of EnochRoot"):
        open_note(NOTE + broken, [PETER, ENOCH])


def test_a_note_without_a_known_signer_is_refused() -> None:
    for keys in ([], [ENOCH]):
        with pytest.raises(BadNote, match="no known key"):
            open_note(NOTE, keys)


def test_the_same_signature_twice_counts_once() -> None:
    assert open_note(NOTE + PETER_LINE, [PETER, PETER]) == (TEXT, [PETER])


def test_a_key_that_shares_only_name_or_id_is_another_key() -> None:
    namesake = SigningKey.from_seed("PeterNeumann", bytes(32)).verifier
    with pytest.raises(BadNote, match="no known key"):
        open_note(NOTE, [namesake])


def test_during_a_change_of_keys_a_note_bears_both() -> None:
    old, new = (SigningKey.from_seed("example.com/log", bytes([each] * 32)) for each in (1, 2))
    note = sign_note("text\n", [old, new])
    assert open_note(note, [old.verifier]) == ("text\n", [old.verifier])
    assert open_note(note, [new.verifier]) == ("text\n", [new.verifier])
    assert open_note(note, [new.verifier, old.verifier])[1] == [old.verifier, new.verifier]


# One change each.


def test_any_changed_character_of_a_note_spoils_it() -> None:
    for at, character in enumerate(NOTE):
        for other in {chr(ord(character) ^ 1), chr(ord(character) + 1), "", character * 2}:
            changed = NOTE[:at] + other + NOTE[at + 1 :]
            if changed == NOTE:
                continue
            with pytest.raises(BadNote):
                open_note(changed, [PETER])


def test_any_cut_note_is_refused() -> None:
    for at in range(len(NOTE)):
        with pytest.raises(BadNote):
            open_note(NOTE[:at], [PETER])


def test_any_part_of_a_key_is_no_key() -> None:
    for start in range(len(PETER_KEY) + 1):
        for end in range(start, len(PETER_KEY) + 1):
            if (start, end) != (0, len(PETER_KEY)):
                with pytest.raises(BadNote):
                    VerifierKey.parse(PETER_KEY[start:end])


def test_any_changed_character_of_a_key_spoils_it() -> None:
    for at, character in enumerate(PETER_KEY):
        for other in {chr(ord(character) + 1), character.swapcase(), "é", ""} - {character}:
            with pytest.raises(BadNote):
                VerifierKey.parse(PETER_KEY[:at] + other + PETER_KEY[at + 1 :])


NO_KEYS = [
    "PeterNeumann+cc469956+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TWBADKEY==",
    "PeterNeumann+173116ae+ZRpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
    PETER_KEY + "\n",
    " " + PETER_KEY,
    PETER_KEY.replace("c74f20a3", "C74F20A3"),
    "++",
    "",
]


@pytest.mark.parametrize("line", NO_KEYS)
def test_a_key_of_another_kind_or_spelling_is_refused(line: str) -> None:
    with pytest.raises(BadNote):
        VerifierKey.parse(line)


@given(st.text(max_size=12), st.binary(max_size=40))
def test_a_key_reads_back_from_its_line_or_cannot_be_made(name: str, public: bytes) -> None:
    try:
        key = VerifierKey(name, public)
    except BadNote:
        return
    assert VerifierKey.parse(str(key)) == key


MALFORMED = [
    TEXT,
    TEXT + "\n",
    "\n" + PETER_LINE,
    NOTE[:-1],
    "\x01" + NOTE,
    "\x00" + NOTE,
    "\r" + NOTE,
    "\t" + NOTE,
    b"\xff" + NOTE.encode(),
    "\ud800" + NOTE,
    TEXT + "\n" + PETER_LINE.replace("PeterNeumann", "Bad Name"),
    TEXT + "\n" + PETER_LINE.replace("PeterNeumann", "Bad\u2003Name"),
    TEXT + "\n" + PETER_LINE.replace("PeterNeumann", "Bad+Name"),
    TEXT + "\n" + PETER_LINE.replace("PeterNeumann", ""),
    TEXT + "\n" + PETER_LINE.replace("— ", "- "),
    TEXT + "\n" + PETER_LINE.replace("AM=", "AN="),
    TEXT + "\n" + PETER_LINE.replace("AM=", "AM"),
    TEXT + "\n— PeterNeumann x08goA==\n".replace("goA", "g"),
    TEXT + "\n— PeterNeumann x08gow==\n",
    NOTE + "Unexpected line.\n",
    NOTE + "\n",
    "x" * MAX_NOTE_BYTES + "\n\n" + PETER_LINE,
]


@pytest.mark.parametrize("note", MALFORMED)
def test_a_malformed_note_is_refused(note: str | bytes) -> None:
    with pytest.raises(BadNote):
        parse_note(note)
    with pytest.raises(BadNote):
        open_note(note, [PETER])


def test_sixteen_signatures_are_read_and_endless_ones_are_not() -> None:
    assert len(parse_note(NOTE + ENOCH_LINE * 15).signatures) == 16
    assert open_note(f"{TEXT}\n" + ENOCH_LINE * (MAX_SIGNATURES - 1) + PETER_LINE, [PETER])
    with pytest.raises(BadNote, match="at most"):
        open_note(f"{TEXT}\n" + PETER_LINE * (MAX_SIGNATURES + 1), [PETER])


def test_the_last_empty_line_parts_text_and_signatures() -> None:
    text = "one\n\ntwo\n\n"
    secret = SigningKey.from_seed("log", bytes(32))
    assert open_note(sign_note(text, [secret]), [secret.verifier])[0] == text


def test_a_signature_below_another_is_no_part_of_the_text() -> None:
    secret = SigningKey.from_seed("log", bytes(32))
    nested = sign_note(NOTE, [secret])
    assert open_note(nested, [secret.verifier])[0] == NOTE
    with pytest.raises(BadNote, match="no known key"):
        open_note(nested, [PETER])


@pytest.mark.parametrize("text", ["no newline", "", "a\tb\n", "nul\0\n", "\ud800\n"])
def test_a_text_no_note_may_hold_is_not_signed(text: str) -> None:
    with pytest.raises((BadNote, UnicodeError)):
        sign_note(text, [SigningKey.from_seed("log", bytes(32))])


def test_nobody_signs_nothing() -> None:
    with pytest.raises(BadNote, match="needs a signature"):
        sign_note(TEXT, [])


@pytest.mark.parametrize(
    "name", ["", "a b", "a+b", "a\nb", "a\u00a0b", "a\x01", "a\ud800", "x" * 257]
)
def test_a_name_no_key_may_have_is_refused(name: str) -> None:
    with pytest.raises(BadNote, match="name"):
        SigningKey.from_seed(name, bytes(32))


@given(st.text() | st.binary())
def test_foreign_text_is_no_note(junk: str | bytes) -> None:
    with pytest.raises(BadNote):
        open_note(junk, [PETER])


lines = st.lists(st.sampled_from([TEXT, "\n", PETER_LINE, ENOCH_LINE, "— ", "x", " "]), max_size=7)


@given(lines.map("".join))
def test_whatever_opens_is_the_text_that_was_signed(note: str) -> None:
    try:
        text, signers = open_note(note, [PETER, ENOCH])
    except BadNote:
        return
    assert text == TEXT
    assert signers


@given(st.binary(max_size=12))
def test_base64_has_one_spelling(content: bytes) -> None:
    spelled = Signature("n", b"", content).line().split(" ")[2]
    assert read_base64(spelled) == content
    for other in (spelled + "\n", spelled + "=", " " + spelled, spelled.replace("=", "")):
        if other != spelled:
            with pytest.raises(BadNote):
                read_base64(other)
