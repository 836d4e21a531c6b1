"""Who plays in the demo: people, programs, what they hold, and the boards they sit on."""

from __future__ import annotations

from typing import Final, NamedTuple

BILLING: Final = "billing"
STOREFRONT: Final = "storefront"
GITALY: Final = "gitlab-org/gitaly"
PRODUCT: Final = "gitlab"


class Role(NamedTuple):
    """A role somebody holds, for one value of a scope kind or for any."""

    name: str
    scope: str | None = None
    value: str | None = None


class Player(NamedTuple):
    """One account: its handle, its name, its team and its roles."""

    handle: str
    name: str
    team: str
    roles: tuple[Role, ...]


def services(role: str, value: str = "any") -> Role:
    """A role for a service."""
    return Role(role, "service", value)


def projects(role: str, value: str = "any") -> Role:
    """A role for a project."""
    return Role(role, "project", value)


def places(role: str, value: str = "any") -> Role:
    """A role for an environment."""
    return Role(role, "environment", value)


def everywhere(role: str) -> tuple[Role, ...]:
    """A role for services, projects and environments."""
    return services(role), projects(role), places(role)


RULING: Final = (Role("role:administrator"), Role("role:policy_owner"))
FOUNDERS: Final = (
    Player("ada", "Ada Almeida", "platform", RULING),
    Player("ben", "Ben Bakker", "platform", RULING),
)
"""The two whom the operator appoints; all else is given by one and confirmed by the other."""

OPERATING: Final = (places("role:operations"), places("role:implementer"))
RELEASING: Final = (*everywhere("role:release_manager"), Role("role:release_manager"))
"""Also without a scope, for what has none, such as the dates of a cadence."""
TESTING: Final = (
    services("role:qa"),
    projects("role:qa"),
    services("role:software_engineer_in_test"),
    projects("role:software_engineer_in_test"),
)
BOARD: Final = Role("role:cab_member", "board", "any")
CHANGING: Final = (
    services("role:change_manager"),
    Role("role:change_manager", "board", "any"),
    places("role:change_manager"),
)
PEOPLE: Final = (
    Player("carla", "Carla Conti", "service-management", (*CHANGING, BOARD)),
    Player("dario", "Dario Duarte", "service-management", CHANGING),
    Player("erin", "Erin Eriksen", "operations", (BOARD,)),
    Player("farid", "Farid Farah", "security", (BOARD,)),
    Player("grace", "Grace Gallo", "architecture", (BOARD,)),
    Player("hugo", "Hugo Hansen", "operations", (BOARD,)),
    Player("ivan", "Ivan Ito", "operations", (BOARD,)),
    Player("jana", "Jana Jansen", "reliability", (BOARD, services("role:engineer_on_call"))),
    Player("kofi", "Kofi Kone", "payments", (services("role:service_owner", BILLING),)),
    Player(
        "lena",
        "Lena Lund",
        "commerce",
        (services("role:service_owner", STOREFRONT), services("role:product_owner")),
    ),
    Player("mara", "Mara Moreau", "payments", (services("role:assessor"),)),
    Player("nils", "Nils Novak", "payments", (services("role:requester"),)),
    Player("olga", "Olga Ortiz", "commerce", (services("role:requester"),)),
    Player("pavel", "Pavel Petrov", "operations", (services("role:implementer"), *OPERATING)),
    Player("quinn", "Quinn Quist", "security", (projects("role:appsec"), services("role:appsec"))),
    Player("noor", "Noor Nasser", "security", (projects("role:appsec"), services("role:appsec"))),
    Player(
        "rosa",
        "Rosa Rossi",
        "gitaly",
        (
            projects("role:maintainer"),
            services("role:peer_reviewer"),
            services("role:release_reviewer"),
        ),
    ),
    Player("sam", "Sam Silva", "gitaly", (projects("role:maintainer"), projects("role:reviewer"))),
    Player("tara", "Tara Tanaka", "gitaly", (projects("role:reviewer"), *TESTING)),
    Player("uma", "Uma Ulrich", "gitaly", (projects("role:developer"),)),
    Player(
        "viktor",
        "Viktor Varga",
        "delivery",
        (*RELEASING, services("role:release_engineer")),
    ),
    Player("wren", "Wren Walsh", "delivery", RELEASING),
    Player(
        "yusuf",
        "Yusuf Yilmaz",
        "infrastructure",
        (
            services("role:engineer_on_call"),
            services("role:database_expert"),
            projects("role:cleared"),
        ),
    ),
    Player(
        "zora",
        "Zora Zeman",
        "infrastructure",
        (services("role:engineering_manager"), services("role:platform_leadership")),
    ),
    Player("wanda", "Wanda Weiss", "audit", (Role("role:auditor"),)),
    Player("xenia", "Xenia Xu", "legal", (Role("role:privacy_officer"),)),
)


class Program(NamedTuple):
    """A bot: its handle, its name, who answers for it, and its roles."""

    handle: str
    name: str
    owner: str
    roles: tuple[Role, ...]


PROGRAMS: Final = (
    Program("importer", "Importer", "wanda", everywhere("role:importer")),
    Program("build-bot", "Build bot", "yusuf", (projects("role:ci_bot"),)),
    Program(
        "watch-bot",
        "Watch bot",
        "pavel",
        (places("role:monitor"), projects("role:monitor")),
    ),
    Program(
        "release-bot",
        "Release bot",
        "viktor",
        (
            *everywhere("role:release_bot"),
            projects("role:cleared_bot"),
            services("role:cleared_bot"),
        ),
    ),
)


class Panel(NamedTuple):
    """A board: its kind, its name, who chairs it, its members, and who stands for whom."""

    kind: str
    name: str
    chair: str
    members: tuple[str, ...]
    alternates: tuple[tuple[str, str], ...] = ()


PANELS: Final = (
    Panel("cab", "Change advisory board", "grace", ("carla", "erin", "farid"), (("hugo", "erin"),)),
    Panel("ecab", "Emergency change advisory board", "jana", ("ivan", "farid")),
)
