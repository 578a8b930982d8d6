"""The ledgers of the first district, and how every other one's are made of them."""

import csv
import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import shapely

from importers.demo.large.naming import (
    HOME_CODE,
    Family,
    Numbers,
    city_of,
    district_code,
    firm_code,
    phone,
    renamer,
    words,
)

#: Columns that name a row of this district, and those that hold its codes.
REFERENCES = frozenset({"source_id", "parent", "district", "community", "grid", "compound",
                        "building", "street", "belongs_to", "place", "household", "agency",
                        "external_number", "filing_number"})
#: Ledgers of the whole country or city: written once.
ONCE = frozenset({"services", "calendar_days"})
CODES = frozenset({"code", "number", "area", "source_id", "parent", "district", "community"})
#: Names of places, and texts in which they stand.
NAMED = frozenset({"compounds", "streets", "grounds"})
TEXTS = frozenset({"address", "registered_address", "description", "operator"})
APART = 1.12
Row = dict[str, Any]


class Copies:
    """Writes the districts one after the other into files that each hold several."""

    def __init__(self, base: Path, seed: int, districts: int) -> None:
        self.seed = seed
        self.features = {one.stem: _features(one) for one in sorted(base.glob("*.geojson"))}
        self.rows = {one.stem: _rows(one) for one in sorted(base.glob("*.csv"))}
        self.names = list(_names(self.features))
        self.numbers = Numbers([row["id_number"] for row in self.rows["residents"]
                                if len(row["id_number"]) == 18])
        self.columns = int(np.ceil(np.sqrt(districts)))
        self.bounds = shapely.total_bounds([shape for _, shape in self.features["divisions"]])
        self._open: dict[str, Any] = {}

    def write(self, folder: Path, number: int, part: str, *, first: bool,
              ) -> Iterator[tuple[str, int]]:
        """Write one district's ledgers into the files of `part`; yields the rows of each."""
        if first:
            self.close()
        copy = Copy(self, number)
        for name in self.features:
            count = self._shapes(folder / f"{name}-{part}.geojson", copy.features(name), first)
            yield name, count
        for name in self.rows:
            if name in ONCE and number:
                continue
            yield name, self._table(folder / f"{name}-{part}.csv", copy.rows(name), first)

    def close(self) -> None:
        """End the files that are open."""
        for path, file in self._open.items():
            if path.endswith(".geojson"):
                file.write("\n]}\n")
            file.close()
        self._open.clear()

    def _file(self, path: Path) -> Any:
        if str(path) not in self._open:
            self._open[str(path)] = path.open("w", encoding="utf-8", newline="")
        return self._open[str(path)]

    def _shapes(self, path: Path, features: Iterator[tuple[Row, str]], first: bool) -> int:
        file, count = self._file(path), 0
        if first:
            file.write('{"type": "FeatureCollection", "features": [\n')
        for properties, shape in features:
            body = json.dumps(properties, ensure_ascii=False)
            file.write(("" if first and not count else ",\n")
                       + f'{{"type": "Feature", "properties": {body}, "geometry": {shape}}}')
            count += 1
        return count

    def _table(self, path: Path, rows: Iterator[Row], first: bool) -> int:
        writer, count = csv.writer(self._file(path), lineterminator="\n"), 0
        for row in rows:
            if first and not count:
                writer.writerow(row)
            writer.writerow(row.values())
            count += 1
        return count


class Copy:
    """One district, made of the first."""

    def __init__(self, of: Copies, number: int) -> None:
        self.of, self.number = of, number
        self.code, self.word = district_code(number), words()[number]
        self.renamed = renamer(of.names, self.word)
        self.heads: dict[str, str] = {}
        self.named: list[tuple[str, str]] = []
        self.people = random.Random(f"{of.seed}/people/{number}")
        self._count_people()
        west, south, east, north = of.bounds
        down, across = divmod(number, of.columns)
        self.up = down * (north - south) * APART
        self.wider = float(np.cos(np.radians(south)) / np.cos(np.radians(south + self.up)))
        self.west, self.along = west, across * (east - west) * APART * self.wider

    def features(self, name: str) -> Iterator[tuple[Row, str]]:
        """Yield properties and geometry of one layer."""
        if name == "divisions" and self.number % 99 == 0:
            code, called = city_of(self.number)
            yield {"source_id": f"D{code}", "level": "city", "kind": "地级市", "code": code,
                   "name": called, "parent": None, "aliases": None, "former_names": None}, "null"
        shapes = shapely.transform([shape for _, shape in self.of.features[name]], self._moved)
        written = shapely.to_geojson(shapes)
        for (row, _), shape in zip(self.of.features[name], written, strict=True):
            yield self._row(name, row), shape

    def rows(self, name: str) -> Iterator[Row]:
        """Yield the rows of one table."""
        if name == "residents":
            yield from self._residents()
            return
        for row in self.of.rows[name]:
            made = self._row(name, row)
            if name == "households":
                made["head"] = self.heads[row["source_id"]]
            yield made

    def _row(self, ledger: str, row: Row) -> Row:
        """Return a row as this district has it."""
        out = dict(row)
        for name, value in row.items():
            if not value:
                continue
            if name in CODES and HOME_CODE in value:
                out[name] = value.replace(HOME_CODE, self.code, 1)
            elif name in REFERENCES and self.number:
                out[name] = f"{value[0]}{self.number:03}{value[1:]}"
            elif name in TEXTS:
                out[name] = self.renamed(value)
        self._call(ledger, out)
        if out.get("phone"):
            out["phone"] = phone(out["phone"], self.number)
        if out.get("credit_code"):
            out["credit_code"] = firm_code(out["credit_code"], self.code)
        if out.get("wkt"):
            moved = shapely.transform(shapely.from_wkt(out["wkt"]), self._moved)
            out["wkt"] = shapely.to_wkt(moved, rounding_precision=8)
        if out.get("lon"):
            (lon, lat), = self._moved(np.array([[float(out["lon"]), float(out["lat"])]]))
            out["lon"], out["lat"] = f"{lon:.8f}", f"{lat:.8f}"
        return out

    def _call(self, ledger: str, out: Row) -> None:
        """Give places and firms the names that they have here."""
        if ledger in NAMED or out.get("level") == "district" or ledger == "organizations":
            for name in ("name", "aliases", "former_names", "short_names"):
                if out.get(name):
                    out[name] = self.renamed(out[name])
        if out.get("level") == "district":
            out["parent"] = f"D{city_of(self.number)[0]}"

    def _moved(self, points: Any) -> Any:
        moved = points.copy()
        moved[:, 0] = np.round(self.west + (points[:, 0] - self.west) * self.wider + self.along, 8)
        moved[:, 1] = np.round(points[:, 1] + self.up, 8)
        return moved

    def _count_people(self) -> None:
        """Name everyone, so that households know their heads before residents are written."""
        family, last = Family(self.people), None
        for row in self.of.rows["residents"]:
            if row["household"] != last:
                family, last = Family(self.people), row["household"]
            name, former = row["name"], row["former_name"]
            if self.number:
                name = family.name(name, male=row["sex"] == "male",
                                   year=int(row["birth_date"][:4]))
                former = former and family.former(former)
            self.named.append((name, former))
            self.heads.setdefault(row["household"], name)

    def _residents(self) -> Iterator[Row]:
        for row, (name, former) in zip(self.of.rows["residents"], self.named, strict=True):
            out = self._row("residents", row)
            out["name"], out["former_name"] = name, former
            if len(row["id_number"]) == 18:
                out["id_number"] = self.of.numbers.person(row["id_number"], self.number)
            yield out


def _features(path: Path) -> list[tuple[Row, Any]]:
    body = json.loads(path.read_text("utf-8"))
    shapes = shapely.from_geojson([json.dumps(one["geometry"]) for one in body["features"]])
    return [(one["properties"], shape) for one, shape in zip(body["features"], shapes, strict=True)]


def _rows(path: Path) -> list[Row]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _names(features: dict[str, list[tuple[Row, Any]]]) -> Iterator[str]:
    for layer in sorted(NAMED):
        for row, _ in features[layer]:
            for column in ("name", "aliases", "former_names"):
                yield from (row.get(column) or "").split(";")
