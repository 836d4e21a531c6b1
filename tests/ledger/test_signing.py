"""Signing keys: made once with 0600, read from file or environment, clear when unusable."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, x25519
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from ledger import secret_file
from ledger.secret_file import exposed
from ledger.signing import (
    SigningKey,
    UnusableKey,
    generate_signing_key,
    load_signing_key,
    read_signing_key,
)

ORIGIN = "example.com/log"
Private = Ed25519PrivateKey | x25519.X25519PrivateKey | ec.EllipticCurvePrivateKey


def pem(key: Private, password: bytes | None = None) -> bytes:
    hidden: serialization.KeySerializationEncryption = serialization.NoEncryption()
    if password:
        hidden = serialization.BestAvailableEncryption(password)
    form = serialization.PrivateFormat.PKCS8
    return key.private_bytes(serialization.Encoding.PEM, form, hidden)


def test_a_new_key_is_readable_by_its_owner_alone_and_loads_again(tmp_path: Path) -> None:
    path = tmp_path / "log.pem"
    made = generate_signing_key(ORIGIN, path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert load_signing_key(ORIGIN, path).verifier == made.verifier
    assert read_signing_key(ORIGIN, path.read_text()).verifier == made.verifier


def test_two_new_keys_differ(tmp_path: Path) -> None:
    one, two = (generate_signing_key(ORIGIN, tmp_path / name) for name in ("one", "two"))
    assert one.verifier != two.verifier


def test_an_old_key_is_never_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "log.pem"
    old = generate_signing_key(ORIGIN, path)
    with pytest.raises(UnusableKey, match="cannot be made: File exists"):
        generate_signing_key(ORIGIN, path)
    assert load_signing_key(ORIGIN, path).verifier == old.verifier


def test_a_key_in_the_environment_may_spell_its_newlines_out(tmp_path: Path) -> None:
    key = generate_signing_key(ORIGIN, tmp_path / "log.pem")
    spelled = (tmp_path / "log.pem").read_text().replace("\n", "\\n")
    assert read_signing_key(ORIGIN, spelled).verifier == key.verifier


def test_a_missing_key_says_where_it_was_looked_for(tmp_path: Path) -> None:
    with pytest.raises(UnusableKey, match=r"none\.pem cannot be read: No such file"):
        load_signing_key(ORIGIN, tmp_path / "none.pem")
    with pytest.raises(UnusableKey, match="cannot be read: Is a directory"):
        load_signing_key(ORIGIN, tmp_path)
    with pytest.raises(UnusableKey, match="cannot be made: No such file"):
        generate_signing_key(ORIGIN, tmp_path / "none" / "log.pem")
    with pytest.raises(UnusableKey, match="environment is empty"):
        read_signing_key(ORIGIN, " \n")


@pytest.mark.parametrize(
    "content, complaint",
    [
        (b"", "no private key in PKCS #8 PEM"),
        (b"\xff\x00", "no private key in PKCS #8 PEM"),
        (b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n", "no private key"),
        (pem(Ed25519PrivateKey.from_private_bytes(bytes(32)))[:-40], "no private key"),
        (pem(Ed25519PrivateKey.from_private_bytes(bytes(32)), b"x"), "is encrypted"),
        (pem(x25519.X25519PrivateKey.from_private_bytes(bytes(32))), "no Ed25519 key"),
        (pem(ec.generate_private_key(ec.SECP256R1())), "no Ed25519 key"),
        (b"x" * 20_000, "larger than any key"),
    ],
)
def test_a_key_of_another_kind_is_named_as_such(
    tmp_path: Path, content: bytes, complaint: str
) -> None:
    path = tmp_path / "log.pem"
    path.touch(mode=0o600)
    path.write_bytes(content)
    with pytest.raises(UnusableKey, match=complaint) as refused:
        load_signing_key(ORIGIN, path)
    assert str(path) in str(refused.value)


@pytest.mark.parametrize("mode", [0o604, 0o602, 0o640, 0o620, 0o644, 0o660, 0o610, 0o777])
def test_a_key_that_others_can_reach_is_refused_and_says_what_to_do(
    tmp_path: Path, mode: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(secret_file, "ROOT", -1)  # whoever runs the tests, the file is a user's own
    path = tmp_path / "log.pem"
    generate_signing_key(ORIGIN, path)
    path.chmod(mode)
    with pytest.raises(UnusableKey, match=rf"log\.pem has mode {mode:04o}, .*chmod 600"):
        load_signing_key(ORIGIN, path)
    path.chmod(0o400)
    load_signing_key(ORIGIN, path)


def test_only_root_may_open_a_key_to_a_group_and_nobody_to_the_world() -> None:
    assert not exposed(0o100640, owner=0)
    assert not exposed(0o100440, owner=0)
    assert not exposed(0o100600, owner=1000)
    assert exposed(0o100440, owner=1000)
    assert exposed(0o100660, owner=0)
    assert exposed(0o100444, owner=0)


def test_a_public_key_does_not_sign(tmp_path: Path) -> None:
    public = Ed25519PrivateKey.from_private_bytes(bytes(32)).public_key()
    form = serialization.PublicFormat.SubjectPublicKeyInfo
    (tmp_path / "log.pem").touch(mode=0o600)
    (tmp_path / "log.pem").write_bytes(public.public_bytes(serialization.Encoding.PEM, form))
    with pytest.raises(UnusableKey, match="no private key"):
        load_signing_key(ORIGIN, tmp_path / "log.pem")


def test_the_private_half_is_not_printed() -> None:
    key = SigningKey.from_seed(ORIGIN, bytes(range(32)))
    assert repr(key) == f"SigningKey(name='{ORIGIN}')"
