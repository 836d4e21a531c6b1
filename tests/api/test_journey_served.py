"""The journey once more as it is for a stranger: over HTTP, with the processes of a service."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx2

from tests.api.company import PEPPER, Company, founded
from tests.api.served import command, running
from tests.api.test_journey import scheduled, travel


def test_a_change_travels_through_the_processes_of_a_service(database: str, tmp_path: Path) -> None:
    with founded(database, tmp_path) as stage:
        tokens = stage.tokens(PEPPER.encode())
    settings: dict[str, Any] = {
        "CHANGEGATE_DATABASE": database,
        "CHANGEGATE_SIGNING_KEY": str(tmp_path / "log.key"),
        "CHANGEGATE_TOKEN_PEPPER": PEPPER,
        "CHANGEGATE_EDGES": "2",
    }
    with running("serve", **settings) as url, httpx2.Client(base_url=url, timeout=30) as client:
        company = Company(client, tokens)
        assert client.get("/healthz").status_code == 200
        assert client.get("/readyz").json()["ready"] is True
        travel(company)
        assert company.refused("uma", "HoldChange", id=scheduled(company), reason="No.") == [
            "forbidden"
        ]
    verified = command("verify", **settings)
    assert verified.returncode == 0, verified.stderr
    assert verified.stdout.endswith(" 0 faults\n")
