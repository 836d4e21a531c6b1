"""The signing key is named when it is unfit, and another takes its place on the record."""

from __future__ import annotations

from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from api.machine import rotating
from ledger.checkpoint import open_checkpoint
from ledger.note import VerifierKey
from tests.api.machine import ORIGIN, Machine

PEM = serialization.Encoding.PEM
PKCS8 = serialization.PrivateFormat.PKCS8
PLAIN = serialization.NoEncryption()


def encrypted() -> bytes:
    locked = serialization.BestAvailableEncryption(b"x")
    return Ed25519PrivateKey.generate().private_bytes(PEM, PKCS8, locked)


def foreign() -> bytes:
    return Ed25519PrivateKey.generate().private_bytes(PEM, PKCS8, PLAIN)


def of_another_kind() -> bytes:
    return rsa.generate_private_key(65537, 2048).private_bytes(PEM, PKCS8, PLAIN)


UNFIT = {
    "encrypted": (encrypted, "encrypted"),
    "of another kind": (of_another_kind, "Ed25519"),
    "another": (foreign, "not the one that signs this log"),
    "no key": (lambda: b"secret words", "PKCS #8"),
    "empty": (lambda: b"", "PKCS #8"),
    "huge": (lambda: b"x" * 100_000, "larger"),
}


@pytest.mark.parametrize("kind", UNFIT)
def test_an_unfit_key_is_told_by_its_setting_and_never_quoted(founded: Machine, kind: str) -> None:
    make, said = UNFIT[kind]
    file = founded.folder / "unfit.key"
    file.touch(mode=0o600)
    file.write_bytes(make())
    for settings in (
        {"CHANGEGATE_SIGNING_KEY": str(file)},
        {"CHANGEGATE_SIGNING_KEY": "", "CHANGEGATE_SIGNING_KEY_TEXT": file.read_text() or " "},
    ):
        told = founded.set(**settings).run("verify")
        assert told.status == 2
        assert "CHANGEGATE_SIGNING_KEY" in told.err
        assert said in told.err or "empty" in told.err
        assert "secret" not in told.err


def test_a_key_that_is_not_there_is_told_by_its_setting(founded: Machine) -> None:
    founded.beside(".key").rename(founded.folder / "moved.key")
    told = founded.run("verify")
    assert (told.status, "CHANGEGATE_SIGNING_KEY" in told.err) == (2, True)
    assert str(founded.beside(".key")) in told.err
    founded.set(CHANGEGATE_SIGNING_KEY=str(founded.folder / "moved.key"))
    founded.done("verify")
    founded.set(CHANGEGATE_SIGNING_KEY=str(founded.folder))
    assert founded.run("verify").status == 2


def test_a_key_may_stand_in_the_environment(founded: Machine) -> None:
    text = founded.beside(".key").read_text()
    founded.beside(".key").unlink()
    founded.set(CHANGEGATE_SIGNING_KEY_TEXT=text)
    founded.done("verify")
    told = founded.run("key", "rotate", "--reason", "Yearly.")
    assert (told.status, "put it in a file" in told.err) == (2, True)


def test_the_verifier_key_is_shown(founded: Machine) -> None:
    shown = founded.done("key", "show").strip()
    assert str(VerifierKey.parse(shown)) == shown
    told = founded.run("key", "show", "--json").json
    assert told == {"origin": ORIGIN, "verifier": shown, "former": []}


# Rotation.


def test_another_key_takes_over_and_both_sign_once(machine: Machine, database: str) -> None:
    machine.use(database).found()
    told = machine.run("key", "rotate", "--reason", "Yearly.", "--json").json
    old, new = VerifierKey.parse(told["old"]), VerifierKey.parse(told["new"])
    with machine.opened() as opened, opened.reader.connection() as connection:
        head = opened.reader.head(connection)
        assert head.checkpoint is not None
        for key in (old, new):
            assert open_checkpoint(head.checkpoint, ORIGIN, [key]).size == head.size
        assert opened.key.verifier == new
    assert machine.log().key == str(new)
    assert machine.done("verify").endswith(" 0 faults\n")
    machine.done("token", "create", "ada", "--name", "x")
    assert machine.done("verify").endswith(" 0 faults\n")
    shown = machine.run("key", "show", "--json").json
    assert (shown["verifier"], shown["former"]) == (str(new), [str(old)])
    kept = machine.folder / f"log.key.{old.key_id.hex()}"
    assert kept.stat().st_mode & 0o777 == 0o600


def test_the_old_key_opens_the_log_no_more(founded: Machine) -> None:
    copy = founded.folder / "copy.key"
    copy.touch(mode=0o600)
    copy.write_bytes(founded.beside(".key").read_bytes())
    founded.done("key", "rotate", "--reason", "It leaked.")
    founded.set(CHANGEGATE_SIGNING_KEY=str(copy))
    told = founded.run("token", "create", "ada", "--name", "x")
    assert (told.status, "not the one that signs this log" in told.err) == (2, True)


@pytest.mark.parametrize("step", ["_record", "_swap"])
def test_a_rotation_that_was_interrupted_goes_on(
    founded: Machine, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    def killed(*_: object) -> None:
        raise OSError(28, "No space left on device")

    before = founded.size()
    with monkeypatch.context() as patch:
        patch.setattr(rotating, step, killed)
        assert founded.run("key", "rotate", "--reason", "Yearly.").status == 2
    founded.done("key", "rotate", "--reason", "Yearly.")
    assert founded.size() == before + 1, "it is recorded once"
    assert not founded.beside(".key.new").exists()
    assert founded.done("verify").endswith(" 0 faults\n")


def test_a_rotation_needs_a_reason_and_the_logs_key(founded: Machine, tmp_path: Path) -> None:
    assert founded.run("key", "rotate").status == 2
    (tmp_path / "foreign.key").touch(mode=0o600)
    (tmp_path / "foreign.key").write_bytes(foreign())
    founded.set(CHANGEGATE_SIGNING_KEY=str(tmp_path / "foreign.key"))
    before = founded.size()
    assert founded.run("key", "rotate", "--reason", "x").status == 2
    assert founded.size() == before
