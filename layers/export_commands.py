"""The command `export`: a layer of places as a file that any GIS or spreadsheet opens."""

import sys
from datetime import datetime
from pathlib import Path
from typing import IO, TYPE_CHECKING

import click

from spatial.errors import InvalidInput
from spatial.program import Program, pass_program

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from layers.across.export import Wanted

FORMATS = ("geojson", "geojsonseq", "csv", "gpkg", "geoparquet", "fgb", "kml", "cityjson", "html")


@click.command()
@click.argument("layer")
@click.option("--format", "form", type=click.Choice(FORMATS),
              help="By default what the suffix of -o says, else geojson.")
@click.option("--bbox", metavar="W,S,E,N", help="Only what meets this box, in degrees.")
@click.option("--filter", "condition", metavar="CQL2",
              help="Only what this is true of: \"storeys_above_ground >= 6 AND number LIKE '1%'\".")
@click.option("--valid-at", metavar="DATE", help="The world on that day; by default today.")
@click.option("--labels", type=click.Choice(["zh", "en"]), help="Words instead of codes.")
@click.option("-o", "output", metavar="FILE", default="-", show_default=True,
              help="Where to; - is stdout.")
@pass_program
def export(program: Program, layer: str, form: str | None, bbox: str | None,
           condition: str | None, valid_at: str | None, labels: str | None, output: str) -> None:
    """Export LAYER: buildings, units, plates, … as one whole document.

    Layers of persons are never exported this way.
    """
    from sqlalchemy.orm import Session

    from layers.across.export import Wanted
    from spatial.history import Moment
    from spatial.walls import DatabaseRole, acting_as

    moment = Moment(valid_at=_day(valid_at, program) if valid_at else None)
    wanted = Wanted(bbox=_box(bbox) if bbox else None, moment=moment, labels=labels,
                    filter=condition)
    form = form or _by_suffix(output)
    with Session(program.engine()) as session, acting_as(session, DatabaseRole.TILES):
        count = _write(session, layer, output, form=form, wanted=wanted)
    click.echo(f"{count:,} {layer} exported as {form}", err=True)


def _write(session: "Session", layer: str, output: str, *, form: str, wanted: "Wanted") -> int:
    from layers.across import export_files as files
    from layers.across.export import layer_to_export

    if output != "-":
        return files.export_file(session, layer, Path(output), form=form, wanted=wanted)
    if form not in files.STREAMS:
        raise InvalidInput(f"{form} needs a file of its own; name one with -o.")
    out: IO[bytes] = sys.stdout.buffer
    count = files.STREAMS[form](session, layer_to_export(layer), out, wanted)
    out.flush()
    return count


def _by_suffix(output: str) -> str:
    found = {".csv": "csv", ".gpkg": "gpkg", ".geojsonl": "geojsonseq", ".ndjson": "geojsonseq",
             ".geojsonseq": "geojsonseq", ".html": "html", ".parquet": "geoparquet",
             ".fgb": "fgb", ".kml": "kml"}
    if output.lower().endswith(".city.json"):
        return "cityjson"
    return found.get(Path(output).suffix.lower(), "geojson")


def _box(text: str) -> tuple[float, float, float, float]:
    try:
        west, south, east, north = (float(part) for part in text.split(","))
    except ValueError:
        raise InvalidInput(f"--bbox is {text[:60]!r}; west,south,east,north is wanted.") from None
    if not (-180 <= west <= east <= 180 and -90 <= south <= north <= 90):
        raise InvalidInput(f"--bbox is {text[:60]!r}; degrees are wanted, the lesser first.")
    return west, south, east, north


def _day(text: str, program: Program) -> datetime:
    from zoneinfo import ZoneInfo

    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise InvalidInput(f"--valid-at is {text[:40]!r}; a date such as 2024-05-01 is "
                           "wanted.") from None
    return found if found.tzinfo else found.replace(tzinfo=ZoneInfo(program.settings.zone))
