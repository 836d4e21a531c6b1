"""The endpoint passes every audit of the GraphQL over HTTP specification."""

from collections import Counter

import pytest

from api.settings import Settings
from tests.api.audit import audited
from tests.api.serving import serving
from tests.api.small_schema import small_app


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
