"""What the small towns are made of: divisions, streets, rows of blocks."""

from collections.abc import Iterable, Mapping, Sequence

from spatial.addressing import Node
from tests.spatial.addressing.memory import MemoryRegister


def area(r: MemoryRegister, province: str, city: str, district: str,
         subdistricts: Mapping[str, Sequence[str]]) -> dict[str, Node]:  # fmt: skip
    """Make the divisions; return them by name."""
    p = r.named("province", "P", province)
    c = r.named("city", "T", city, p)
    d = r.named("district", "D", district, c)
    out = {province: p, city: c, district: d}
    for at, (subdistrict, communities) in enumerate(subdistricts.items(), start=1):
        out[subdistrict] = r.named("subdistrict", f"D{at}", subdistrict, d)
        for n, community in enumerate(communities, start=1):
            out[community] = r.named("community", f"D{at}{n}", community, out[subdistrict])
    return out


def streets(r: MemoryRegister, district: Node, names: Iterable[str]) -> dict[str, Node]:
    return {name: r.named("street", f"S{at}", name, district)
            for at, name in enumerate(names, start=1)}


def blocks(r: MemoryRegister, compound: Node, numbers: Iterable[object], *, label: str,
           entrances: Iterable[str] = (), floors: int = 6, doors: int = 2,
           sides: Sequence[str] = ()) -> None:  # fmt: skip
    for n in numbers:
        r.flats(r.building(compound, str(n), label=label.format(n)), entrances=entrances,
                floors=floors, doors=doors, sides=sides)
