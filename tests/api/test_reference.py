"""The page of commands says what the code does."""

from api import reference
from api.schema import make_schema
from domain.aggregates import AGGREGATES


def test_the_page_of_commands_is_current() -> None:
    assert reference.FILE.read_text() == reference.text(), "run `make schema`"


def test_every_command_event_and_mutation_stands_on_it() -> None:
    page = reference.text()
    for aggregate in AGGREGATES:
        for command in aggregate.commands:
            shown = f"| `{aggregate.action(command)}`" in page
            assert shown is not command.internal, aggregate.action(command)
        for event in aggregate.events:
            assert f"| `{aggregate.kind(event)}` |" in page
    mutations = make_schema()._schema.mutation_type
    assert mutations is not None
    for name in mutations.fields:
        assert f"<br>`{name}` |" in page, name


def test_a_command_names_who_may_ask_for_it() -> None:
    page = reference.text()
    assert "assessor (service), change_manager (service), service_owner (service)" in page
    assert "| the operator |" in page
    assert "| nobody |" not in page
