"""Vector tiles and styles: what the pages, and QGIS, draw the map from."""

import gzip
from collections import OrderedDict
from datetime import datetime
from threading import Lock
from typing import Any, cast

from flask import Blueprint, Response, current_app, g, request
from sqlalchemy import text

from layers.across.style import THEMES, style
from layers.across.tiles import Frame, checked, tile
from spatial.errors import InvalidInput, NotFound
from spatial.history import Moment
from spatial.state import version
from spatial.walls import DatabaseRole, acting_as
from web.endpoint import endpoint
from web.params import VALID_AT, shown

bp = Blueprint("tiles", __name__)
MEDIA = "application/vnd.mapbox-vector-tile"
KEPT = "private, max-age=300"
#: Milliseconds a tile may take the database.
TILE_MS = 3000
CACHE_BYTES = 64 * 1024 * 1024
Key = tuple[Any, ...]


class TileCache:
    """Tiles of the registry's present version, the most recently asked for, compressed."""

    def __init__(self, most: int = CACHE_BYTES) -> None:
        self.most, self.size, self.version = most, 0, -1
        self.tiles: OrderedDict[Key, bytes] = OrderedDict()
        self.lock = Lock()

    def get(self, version: int, key: Key) -> bytes | None:
        """Return a tile of this version; a new version empties the cache."""
        with self.lock:
            if version != self.version:
                self.tiles.clear()
                self.size, self.version = 0, version
            if key in self.tiles:
                self.tiles.move_to_end(key)
            return self.tiles.get(key)

    def put(self, version: int, key: Key, body: bytes) -> None:
        """Keep a tile; the ones unasked for longest make room."""
        with self.lock:
            if version != self.version or key in self.tiles:
                return
            self.tiles[key] = body
            self.size += len(body) + 200
            while self.size > self.most and self.tiles:
                self.size -= len(self.tiles.popitem(last=False)[1]) + 200


@bp.get("/tiles/<name>/<z>/<x>/<y>.mvt")
@endpoint(VALID_AT, media=MEDIA, empty=True)
def mvt(name: str, z: str, x: str, y: str, valid_at: datetime | None) -> Response:
    """Return one vector tile of the set `base` or `units`; 204 where there is nothing."""
    place = (_whole(z), _whole(x), _whole(y))
    checked(name, *place)
    now = version(g.session)
    etag = f"{now}-{valid_at.isoformat()}" if valid_at else str(now)
    if request.if_none_match.contains_weak(etag):
        return _fresh(Response(status=304), etag)
    body = _packed(name, place, valid_at, now)
    if not body:
        return _fresh(Response(status=204), etag)
    if request.accept_encodings["gzip"] <= 0:
        return _fresh(Response(gzip.decompress(body), mimetype=MEDIA), etag)
    answer = Response(body, mimetype=MEDIA)
    answer.headers["Content-Encoding"] = "gzip"
    return _fresh(answer, etag)


def _packed(name: str, place: tuple[int, int, int], valid_at: datetime | None,
            now: int) -> bytes:
    cache = cast(TileCache, current_app.extensions.setdefault("tiles", TileCache()))
    key = (name, *place, valid_at)
    body = cache.get(now, key)
    if body is None:
        g.session.execute(text("SELECT set_config('statement_timeout', :limit, true)"),
                          {"limit": str(TILE_MS)})
        with acting_as(g.session, DatabaseRole.TILES):
            found = tile(g.session, name, Frame(*place, Moment(valid_at=valid_at)))
        body = gzip.compress(found, 5, mtime=0) if found else b""
        cache.put(now, key, body)
    return body


def _fresh(answer: Response, etag: str) -> Response:
    answer.headers["Cache-Control"] = KEPT
    answer.set_etag(etag, weak=True)
    return answer


def _whole(value: str) -> int:
    """Read a coordinate of a tile; text that is none says which."""
    negative, digits = value.startswith("-"), value.removeprefix("-")
    if not (digits.isascii() and digits.isdecimal() and len(digits) < 10):
        raise InvalidInput(f"{shown(value)} is no coordinate of a tile; whole numbers are.")
    return -int(digits) if negative else int(digits)


@bp.get("/styles/<name>.json")
@endpoint()
def styles(name: str) -> dict[str, Any]:
    """Return the map's style for MapLibre and QGIS: light or dark."""
    if name not in THEMES:
        raise NotFound(f"There is no style {shown(name)}; there are {', '.join(THEMES)}.")
    return style(name, tiles=request.host_url.rstrip("/"), language=g.language)
