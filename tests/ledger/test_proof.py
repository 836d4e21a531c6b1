"""Proofs: every one that holds is accepted, every altered one is refused."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.merkle import MAX_SIZE, CompactRange, leaf_hash
from ledger.proof import BadProof, Tree, verify_consistency, verify_inclusion
from tests.ledger.forest import LEAVES, Grove, flipped, grove, leaves, slow_root
from tests.ledger.test_merkle import CT_ENTRIES

Proof = list[bytes]
GROVE = grove(LEAVES)
BEYOND_A_TILE = [255, 256, 257, 300, 511, 512, 513, 700]


@cache
def big_grove() -> Grove:
    return grove(leaves(70_000))


def holds(check: Callable[..., None], *claim: object) -> bool:
    try:
        check(*claim)
    except BadProof:
        return False
    return True


# Published proofs.

CT_INCLUSION = {
    (0, 8): [
        "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
    ],
    (5, 8): [
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ],
    (2, 3): ["fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"],
}
CT_CONSISTENCY = {
    (1, 1): [],
    (1, 8): [
        "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
    ],
    (6, 8): [
        "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ],
    (2, 5): [
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
    ],
}


@pytest.mark.parametrize("index, size", CT_INCLUSION)
def test_audit_paths_are_those_certificate_transparency_publishes(index: int, size: int) -> None:
    tree = grove([leaf_hash(entry) for entry in CT_ENTRIES]).tree(size)
    assert [each.hex() for each in tree.inclusion(index)] == CT_INCLUSION[index, size]


@pytest.mark.parametrize("old, new", CT_CONSISTENCY)
def test_consistency_proofs_are_those_certificate_transparency_publishes(
    old: int, new: int
) -> None:
    tree = grove([leaf_hash(entry) for entry in CT_ENTRIES]).tree(new)
    assert [each.hex() for each in tree.consistency(old)] == CT_CONSISTENCY[old, new]


# Every prefix of a growing tree.


@pytest.mark.parametrize("size", [*range(1, 131), *BEYOND_A_TILE])
def test_every_leaf_of_every_tree_is_proved(size: int) -> None:
    tree, root = GROVE.tree(size), slow_root(0, size)
    assert tree.root() == root
    assert tree.compact_range() == CompactRange().extend(LEAVES[:size])
    for index in range(size):
        verify_inclusion(LEAVES[index], index, size, tree.inclusion(index), root)


@pytest.mark.parametrize("size", [*range(1, 131), *BEYOND_A_TILE])
def test_every_tree_is_proved_to_extend_every_earlier_one(size: int) -> None:
    tree = GROVE.tree(size)
    for old in range(1, size + 1):
        proof = tree.consistency(old)
        verify_consistency(old, size, proof, slow_root(0, old), slow_root(0, size))


@given(st.data())
def test_a_tree_of_seventy_thousand_leaves_is_proved_by_few_reads(data: st.DataObject) -> None:
    stored = big_grove()
    size = data.draw(st.integers(1, 70_000))
    index, old = data.draw(st.integers(0, size - 1)), data.draw(st.integers(1, size))
    stored.reads.clear()
    path, root = stored.tree(size).inclusion(index), stored.tree(size).root()
    assert len(stored.reads) <= 2 * 3 + 3
    verify_inclusion(stored.leaves[index], index, size, path, root)
    stored.reads.clear()
    proof = stored.tree(size).consistency(old)
    assert len(stored.reads) <= 2 * 3
    verify_consistency(old, size, proof, stored.tree(old).root(), root)


def test_the_whole_tree_has_the_root_of_the_head() -> None:
    stored = big_grove()
    assert stored.tree(70_000).root() == stored.edge.root()
    assert stored.tree(70_000).compact_range() == stored.edge


def test_a_tree_answers_many_questions_in_little_memory() -> None:
    tree = big_grove().tree(70_000)
    for index in range(0, 70_000, 256):
        tree.inclusion(index)
        assert len(tree._kept) <= 32


# What cannot be asked.


@pytest.mark.parametrize("index", [-1, 5, 6])
def test_a_leaf_outside_the_tree_has_no_path(index: int) -> None:
    with pytest.raises(IndexError, match="no leaf"):
        GROVE.tree(5).inclusion(index)


@pytest.mark.parametrize("old", [-1, 0, 6])
def test_a_tree_proves_growth_from_a_smaller_one_with_leaves_only(old: int) -> None:
    with pytest.raises(IndexError, match="no tree of"):
        GROVE.tree(5).consistency(old)


@pytest.mark.parametrize("stored", [None, bytes(8191), b"", bytes(8224)])
def test_a_lost_or_cut_tile_is_an_error_and_no_proof(stored: bytes | None) -> None:
    tree = Tree(300, lambda _level, _number: stored, GROVE.read_edge)
    with pytest.raises(LookupError, match="tile 0 of level 0"):
        tree.inclusion(3)


def test_a_changed_tile_gives_a_proof_that_fails() -> None:
    stored = grove(LEAVES)
    stored.tiles[0, 0] = flipped(stored.tiles[0, 0], 77 * 256)
    proof = stored.tree(700).inclusion(3)
    assert not holds(verify_inclusion, LEAVES[3], 3, 700, proof, slow_root(0, 700))


# One mutation each.


def mutations(proof: Proof, strangers: Proof) -> Iterator[tuple[str, Proof]]:
    """The proof with one fault at a time."""
    for at, each in enumerate(proof):
        for bit in (0, 7, 100, 255):
            yield f"bit {bit} of {at}", [*proof[:at], flipped(each, bit), *proof[at + 1 :]]
        yield f"without {at}", [*proof[:at], *proof[at + 1 :]]
        yield f"{at} cut", [*proof[:at], each[:-1], *proof[at + 1 :]]
        yield f"{at} longer", [*proof[:at], each + b"\0", *proof[at + 1 :]]
        yield f"{at} empty", [*proof[:at], b"", *proof[at + 1 :]]
        yield f"{at} twice", [*proof[: at + 1], *proof[at:]]
    for at in range(len(proof) - 1):
        yield f"swapped at {at}", [*proof[:at], proof[at + 1], proof[at], *proof[at + 2 :]]
    for stranger in (*strangers, bytes(32), b""):
        yield "something before", [stranger, *proof]
        yield "something after", [*proof, stranger]


@pytest.mark.parametrize("size", [1, 2, 3, 5, 8, 13, 64, 65, 257, 700])
def test_an_altered_inclusion_proof_is_refused(size: int) -> None:
    root = slow_root(0, size)
    for index in {0, 1, size // 2, size - 1} - {size}:
        proof, leaf = GROVE.tree(size).inclusion(index), LEAVES[index]
        for fault, changed in mutations(proof, [root, leaf]):
            assert not holds(verify_inclusion, leaf, index, size, changed, root), fault
        for bit in range(256):
            assert not holds(verify_inclusion, flipped(leaf, bit), index, size, proof, root)
            assert not holds(verify_inclusion, leaf, index, size, proof, flipped(root, bit))


@pytest.mark.parametrize("size", range(1, 40))
def test_an_inclusion_proof_holds_for_its_own_index_alone(size: int) -> None:
    root = slow_root(0, size)
    for index in range(size):
        proof = GROVE.tree(size).inclusion(index)
        for other in {*range(-2, size + 2), index + 2**40} - {index}:
            assert not holds(verify_inclusion, LEAVES[index], other, size, proof, root)


@pytest.mark.parametrize("index", [-1, 3, 4, MAX_SIZE])
def test_an_index_outside_the_tree_is_refused(index: int) -> None:
    proof = GROVE.tree(3).inclusion(2)
    with pytest.raises(BadProof, match="cannot be"):
        verify_inclusion(LEAVES[2], index, 3, proof, slow_root(0, 3))


def test_a_size_beyond_the_limit_is_refused() -> None:
    with pytest.raises(BadProof, match="cannot be"):
        verify_inclusion(LEAVES[0], 0, MAX_SIZE + 1, [bytes(32)] * 63, bytes(32))
    with pytest.raises(BadProof, match="no proof leads"):
        verify_consistency(1, MAX_SIZE + 1, [bytes(32)] * 63, bytes(32), bytes(32))


@pytest.mark.parametrize("size", [1, 2, 3, 5, 8, 13, 64, 65, 257, 700])
def test_an_altered_consistency_proof_is_refused(size: int) -> None:
    new_root = slow_root(0, size)
    for old in {1, 2, size // 2, size - 1, size} & set(range(1, size + 1)):
        proof, old_root = GROVE.tree(size).consistency(old), slow_root(0, old)
        for fault, changed in mutations(proof, [old_root, new_root]):
            assert not holds(verify_consistency, old, size, changed, old_root, new_root), fault
        for bit in range(256):
            changed_root = flipped(old_root, bit)
            assert not holds(verify_consistency, old, size, proof, changed_root, new_root)
            changed_root = flipped(new_root, bit)
            assert not holds(verify_consistency, old, size, proof, old_root, changed_root)


@pytest.mark.parametrize("size", range(1, 40))
def test_a_consistency_proof_holds_for_its_own_sizes_alone(size: int) -> None:
    new_root = slow_root(0, size)
    for old in range(1, size + 1):
        proof, old_root = GROVE.tree(size).consistency(old), slow_root(0, old)
        for other in set(range(-1, size + 3)) - {old}:
            assert not holds(verify_consistency, other, size, proof, old_root, new_root)


def test_growth_from_nothing_proves_nothing_and_is_refused() -> None:
    with pytest.raises(BadProof, match="no proof leads from 0"):
        verify_consistency(0, 3, [], slow_root(0, 0), slow_root(0, 3))


def test_a_root_is_not_proved_as_a_leaf_of_its_own_tree() -> None:
    for size in (2, 3, 8, 700):
        root = slow_root(0, size)
        assert not holds(verify_inclusion, root, 0, size, [], root)
        assert not holds(verify_inclusion, root, size - 1, size, [], root)


def test_a_rewritten_history_has_no_consistency_proof() -> None:
    other = grove([bytes(32), *LEAVES[1:]])
    for old, new in [(4, 4), (4, 9), (8, 300), (257, 700)]:
        proof = other.tree(new).consistency(old)
        roots = (slow_root(0, old), other.tree(new).root())
        assert not holds(verify_consistency, old, new, proof, *roots)
        mixed = GROVE.tree(new).consistency(old)
        assert not holds(verify_consistency, old, new, mixed, *roots)


@given(
    st.integers(-3, 40),
    st.integers(-3, 40),
    st.lists(st.one_of(st.sampled_from(LEAVES[:40]), st.binary(max_size=40)), max_size=8),
)
def test_made_up_proofs_are_refused_without_a_crash(one: int, two: int, proof: Proof) -> None:
    root = slow_root(0, max(two, 1))
    if holds(verify_inclusion, LEAVES[0], one, two, proof, root):
        assert (one, proof) == (0, GROVE.tree(two).inclusion(0))
    if holds(verify_consistency, one, two, proof, slow_root(0, max(one, 1)), root):
        assert proof == GROVE.tree(two).consistency(one)
