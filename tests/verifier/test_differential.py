"""Two implementations of one format: the log's own and the verifier's must agree on everything."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Callable
from hashlib import sha256
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.digest import NotCanonical
from ledger.checkpoint import Checkpoint, format_receipt, open_checkpoint, verify_receipt
from ledger.envelope import SEALED, commit, decode_envelope, part_commitment
from ledger.merkle import CompactRange, node_hash
from ledger.note import BadNote, VerifierKey
from ledger.proof import BadProof, verify_consistency, verify_inclusion
from tests.ledger.forest import LEAVES, grove, slow_root
from tests.verifier.booklet import KEY, ORIGIN, SECOND_KEY, book
from verifier import envelope as theirs
from verifier.note import open_checkpoint as their_checkpoint
from verifier.note import parse_key, parse_proof
from verifier.tree import GrowingTree, Refused, check_consistency, check_inclusion

LOG = book(9)
NOTE = LOG.note(9, [KEY, SECOND_KEY])
PATH = LOG.inclusion(5)
RECEIPT = format_receipt(5, PATH, NOTE, b"extra")
KEYS = [KEY.verifier, SECOND_KEY.verifier]
THEIR_KEYS = [parse_key(str(key)) for key in KEYS]
NO = (BadNote, BadProof, NotCanonical, Refused)


def holds(check: Callable[..., object], *claim: object) -> bool:
    try:
        check(*claim)
    except NO:
        return False
    return True


def altered(text: bytes) -> st.SearchStrategy[bytes]:
    """The bytes with a stretch replaced by a few others, often by something likely."""
    likely = st.sampled_from(
        [b"", b"\n", b"\n\n", b" ", b"=", b"+", b"0", b"null", b"1", b'"', b"\\u"]
    )
    return st.builds(
        lambda start, width, fresh: text[:start] + fresh + text[start + width :],
        st.integers(0, len(text)),
        st.integers(0, 3),
        likely | st.binary(max_size=3),
    )


@given(st.lists(st.integers(0, 699), max_size=40))
def test_both_grow_the_same_tree(picks: list[int]) -> None:
    tree, leaves = GrowingTree(), [LEAVES[pick] for pick in picks]
    for leaf in leaves:
        tree.add(leaf)
    assert tree.root() == CompactRange().extend(leaves).root()


def proofs(size: int, position: int, old: int) -> st.SearchStrategy[list[bytes]]:
    """True proofs and ones that had a hash dropped, doubled, swapped or replaced."""
    tree = grove(LEAVES[:size]).tree(size)
    nodes = [slow_root(start, end) for start in range(size) for end in range(start + 1, size + 1)]
    return (
        st.just(tree.inclusion(position))
        | st.just(tree.consistency(old))
        | st.lists(st.sampled_from(nodes), max_size=5)
    )


@given(st.data(), st.integers(1, 12))
def test_both_accept_the_same_proofs(data: st.DataObject, size: int) -> None:
    position, old = data.draw(st.integers(0, size - 1)), data.draw(st.integers(1, size))
    proof = data.draw(proofs(size, position, old))
    claimed = data.draw(st.integers(-1, size + 1) | st.just(position))
    inclusion = (LEAVES[position], claimed, size, proof, slow_root(0, size))
    assert holds(verify_inclusion, *inclusion) == holds(check_inclusion, *inclusion)
    growth = (data.draw(st.integers(-1, size + 1) | st.just(old)), size, proof)
    roots = (slow_root(0, old), slow_root(0, size))
    assert holds(verify_consistency, *growth, *roots) == holds(check_consistency, *growth, *roots)


@pytest.mark.parametrize("size", range(1, 70))
def test_the_verifier_accepts_every_proof_of_every_tree(size: int) -> None:
    tree = grove(LEAVES[:size]).tree(size)
    for position in range(size):
        check_inclusion(LEAVES[position], position, size, tree.inclusion(position), tree.root())
        old = position + 1
        check_consistency(old, size, tree.consistency(old), slow_root(0, old), tree.root())


@pytest.mark.parametrize("size", range(1, 18))
def test_neither_takes_a_proof_for_another_place_or_size(size: int) -> None:
    tree = grove(LEAVES[:size]).tree(size)
    for position, old in ((each, each + 1) for each in range(size)):
        path, growth = tree.inclusion(position), tree.consistency(old)
        for index, other in product(range(-1, size + 2), range(size + 3)):
            inclusion = (LEAVES[position], index, other, path, tree.root())
            assert holds(verify_inclusion, *inclusion) == holds(check_inclusion, *inclusion)
            roots = (slow_root(0, old), tree.root())
            claim = (index, other, growth)
            expected = holds(verify_consistency, *claim, *roots)
            assert holds(check_consistency, *claim, *roots) == expected


def test_neither_takes_a_node_for_a_leaf_or_a_leaf_for_a_node() -> None:
    claims: list[tuple[bytes, int, int, list[bytes], bytes]] = [
        (slow_root(0, 8), 0, 8, [], slow_root(0, 8)),
        (slow_root(0, 8), 7, 8, [], slow_root(0, 8)),
        (LEAVES[1], 0, 1, [LEAVES[0]], slow_root(0, 2)),
        (LEAVES[0], 0, 2, [LEAVES[1], slow_root(2, 4)], slow_root(0, 4)),
        (LEAVES[0], 1, 1, [], LEAVES[0]),
    ]
    for claim in claims:
        assert not holds(verify_inclusion, *claim)
        assert not holds(check_inclusion, *claim)


@pytest.mark.parametrize("size", [1, 2, 7])
def test_neither_takes_two_roots_for_one_size(size: int) -> None:
    root = slow_root(0, size)
    for proof, other in (([], bytes(32)), ([root], root), ([bytes(32)], bytes(32)), ([], root[1:])):
        for roots in ((root, other), (other, root)):
            claim = (size, size, list[bytes](proof), *roots)
            assert not holds(verify_consistency, *claim)
            assert not holds(check_consistency, *claim)


@pytest.mark.parametrize(
    "change, fits",
    [
        ({"version": 2**53 - 1}, True),
        ({"version": 2**53}, False),
        ({"version": 0}, True),
        ({"version": -1}, False),
        ({"actor": "x" * 1000}, True),
        ({"actor": "x" * 1001}, False),
        ({"actor": "x"}, True),
        ({"actor": ""}, False),
    ],
)
def test_both_draw_the_same_limits(change: dict[str, object], fits: bool) -> None:
    told = {**json.loads(LOG.envelopes[5]), **change}
    line = json.dumps(told, separators=(",", ":")).encode()
    assert holds(decode_envelope, line) == fits
    assert holds(theirs.read_envelope, line) == fits


@pytest.mark.parametrize("length, fits", [(1, True), (256, True), (257, False)])
def test_both_bound_the_name_of_a_key(length: int, fits: bool) -> None:
    name = "n" * length
    id = sha256(name.encode() + b"\n\x01" + bytes(32)).hexdigest()[:8]
    line = f"{name}+{id}+{b64encode(bytes([1]) + bytes(32)).decode()}"
    assert holds(VerifierKey.parse, line) == fits
    assert holds(parse_key, line) == fits


@pytest.mark.parametrize("most, fits", [(2**63 - 1, True), (2**63, False)])
def test_both_end_at_the_same_size(most: int, fits: bool) -> None:
    path = [bytes(32)] * 63
    root = bytes(32)
    for _ in path:
        root = node_hash(root, bytes(32))
    assert holds(verify_inclusion, bytes(32), 0, most, path, root) == fits
    assert holds(check_inclusion, bytes(32), 0, most, path, root) == fits


@given(altered(NOTE.encode()))
def test_both_open_the_same_checkpoints(note: bytes) -> None:
    def own() -> Checkpoint:
        return open_checkpoint(note, ORIGIN, KEYS)

    def other() -> object:
        try:
            return their_checkpoint(note.decode(), ORIGIN, THEIR_KEYS)
        except UnicodeDecodeError:
            raise Refused("no text") from None

    assert holds(own) == holds(other)


@given(altered(RECEIPT.encode()))
def test_both_accept_the_same_receipts(text: bytes) -> None:
    leaf = LOG.leaves()[5]

    def own() -> object:
        return verify_receipt(text, leaf, ORIGIN, KEYS)

    def other() -> object:
        try:
            proof = parse_proof(text.decode())
        except UnicodeDecodeError:
            raise Refused("no text") from None
        head = their_checkpoint(proof.note, ORIGIN, THEIR_KEYS)
        check_inclusion(leaf, proof.position, head.size, proof.path, head.root)
        return head

    assert holds(own) == holds(other)


@given(altered(str(KEY.verifier).encode()))
def test_both_know_the_same_keys(line: bytes) -> None:
    text = line.decode(errors="replace")
    assert holds(VerifierKey.parse, text) == holds(parse_key, text)


@given(altered(LOG.envelopes[5]))
def test_both_read_the_same_envelopes(line: bytes) -> None:
    assert holds(decode_envelope, line) == holds(theirs.read_envelope, line)


values = st.none() | st.text(max_size=3) | st.integers() | st.sampled_from([True, 1.0, [], SEALED])


@given(st.sampled_from(theirs.NAMES), values)
def test_both_read_the_same_values(name: str, value: object) -> None:
    told = {**json.loads(LOG.envelopes[5]), name: value}
    try:
        line = json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode()
    except UnicodeEncodeError:
        return
    assert holds(decode_envelope, line) == holds(theirs.read_envelope, line)


@given(
    st.dictionaries(
        st.from_regex(r"[A-Za-z0-9_.:-]{1,9}", fullmatch=True),
        st.binary(min_size=32, max_size=32),
        min_size=1,
    )
)
def test_both_commit_alike(commitments: dict[str, bytes]) -> None:
    assert commit(commitments) == theirs.commit(commitments)
    [first, *_] = commitments.values()
    assert part_commitment(first, b"x") == theirs.commitment(first, b"x")
