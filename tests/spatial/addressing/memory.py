"""A register in memory, built from small structures, and the town the cases are about."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence

from spatial.addressing import (
    Located,
    NameEntry,
    NameIndex,
    Node,
    building_key,
    canonical,
    entrance_key,
    group_key,
    plate_key,
    room_key,
    storey_key,
)


class MemoryRegister:
    """A register whose places are added one by one; parents first."""

    def __init__(self) -> None:
        self.entries: list[NameEntry] = []
        self.nodes: dict[str, Node] = {}
        self.below: dict[tuple[str, str], list[Node]] = defaultdict(list)
        self.asked = 0
        self.settled: dict[str, Node] = {}
        self.meet: set[frozenset[str]] = set()
        self._names: NameIndex | None = None
        self.version = "test"
        self.habit = "default"

    @property
    def names(self) -> NameIndex:
        if self._names is None:
            self._names = NameIndex(self.entries)
        return self._names

    def children(
        self, level: str, parents: Sequence[Node], keys: Collection[str] | None
    ) -> list[Node]:
        self.asked += 1
        found = [n for p in parents for n in self.below[level, p.ref]]
        return found if keys is None else [n for n in found if n.key in keys]

    def located(
        self, placement: str, streets: Sequence[Node], metres: float = 0.0
    ) -> Located | None:
        if placement == "kilometre":
            return Located("kilometre", (122.0, 43.0), 50.0) if metres <= 20_000 else None
        pairs = [(streets[0], other) for other in streets[1:]]
        if all(frozenset((a.ref, b.ref)) in self.meet for a, b in pairs):
            return Located(placement, (122.0, 43.0), 20.0)
        return None

    def chosen(self, text: str) -> Node | None:
        return self.settled.get(text)

    def joining(self, one: Node, other: Node) -> Sequence[Node]:
        return [n for n in self.nodes.values() if n.level == "street"
                and all(frozenset((n.ref, o.ref)) in self.meet for o in (one, other))]

    def add(self, node: Node, *above: Node | None) -> Node:
        assert node.ref not in self.nodes, node.ref
        self.nodes[node.ref] = node
        for parent in above:
            if parent is not None:
                self.below[node.level, parent.ref].append(node)
        return node

    def named(self, level: str, ref: str, name: str, parent: Node | None = None, *,
              aliases: Iterable[str] = (), former: Iterable[str] = (), also: Sequence[Node] = (),
              target: Node | None = None) -> Node:
        key = group_key(name) if level == "group" else canonical(name)
        node = Node(level, ref, name, key=key, parent=parent, also=tuple(also),
                    target=target)
        self.entries.append(NameEntry(node, name, tuple(aliases), tuple(former)))
        return self.add(node, parent)

    def building(self, parent: Node, number: str, *, ref: str | None = None, label: str = "",
                 ) -> Node:
        key = building_key(number)
        plain = number[-1].isdigit() or number[-1] in "甲乙"
        label = label or (f"{number}号楼" if plain else number)
        ref = ref or f"{parent.ref}/{key}"
        community = parent.parent if parent.level == "compound" else None
        return self.add(Node("building", ref, label, key=key, parent=parent), parent, community)

    def flats(self, building: Node, *, entrances: Iterable[str] = ("1", "2"),
              floors: int = 6, doors: int = 2, sides: Sequence[str] = ()) -> None:
        for floor in range(1, floors + 1):
            self.add(Node("storey", f"{building.ref}/F{floor}", f"{floor}层", key=str(floor),
                          parent=building), building)
        for entrance in list(entrances) or [""]:
            above = building
            if entrance:
                key = entrance_key(entrance)
                above = self.add(Node("entrance", f"{building.ref}/{key}", f"{entrance}单元",
                                      key=key, parent=building), building)
            for floor in range(1, floors + 1):
                for door in range(1, doors + 1):
                    self.unit(building, above, f"{floor}{door:02d}", str(floor),
                              position=sides[door - 1] if sides else "")

    def unit(self, building: Node, above: Node, name: str, storey: str, position: str = "") -> Node:
        key = room_key(name)
        entrance = above.key if above is not building else ""
        return self.add(Node("unit", f"{above.ref}/{key}", name, key=key, parent=above,
                             entrance=entrance, storey=storey_key(storey), position=position),
                        building)

    def plate(self, street: Node, number: str, target: Node | None = None) -> Node:
        key = plate_key(number)
        return self.add(Node("plate", f"{street.ref}#{key}", f"{number}号", key=key, parent=street,
                             target=target), street)


def town() -> MemoryRegister:
    """Return a small town with every trap of the specification."""
    r = MemoryRegister()
    province = r.named("province", "P", "内蒙古自治区")
    city = r.named("city", "T", "通辽市", province)
    d = r.named("district", "D", "科尔沁区", city)
    mingren = r.named("subdistrict", "D1", "明仁街道", d)
    mulitu = r.named("subdistrict", "D2", "木里图镇", d)
    jianguo = r.named("subdistrict", "D3", "建国街道", d)
    minhang = r.named("community", "D11", "民航社区", mingren)
    xiangyang = r.named("community", "D12", "向阳社区", mingren)
    heping = r.named("community", "D21", "和平社区", mulitu)
    village = r.named("community", "D22", "东风村", mulitu)
    xinjian = r.named("community", "D31", "新建社区", jianguo)
    xinjiandong = r.named("community", "D32", "新建东社区", jianguo)
    _streets(r, d)
    _estates(r, minhang, xiangyang, heping, xinjian, xinjiandong)
    for n in range(1, 31):
        r.building(village, str(n), label=f"{n}号")
    return r


def _streets(r: MemoryRegister, d: Node) -> None:
    for ref, name, aliases, former in (
        ("S1", "明仁大街", (), ("胜利大街",)), ("S2", "永安东路", (), ()), ("S3", "建设路", (), ()),
        ("S4", "人民路", (), ()), ("S5", "青年路", (), ()), ("S6", "青龙巷", ("北二胡同",), ()),
    ):  # fmt: skip
        r.named("street", ref, name, d, aliases=aliases, former=former)


def _estates(r: MemoryRegister, minhang: Node, xiangyang: Node, heping: Node, xinjian: Node,
             xinjiandong: Node) -> None:  # fmt: skip
    s = r.nodes
    sun = r.named("compound", "C1", "阳光花园", minhang, aliases=("阳光小区",),
                  former=("电业局家属院",), also=(s["S1"],))
    for n in ("1", "2", "4", "5", "6", "7", "8", "12"):
        r.flats(r.building(sun, n))
    r.flats(r.building(sun, "3"), entrances="123", sides=("东户", "西户"))
    r.flats(r.building(sun, "3甲"), entrances="1")
    for n in range(1, 6):
        r.unit(s["C1/1"], s["C1/1"], f"门市{n}", "1")
    r.unit(s["C1/1"], s["C1/1"], "B1-103", "-1")
    r.plate(s["S1"], "128", sun)
    first = r.named("compound", "C2", "和平小区", xiangyang)
    second = r.named("compound", "C3", "和平小区", heping)
    for n in range(1, 6):
        r.flats(r.building(first, str(n)))
        r.flats(r.building(second, str(n)))
    r.flats(r.building(second, "8"))
    _zoned(r, minhang, xiangyang)
    xuefu = r.named("compound", "C6", "学府一号", minhang)
    for n in ("1", "2", "A座"):
        r.flats(r.building(xuefu, n), entrances=(), floors=18, doors=4)
    _others(r, minhang, xiangyang, xinjian, xinjiandong)


def _zoned(r: MemoryRegister, minhang: Node, xiangyang: Node) -> None:
    for zone, numbers in (("A", (1, 2, 3)), ("B", (4, 5, 6))):
        c = r.named("compound", f"C4{zone}", f"世纪城{zone}区", minhang)
        for n in numbers:
            r.flats(r.building(c, str(n)), entrances=(), floors=11, doors=4)
    for phase in ("一", "二"):
        c = r.named("compound", f"C5{phase}", f"金色家园{phase}期", xiangyang)
        for n in (1, 2, 3):
            r.flats(r.building(c, str(n)))


def _others(r: MemoryRegister, minhang: Node, xiangyang: Node, xinjian: Node,
            xinjiandong: Node) -> None:  # fmt: skip
    s = r.nodes
    bayi = r.named("compound", "C7", "八一小区", xiangyang, aliases=("八一",))
    for n in ("2", "5", "12-1"):
        r.flats(r.building(bayi, n))
    r.named("compound", "C8", "恒大名都", xinjian)
    r.flats(r.building(s["C8"], "8"), floors=11, doors=4)
    r.named("compound", "C9", "碧桂园", xinjian)
    r.named("compound", "C10", "碧桂园天玺", xinjian)
    r.flats(r.building(s["C9"], "6"), entrances="1", floors=18)
    r.flats(r.building(s["C10"], "3"), entrances=(), floors=18)
    power = r.named("compound", "C11", "电力公寓", xinjiandong)
    r.flats(r.building(power, "1"))
    r.named("compound", "C12", "世纪城龙泉苑", xinjiandong)
    r.flats(r.building(s["C12"], "1"))
    tower = r.named("building", "B1", "万达写字楼", minhang, aliases=("万达大厦",))
    r.flats(tower, entrances=(), floors=20, doors=8)
    r.plate(s["S3"], "66", tower)
    lane = r.named("compound", "C13", "青年里", xiangyang)
    r.flats(r.building(lane, "2", label="2号"), entrances=())
    r.plate(s["S5"], "351弄", lane)
    for n in ("12", "12-2", "30甲", "40附1"):
        r.plate(s["S3"], n)
    east = r.named("compound", "C14", "新建里东区", xinjiandong)
    r.flats(r.building(east, "1"))
    r.named("compound", "C15", "铁路二号院", xinjian)
    r.flats(r.building(s["C15"], "1"))
    r.named("organization", "O1", "科尔沁区第一人民医院", None, aliases=("区一院",),
            target=r.building(minhang, "门诊楼", label="门诊楼"))
