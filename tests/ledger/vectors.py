"""Makes docs/log-format-vectors.json: run `python -m tests.ledger.vectors` to write it anew."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Sequence
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

import msgspec

from domain.digest import canonical, content_digest
from ledger.bundle import (
    Hidden,
    checkpoint_line,
    consistency_line,
    entry_line,
    header_line,
    receipt_line,
)
from ledger.checkpoint import format_receipt, sign_checkpoint
from ledger.envelope import commit, encode_envelope
from ledger.merkle import leaf_hash, tile_path
from ledger.note import sign_note
from ledger.signing import SigningKey
from tests.ledger.forest import Grove, grove
from tests.ledger.small_log import (
    KEYS,
    ORIGIN,
    SEEDS,
    envelope,
    envelopes,
    head,
    log,
    parts_of,
    sealed,
)

FILE = Path(__file__).parents[2] / "docs" / "log-format-vectors.json"
LARGE = 70_000
PROVED = [
    *((1, 0), (2, 1), (3, 2), (7, 3), (8, 5), (256, 255), (257, 256)),
    *((LARGE, 0), (LARGE, 65_535), (LARGE, 69_999)),
]
GROWN = [(1, 2), (3, 7), (4, 8), (6, 8), (7, 7), (256, 257), (257, LARGE), (65_536, LARGE)]


def entry(number: int) -> bytes:
    """The entries of the tree's vectors are these texts."""
    return f"entry {number}".encode()


@cache
def large() -> Grove:
    """The tree of all entries."""
    return grove([leaf_hash(entry(number)) for number in range(LARGE)])


CANONICAL: list[Any] = [
    None,
    True,
    False,
    0,
    -1,
    2**53 - 1,
    -(2**53) + 1,
    "",
    "plain",
    'quote " backslash \\ slash / delete \x7f',
    "\b\t\n\f\r\x01\x1f",
    "Größe € 🙂 \u2028",
    [],
    {},
    [1, [2, "3"], {"b": None, "a": [True]}],
    {"b": 1, "a": 2, "B": 3, "": 4, "a.b": 5, "10": 6, "9": 7},
    {"｡": "U+FF61 sorts after", "😀": "U+1F600, whose first UTF-16 unit is D83D"},
]
REFUSED_JSON = ["1.5", "1e3", "9007199254740992", '"e\\u0301"', '"\\u0000"', '"\\ud800"', "NaN"]


def canonical_cases() -> dict[str, Any]:
    """Values in any spelling beside their canonical one."""
    cases = [
        {
            "json": json.dumps(value),
            "canonical": canonical(value).decode(),
            "digest": content_digest(value),
        }
        for value in CANONICAL
    ]
    return {"spelled": cases, "refused": REFUSED_JSON}


def envelope_cases() -> dict[str, Any]:
    """Envelopes, their bytes and leaf hashes; bytes that are none."""
    line = encode_envelope(envelope(0)).decode()
    return {
        "spelled": [
            {
                "fields": msgspec.to_builtins(each),
                "line": encode_envelope(each).decode(),
                "leaf": leaf_hash(encode_envelope(each)).hex(),
            }
            for each in envelopes()
        ],
        "refused": [
            line + "\n",
            line.replace(":", ": ", 1),
            line.replace('"happened":null,', ""),
            line.replace('"happened":null', '"happened":"2026-11-20T19:04:40Z"'),
            line.replace('"happened":null', '"happened":"2026-02-30T19:04:40.000000Z"'),
            line.replace('"happened":null', '"happened":""'),
            line.replace('"v":1', '"v":2'),
            line.replace('"v":1', '"v":1.0'),
            line.replace('"v":1', '"added":null,"v":1'),
            line.replace('"version":0', '"version":-1'),
            line.replace("user:1", "\\u0075ser:1"),
            line.replace("change.opened", "sealed"),
        ],
    }


def part_cases() -> dict[str, Any]:
    """Parts, their commitments, and what commits to them."""
    outer, hidden = sealed()
    return {
        "commitments": [
            {
                "name": part.name,
                "salt": part.salt.hex(),
                "content": part.content.hex(),
                "commitment": part.commitment.hex(),
            }
            for part in [*parts_of(0), hidden]
        ],
        "commits": [
            {
                "commitments": {part.name: part.commitment.hex() for part in parts},
                "commit": commit({part.name: part.commitment for part in parts}),
            }
            for parts in (parts_of(0)[:1], parts_of(0), [hidden])
        ],
        "sealed": {
            "outer": encode_envelope(outer).decode(),
            "salt": hidden.salt.hex(),
            "true": hidden.content.decode(),
        },
    }


def tree_cases() -> dict[str, Any]:
    """Roots, compact ranges, tiles and proofs over the texts "entry 0", "entry 1" and so on."""
    sizes = [*range(9), 255, 256, 257, 65_535, 65_536, 65_537, LARGE]
    return {
        "leaves": [leaf_hash(entry(number)).hex() for number in range(8)],
        "roots": {str(size): large().tree(size).root().hex() for size in sizes},
        "compact_ranges": {
            str(size): large().tree(size).compact_range().to_bytes().hex()
            for size in (0, 1, 3, 7, 256, 257, LARGE)
        },
        "tiles": [
            {
                "path": tile_path(level, number),
                "sha256": sha256(large().tiles[level, number]).hexdigest(),
                "root": large().roots[level, number].hex(),
            }
            for level, number in ((0, 0), (0, 272), (1, 0))
        ],
        "tile_paths": {
            tile_path(0, 1_234_067): [0, 1_234_067, 256],
            tile_path(2, 999, 17): [2, 999, 17],
        },
        "inclusion": [_inclusion(size, index) for size, index in PROVED],
        "consistency": [_growth(old, new) for old, new in GROWN],
    }


def _inclusion(size: int, index: int) -> dict[str, Any]:
    tree = large().tree(size)
    return {
        "size": size,
        "index": index,
        "leaf": large().leaves[index].hex(),
        "path": _hex(tree.inclusion(index)),
        "root": tree.root().hex(),
    }


def _growth(old: int, new: int) -> dict[str, Any]:
    return {
        "old": old,
        "new": new,
        "proof": _hex(large().tree(new).consistency(old)),
        "old_root": large().tree(old).root().hex(),
        "new_root": large().tree(new).root().hex(),
    }


def _hex(hashes: Sequence[bytes]) -> list[str]:
    return [each.hex() for each in hashes]


def note_cases() -> dict[str, Any]:
    """Keys, signed checkpoints, receipts."""
    one, both = sign_checkpoint(head(4), KEYS[:1]), sign_checkpoint(head(4), KEYS)
    witness = SigningKey.from_seed("witness.example", bytes(32))
    path = grove([leaf_hash(each) for each in log()]).tree(4).inclusion(2)
    return {
        "origin": ORIGIN,
        "keys": [
            {
                "name": key.name,
                "seed": seed.hex(),
                "public": key.public.hex(),
                "id": key.verifier.key_id.hex(),
                "line": str(key.verifier),
            }
            for key, seed in zip(KEYS, SEEDS, strict=True)
        ],
        "checkpoints": [
            {"size": size, "root": head(size).root.hex(), "note": note}
            for size, note in (
                (0, sign_checkpoint(head(0), KEYS[:1])),
                (4, one),
                (4, both),
                (4, sign_note(head(4).text(), [KEYS[0], witness])),
            )
        ],
        "refused": _refused_notes(one),
        "receipts": [
            {"leaf": leaf_hash(log()[2]).hex(), "index": 2, "text": text}
            for text in (format_receipt(2, path, one), format_receipt(2, path, both, b"\0extra"))
        ],
    }


def _refused_notes(note: str) -> list[str]:
    root = b64encode(head(4).root).decode()
    return [
        note.replace("\n4\n", "\n5\n"),
        note[:-1],
        note + "\n",
        "\t" + note,
        note.replace("— ", "- "),
        sign_note(f"{ORIGIN}\n04\n{root}\n", KEYS[:1]),
        sign_note(f"{ORIGIN}\n4\n{root}\nextension\n", KEYS[:1]),
        sign_note(f"changegate.example/other\n4\n{root}\n", KEYS[:1]),
        sign_note(f"{ORIGIN}\n0\n{root}\n", KEYS[:1]),
        sign_note(head(4).text(), [SigningKey.from_seed(ORIGIN, bytes(32))]),
    ]


def bundle() -> list[str]:
    """A bundle of the small log: one part erased without an event, one entry withheld."""
    tree = grove([leaf_hash(each) for each in log()]).tree(4)
    facts, title, note = parts_of(0)
    outer = sealed()[1]
    lines = [
        header_line(ORIGIN, [key.verifier for key in KEYS]),
        checkpoint_line(sign_checkpoint(head(2), KEYS[:1])),
        checkpoint_line(sign_checkpoint(head(4), KEYS)),
        consistency_line(2, 4, tree.consistency(2)),
        entry_line(0, log()[0], [facts, Hidden("title", title.commitment, "erased"), note], None),
        entry_line(1, log()[1], parts_of(1), None),
        entry_line(2, log()[2], None, tree.inclusion(2)),
        entry_line(3, log()[3], [outer, *parts_of(2)], None),
        receipt_line(
            format_receipt(3, tree.inclusion(3), sign_checkpoint(head(4), KEYS)), log()[3]
        ),
    ]
    return [line.decode() for line in lines]


def vectors() -> dict[str, Any]:
    """Everything the file holds."""
    return {
        "about": "Test vectors of docs/log-format.md. Bytes are hex unless they are text.",
        "canonical_json": canonical_cases(),
        "envelopes": envelope_cases(),
        "parts": part_cases(),
        "tree": tree_cases(),
        "notes": note_cases(),
        "bundle": bundle(),
    }


def text() -> str:
    """The file as it is committed."""
    return json.dumps(vectors(), indent=1, ensure_ascii=True) + "\n"


if __name__ == "__main__":
    FILE.write_text(text())
