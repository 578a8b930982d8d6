"""Makes docs/imports.md: the real files of data/samples in, what came of every row, again.

Run it with `make docs`.
"""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import Engine, func, select

from app import migrate
from importers import open_source
from importers.intake import Intake, take_in
from importers.loading import Order
from importers.results import Result
from layers import catalogue
from spatial.cluster import Cluster
from spatial.database import connect
from spatial.sealing import Vault
from tests.reports.writing import DOCS, code, page, table
from tests.support.cluster import copy_database, throwaway_cluster

SAMPLES = Path(__file__).parents[2] / "data" / "samples"
#: File -> what it is.
FILES = {
    "helsinki_centre.osm.pbf": "The centre of Helsinki: buildings with parts, house numbers, "
                               "entrances.",
    "monaco.osm.pbf": "Monaco whole: divisions, buildings with heights and levels.",
    "shu_shanghai_1.osm": "Shanghai University and its surroundings, with Chinese names.",
}
#: One file of every other kind: file -> layer (where the file does not tell), CRS, what it is.
KINDS: dict[str, tuple[str | None, str | None, str]] = {
    "dutch_addresses_28992.zip": ("facilities", None, "2,481 points as a Shapefile in a ZIP"),
    "dutch_addresses_28992.gpkg": ("facilities", None, "the same as a GeoPackage"),
    "districts_cgcs2000.geojson": ("divisions", None, "outlines of nine districts, EPSG:4490"),
    "zagreb_cameras.jsonl": ("facilities", "EPSG:4326", "cameras, one JSON object a line"),
    "zurich.city.json": (None, None, "CityJSON 1.1: buildings in parts with their roofs"),
    "the_hague.city.json": (None, "EPSG:28992", "CityJSON 1.1: solids, some in parts"),
    "multi_lod.city.json": (None, "EPSG:28992", "CityJSON 2.0: three levels of detail"),
    "city_all_types.city.json": (None, "EPSG:28992", "CityJSON 2.0: one object of every class"),
    "building_units_storeys.gml": (None, None, "CityGML 3: storeys and units by xlink"),
}
#: What the files of one column or another lack, said once for the report.
CONSTANTS = {"facilities": {"kind": "other"}, "divisions": {"level": "district"}}
HEAD = """# Real files, in and out

Files that others made, each imported as it is into a registry of its own (`python app.py import
FILE --apply`). *Found* is what the file holds of a layer, *left out* what of that is not ours to
keep, with its reason below; *in* is what the reader handed on, *stored* what a count in the
database says afterwards, *refused* the rows that broke a rule, and *again* how many rows a second
import of the same file changed. Made by a run (`make docs`).

Data © OpenStreetMap contributors, Open Database License
(https://www.openstreetmap.org/copyright); which extract is from where stands in `data/README.md`.
"""


def main() -> None:
    """Import every file into a registry of its own and write the page."""
    with throwaway_cluster() as cluster, TemporaryDirectory() as keys:
        vault = Vault.open(Path(keys))
        engine = connect(cluster.url())
        migrate(engine)
        engine.dispose()
        parts = []
        for file, about in FILES.items():
            engine = connect(copy_database(cluster, "report"))
            parts.append([f"## {file}", "", about, *_file(engine, vault, SAMPLES / file)])
            engine.dispose()
        parts.append(list(_kinds(cluster, vault)))
    (DOCS / "imports.md").write_text(page(HEAD.splitlines(), *parts), encoding="utf-8")


def _kinds(cluster: Cluster, vault: Vault) -> Iterator[str]:
    """Yield the table of the other kinds of files, a row a ledger that each gave."""
    yield from ("## Other kinds of files", "", "Seconds are those of reading, checking and storing "
                "one ledger on the machine that made this page.")
    rows = []
    for name, (layer, crs, about) in KINDS.items():
        engine = connect(copy_database(cluster, "report"))
        rows += list(_kind(engine, vault, SAMPLES / name, layer, crs, about))
        engine.dispose()
    yield from table(("file", "what", "layer", "in", "refused", "stored", "again", "seconds"),
                     rows, right="34567")


def _kind(engine: Engine, vault: Vault, path: Path, layer: str | None, crs: str | None,
          about: str) -> Iterator[tuple[str, ...]]:
    decided = {"constants": CONSTANTS.get(layer or "", {})}
    with TemporaryDirectory() as folder:
        intake = Intake(order=Order(source="report", bad_share=1.0, crs=crs), layer=layer,
                        decided=decided, apply=True, rejects=Path(folder))
        first = take_in(engine, vault, path, intake)
        again = take_in(engine, vault, path, replace(intake, results=[], notes=[]))
    for one, two in zip(first, again, strict=True):
        yield (code(path.name), about, code(one.layer), f"{one.read:,}", f"{one.rejected:,}",
               f"{_stored(engine, one.layer):,}", f"{two.new + two.changed + two.ended:,}",
               f"{one.seconds:.1f}")


def _file(engine: Engine, vault: Vault, path: Path) -> Iterator[str]:
    order = Order(source="osm", bad_share=1.0)
    with TemporaryDirectory() as folder:
        intake = Intake(order=order, apply=True, rejects=Path(folder))
        first = take_in(engine, vault, path, intake)
        again = take_in(engine, vault, path, replace(intake, results=[], notes=[]))
    left = _left_out(path)
    yield from table(
        ("layer", "found", "left out", "in", "refused", "stored", "again"),
        (_counts(engine, *both, sum(left.get(both[0].layer, {}).values()))
         for both in zip(first, again, strict=True)), right="123456")
    yield from _issues(first)
    yield "Left out:"
    yield from table(("layer", "rows", "reason"), (
        (code(layer), f"{count:,}", reason)
        for layer, reasons in left.items() for reason, count in reasons.items()), right="1")


def _counts(engine: Engine, one: Result, two: Result, left: int) -> tuple[str, ...]:
    changed = two.new + two.changed + two.ended
    numbers = (one.read + left, left, one.read, one.rejected, _stored(engine, one.layer), changed)
    return (code(one.layer), *(f"{number:,}" for number in numbers))


def _stored(engine: Engine, layer: str) -> int:
    with engine.connect() as connection:
        return int(connection.scalar(
            select(func.count()).select_from(catalogue()[layer].model)) or 0)


def _issues(results: list[Result]) -> Iterator[str]:
    """Yield why rows were refused, where any were."""
    rows = [(code(result.layer), issue.line, issue.rule, issue.remedy)
            for result in results for issue in result.issues if issue.rejects]
    if rows:
        yield "Refused:"
        yield from table(("layer", "row", "rule", "remedy"), rows)


def _left_out(path: Path) -> dict[str, dict[str, int]]:
    """Count what the reader leaves out, by table and reason."""
    found = {}
    for one in open_source(path).tables:
        for _ in one.batches():
            pass
        found[one.name] = dict(one.skipped.most_common())
    return found


if __name__ == "__main__":
    main()
