"""The migrations lead to the tables that the code derives, neither more nor less."""

from sqlalchemy import create_engine, text


def test_a_migrated_database_has_the_tables_of_the_code(database: str) -> None:
    from api.machine.migrating import drift

    assert drift(database) == []


def test_a_difference_would_be_noticed(database: str) -> None:
    from api.machine.migrating import drift

    engine = create_engine(database)
    with engine.begin() as connection:
        connection.execute(text("create table unheard_of (id integer)"))
    engine.dispose()
    assert "remove_table" in [difference[0] for difference in drift(database)]
