"""Imagery and terrain of the operator's own, which lie under the map."""

from functools import cache
from pathlib import Path
from typing import Any

from flask import Blueprint, Response, g

from spatial.config import Settings
from spatial.errors import NotFound, UnreadableSource
from spatial.underlay import Underlay, cut, describe
from web.endpoint import endpoint

bp = Blueprint("underlay", __name__)
NAMES = ("imagery", "terrain")
KEPT = "private, max-age=3600"


@bp.get("/tiles/underlay/<name>/<int:z>/<int:x>/<int:y>")
@endpoint(media="image/png", empty=True)
def tile(name: str, z: int, x: int, y: int) -> Response:
    """Return one tile of the imagery, or of the terrain as colours; 204 where there is none."""
    path = _path(g.settings, name) if name in NAMES else None
    if path is None:
        raise NotFound(f"There is no {name[:20]} under this map.")
    found = cut(_described(path, name == "terrain", path.stat().st_mtime_ns), z, x, y)
    answer = Response(found[0], mimetype=found[1]) if found else Response(status=204)
    answer.headers["Cache-Control"] = KEPT
    return answer


def underlays(settings: Settings) -> dict[str, Any]:
    """Return what lies under the map, for the page; a file that cannot be read says why."""
    return {name: _told(path, name) for name in NAMES if (path := _path(settings, name))}


def _told(path: Path, name: str) -> dict[str, Any]:
    try:
        one = _described(path, name == "terrain", path.stat().st_mtime_ns)
    except (UnreadableSource, OSError) as error:
        return {"problem": str(error)}
    return {"bounds": one.bounds, "minzoom": one.least, "maxzoom": one.most}


def _path(settings: Settings, name: str) -> Path | None:
    text = settings.imagery if name == "imagery" else settings.terrain
    return Path(text).expanduser() if text else None


@cache
def _described(path: Path, terrain: bool, _changed: int) -> Underlay:
    return describe(path, terrain=terrain)
