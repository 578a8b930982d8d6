"""The places that dirty ledgers speak of, and which of them a writing can mean."""

import csv
import json
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

Key = tuple[str, str, str, str]


@dataclass(frozen=True, slots=True)
class Home:
    """A unit with all that an address of it is made of; `door` is empty where none leads to it."""

    unit: str
    building: str
    compound: str
    community: str
    number: str
    label: str
    door: str
    room: str

    @property
    def text(self) -> str:
        """The unit as the demonstration writes it: 阳光花园3号楼2单元501室."""
        door = f"{self.door}单元" if self.door else ""
        room = f"{self.room}室" if self.room.isdigit() else self.room
        return f"{self.compound}{self.label}{door}{room}"

    @property
    def regular(self) -> bool:
        """Tell whether it is one of the many of the form 3号楼2单元501室."""
        return bool(self.door and self.room.isdigit() and self.number.isdigit()
                    and self.label == f"{self.number}号楼")


@dataclass
class Places:
    """All homes, and how many of them a writing fits."""

    homes: dict[str, Home] = field(default_factory=dict)
    by_key: dict[Key, list[str]] = field(default_factory=lambda: defaultdict(list))
    by_text: dict[str, str] = field(default_factory=dict)
    numbers: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    buildings: dict[tuple[str, str], set[str]] = field(default_factory=lambda: defaultdict(set))

    def add(self, home: Home, subdistrict: str) -> None:
        """Add a home."""
        self.homes[home.unit] = home
        for door in {home.door, ""}:
            self.by_key[home.compound, home.number, door, home.room].append(home.unit)
        self.by_text[f"{subdistrict}{home.community}{home.text}"] = home.unit
        self.numbers[home.compound].add(home.number)
        self.buildings[home.compound, home.number].add(home.building)

    def meant(self, home: Home, *, door: bool = True) -> list[str]:
        """Return the units that the address of `home` fits, with its door or without."""
        return self.by_key[home.compound, home.number, home.door if door else "", home.room]

    def is_only(self, home: Home) -> bool:
        """Tell whether no other compound of the same name has a building of this number."""
        return len(self.buildings[home.compound, home.number]) == 1


def read_places(folder: Path) -> Places:
    """Read the units of a folder of ledgers with what they lie in."""
    divisions = {one["source_id"]: one for one in _features(folder / "divisions.geojson")}
    compounds = {one["source_id"]: one for one in _features(folder / "compounds.geojson")}
    buildings = {one["source_id"]: one for one in _features(folder / "buildings.geojson")}
    above = "".join(one["name"] for one in divisions.values() if one["level"] == "district")
    places = Places()
    for row in rows_of(folder / "units.csv"):
        building = buildings.get(row["building"], {})
        compound = compounds.get(building.get("compound") or "")
        if compound is None or not building.get("label"):
            continue
        community = divisions[compound["community"]]
        subdistrict = divisions[community["parent"]]["name"]
        places.add(Home(row["source_id"], row["building"], compound["name"], community["name"],
                        building["number"] or "", building["label"], row["entrance"],
                        row["designator"]), f"{above}{subdistrict}")
    return places


def rows_of(path: Path) -> list[dict[str, str]]:
    """Read a table of the demonstration."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _features(path: Path) -> list[dict[str, Any]]:
    body = json.loads(path.read_text("utf-8"))
    return [one["properties"] for one in body["features"]]
