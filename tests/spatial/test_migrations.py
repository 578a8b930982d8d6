from app import metadata
from spatial.migrations import current, differences, head, upgrade


def test_the_database_is_what_the_models_declare(engine):
    with engine.connect() as connection:
        assert current(connection) == head()
        assert differences(connection, metadata()) == []


def test_migrating_twice_changes_nothing(engine):
    upgrade(engine, metadata())
    with engine.connect() as connection:
        assert differences(connection, metadata()) == []
