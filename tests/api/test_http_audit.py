"""The endpoint passes every audit of the GraphQL over HTTP specification."""

import json
from collections import Counter
from urllib.parse import urlsplit

import pytest

from api.settings import Settings
from tests.api.audit import HARNESS, audited
from tests.api.serving import serving
from tests.api.small_schema import small_app

PUBLIC = "https://registry.npmjs.org/"


def test_all_61_audits_pass(node: str, request: pytest.FixtureRequest) -> None:
    assert request.config.cache is not None
    cache = request.config.cache.mkdir("graphql_http_audit")
    with serving(small_app(Settings())) as url:
        results = audited(f"{url}/graphql", "none", node, cache)
    wanting = [result for result in results if result["status"] != "ok"]
    assert wanting == []
    assert len(results) == 61
    levels = Counter(result["name"].split()[0] for result in results)
    assert levels == {"MUST": 13, "SHOULD": 23, "MAY": 25}


def test_what_is_installed_does_not_depend_on_a_machines_registry() -> None:
    lock = json.loads((HARNESS / "package-lock.json").read_text())
    packages = {name: package for name, package in lock["packages"].items() if name}
    assert {name: package["version"] for name, package in packages.items()} == {
        "node_modules/graphql": "16.15.0",
        "node_modules/graphql-http": "1.23.1",
    }
    for package in packages.values():
        assert package["integrity"].startswith("sha512-")
        assert urlsplit(package.get("resolved", PUBLIC)).hostname == urlsplit(PUBLIC).hostname
