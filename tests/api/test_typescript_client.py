"""The client for front ends: it compiles, does what it says against a server, and is up to date."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from graphql import build_schema

from api import typescript
from api.frontend import FOLDER
from tests.api.audit import installed
from tests.api.company import Headquarters
from tests.api.serving import serving

CLIENT = FOLDER / "client"
JOURNEY = Path(__file__).parent / "typescript_client" / "journey.ts"
PACKAGE = ("package.json", "package-lock.json")
SHOP = """
    scalar Instant
    enum Size { SMALL LARGE }
    interface Thing { id: ID! made: Instant }
    type Cup implements Thing { id: ID! made: Instant size: Size! holds(unit: String): Float }
    type Jar implements Thing { id: ID! made: Instant lids: [[Int!]]! }
    union Any = Cup | Jar
    input At @oneOf { time: Instant position: Int }
    "What to look for."
    input Wish {
      "How large.\\nOr how small." size: Size! = SMALL most: Int names: [String!] id: ID! at: At
    }
    type Query { thing(id: ID!): Thing any(wish: Wish!): [Any!]! }
"""


@pytest.fixture(scope="session")
def compiler(node: str, request: pytest.FixtureRequest) -> Path:
    """TypeScript's compiler, installed once by the lock file."""
    assert request.config.cache is not None
    cache = request.config.cache.mkdir("typescript_client")
    folder = installed(node, cache, CLIENT, PACKAGE)
    return folder / "node_modules" / "typescript" / "bin" / "tsc"


def compiled(node: str, compiler: Path, folder: Path, *more: Path) -> Path:
    """A folder with the client, and what more stands beside its sources, as JavaScript."""
    unmade = shutil.ignore_patterns("node_modules", "dist")
    shutil.copytree(CLIENT, folder, ignore=unmade)
    for each in more:
        shutil.copy(each, folder / "src")
    ran = subprocess.run(
        [node, compiler, "--project", folder], capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, ran.stdout
    return folder / "dist"


@pytest.fixture(scope="session")
def dist(node: str, compiler: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The client and the journey, compiled by the strictest rules."""
    return compiled(node, compiler, tmp_path_factory.mktemp("client") / "client", JOURNEY)


def test_a_front_end_does_and_reads_what_the_client_promises(
    node: str, dist: Path, hq: Headquarters
) -> None:
    with serving(hq.app()) as url:
        ran = subprocess.run(
            [node, dist / "journey.js", f"{url}/graphql", hq.tokens["nils"]],
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
    assert ran.returncode == 0, ran.stderr
    assert json.loads(ran.stdout) == {
        "distinct": 3,
        "typed": ["Typed one DRAFT", "Typed three DRAFT", "Typed two DRAFT"],
        "stale": {"codes": ["moved_on"], "movedOn": True, "version": 1},
        "unknown": {"status": 401, "known": True},
        "wrong": 1,
        "nobody": "No answer came from http://127.0.0.1:9/graphql.",
        "ended": "left the page",
        "lost": ["DRAFT", ["Lost answer DRAFT"]],
        "later": 1,
        "tired": [503, "The server answered 503."],
    }


@pytest.mark.parametrize(
    "wrong",
    [
        "gate.ask(operations.Change, {})",
        'gate.carryOut(operations.ApproveChange, { id: "x", rule: "y" })',
        "gate.carryOut(operations.Changes, {})",
        'gate.ask(operations.Changes, { filter: { statuses: ["NEVER"] } })',
        'refused.has("no_such_code")',
        "(await gate.ask(operations.Changes, {})).changes.edges[0].node.title",
    ],
)  # fmt: skip
def test_what_the_schema_does_not_have_is_not_compiled(
    node: str, compiler: Path, tmp_path: Path, wrong: str
) -> None:
    wish = tmp_path / "wish.ts"
    wish.write_text(
        'import { Changegate, Refused, operations } from "./index.js";\n'
        "declare const gate: Changegate;\ndeclare const refused: Refused<unknown>;\n"
        f"export const wish = [await gate.ask(operations.Changes, {{}}), refused, {wrong}];\n"
    )
    with pytest.raises(AssertionError, match=r"src/wish\.ts\(4,"):
        compiled(node, compiler, tmp_path / "client", wish)


def test_what_front_ends_are_shown_compiles(node: str, compiler: Path, tmp_path: Path) -> None:
    (shown,) = re.findall(r"```ts\n(.*?)```", (FOLDER / "README.md").read_text(), re.DOTALL)
    around = "declare const token: string, id: string, revision: number;\n"
    around += "declare function show(record: unknown): void;\n"
    example = tmp_path / "example.ts"
    example.write_text(shown.replace('"changegate-client"', '"./index.js"') + around)
    built = compiled(node, compiler, tmp_path / "client", example)
    assert (built / "example.js").exists()


def spelled(text: str) -> str:
    """What an operation of the shop is in TypeScript, without its text."""
    operations = typescript.files(build_schema(SHOP), {"Find": text}, ())["operations.ts"]
    return operations.split("\n\n", 2)[2].partition("export const")[0]


def test_what_is_selected_becomes_a_type_of_just_that() -> None:
    text = """# Look for one.
    query Find($id: ID!, $unit: String = "l", $deep: Boolean!) {
      found: thing(id: $id) {
        __typename
        id @skip(if: $deep)
        ... on Thing { made }
        ... on Cup { size holds(unit: $unit) }
        ...More
      }
    }
    fragment More on Jar { lids }
    """
    assert spelled(text) == (
        "export type FindVariables = {\n"
        "  readonly id: string;\n"
        "  readonly unit?: string | null;\n"
        "  readonly deep: boolean;\n"
        "};\n\n"
        "export type FindData = {\n"
        "  readonly found: {\n"
        "    readonly __typename: string;\n"
        "    readonly id?: string;\n"
        "    readonly made: Instant | null;\n"
        "    readonly size?: Size;\n"
        "    readonly holds?: number | null;\n"
        "    readonly lids?: ReadonlyArray<ReadonlyArray<number> | null>;\n"
        "  } | null;\n"
        "};\n\n"
        "/** Look for one. */\n"
    )


def test_what_is_selected_twice_is_one_field() -> None:
    text = "query Find($wish: Wish!) { any(wish: $wish) { ... on Cup { id } ... on Jar { id } } }"
    assert "any: ReadonlyArray<{\n    readonly id?: string;\n  }>;" in spelled(text)


def test_what_is_sent_is_spelled_with_its_description() -> None:
    types = typescript.files(build_schema(SHOP), {}, ())["types.ts"]
    assert types.split("\n\n", 1)[1] == (
        "export type At =\n"
        "  | { readonly time: Instant }\n"
        "  | { readonly position: number };\n\n"
        "export type Instant = string;\n\n"
        'export type Size =\n  | "SMALL"\n  | "LARGE";\n\n'
        "/** What to look for. */\n"
        "export interface Wish {\n"
        "  /**\n   * How large.\n   * Or how small.\n   */\n"
        "  readonly size?: Size;\n"
        "  readonly most?: number | null;\n"
        "  readonly names?: ReadonlyArray<string> | null;\n"
        "  readonly id: string;\n"
        "  readonly at?: At | null;\n"
        "}\n"
    )


def test_a_text_in_backticks_is_the_operation_again() -> None:
    text = 'query Find { thing(id: "`${x}` \\\\n") { id } }'
    code = typescript.files(build_schema(SHOP), {"Find": text}, ())["operations.ts"]
    assert r"\`\${x}\` \\\\n" in code


def test_what_is_installed_does_not_depend_on_a_machines_registry() -> None:
    lock: dict[str, Any] = json.loads((CLIENT / "package-lock.json").read_text())
    packages = {name: package for name, package in lock["packages"].items() if name}
    assert list(packages) == ["node_modules/typescript"], "the client itself needs nothing"
    for package in packages.values():
        assert package["dev"]
        assert package["integrity"].startswith("sha512-")
        named = package.get("resolved", "https://registry.npmjs.org/")
        assert urlsplit(named).hostname == "registry.npmjs.org"
