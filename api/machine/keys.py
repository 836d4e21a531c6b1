"""Where an installation's secrets are: the log's signing key and the pepper of its tokens."""

from __future__ import annotations

import os
import secrets
from pathlib import Path
from typing import Final

from api.settings import PEPPER_LENGTH, Misconfigured, Settings, read_secret
from ledger.databases import parse
from ledger.signing import (
    SigningKey,
    UnusableKey,
    generate_signing_key,
    load_signing_key,
    read_signing_key,
)

KEY: Final = "CHANGEGATE_SIGNING_KEY"
PEPPER: Final = "CHANGEGATE_TOKEN_PEPPER_FILE"


def beside_database(settings: Settings, ending: str) -> Path | None:
    """A file beside an embedded database; None where the database is a server."""
    parsed = parse(settings.url)
    if parsed.get_backend_name() != "sqlite":
        return None
    return Path(f"{parsed.database}.{ending}")


def key_file(settings: Settings) -> Path | None:
    """The file of the signing key; None when its text is in the environment, or nowhere."""
    if settings.signing_key_text:
        return None
    return settings.signing_key or beside_database(settings, "key")


def signing_key(settings: Settings, origin: str) -> SigningKey:
    """The log's signing key; raises UnusableKey or Misconfigured, naming the setting to mend."""
    path = key_file(settings)
    if path is None and not settings.signing_key_text:
        raise Misconfigured(f"{KEY} must name the file with the log's signing key")
    try:
        if path is None:
            return read_signing_key(origin, settings.signing_key_text or "")
        return load_signing_key(origin, path)
    except UnusableKey as fault:
        setting = KEY if path else f"{KEY}_TEXT"
        raise UnusableKey(f"{setting}: {fault}") from fault


def make_signing_key(settings: Settings, origin: str) -> SigningKey:
    """The log's signing key, made if its file does not exist yet."""
    path = key_file(settings)
    if path is None or path.exists():
        return signing_key(settings, origin)
    return make_key(origin, path)


def make_key(origin: str, path: Path) -> SigningKey:
    """A new signing key in a new file of its owner's."""
    path.parent.mkdir(parents=True, exist_ok=True)
    return generate_signing_key(origin, path)


def pepper(settings: Settings) -> bytes:
    """The key under which tokens are hashed; raises Misconfigured when there is none."""
    path = beside_database(settings, "pepper")
    if settings.token_pepper or settings.token_pepper_file or path is None:
        return settings.pepper
    text = read_secret(path, PEPPER)
    if len(text.encode()) < PEPPER_LENGTH:
        raise Misconfigured(f"{PEPPER}: {path} holds less than {PEPPER_LENGTH} bytes")
    return text.encode()


def make_pepper(settings: Settings) -> bytes:
    """The pepper, made if an embedded database has none yet."""
    path = beside_database(settings, "pepper")
    wanted = path is not None and not (settings.token_pepper or settings.token_pepper_file)
    if wanted and path is not None and not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        write_private(path, secrets.token_hex(32))
    return pepper(settings)


def write_private(path: Path, text: str) -> None:
    """Write a new file that only its owner may read; raises FileExistsError for an old one."""
    opened = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(opened, "w", encoding="utf-8") as out:
        out.write(text)


def checkpoint_file(settings: Settings) -> Path | None:
    """Where the newest signed checkpoint is kept outside the database, against rollbacks.

    As named; else beside the key, for a copy of the database's folder would put back both; else
    beside an embedded database.
    """
    if settings.checkpoint_file is not None:
        return settings.checkpoint_file
    if settings.signing_key is not None:
        return settings.signing_key.with_suffix(".checkpoint")
    return beside_database(settings, "checkpoint")
