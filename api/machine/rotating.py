"""Another signing key in the place of the one there is, recorded, and bridged by a checkpoint."""

from __future__ import annotations

from pathlib import Path

from api.machine.installation import Desk, Installation, Unready
from api.machine.keys import KEY, key_file, make_key
from api.settings import Misconfigured, Settings
from domain.log import SUBJECT
from ledger.note import VerifierKey
from ledger.signing import SigningKey, load_signing_key


def rotate(settings: Settings, reason: str) -> tuple[VerifierKey, VerifierKey]:
    """Make a new key, record it, sign the head with both, and put it in the old one's file.

    Answers the old and the new verifier key. The old private key stays beside the file, named
    after its id. Nothing else may be writing. An interrupted rotation goes on where it was.
    Raises Misconfigured when the key is not in a file, Unready when it is not the log's.
    """
    path = key_file(settings)
    if path is None:
        raise Misconfigured(f"{KEY}_TEXT holds the key: put it in a file, named by {KEY}, first")
    opened = Installation.open(settings, unfit=True)
    try:
        new = _new_key(opened.origin, path.with_name(f"{path.name}.new"))
        _record(opened, new, reason)
    finally:
        opened.close()
    old = opened.key.verifier
    _swap(path, old)
    return old, new.verifier


def _new_key(origin: str, path: Path) -> SigningKey:
    return load_signing_key(origin, path) if path.exists() else make_key(origin, path)


def _record(opened: Installation, new: SigningKey, reason: str) -> None:
    """Say in the log which key signs from now on; its head is then signed by both."""
    log = opened.log()
    signs = log.key if log else None
    if signs not in (str(opened.key.verifier), str(new.verifier)):
        raise Unready(f"{KEY}: the key is not the one that signs this log, which is {signs}")
    writer = opened.writer(signer=opened.signer(new))
    try:
        if signs == str(new.verifier):
            writer.catch_up()
        else:
            Desk(writer).ask("log.rotate_key", SUBJECT, key=str(new.verifier), reason=reason)
    finally:
        writer.close()


def _swap(path: Path, old: VerifierKey) -> None:
    """Keep the old key under another name, then let the new one take its place in one step."""
    aside = path.with_name(f"{path.name}.{old.key_id.hex()}")
    aside.unlink(missing_ok=True)
    aside.hardlink_to(path)
    path.with_name(f"{path.name}.new").replace(path)
