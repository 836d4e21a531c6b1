"""Who plays in the demo: people, programs, what they hold, and the boards they sit on."""

from __future__ import annotations

from typing import Final, NamedTuple

BILLING: Final = "billing"
STOREFRONT: Final = "storefront"
GITALY: Final = "gitlab-org/gitaly"


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


RULING: Final = (Role("role:administrator"), Role("role:policy_owner"))
FOUNDERS: Final = (
    Player("ada", "Ada Almeida", "platform", RULING),
    Player("ben", "Ben Bakker", "platform", RULING),
)
"""The two whom the operator appoints; all else is given by one and confirmed by the other."""

OPERATING: Final = (Role("role:operations", "environment", "any"),)
TESTING: Final = (
    services("role:qa"),
    projects("role:qa"),
    services("role:software_engineer_in_test"),
    projects("role:software_engineer_in_test"),
)
BOARD: Final = Role("role:cab_member", "board", "any")
PEOPLE: Final = (
    Player("carla", "Carla Conti", "service-management", (services("role:change_manager"), BOARD)),
    Player("dario", "Dario Duarte", "service-management", (services("role:change_manager"),)),
    Player("erin", "Erin Eriksen", "operations", (BOARD,)),
    Player("farid", "Farid Farah", "security", (BOARD,)),
    Player("grace", "Grace Gallo", "architecture", (BOARD,)),
    Player("hugo", "Hugo Hansen", "operations", (BOARD,)),
    Player("ivan", "Ivan Ito", "operations", (BOARD,)),
    Player("jana", "Jana Jansen", "reliability", (BOARD,)),
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
    Player("quinn", "Quinn Quist", "security", (projects("role:appsec"),)),
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
    Player("sam", "Sam Silva", "gitaly", (projects("role:maintainer"),)),
    Player("tara", "Tara Tanaka", "gitaly", (projects("role:reviewer"), *TESTING)),
    Player("uma", "Uma Ulrich", "gitaly", (projects("role:developer"),)),
    Player(
        "viktor",
        "Viktor Varga",
        "delivery",
        (
            services("role:release_manager"),
            projects("role:release_manager"),
            services("role:release_engineer"),
        ),
    ),
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
    Program("importer", "Importer", "wanda", (projects("role:importer"),)),
    Program("build-bot", "Build bot", "viktor", (projects("role:ci_bot"),)),
    Program(
        "watch-bot",
        "Watch bot",
        "pavel",
        (Role("role:monitor", "environment", "any"), projects("role:monitor")),
    ),
    Program("release-bot", "Release bot", "viktor", (projects("role:release_bot"),)),
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
