"""A theme as a file: GeoJSON, CSV and GeoPackage of its areas, a page, a picture to print."""

import csv
import json
from collections.abc import Callable, Mapping
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory
from zoneinfo import ZoneInfo

import numpy as np
import shapely

from layers.across.export_files import LIBRARIES
from layers.across.theme_legend import legend
from layers.across.theme_table import features, headings, rows
from layers.across.themes import ThemeMap
from spatial.cells import guarded
from spatial.crs import STORAGE
from spatial.errors import InvalidInput

MEDIA = {"geojson": "application/geo+json", "csv": "text/csv; charset=utf-8",
         "gpkg": "application/geopackage+sqlite3", "html": "text/html; charset=utf-8",
         "png": "image/png", "pdf": "application/pdf"}
SHEETS = ("png", "pdf")
TEXTS = ("identifier", "label", "parent", "class_label", "flag")


def document(found: ThemeMap, form: str, *, language: str, zone: ZoneInfo,
             home: Path) -> bytes:
    """Return the whole file of a theme in one of FORMS; fonts for print are kept in `home`."""
    if form in SHEETS:
        from layers.across.theme_print import printed

        return printed(found, form, language=language, zone=zone, libraries=LIBRARIES, home=home)
    if form not in FORMS:
        raise InvalidInput(f"A theme is no {form[:20]!r}; there are: "
                           f"{', '.join((*FORMS, *SHEETS))}.")
    return FORMS[form](found, language, zone)


def as_geojson(found: ThemeMap, language: str, zone: ZoneInfo) -> bytes:
    """Return a FeatureCollection; its `legend` says what the numbers mean."""
    body = {"type": "FeatureCollection", "name": found.theme.name,
            "legend": legend(found, language=language, zone=zone),
            "features": list(features(found, language))}
    return json.dumps(body, ensure_ascii=False, allow_nan=False).encode()


def as_csv(found: ThemeMap, language: str, _zone: ZoneInfo) -> bytes:
    """Return a table with a header, marked as UTF-8 and safe to open as a spreadsheet."""
    out = StringIO()
    heads = {"identifier": "identifier", **headings(found, language)}
    table = csv.writer(out, lineterminator="\r\n")
    table.writerow(guarded(text) for text in heads.values())
    for row in rows(found, language):
        table.writerow(guarded(value) if isinstance(value := row[name], str) else value
                       for name in heads)
    return ("\ufeff" + out.getvalue()).encode()


def as_gpkg(found: ThemeMap, language: str, _zone: ZoneInfo) -> bytes:
    """Return a GeoPackage with one table, polygons in EPSG:4326."""
    from pyogrio.raw import write

    told = rows(found, language)
    names = [name for name in (told[0] if told else {})]
    fields = [np.array([row[name] for row in told], dtype=object) if name in TEXTS
              else np.array([np.nan if row[name] is None else row[name] for row in told],
                            dtype=np.float64) for name in names]
    with TemporaryDirectory() as folder:
        path = Path(folder) / "theme.gpkg"
        write(path, np.asarray(shapely.to_wkb(found.areas.shapes)), fields, names,
              layer=found.theme.name, driver="GPKG", geometry_type="Unknown",
              crs=f"EPSG:{STORAGE}", layer_options={"FID": "row"})
        return bytes(path.read_bytes())


def as_html(found: ThemeMap, language: str, zone: ZoneInfo) -> bytes:
    """Return a page with all it needs inside."""
    from layers.across.theme_page import page

    return page(found, language=language, zone=zone, libraries=LIBRARIES).encode()


FORMS: Mapping[str, Callable[[ThemeMap, str, ZoneInfo], bytes]] = {
    "geojson": as_geojson, "csv": as_csv, "gpkg": as_gpkg, "html": as_html}
