"""Makes docs/imports.md: the real files of data/samples in, what came of every row, again.

Run it with `make docs`.
"""

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import Engine, func, select

from app import migrate
from importers import open_source
from importers.intake import Intake, take_in
from importers.loading import Order
from importers.results import Result
from layers import catalogue
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
    (DOCS / "imports.md").write_text(page(HEAD.splitlines(), *parts), encoding="utf-8")


def _file(engine: Engine, vault: Vault, path: Path) -> Iterator[str]:
    order = Order(source="osm", bad_share=1.0)
    with TemporaryDirectory() as folder:
        intake = Intake(order=order, apply=True, rejects=Path(folder))
        first = take_in(engine, vault, path, intake)
        again = take_in(engine, vault, path, intake)
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
