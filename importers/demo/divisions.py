"""Divisions and grids with their codes and names.

Codes follow GB/T 10114 (subdistricts from 001, towns from 100, sums from 200; residents'
communities from 001, villages and gachas from 200) below 999901, which is assigned to no place.
Grid codes follow CJ/T 349: six digits for the kind of grid, twelve for the community, two for the
grid's place in it, from west to east and north to south.
"""

import json
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from shapely import Polygon

from importers.demo.fabric import COMPLETE, Fabric, GridShape
from importers.demo.plan import DATA, lots, plan_data
from importers.demo.polygons import merged

_GENERAL, _EXCLUSIVE = "010000", "020000"
_EXCLUSIVE_KINDS = ("hospital", "market", "office_park", "other")


@dataclass(frozen=True, slots=True)
class Division:
    """An administrative unit with its outline in longitude and latitude."""

    source_id: str
    level: str
    kind: str
    code: str
    name: str
    parent: str
    aliases: Sequence[str]
    former: Sequence[str]
    polygon: Polygon


@dataclass(frozen=True, slots=True)
class Grid:
    """A grid of a community; `key` is its key in the fabric."""

    source_id: str
    key: str
    code: str
    name: str
    community: Division
    kind: str
    polygon: Polygon


def build_divisions(fabric: Fabric) -> tuple[list[Division], list[Grid]]:
    """Return the district with its subdistricts and communities, and all grids."""
    district = plan_data()["district"]
    families: dict[int, dict[str, list[GridShape]]] = defaultdict(lambda: defaultdict(list))
    for grid in fabric.grids:
        families[grid.subdistrict][grid.community].append(grid)
    subdistricts: list[Division] = []
    communities: list[Division] = []
    grids: list[Grid] = []
    names = _Names()
    for index in sorted(families):
        spec = plan_data()["subdistricts"][index]
        born = names.communities(index, district["code"] + spec["code"], families[index])
        shape = merged([c.polygon for c in born.values()])
        code = district["code"] + spec["code"]
        subdistricts.append(_division("subdistrict", spec, code, "D" + district["code"], shape))
        communities += born.values()
        for key, community in born.items():
            grids += _grids(community, families[index][key], len(grids))
    whole = merged([s.polygon for s in subdistricts])
    top = _division("district", district, district["code"], "", whole)
    return [top, *subdistricts, *communities], grids


def _division(
    level: str, spec: dict[str, object], code: str, parent: str, shape: Polygon
) -> Division:
    aliases, former = spec.get("aliases", ()), spec.get("former", ())
    assert isinstance(aliases, list | tuple) and isinstance(former, list | tuple)
    return Division(f"D{code}", level, str(spec["kind"]), code, str(spec["name"]), parent,
                    tuple(aliases), tuple(former), shape)


class _Names:
    """Gives the communities of the other subdistricts their names, none twice."""

    def __init__(self) -> None:
        data = json.loads((DATA / "demo" / "communities.json").read_text("utf-8"))
        self._urban = iter(data["urban"])
        self._villages = {"镇": (iter(data["rural"]), "村"), "苏木": (iter(data["gacha"]), "嘎查")}

    def communities(
        self, index: int, code: str, families: dict[str, list[GridShape]]
    ) -> dict[str, Division]:
        """Return the communities of a subdistrict by their key in the fabric."""
        spec = plan_data()["subdistricts"][index]
        found: dict[str, Division] = {}
        town, village = 0, 199
        for key, grids in families.items():
            rural = spec["kind"] in self._villages and town >= 1
            town, village = (town, village + 1) if rural else (town + 1, village)
            if rural:
                source, kind = self._villages[spec["kind"]]
                name = next(source)
            else:
                kind, name = "社区", key if index == COMPLETE else f"{next(self._urban)}社区"
            number = code + f"{village if rural else town:03d}"
            shape = merged([g.polygon for g in grids])
            found[key] = Division(f"D{number}", "community", kind, number, name, f"D{code}",
                                  (), (), shape)
        return found


def _grids(community: Division, shapes: list[GridShape], before: int) -> list[Grid]:
    found = []
    for n, shape in enumerate(shapes, start=1):
        lot = lots().get(shape.key.split("/")[0]) if shape.subdistrict == COMPLETE else None
        exclusive = lot is not None and lot.kind in _EXCLUSIVE_KINDS
        code = (_EXCLUSIVE if exclusive else _GENERAL) + community.code + f"{n:02d}"
        name = f"{community.name}第{n}网格"
        kind = "exclusive" if exclusive else "general"
        source_id = f"G{before + n:04d}"
        found.append(Grid(source_id, shape.key, code, name, community, kind, shape.polygon))
    return found
