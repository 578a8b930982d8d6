from app import models
from spatial.database import Base
from spatial.migrations import current, differences, head, upgrade


def test_the_database_is_what_the_models_declare(engine):
    models()
    with engine.connect() as connection:
        assert current(connection) == head()
        assert differences(connection, Base.metadata) == []


def test_migrating_twice_changes_nothing(engine):
    models()
    upgrade(engine, Base.metadata)
    with engine.connect() as connection:
        assert differences(connection, Base.metadata) == []
