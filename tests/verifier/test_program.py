"""The verifier as a program: exit codes, unreadable input, memory, and independence."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import verifier
from tests.verifier.booklet import HEADER, KEY, ORIGIN, bind, book
from tests.verifier.conftest import Verify
from verifier.__main__ import main

LOG = book(3)
WHOLE = LOG.whole()
ENTRY = json.loads(WHOLE[2])


def changed(**fields: object) -> bytes:
    kept = {name: value for name, value in {**ENTRY, **fields}.items() if value is not None}
    return json.dumps(kept).encode() + b"\n"


UNREADABLE = [
    [],
    [b"\n"],
    [b"{}\n"],
    [b"not json\n"],
    [b"[]\n"],
    [b"\xff\n"],
    [b"[" * 100_000 + b"\n"],
    [HEADER[:-1]],
    [HEADER, HEADER],
    WHOLE[1:],
    [HEADER.replace(b'"v":1', b'"v":2')],
    [HEADER.replace(b'"v":1', b'"v":1.0')],
    [HEADER.replace(b'"v":1', b'"v":true')],
    [HEADER.replace(b'"v":1', b'"more":1,"v":1')],
    [HEADER.replace(b'"v":1', b'"v":1,"v":1')],
    [HEADER.replace(b'"keys":[', b'"keys":[1,')[:-1]],
    [HEADER, b'{"type":"unheard"}\n'],
    [HEADER, b'{"type":["entry"]}\n'],
    [HEADER, b'{"type":"checkpoint"}\n'],
    [HEADER, b'{"type":"checkpoint","note":1}\n'],
    [HEADER, b'{"type":"consistency","old":1,"new":2,"hashes":["AA=="]}\n'],
    [HEADER, b'{"type":"consistency","old":1,"new":2,"hashes":[null]}\n'],
    [HEADER, b'{"type":"consistency","old":-1,"new":2,"hashes":[]}\n'],
    [HEADER, b'{"type":"consistency","old":1,"new":1e3,"hashes":[]}\n'],
    [*WHOLE[:2], changed(index="0")],
    [*WHOLE[:2], changed(index=2**63)],
    [*WHOLE[:2], changed(envelope="ä")],
    [*WHOLE[:2], changed(envelope="QQ")],
    [*WHOLE[:2], changed(envelope=None)],
    [*WHOLE[:2], changed(parts={})],
    [*WHOLE[:2], changed(parts=[1])],
    [*WHOLE[:2], changed(parts=[*ENTRY["parts"], ENTRY["parts"][0]])],
    [*WHOLE[:2], changed(parts=[{**ENTRY["parts"][0], "state": "withheld"}])],
    [*WHOLE[:2], changed(parts=[{"name": "a", "commitment": ENTRY["parts"][0]["commitment"]}])],
    [*WHOLE[:2], changed(proof=[1])],
    [*WHOLE, WHOLE[-1]],
    [*WHOLE[:3], WHOLE[4], WHOLE[3]],
]


@pytest.mark.parametrize("lines", UNREADABLE, ids=range(len(UNREADABLE)))
def test_what_is_no_bundle_is_unreadable(verify: Verify, lines: list[bytes]) -> None:
    assert verify(lines)[0] == 2


@given(st.data())
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_bundle_with_any_changed_byte_is_never_good_nor_a_crash(
    verify: Verify, capsys: pytest.CaptureFixture[str], data: st.DataObject
) -> None:
    whole = b"".join(WHOLE[1:])
    place = data.draw(st.integers(0, len(whole) - 1))
    byte = data.draw(st.integers(0, 255).filter(lambda byte: byte != whole[place]))
    altered = whole[:place] + bytes([byte]) + whole[place + 1 :]
    code, _ = verify([HEADER, altered])
    assert "Traceback" not in capsys.readouterr().err
    assert code != 0 or json_alike(altered, whole)


def json_alike(one: bytes, two: bytes) -> bool:
    """Whether the change only touched spelling that JSON does not mind."""
    return [json.loads(line) for line in one.splitlines()] == [
        json.loads(line) for line in two.splitlines()
    ]


@given(st.lists(st.binary(max_size=60).map(lambda line: line + b"\n"), max_size=3))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_foreign_bytes_are_unreadable_without_a_crash(
    verify: Verify, capsys: pytest.CaptureFixture[str], lines: list[bytes]
) -> None:
    assert verify(lines)[0] == 2
    assert "Traceback" not in capsys.readouterr().err


def test_of_a_file_that_cannot_be_used_it_says_why_in_its_own_words(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    none, bare, foreign, bundle = (tmp_path / name for name in ("none", "bare", "foreign", "whole"))
    bare.touch()
    foreign.write_bytes(b"\xff\n")
    bundle.write_bytes(b"".join(WHOLE))
    state, key = ("--state", tmp_path / "seen"), ("--key", str(KEY.verifier))
    given: dict[tuple[object, ...], str] = {
        (none, *state, *key): f"there is no file {none}",
        (none / "deep", *state, *key): f"there is no folder {none} for {none / 'deep'}",
        (bare / "deep", *state, *key): f"{bare / 'deep'} cannot be: {bare} is no folder",
        (tmp_path, *state, *key): f"{tmp_path} is a folder: name a file",
        (bare, *state, *key): f"{bare} is empty, and no bundle",
        (foreign, *state, *key): f"{foreign}, line 1: this is no line of a bundle",
        (bundle, *state, "--key-file", none): f"there is no file {none}",
        (bundle, *state, "--key-file", tmp_path): f"{tmp_path} is a folder: name a file",
        (bundle, *state, "--key-file", foreign): (
            f"{foreign} is no file of keys: it is no text in UTF-8"
        ),
        (bundle, "--state", tmp_path, *key): f"{tmp_path} is a folder: name a file",
        (bundle, "--state", bare / "seen", *key): (
            f"{bare / 'seen'} cannot be: {bare} is no folder"
        ),
    }
    for arguments, said in given.items():
        assert main([str(each) for each in arguments]) == 2
        assert capsys.readouterr().err == f"unreadable: {said}\n"


def test_without_a_trusted_key_nothing_is_judged(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bundle, state = str(bind(tmp_path, WHOLE)), ["--state", str(tmp_path / "seen")]
    assert main([bundle, *state]) == 2
    assert "no key of" in capsys.readouterr().err
    assert main([bundle, *state, "--key", "nonsense"]) == 2
    assert main([bundle, *state, "--key-file", str(tmp_path / "none")]) == 2
    (tmp_path / "keys").write_text(f"\n{KEY.verifier}\n")
    assert main([bundle, *state, "--key-file", str(tmp_path / "keys")]) == 0
    assert main([bundle, *state]) == 0  # the key has been remembered


@pytest.mark.parametrize("keys", [b"[1]", b'["nonsense"]', b'["\\ud800+1+AA=="]'])
def test_first_contact_with_keys_that_are_none_is_unreadable(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], keys: bytes
) -> None:
    header = json.dumps(str(KEY.verifier)).encode()
    spoilt = HEADER.replace(b"[" + header + b"]", keys)
    assert spoilt != HEADER
    options = ["--state", str(tmp_path / "seen"), "--first-contact"]
    assert main([str(bind(tmp_path, [spoilt])), *options]) == 2
    assert "the header's keys" in capsys.readouterr().err


def test_a_bundle_without_a_signed_head_counts_nothing_as_signed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    options = ["--state", str(tmp_path / "seen"), "--key", str(KEY.verifier), "--json"]
    assert main([str(bind(tmp_path, [HEADER, *WHOLE[2:]])), *options]) == 1
    told = json.loads(capsys.readouterr().out)
    assert (told["signed"], told["entries"], told["receipts"]) == (0, 3, 0)
    assert all(finding["fault"] for finding in told["findings"])


@pytest.mark.parametrize(
    "stored",
    [
        "",
        "[]",
        "{}",
        '{"v":2,"logs":{}}',
        '{"v":1,"logs":[1]}',
        *(
            json.dumps({"v": 1, "logs": {ORIGIN: log}})
            for log in (
                None,
                {"size": 1},
                {"size": -1, "root": "", "keys": []},
                {"size": 1, "root": 5, "keys": []},
                {"size": 1, "root": "A" * 43 + "=", "keys": [1]},
            )
        ),
    ],
)
def test_a_spoilt_memory_is_not_taken_for_an_empty_one(tmp_path: Path, stored: str) -> None:
    (tmp_path / "seen").write_text(stored)
    options = ["--state", str(tmp_path / "seen"), "--key", str(KEY.verifier)]
    assert main([str(bind(tmp_path, WHOLE)), *options]) == 2
    assert (tmp_path / "seen").read_text() == stored


def test_the_memory_holds_one_checkpoint_for_each_log(tmp_path: Path) -> None:
    state = tmp_path / "seen"
    options = ["--state", str(state), "--key", str(KEY.verifier)]
    assert main([str(bind(tmp_path, LOG.whole(2))), *options]) == 0
    assert main([str(bind(tmp_path, LOG.whole(3))), *options]) == 0
    logs = json.loads(state.read_text())["logs"]
    assert list(logs) == [ORIGIN]
    assert (logs[ORIGIN]["size"], logs[ORIGIN]["keys"]) == (3, [str(KEY.verifier)])


def test_what_a_bundle_says_does_not_move_the_cursor(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    nasty = HEADER.replace(ORIGIN.encode(), rb"log\u001b[2J\ud800")
    options = ["--state", str(tmp_path / "seen"), "--key", str(KEY.verifier)]
    assert main([str(bind(tmp_path, [nasty])), *options]) == 1
    told = capsys.readouterr().out
    assert "\x1b" not in told
    assert told.endswith("\nbad\n")


def test_the_report_names_each_finding(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    options = ["--state", str(tmp_path / "seen"), "--key", str(KEY.verifier)]
    assert main([str(bind(tmp_path, WHOLE[:-1])), *options]) == 1
    assert capsys.readouterr().out.splitlines() == [
        f"{ORIGIN}: 3 entries signed, 2 entries and 0 receipts in the bundle",
        "unproven entry: 2 entries stand in a row, the checkpoint signs 3",
        "bad",
    ]


@pytest.mark.parametrize("lines, code", [(WHOLE, 0), (WHOLE[:-1], 1), (WHOLE[1:], 2)])
def test_the_program_runs_alone(tmp_path: Path, lines: list[bytes], code: int) -> None:
    home = Path(verifier.__file__).parent
    (tmp_path / "verifier").symlink_to(home)
    command = [sys.executable, "-m", "verifier", str(bind(tmp_path, lines))]
    options = ["--key", str(KEY.verifier), "--state", str(tmp_path / "seen")]
    ran = subprocess.run([*command, *options], cwd=tmp_path, capture_output=True, check=False)
    assert ran.returncode == code, ran.stderr


def test_the_verifier_imports_nothing_of_ours() -> None:
    allowed = {"verifier", "cryptography", *sys.stdlib_module_names}
    for file in Path(verifier.__file__).parent.glob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            names = [each.name for each in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom):
                assert node.level == 0
                names.append(node.module or "")
            assert {name.split(".")[0] for name in names} <= allowed, file.name
