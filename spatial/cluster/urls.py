"""URLs of databases, as libpq takes them: psql, QGIS, ogr2ogr and psycopg2."""

from pathlib import Path
from urllib.parse import quote, urlencode

from spatial.errors import InvalidInput

SCHEMES = ("postgresql", "postgres", "postgresql+psycopg2")


def socket_url(socket: Path, *, role: str, database: str) -> str:
    """Return the URL of a database behind the socket in the folder `socket`."""
    # The port is said because a PGPORT in the user's environment would win over the default.
    where = urlencode({"host": str(socket), "port": "5432"}, safe="/")
    return f"postgresql://{quote(role)}@/{quote(database)}?{where}"


def libpq_url(url: str) -> str:
    """Return `url` as libpq reads it; raise InvalidInput when it is none of PostgreSQL's."""
    scheme, colon, rest = url.partition("://")
    if not colon or scheme not in SCHEMES:
        raise InvalidInput(
            f"DOORPLATE_DATABASE_URL begins with {scheme[:20]!r}; the registry needs PostgreSQL "
            "with PostGIS: postgresql://USER@HOST/DATABASE"
        )
    return f"postgresql://{rest}"
