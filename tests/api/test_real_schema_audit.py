"""The real application, asked over a socket, passes every audit of GraphQL over HTTP."""

import pytest

from tests.api.audit import audited
from tests.api.company import Headquarters
from tests.api.serving import serving


@pytest.mark.parametrize("hq", ["sqlite"], indirect=True)
def test_all_61_audits_pass_on_the_real_schema(
    hq: Headquarters, node: str, request: pytest.FixtureRequest
) -> None:
    assert request.config.cache is not None
    cache = request.config.cache.mkdir("graphql_http_audit")
    with serving(hq.app()) as url:
        results = audited(f"{url}/graphql", hq.tokens["wanda"], node, cache)
    assert [result for result in results if result["status"] != "ok"] == []
    assert len(results) == 61
