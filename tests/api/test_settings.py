"""An operator's settings are read whole, and every fault in them is named at once."""

import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.environment import load, variables
from api.settings import LOOPBACK, Misconfigured, Settings, is_safe_url

PEPPER = "a pepper of at least 32 bytes, really"


def faults(**environ: str) -> tuple[str, ...]:
    with pytest.raises(Misconfigured) as caught:
        load(environ)
    return caught.value.faults


def test_an_empty_environment_gives_an_embedded_database_on_loopback() -> None:
    settings = load({})
    assert settings == Settings()
    assert settings.url == "sqlite:///var/changegate.sqlite"
    assert settings.allowed_hosts == LOOPBACK


def test_every_setting_is_read_from_its_variable() -> None:
    settings = load(
        {
            "CHANGEGATE_DATABASE": "postgresql+psycopg://u:p@db/changegate",
            "CHANGEGATE_PORT": "80",
            "CHANGEGATE_HOSTS": "gate.example.org, gate",
            "CHANGEGATE_HOST": "192.0.2.1",
            "CHANGEGATE_INTROSPECTION": "false",
            "CHANGEGATE_SIGNING_KEY": "/run/keys/log",
            "CHANGEGATE_OIDC_ISSUER": "https://id.example.org",
            "CHANGEGATE_OIDC_AUDIENCE": "changegate",
            "CHANGEGATE_OIDC_ALGORITHMS": "ES256,EdDSA",
            "CHANGEGATE_LIMIT_SECONDS": "2.5",
            "CHANGEGATE_LIMIT_COST": "100",
            "PATH": "/bin",
        }
    )
    assert settings.url == "postgresql+psycopg://u:p@db/changegate"
    assert settings.port == 80
    assert settings.allowed_hosts == ("gate.example.org", "gate")
    assert settings.introspection is False
    assert settings.signing_key == Path("/run/keys/log")
    assert settings.oidc.issuer == "https://id.example.org"
    assert settings.oidc.algorithms == ("ES256", "EdDSA")
    assert (settings.limits.seconds, settings.limits.cost) == (2.5, 100)


def test_an_empty_variable_counts_as_not_set() -> None:
    assert load({"CHANGEGATE_PORT": "", "CHANGEGATE_TOKEN_PEPPER": ""}) == Settings()


def test_all_faults_are_named_at_once() -> None:
    found = faults(
        CHANGEGATE_DATABSE="x",
        CHANGEGATE_PORT="99999",
        CHANGEGATE_EDGES="many",
        CHANGEGATE_LOG_LEVEL="loud",
        CHANGEGATE_LIMIT_DEPTH="0",
        CHANGEGATE_OIDC_ISSUER="http://id.example.org",
        CHANGEGATE_SIGNING_KEY="a",
        CHANGEGATE_SIGNING_KEY_TEXT="b",
    )
    assert found == (
        "CHANGEGATE_DATABSE is not a setting; CHANGEGATE_DATABASE is",
        "CHANGEGATE_PORT: Expected `int` <= 65535",
        "CHANGEGATE_EDGES: Expected `int`, got `str`",
        "CHANGEGATE_LOG_LEVEL: must be one of debug, info, warning, error",
        "CHANGEGATE_LIMIT_DEPTH: Expected `int` >= 1",
        "Set CHANGEGATE_SIGNING_KEY or CHANGEGATE_SIGNING_KEY_TEXT, not both",
        "CHANGEGATE_OIDC_AUDIENCE must be set when CHANGEGATE_OIDC_ISSUER is",
        "CHANGEGATE_OIDC_ISSUER must be an https URL (http only on loopback)",
    )


@given(
    st.sampled_from(sorted(variables())),
    st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"])),
)
def test_no_fault_repeats_a_value(name: str, noise: str) -> None:
    found: tuple[str, ...] = ()
    settings = Settings()
    try:
        settings = load({name: f"hunter2-{noise}"})
    except Misconfigured as error:
        found = error.faults
    assert found or settings != Settings()
    assert "hunter2" not in "".join(found)


@pytest.mark.parametrize("name", ["DEMO", "OIDC", "LIMITS"])
def test_what_code_alone_sets_cannot_come_from_the_environment(name: str) -> None:
    assert "is not a setting" in faults(**{f"CHANGEGATE_{name}": "true"})[0]


def test_a_demo_answers_to_loopback_names_whatever_is_set() -> None:
    settings = load({"CHANGEGATE_HOST": "192.0.2.1", "CHANGEGATE_HOSTS": "evil.example"}, demo=True)
    assert settings.demo
    assert settings.allowed_hosts == LOOPBACK


def test_no_secret_appears_in_what_is_printed() -> None:
    settings = load(
        {
            "CHANGEGATE_DATABASE": "postgresql://u:hunter2@db/x",
            "CHANGEGATE_TOKEN_PEPPER": f"hunter2 {PEPPER}",
            "CHANGEGATE_SIGNING_KEY_TEXT": "hunter2",
        }
    )
    assert "hunter2" not in repr(settings)
    assert "hunter2" not in f"{settings}"


def test_the_pepper_comes_from_the_environment_or_a_file(tmp_path: Path) -> None:
    file = tmp_path / "pepper"
    file.touch(mode=0o600)
    file.write_text(f"{PEPPER}\n")
    assert load({"CHANGEGATE_TOKEN_PEPPER": PEPPER}).pepper == PEPPER.encode()
    assert load({"CHANGEGATE_TOKEN_PEPPER_FILE": str(file)}).pepper == PEPPER.encode()


def test_without_a_long_pepper_tokens_cannot_be_checked(tmp_path: Path) -> None:
    (tmp_path / "short").write_text("short")
    for settings in (
        Settings(),
        Settings(token_pepper_file=tmp_path / "short"),
        Settings(token_pepper_file=tmp_path / "missing"),
    ):
        with pytest.raises(Misconfigured):
            _ = settings.pepper
    assert faults(CHANGEGATE_TOKEN_PEPPER="short") == (
        "CHANGEGATE_TOKEN_PEPPER needs at least 32 bytes",
    )


@pytest.mark.parametrize(
    "url,safe",
    [
        ("https://id.example.org/realm", True),
        ("http://127.0.0.1:8080/", True),
        ("http://[::1]:8080/", True),
        ("http://id.example.org", False),
        ("https://user:word@id.example.org", False),
        ("file:///etc/passwd", False),
        ("https://", False),
        ("https://[", False),
        ("http://localhost.example.org", False),
    ],
)
def test_keys_are_fetched_over_https_only(url: str, safe: bool) -> None:
    assert is_safe_url(url) is safe


def test_algorithms_that_anyone_could_sign_with_cannot_be_allowed() -> None:
    for algorithm in ("none", "HS256", "RS1"):
        found = faults(
            CHANGEGATE_OIDC_ISSUER="https://id.example.org",
            CHANGEGATE_OIDC_AUDIENCE="changegate",
            CHANGEGATE_OIDC_ALGORITHMS=f"RS256,{algorithm}",
        )
        assert found == ("CHANGEGATE_OIDC_ALGORITHMS may name RS256, ES256, EdDSA, Ed25519 only",)


def test_reading_settings_imports_nothing_heavy() -> None:
    program = (
        "import sys, api.environment; api.environment.load({});"
        "print(sorted({'pydantic', 'strawberry', 'sqlalchemy', 'httpx2', 'joserfc'} & "
        "set(sys.modules)))"
    )
    ran = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert ran.stdout.strip() == "[]"
