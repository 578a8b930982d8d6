"""Vector tiles through the application in process: cold, and kept."""

import gzip
from collections.abc import Iterator
from math import asinh, pi, radians, tan

from flask.testing import FlaskClient
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from layers.access import Role
from layers.across.accounts import add_token
from spatial.config import settings
from spatial.database import sessions
from tests.bench.harness import Case, Way, equal
from tests.bench.world import World
from web import create_app

ZOOMS = (14, 16)
MOST_TILES = 40
Tile = tuple[int, int, int]


def cases(world: World) -> Iterator[Case]:
    """Yield the benchmarks of tiles."""
    engine = world.engine()
    client = _client(world, engine)
    for zoom in ZOOMS:
        yield _case(client, zoom, _around(world, zoom))
    engine.dispose()


def _case(client: FlaskClient, zoom: int, tiles: list[Tile]) -> Case:
    return Case(
        name=f"tiles-{zoom}", title=f"Tiles of zoom {zoom}",
        about=f"{len(tiles)} tiles over the buildings, through the whole application with "
              "sign-in, without the wire.",
        bar="tipg's time cold ≥ 1.5, warm ≥ 20 times",
        ways=(Way(name="kept", run=lambda: _fetch(client, tiles), repeats=len(tiles)),
              Way(name="cold", run=lambda: _fetch(client, tiles), repeats=len(tiles),
                  prepare=lambda: client.application.extensions.pop("tiles", None)),
              Way(name="tipg", missing="not installed")),
        agree=lambda given: equal("the number of features of every layer of every tile")(
            [[_features(body) for body in bodies] for bodies in given]),
        notes=(_weight(_fetch(client, tiles)),))


def _client(world: World, engine: Engine) -> FlaskClient:
    with Session(engine) as session:
        secret = add_token(session, "bench-tiles", role=Role.OFFICER, area="*", unlimited=True)
        session.commit()
    client = create_app(sessions(engine), world.vault, settings({})).test_client()
    client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {secret}"
    return client


def _around(world: World, zoom: int) -> list[Tile]:
    """Return the tiles that buildings lie in, in a fixed order."""
    rows = world.rows("SELECT ST_X(c) AS lon, ST_Y(c) AS lat FROM (SELECT ST_Centroid(geometry) "
                      "FROM building) one(c)")
    found = sorted({_tile(zoom, row.lon, row.lat) for row in rows})
    return found[:: max(1, len(found) // MOST_TILES)][:MOST_TILES]


def _tile(zoom: int, lon: float, lat: float) -> Tile:
    x = (lon + 180) / 360
    y = (1 - asinh(tan(radians(lat))) / pi) / 2
    return zoom, int(x * 2**zoom), int(y * 2**zoom)


def _fetch(client: FlaskClient, tiles: list[Tile]) -> list[bytes]:
    found = []
    for z, x, y in tiles:
        answer = client.get(f"/tiles/base/{z}/{x}/{y}.mvt", headers={"Accept-Encoding": "gzip"})
        assert answer.status_code in (200, 204), answer.text
        found.append(answer.data)
    return found


def _weight(bodies: list[bytes]) -> str:
    sizes = sorted(len(body) for body in bodies)
    return (f"Compressed: {sizes[len(sizes) // 2] / 1024:.0f} KiB in the middle, "
            f"{sizes[-1] / 1024:.0f} KiB at most.")


def _features(body: bytes) -> dict[str, int]:
    """Count the features of each layer of a tile; their order is the plan's affair."""
    if not body:
        return {}
    found = {}
    for number, layer in _parts(gzip.decompress(body)):
        if number == 3:
            parts = list(_parts(layer))
            name = next(value for field, value in parts if field == 1).decode()
            found[name] = sum(field == 2 for field, _ in parts)
    return found


def _parts(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield the fields of a protocol buffer that have a length; skip its numbers."""
    place = 0
    while place < len(data):
        key, place = _number(data, place)
        size, place = _number(data, place)
        if key & 7 == 2:
            yield key >> 3, data[place:place + size]
            place += size


def _number(data: bytes, place: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = data[place]
        value, shift, place = value | (byte & 127) << shift, shift + 7, place + 1
        if byte < 128:
            return value, place
