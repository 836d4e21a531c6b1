"""Runs the npm package graphql-http's audits against a server."""

import hashlib
import json
import os
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

from tests.postgres import locked

HARNESS = Path(__file__).parent / "graphql_http_audit"
FILES = ("package.json", "package-lock.json", "audit.mjs")


def audited(url: str, token: str, node: str, cache: Path) -> list[dict[str, str]]:
    """The result of each audit of the server at `url`, asked with a bearer token.

    The package is installed once into a folder of `cache` named by its lock file.
    """
    folder = installed(node, cache, HARNESS, FILES)
    ran = subprocess.run(
        [node, "audit.mjs", url, token], cwd=folder, capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, ran.stderr
    results: list[dict[str, str]] = json.loads(ran.stdout)
    return results


def installed(node: str, cache: Path, source: Path, files: Sequence[str]) -> Path:
    """The folder where these files of a package stand beside what its lock file names."""
    texts = [(source / name).read_bytes() for name in files]
    folder = cache / hashlib.sha256(b"\0".join(texts)).hexdigest()[:16]
    with locked(cache / "install.lock"):
        if not (folder / "complete").exists():
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir(parents=True)
            for name in files:
                shutil.copy(source / name, folder)
            install(node, folder)
            (folder / "complete").touch()
    return folder


def install(node: str, folder: Path) -> None:
    """Install exactly what the lock file names; no package runs a script of its own."""
    path = f"{Path(node).parent}{os.pathsep}{os.environ.get('PATH', '')}"
    ran = subprocess.run(
        [*npm(node), "ci", "--ignore-scripts", "--no-audit", "--no-fund"],
        cwd=folder,
        env={**os.environ, "PATH": path},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, f"npm ci: {ran.stderr}"


def npm(node: str) -> list[str]:
    """The command that is npm: the machine's, or the one that came with node's wheel."""
    if found := shutil.which("npm"):
        return [found]
    script = Path(node).parent.parent / "lib/node_modules/npm/bin/npm-cli.js"
    assert script.exists(), "there is no npm beside node"
    return [node, str(script)]
