"""The town: everything that stands on the ground, built in the one order that works."""

import random
from dataclasses import dataclass

import shapely

from importers.demo.buildings import Building, build_buildings
from importers.demo.compounds import Compound, build_compounds
from importers.demo.divisions import Division, Grid, build_divisions
from importers.demo.fabric import build_fabric
from importers.demo.facilities import Facility, build_facilities
from importers.demo.gates import build_gates
from importers.demo.grounds import Ground, build_grounds
from importers.demo.interiors import Storey, Unit, build_storeys, build_units
from importers.demo.plates import Plate, build_plates
from importers.demo.polygons import largest, merged
from importers.demo.roadside import Crossing, crossings
from importers.demo.streets import Street, build_streets


@dataclass(frozen=True, slots=True)
class Town:
    """The places of the district."""

    divisions: list[Division]
    grids: list[Grid]
    streets: list[Street]
    compounds: list[Compound]
    buildings: list[Building]
    storeys: list[Storey]
    units: list[Unit]
    plates: list[Plate]
    grounds: list[Ground]
    facilities: list[Facility]
    meetings: list[Crossing]


def dice(seed: int, part: str) -> random.Random:
    """Return the dice of one part, so that a change in one part leaves the others alone."""
    return random.Random(f"{seed}/{part}")


def build_town(seed: int) -> Town:
    """Build all places from the plan."""
    fabric = build_fabric(dice(seed, "fabric"))
    divisions, grids = build_divisions(fabric)
    streets = build_streets()
    compounds = build_compounds(fabric, streets)
    buildings = build_buildings(compounds, dice(seed, "buildings"))
    units = build_units(buildings, dice(seed, "units"))
    plates, units = build_plates(streets, compounds, buildings, units)
    ground = merged(c.polygon for c in fabric.cells)
    meetings = crossings(streets, largest(shapely.buffer(ground, 5.0)))
    gates = build_gates(compounds, streets)
    facilities = build_facilities(
        streets, meetings, gates, buildings, ground, dice(seed, "facilities")
    )
    grounds = build_grounds(compounds, buildings, dice(seed, "grounds"))
    return Town(divisions, grids, streets, compounds, buildings, build_storeys(buildings), units,
                plates, grounds, facilities, meetings)
