"""Where an installation's secrets are: the log's signing key and the pepper of its tokens."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from api.settings import PEPPER_LENGTH, Misconfigured, Settings, read_secret
from ledger.databases import parse
from ledger.signing import (
    SigningKey,
    UnusableKey,
    generate_signing_key,
    load_signing_key,
    read_signing_key,
)


def beside_database(settings: Settings, ending: str) -> Path | None:
    """A file beside an embedded database; None where the database is a server."""
    parsed = parse(settings.url)
    if parsed.get_backend_name() != "sqlite":
        return None
    return Path(f"{parsed.database}.{ending}")


def signing_key(settings: Settings, origin: str) -> SigningKey:
    """The log's signing key; raises UnusableKey or Misconfigured when it is missing or unfit."""
    if settings.signing_key_text:
        return read_signing_key(origin, settings.signing_key_text)
    path = settings.signing_key or beside_database(settings, "key")
    if path is None:
        raise Misconfigured("CHANGEGATE_SIGNING_KEY must name the file with the log's signing key")
    return load_signing_key(origin, path)


def make_signing_key(settings: Settings, origin: str) -> SigningKey:
    """The log's signing key, made if its file does not exist yet."""
    path = settings.signing_key or beside_database(settings, "key")
    if settings.signing_key_text or path is None or path.exists():
        return signing_key(settings, origin)
    path.parent.mkdir(parents=True, exist_ok=True)
    return generate_signing_key(origin, path)


def pepper(settings: Settings) -> bytes:
    """The key under which tokens are hashed; raises Misconfigured when there is none."""
    path = beside_database(settings, "pepper")
    if settings.token_pepper or settings.token_pepper_file or path is None:
        return settings.pepper
    text = read_secret(path, "the token pepper")
    if len(text) < PEPPER_LENGTH:
        raise Misconfigured(f"the token pepper in {path} is too short")
    return text.encode()


def make_pepper(settings: Settings) -> bytes:
    """The pepper, made if an embedded database has none yet."""
    path = beside_database(settings, "pepper")
    if path is not None and not (settings.token_pepper or settings.token_pepper_file):
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists():
            stored = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(stored, "w", encoding="ascii") as out:
                out.write(secrets.token_hex(32))
    return pepper(settings)


def checkpoint_file(settings: Settings) -> Path | None:
    """Where the newest signed checkpoint is kept outside the database, against rollbacks."""
    if settings.signing_key is not None:
        return settings.signing_key.with_suffix(".checkpoint")
    return beside_database(settings, "checkpoint")


__all__ = [
    "UnusableKey",
    "beside_database",
    "checkpoint_file",
    "make_pepper",
    "make_signing_key",
    "pepper",
    "signing_key",
]
