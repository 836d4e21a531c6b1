"""The tree: published roots, growth in any steps, tiles stored once."""

from __future__ import annotations

from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.merkle import (
    EMPTY_ROOT,
    MAX_SIZE,
    CompactRange,
    complete_root,
    finished_tiles,
    leaf_hash,
    node_hash,
    split_hashes,
    tile_path,
)
from tests.ledger.forest import LEAVES, Grove, grove, leaves, slow_root

# The inputs and roots that certificate-transparency publishes for its own tree.
CT_ENTRIES = [
    bytes.fromhex(each)
    for each in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]
CT_ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]


@pytest.mark.parametrize("size", range(9))
def test_the_roots_are_those_certificate_transparency_publishes(size: int) -> None:
    hashes = [leaf_hash(entry) for entry in CT_ENTRIES[:size]]
    assert CompactRange().extend(hashes).root().hex() == CT_ROOTS[size]


def test_an_empty_tree_has_the_hash_of_nothing() -> None:
    assert CompactRange().root() == EMPTY_ROOT == sha256(b"").digest()


def test_a_leaf_never_hashes_like_a_node() -> None:
    left, right = leaf_hash(b"a"), leaf_hash(b"b")
    assert leaf_hash(left + right) != node_hash(left, right)


@given(st.lists(st.integers(0, 300), max_size=6))
def test_a_tree_has_one_root_however_it_was_grown(steps: list[int]) -> None:
    edge, size = CompactRange(), 0
    for step in steps:
        fresh = LEAVES[size : size + step]
        edge, size = edge.extend(fresh), size + len(fresh)
        assert edge.size == size
        assert edge.root() == slow_root(0, size)


def test_growing_one_by_one_and_at_once_is_the_same() -> None:
    edge = CompactRange()
    for leaf in LEAVES[:300]:
        edge = edge.append(leaf)
    assert edge == CompactRange().extend(LEAVES[:300])


def test_a_compact_range_never_holds_more_than_one_hash_per_bit() -> None:
    assert CompactRange(MAX_SIZE, (bytes(32),) * 63).root()
    with pytest.raises(ValueError, match="cannot have"):
        CompactRange(MAX_SIZE, (bytes(32),) * 63).append(bytes(32))


@pytest.mark.parametrize("size", [0, 1, 2, 3, 127, 255, 256, 257])
def test_a_compact_range_is_stored_as_its_hashes_and_read_back(size: int) -> None:
    edge = CompactRange().extend(LEAVES[:size])
    stored = edge.to_bytes()
    assert len(stored) == 32 * size.bit_count()
    assert CompactRange.from_bytes(size, stored) == edge


@pytest.mark.parametrize(
    "size, stored",
    [
        (3, bytes(32)),
        (3, bytes(96)),
        (3, bytes(63)),
        (0, bytes(32)),
        (-1, b""),
        (MAX_SIZE + 1, bytes(32)),
        (1, b""),
    ],
)
def test_a_compact_range_that_does_not_fit_its_size_is_refused(size: int, stored: bytes) -> None:
    with pytest.raises(ValueError, match=r"leaves|hashes"):
        CompactRange.from_bytes(size, stored)


def test_a_hash_of_another_length_is_refused() -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        CompactRange(2, (bytes(31),))


@pytest.mark.parametrize("steps", [(70_000,), (1, 254, 1, 1, 65_278, 1, 4_464), (64,) * 1094])
def test_seventy_thousand_leaves_fill_the_tiles_the_specification_counts(
    steps: tuple[int, ...],
) -> None:
    grown, hashes, at = Grove(), leaves(70_016), 0
    for step in steps:
        grown.grow(hashes[at : at + step])
        at += step
    assert sorted(grown.tiles) == [*((0, number) for number in range(273)), (1, 0)]
    assert grown.tiles[0, 272] == b"".join(hashes[272 * 256 : 273 * 256])
    assert split_hashes(grown.tiles[1, 0]) == [grown.roots[0, number] for number in range(256)]
    assert grown.roots[1, 0] == complete_root(hashes[:65_536])
    assert grown.edge.hashes[0] == grown.roots[1, 0]


@given(st.lists(st.integers(0, 300), max_size=6))
def test_tiles_do_not_depend_on_the_steps(steps: list[int]) -> None:
    grown, at = Grove(), 0
    for step in steps:
        grown.grow(LEAVES[at : at + step])
        at = min(at + step, len(LEAVES))
    assert grown.tiles == grove(LEAVES[:at]).tiles


def test_an_extension_that_completes_no_tile_reads_nothing() -> None:
    grown = grove(LEAVES[:100])
    grown.reads.clear()
    grown.grow(LEAVES[100:255])
    assert grown.reads == []
    grown.grow(LEAVES[255:256])
    assert grown.reads == [(0, 0)]


def test_a_storage_that_lacks_leaf_hashes_stops_the_writer() -> None:
    with pytest.raises(LookupError, match="lacks hashes 0 to 254 of level 0"):
        list(
            finished_tiles(
                255, [bytes(32)], lambda _level, start, end: [bytes(32)] * (end - start - 1)
            )
        )


def test_a_subtree_that_is_not_complete_has_no_complete_root() -> None:
    with pytest.raises(ValueError, match="no complete subtree"):
        complete_root(LEAVES[:3])
    with pytest.raises(ValueError, match="no complete subtree"):
        complete_root([])


@pytest.mark.parametrize(
    "level, number, width, path",
    [
        (0, 0, 256, "tile/0/000"),
        (0, 1_234_067, 256, "tile/0/x001/x234/067"),
        (1, 999, 17, "tile/1/999.p/17"),
        (2, 1_000, 1, "tile/2/x001/000.p/1"),
        (63, 0, 255, "tile/63/000.p/255"),
    ],
)
def test_a_tile_is_named_as_c2sp_names_it(level: int, number: int, width: int, path: str) -> None:
    assert tile_path(level, number, width) == path


@pytest.mark.parametrize("place", [(64, 0, 256), (-1, 0, 256), (0, -1, 1), (0, 0, 0), (0, 0, 257)])
def test_a_tile_that_cannot_be_has_no_name(place: tuple[int, int, int]) -> None:
    with pytest.raises(ValueError, match="there is no tile"):
        tile_path(*place)
