"""Makes spatial/sql/grants.txt: what each role of the database was granted, from its catalogue.

Run it with `make docs`, and read the difference before it is committed: a table that the file
does not name yet is one whose readers nobody has decided on.
"""

from pathlib import Path

from sqlalchemy import Connection, text

from app import migrate
from spatial.database import connect
from tests.support.cluster import throwaway_cluster

FILE = Path(__file__).parents[2] / "spatial" / "sql" / "grants.txt"
MEMBERS = text("SELECT m.rolname, r.rolname FROM pg_auth_members a JOIN pg_roles m "
               "ON m.oid = a.member JOIN pg_roles r ON r.oid = a.roleid "
               "WHERE r.rolname LIKE 'doorplate\\_%' ORDER BY 1, 2")
TABLES = text(
    "SELECT grantee, table_name, string_agg(privilege_type, ' ' ORDER BY privilege_type) "
    "FROM information_schema.role_table_grants WHERE grantee LIKE 'doorplate\\_%' "
    "AND table_schema = 'public' AND table_name NOT LIKE 'stage\\_%' GROUP BY 1, 2 ORDER BY 1, 2")
COLUMNS = text(
    "SELECT c.grantee, c.table_name, string_agg(c.column_name, ' ' ORDER BY c.column_name) "
    "FROM information_schema.column_privileges c WHERE c.grantee LIKE 'doorplate\\_%' "
    "AND c.privilege_type = 'SELECT' AND c.table_schema = 'public' AND NOT EXISTS ("
    "SELECT FROM information_schema.role_table_grants t WHERE t.grantee = c.grantee "
    "AND t.table_name = c.table_name AND t.privilege_type = 'SELECT') GROUP BY 1, 2 ORDER BY 1, 2")


def lines(connection: Connection) -> list[str]:
    """Return the grants of a database, a line each."""
    return [*(f"{role} is also {other}" for role, other in connection.execute(MEMBERS)),
            *(f"{role} {table}: {what}" for role, table, what in connection.execute(TABLES)),
            *(f"{role} {table}: SELECT of {what}"
              for role, table, what in connection.execute(COLUMNS))]


def main() -> None:
    """Write the file from a new database."""
    with throwaway_cluster() as cluster:
        engine = connect(cluster.url())
        migrate(engine)
        with engine.connect() as connection:
            FILE.write_text("\n".join(lines(connection)) + "\n", encoding="utf-8")
        engine.dispose()


if __name__ == "__main__":
    main()
