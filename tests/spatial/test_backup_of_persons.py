"""A backup holds the persons, although row-level security binds whoever writes it."""

import psycopg2
import pytest
from sqlalchemy.orm import Session

from spatial.backup import back_up, restore_named
from spatial.walls import SYSTEM, token
from tests.support.cluster import copy_database
from tests.support.factories import make_resident
from tests.support.sealed import vault
from tests.support.walls import system_engine


@pytest.mark.parametrize("as_admin", [False, True])
def test_persons_are_in_a_backup_and_the_walls_key_is_not(
        cluster, fresh_url, tmp_path, as_admin):
    engine = system_engine(fresh_url)
    with Session(engine) as session:
        make_resident(session)
        session.commit()
    engine.dispose()
    file = tmp_path / "a.dump"
    if as_admin:
        back_up(cluster.admin_url(database="fresh"), file)
    else:
        back_up(fresh_url, file, scope=token(vault(), SYSTEM))
    copy_database(cluster, "restored", template="template0")
    admin = cluster.admin_url(database="restored")
    restore_named(admin, file, migrate=lambda _url: None)
    connection = psycopg2.connect(admin)
    with connection, connection.cursor() as cursor:
        cursor.execute("SELECT (SELECT count(*) FROM resident), (SELECT count(*) FROM wall_key), "
                       "(SELECT bool_and(relforcerowsecurity) FROM pg_class "
                       "WHERE relname = 'resident')")
        assert cursor.fetchone() == (1, 0, True)
    connection.close()
