"""Layers over HTTP: which there are, and each of them whole as GeoJSON, by one URL."""

from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import datetime
from threading import BoundedSemaphore
from typing import Any

from flask import Blueprint, Response, g, request

from layers.across.export import Box, Wanted, check, exportable, layer_to_export
from layers.across.export_files import stream, write_geojson
from layers.base import Layer, fields_of
from spatial.errors import Forbidden, NotFound, Unavailable
from spatial.history import Moment
from spatial.state import version
from spatial.walls import NOBODY, DatabaseRole, enter
from web.endpoint import endpoint
from web.frame import House, house
from web.params import VALID_AT, box, choice

bp = Blueprint("exports", __name__)
MEDIA = "application/geo+json"
BBOX = box("bbox", "Only what meets this box: west,south,east,north in degrees.")
#: Documents that may stream at once from one process; the pool has more connections than that.
ROOM = BoundedSemaphore(2)
LABELS = choice("labels", "Words in this language instead of codes.", ("zh", "en"))


@bp.get("/api/layers")
@endpoint()
def layers() -> dict[str, Any]:
    """List the layers that can be fetched whole, with their fields."""
    return {"items": [_described(layer) for layer in exportable().values()], "next": None}


@bp.get("/api/layers/<name>.geojson")
@endpoint(BBOX, VALID_AT, LABELS, media=MEDIA)
def geojson(name: str, bbox: Box | None, valid_at: datetime | None,
            labels: str | None) -> Response:
    """Give a whole layer of places as a FeatureCollection, as it streams out of the database."""
    layer = _layer(name)
    wanted = Wanted(bbox=bbox, moment=Moment(valid_at=valid_at), labels=labels)
    check(layer, wanted)
    answer = Response(mimetype=MEDIA)
    answer.set_etag(f"{version(g.session)}-{layer.name}")
    answer.vary.add("Cookie")
    answer.headers["Cache-Control"] = "private, no-cache"
    answer.headers["Content-Disposition"] = f'inline; filename="{layer.name}.geojson"'
    if request.if_none_match.contains(answer.get_etag()[0] or ""):
        answer.status_code = 304
    elif request.method != "HEAD":
        leave = _enter()
        answer.call_on_close(leave)
        answer.response = _streamed(house(), layer, wanted, leave)
    return answer


def _enter() -> Callable[[], None]:
    """Let few documents stream at once: each holds a connection for as long as its reader reads.

    Returns how to leave, at the end or when the reader goes away; only the first time counts.
    """
    if not ROOM.acquire(blocking=False):
        raise Unavailable("Too many layers are being fetched; try again in a moment.")
    held = [ROOM]

    def leave() -> None:
        if held:
            held.pop().release()
    return leave


def _layer(name: str) -> Layer:
    """Return a layer; one of persons is as unknown here as any other."""
    try:
        return layer_to_export(name)
    except Forbidden as error:
        raise NotFound(str(error)) from None


def _streamed(ours: House, layer: Layer, wanted: Wanted,
              leave: Callable[[], None]) -> Iterator[bytes]:
    """Yield the document by a session of its own: the request's has ended by then."""
    try:
        with closing(ours.new_session()) as session:
            enter(session, ours.vault, NOBODY, DatabaseRole.TILES)
            yield from stream(session, layer, write_geojson, wanted)
    finally:
        leave()


def _described(layer: Layer) -> dict[str, Any]:
    fields = [{"name": str(f.ledger or column), "title": f.title.as_json(), "unit": f.unit,
               "codelist": f.codelist}
              for column, f in fields_of(layer.model).items()
              if not (f.personal or f.sealed or f.refers)]
    return {"name": layer.name, "title": layer.title.as_json(), "about": layer.about.as_json(),
            "level": layer.level, "has_geometry": layer.has_shape, "fields": fields,
            "geojson": f"/api/layers/{layer.name}.geojson"}
