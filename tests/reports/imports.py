"""Makes docs/imports.md: the real files of data/samples in, what came of every row, again.

Run it with `make docs`.
"""

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import func, select

from app import migrate
from importers import open_source
from importers.intake import Intake, take_in
from importers.loading import Order
from layers import catalogue
from spatial.database import connect
from spatial.sealing import Vault
from tests.support.cluster import copy_database, throwaway_cluster

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "imports.md"
FILES = ("helsinki_centre.osm.pbf", "monaco.osm.pbf")
HEAD = """# Real files, in and out

Files that others made, imported as they are (`python app.py import FILE --apply`). *In* is what
the reader found in the file, *stored* what a count in the database says afterwards, *again* how
many rows a second import of the same file changed. What a file holds and we leave out is listed
with its reason. This page is made by a run (`make docs`).
"""


def main() -> None:
    """Import every file into a registry of its own and write the page."""
    with throwaway_cluster() as cluster, TemporaryDirectory() as keys:
        vault = Vault.open(Path(keys))
        engine = connect(cluster.url())
        migrate(engine)
        engine.dispose()
        parts = [HEAD]
        for file in FILES:
            url = copy_database(cluster, "report")
            parts.extend(_file(connect(url), vault, ROOT / "data" / "samples" / file))
    PAGE.write_text("\n".join(parts) + "\n", encoding="utf-8")


def _file(engine: object, vault: Vault, path: Path) -> Iterator[str]:
    order = Order(source="osm", bad_share=1.0)
    with TemporaryDirectory() as folder:
        intake = Intake(order=order, apply=True, rejects=Path(folder))
        first = take_in(engine, vault, path, intake)        # type: ignore[arg-type]
        again = take_in(engine, vault, path, intake)        # type: ignore[arg-type]
    yield f"\n## {path.name}\n"
    yield "| layer | in | stored | refused | again changed |"
    yield "|---|---:|---:|---:|---:|"
    for one, two in zip(first, again, strict=True):
        yield (f"| {one.layer} | {one.read:,} | {_stored(engine, one.layer):,} | {one.rejected:,} "
               f"| {two.new + two.changed + two.ended:,} |")
    yield f"\nRead, checked and stored in {sum(one.seconds for one in first):.1f} s.\n"
    yield from _left_out(path)


def _stored(engine: object, layer: str) -> int:
    with engine.connect() as connection:                    # type: ignore[attr-defined]
        return int(connection.scalar(
            select(func.count()).select_from(catalogue()[layer].model)))


def _left_out(path: Path) -> Iterator[str]:
    yield "Left out, with the reason:\n"
    for table in open_source(path).tables:
        for _ in table.batches():
            pass
        for reason, count in table.skipped.most_common():
            yield f"- {table.name}: {count:,} × {reason}"


if __name__ == "__main__":
    main()
