"""The published vectors: made by this code, and read by the verifier, which shares none of it."""

from __future__ import annotations

import json
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from domain.digest import NotCanonical, canonical, content_digest
from ledger.checkpoint import open_checkpoint
from ledger.envelope import canonical_json, decode_envelope
from ledger.note import BadNote, VerifierKey
from tests.ledger import vectors
from verifier.__main__ import main
from verifier.envelope import commit, commitment, read_envelope
from verifier.note import open_checkpoint as their_checkpoint
from verifier.note import parse_key, parse_proof
from verifier.tree import (
    GrowingTree,
    Refused,
    check_consistency,
    check_inclusion,
    hash_leaf,
    hash_node,
)

PUBLISHED: dict[str, Any] = json.loads(vectors.FILE.read_text())
TREE, NOTES = PUBLISHED["tree"], PUBLISHED["notes"]
KEYS = [parse_key(each["line"]) for each in NOTES["keys"]]
unhex = bytes.fromhex


def test_the_published_vectors_are_what_the_log_writes() -> None:
    assert vectors.FILE.read_text() == vectors.text()


@pytest.mark.parametrize("case", PUBLISHED["canonical_json"]["spelled"], ids=lambda c: c["json"])
def test_values_are_spelled_as_published(case: dict[str, str]) -> None:
    value = json.loads(case["json"])
    assert canonical(value).decode() == canonical_json(value).decode() == case["canonical"]
    digest = sha256(case["canonical"].encode()).hexdigest()
    assert content_digest(value) == case["digest"] == f"sha256:{digest}"


@pytest.mark.parametrize("text", PUBLISHED["canonical_json"]["refused"])
def test_values_without_a_spelling_are_refused(text: str) -> None:
    for spell in (canonical, canonical_json):
        with pytest.raises(NotCanonical):
            spell(json.loads(text))


@pytest.mark.parametrize("case", PUBLISHED["envelopes"]["spelled"], ids=lambda c: c["fields"]["id"])
def test_envelopes_read_as_published(case: dict[str, Any]) -> None:
    assert read_envelope(case["line"].encode()) == case["fields"]
    assert hash_leaf(case["line"].encode()).hex() == case["leaf"]


@pytest.mark.parametrize("line", PUBLISHED["envelopes"]["refused"])
def test_lines_that_are_no_envelope_are_refused(line: str) -> None:
    with pytest.raises(NotCanonical):
        decode_envelope(line.encode())
    with pytest.raises(Refused):
        read_envelope(line.encode())


def test_parts_commit_as_published() -> None:
    for part in PUBLISHED["parts"]["commitments"]:
        assert commitment(unhex(part["salt"]), unhex(part["content"])).hex() == part["commitment"]
    for case in PUBLISHED["parts"]["commits"]:
        assert commit({n: unhex(c) for n, c in case["commitments"].items()}) == case["commit"]


def test_the_sealed_envelope_hides_the_true_one() -> None:
    case = PUBLISHED["parts"]["sealed"]
    part = commitment(unhex(case["salt"]), case["true"].encode())
    assert read_envelope(case["outer"].encode())["commit"] == commit({"sealed": part})
    assert read_envelope(case["true"].encode())["kind"] == "change.opened"


def test_the_tree_grows_as_published() -> None:
    tree, leaves = GrowingTree(), [hash_leaf(b"entry %d" % each) for each in range(70_000)]
    assert [each.hex() for each in leaves[:8]] == TREE["leaves"]
    for leaf in [*leaves, None]:
        root = TREE["roots"].get(str(tree.size))
        assert root in (None, tree.root().hex())
        if leaf:
            tree.add(leaf)
    for size, stored in TREE["compact_ranges"].items():
        peaks = [unhex(stored)[at : at + 32] for at in range(0, len(stored) // 2, 32)]
        assert len(peaks) == int(size).bit_count()
        if peaks:
            assert joined(peaks).hex() == TREE["roots"][size]
    assert sha256(b"".join(leaves[:256])).hexdigest() == TREE["tiles"][0]["sha256"]


def joined(peaks: list[bytes]) -> bytes:
    root = peaks.pop()
    while peaks:
        root = hash_node(peaks.pop(), root)
    return root


@pytest.mark.parametrize("case", TREE["inclusion"], ids=lambda c: f"{c['index']} of {c['size']}")
def test_inclusion_proofs_hold_as_published(case: dict[str, Any]) -> None:
    path = [unhex(each) for each in case["path"]]
    check_inclusion(unhex(case["leaf"]), case["index"], case["size"], path, unhex(case["root"]))
    assert hash_leaf(b"entry %d" % case["index"]).hex() == case["leaf"]


@pytest.mark.parametrize("case", TREE["consistency"], ids=lambda c: f"{c['old']} to {c['new']}")
def test_consistency_proofs_hold_as_published(case: dict[str, Any]) -> None:
    proof, roots = [unhex(each) for each in case["proof"]], (case["old_root"], case["new_root"])
    check_consistency(case["old"], case["new"], proof, *map(unhex, roots))


def test_keys_are_those_of_rfc_8032() -> None:
    assert [key["public"] for key in NOTES["keys"]] == [
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
    ]


def test_checkpoints_open_as_published() -> None:
    for case in NOTES["checkpoints"]:
        head = their_checkpoint(case["note"], NOTES["origin"], KEYS)
        assert (head.size, head.root.hex()) == (case["size"], case["root"])


@pytest.mark.parametrize("note", NOTES["refused"])
def test_notes_that_are_no_checkpoint_of_the_log_are_refused(note: str) -> None:
    with pytest.raises(Refused):
        their_checkpoint(note, NOTES["origin"], KEYS)
    own = [VerifierKey.parse(key["line"]) for key in NOTES["keys"]]
    with pytest.raises(BadNote):
        open_checkpoint(note, NOTES["origin"], own)


def test_receipts_prove_their_leaf_as_published() -> None:
    for case in NOTES["receipts"]:
        proof = parse_proof(case["text"])
        head = their_checkpoint(proof.note, NOTES["origin"], KEYS)
        assert proof.position == case["index"]
        leaf = unhex(case["leaf"])
        check_inclusion(leaf, proof.position, head.size, proof.path, head.root)


def test_the_published_bundle_is_good(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "bundle").write_text("".join(PUBLISHED["bundle"]))
    options = ["--state", str(tmp_path / "seen"), "--key", NOTES["keys"][0]["line"], "--json"]
    assert main([str(tmp_path / "bundle"), *options]) == 0
    assert json.loads(capsys.readouterr().out)["counts"] == {"erased": 1, "withheld payload": 2}
