"""The district, written once a run and read back from its files."""

import csv
import json
from functools import cache
from types import SimpleNamespace

import pytest
import shapely
from shapely.geometry import shape

from importers.demo import write_district
from importers.demo.frame import as_metres


class Ledgers:
    """The ledgers of a folder, read from the files alone."""

    def __init__(self, folder, summary):
        self.folder, self.summary = folder, summary
        self.rows = cache(self._rows)
        self.features = cache(self._features)
        self.metres = cache(self._metres)

    def _rows(self, name):
        with (self.folder / f"{name}.csv").open(encoding="utf-8", newline="") as file:
            return [SimpleNamespace(**{k.replace("from", "since"): v for k, v in row.items()})
                    for row in csv.DictReader(file)]

    def _features(self, name):
        body = json.loads((self.folder / f"{name}.geojson").read_text("utf-8"))
        return [SimpleNamespace(**{k.replace("class", "kind"): v
                                   for k, v in f["properties"].items()},
                                shape=shape(f["geometry"])) for f in body["features"]]

    def _metres(self, name):
        return [as_metres(f.shape) for f in self.features(name)]

    def points(self, name):
        """Return the points of a table in metres, by source_id."""
        rows = [r for r in self.rows(name) if r.lon]
        lonlat = shapely.points([(float(r.lon), float(r.lat)) for r in rows])
        return {r.source_id: as_metres(p) for r, p in zip(rows, lonlat, strict=True)}


@pytest.fixture(scope="session")
def ledgers(tmp_path_factory):
    folder = tmp_path_factory.mktemp("district")
    return Ledgers(folder, write_district(folder))
