"""What an operator may set: the CHANGEGATE_* environment, its meanings, bounds and defaults."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Final, Literal
from urllib.parse import urlsplit

from msgspec import Meta

from ledger.secret_file import Exposed, read_secret_file

LOOPBACK: Final = ("localhost", "127.0.0.1", "[::1]")
ALGORITHMS: Final = ("RS256", "ES256", "EdDSA", "Ed25519")
PEPPER_LENGTH: Final = 32
MOST_SECRET: Final = 16 * 1024  # bytes of a file

Count = Annotated[int, Meta(ge=1, le=2**31)]
Seconds = Annotated[float, Meta(gt=0, le=86_400)]


class Misconfigured(Exception):
    """The settings cannot be used. `faults` holds one sentence for each fault found."""

    def __init__(self, *faults: str) -> None:
        """Refuse to start for these faults, at least one."""
        super().__init__("\n".join(faults))
        self.faults = faults


@dataclass(frozen=True, slots=True)
class Limits:
    """How much one request may ask for (CHANGEGATE_LIMIT_*)."""

    body: Count = 256 * 1024  # bytes
    body_seconds: Seconds = 10.0  # until the last byte of a body has arrived
    json_depth: Count = 32
    string: Count = 64 * 1024  # bytes of one string, as spelled in the body
    characters: Count = 15_000  # of a document
    tokens: Count = 1_000
    depth: Count = 10
    introspection_depth: Count = 15  # below __schema and __type; tools ask for 13
    fields: Count = 500  # after fragments are expanded
    repeats: Count = 3  # of one response key in one selection set
    aliases: Count = 15
    directives: Count = 50
    fragments: Count = 20
    spreads: Count = 40
    operations: Count = 1
    mutations: Count = 5
    cost: Count = 5_000
    page_default: Count = 20
    page_max: Count = 100
    errors: Count = 5  # shown in one answer
    seconds: Seconds = 10.0  # of execution
    documents: Count = 128  # checked documents kept in memory, at most 0.6 MB each


@dataclass(frozen=True, slots=True)
class Oidc:
    """Whose bearer tokens are accepted (CHANGEGATE_OIDC_*); `issuer` switches it on."""

    issuer: str | None = None
    audience: str | None = None
    jwks_url: str | None = None  # found through the issuer's discovery document if not given
    algorithms: tuple[str, ...] = ALGORITHMS
    groups_claim: str = "groups"
    grants: Path | None = None  # file that maps groups to grants
    directory: str | None = None  # handle or id of the program in whose name groups are mapped
    leeway: Annotated[int, Meta(ge=0, le=300)] = 60  # seconds of clock skew

    def faults(self) -> Iterator[str]:
        """What keeps these settings from being used together."""
        if self.issuer and not self.audience:
            yield "CHANGEGATE_OIDC_AUDIENCE must be set when CHANGEGATE_OIDC_ISSUER is"
        if self.grants and not self.directory:
            yield "CHANGEGATE_OIDC_DIRECTORY must be set when CHANGEGATE_OIDC_GRANTS is"
        if not self.issuer and (self.audience or self.jwks_url or self.grants):
            yield "CHANGEGATE_OIDC_ISSUER must be set when another CHANGEGATE_OIDC_ setting is"
        if not set(self.algorithms) <= set(ALGORITHMS):
            yield f"CHANGEGATE_OIDC_ALGORITHMS may name {', '.join(ALGORITHMS)} only"
        for name, url in (("ISSUER", self.issuer), ("JWKS_URL", self.jwks_url)):
            if url is not None and not is_safe_url(url):
                yield f"CHANGEGATE_OIDC_{name} must be an https URL (http only on loopback)"


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything a server is told from outside. Secrets do not appear in its `repr`."""

    database: str = field(default="var/changegate.sqlite", repr=False)  # SQLAlchemy URL, or path
    host: str = "127.0.0.1"
    port: Annotated[int, Meta(ge=0, le=65_535)] = 8000  # 0 takes a free one
    hosts: tuple[str, ...] = ()  # Host headers answered; empty: see `allowed_hosts`
    edges: Annotated[int, Meta(ge=1, le=64)] = 1  # processes that answer HTTP
    threads: Annotated[int, Meta(ge=1, le=256)] = 16  # of each edge, for reading
    writer_socket: Path | None = None  # Unix socket; the server chooses one if not given
    queue: Count = 1_024  # requests waiting for the writer
    introspection: bool = True  # whether those signed in may ask for the schema
    signing_key: Path | None = None  # file with the log's Ed25519 key
    signing_key_text: str | None = field(default=None, repr=False)  # the key itself, in PEM
    checkpoint_file: Path | None = None  # keeps the newest checkpoint, against rollbacks
    token_pepper: str | None = field(default=None, repr=False)  # at least 32 bytes
    token_pepper_file: Path | None = None  # file with the pepper
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    log_format: Literal["json", "console"] = "json"  # JSON lines, or text for a terminal
    oidc: Oidc = field(default_factory=Oidc)
    limits: Limits = field(default_factory=Limits)
    demo: bool = False  # set by code alone, never by the environment

    @property
    def url(self) -> str:
        """The database as an SQLAlchemy URL; it may hold a password."""
        return self.database if "://" in self.database else f"sqlite:///{self.database}"

    @property
    def allowed_hosts(self) -> tuple[str, ...]:
        """The names a request's Host may have; empty for any.

        A demo, and a server on loopback for which nothing is set, answers to loopback's names.
        """
        local = self.host in ("localhost", "127.0.0.1", "::1")
        return LOOPBACK if self.demo or (local and not self.hosts) else self.hosts

    @property
    def pepper(self) -> bytes:
        """The key under which API tokens are hashed; it stands outside the database.

        Raises `Misconfigured` when there is none or it is shorter than 32 bytes.
        """
        text = self.token_pepper or ""
        if self.token_pepper_file:
            text = read_secret(self.token_pepper_file, "CHANGEGATE_TOKEN_PEPPER_FILE")
        if len(text.encode()) < PEPPER_LENGTH:
            raise Misconfigured("CHANGEGATE_TOKEN_PEPPER (or _FILE) needs at least 32 bytes")
        return text.encode()

    def faults(self) -> Iterator[str]:
        """What keeps these settings from being used together."""
        if self.signing_key and self.signing_key_text:
            yield "Set CHANGEGATE_SIGNING_KEY or CHANGEGATE_SIGNING_KEY_TEXT, not both"
        if self.token_pepper and self.token_pepper_file:
            yield "Set CHANGEGATE_TOKEN_PEPPER or CHANGEGATE_TOKEN_PEPPER_FILE, not both"
        if self.token_pepper and len(self.token_pepper.encode()) < PEPPER_LENGTH:
            yield "CHANGEGATE_TOKEN_PEPPER needs at least 32 bytes"
        if self.limits.page_default > self.limits.page_max:
            yield "CHANGEGATE_LIMIT_PAGE_DEFAULT is above CHANGEGATE_LIMIT_PAGE_MAX"
        yield from self.oidc.faults()


def read_secret(path: Path, setting: str) -> str:
    """The secret in a file, without the line's end.

    Raises `Misconfigured` if it cannot be read, or if more can read it than have need to.
    """
    try:
        text = read_secret_file(path, MOST_SECRET).decode()
    except (OSError, UnicodeDecodeError) as error:
        raise Misconfigured(f"{setting}: {path} cannot be read") from error
    except Exposed as error:
        raise Misconfigured(f"{setting}: {error}") from error
    return text.rstrip("\r\n")


def is_safe_url(url: str) -> bool:
    """Whether a URL is https, or http to this machine, and holds no credentials."""
    try:
        parts = urlsplit(url)
        host = parts.hostname
    except ValueError:
        return False
    plain = parts.scheme == "http" and host in ("localhost", "127.0.0.1", "::1")
    return bool(host) and "@" not in parts.netloc and (parts.scheme == "https" or plain)
