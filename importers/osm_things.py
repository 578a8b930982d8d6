"""OpenStreetMap files: collecting the things our ledgers have a place for.

Two passes: the relations first, for they say which ways belong together; then everything.
Areas are assembled by libosmium; a relation with members outside the extract is put together
from those that are there, if its outer ring is.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import shapely
from shapely.geometry.base import BaseGeometry

from importers import osm_tags
from importers.base import Issue, shown, unreadable

AREA_ROLES = ("buildings", "parts", "compounds", "grounds", "divisions")
BEYOND = "reaches beyond the extract"
COUNTRY = "a country, above our tree"
OPEN = "its outline is not closed"
CROSSED = "its outline crosses itself"


@dataclass(frozen=True, slots=True, eq=False)
class Thing:
    """A node, way or relation with its tags; `nodes` are those of its outline."""

    reference: str
    tags: dict[str, str]
    geometry: BaseGeometry
    nodes: frozenset[int] = frozenset()

    def __str__(self) -> str:
        """Name the thing as a person can find it again."""
        name = self.tags.get("name")
        return f"{self.reference} ({shown(name)})" if name else self.reference


@dataclass(slots=True)
class Extract:
    """The things of a file by role, with what was left out and why."""

    things: dict[str, list[Thing]] = field(default_factory=lambda: defaultdict(list))
    skipped: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    issues: dict[str, list[Issue]] = field(default_factory=lambda: defaultdict(list))
    street_of: dict[str, str] = field(default_factory=dict)

    def leave_out(self, role: str, reason: str, what: str | None = None) -> None:
        """Count a thing that is left out, and name it if someone could mend it."""
        self.skipped[role][reason] += 1
        if what is not None:
            self.note(role, reason, what, "Mend it at its source, or take a larger extract.")

    def note(self, role: str, rule: str, what: str, remedy: str) -> None:
        """Remark on a thing."""
        self.issues[role].append(Issue(0, None, rule, what, remedy, rejects=False))


def area_roles(tags: osm_tags.Tags, relation: bool) -> list[str]:
    """Tell which ledgers an area belongs to."""
    roles = []
    if tags.get("building", "no") != "no":
        roles.append("buildings")
    elif tags.get("building:part", "no") != "no":
        roles.append("parts")
    if osm_tags.compound_kind(tags):
        roles.append("compounds")
    if osm_tags.ground_kind(tags):
        roles.append("grounds")
    if tags.get("boundary") == "administrative" and relation:
        roles.append("divisions")
    return roles


def node_roles(tags: osm_tags.Tags) -> list[str]:
    """Tell which ledgers a node belongs to."""
    roles = []
    building = tags.get("building", "no")
    if tags.get("entrance", "no") != "no" or building == "entrance":
        roles.append("entrances")
    elif building != "no":
        roles.append("buildings")
    if "addr:housenumber" in tags:
        roles.append("addresses")
    return roles


def collect(path: Path, form: str) -> Extract:
    """Read a file (`form` is pbf or osm); raises UnreadableSource where it breaks off."""
    import osmium

    collector = _Collector()
    try:
        file = osmium.io.File(str(path), form)
        for relation in osmium.FileProcessor(file, osmium.osm.RELATION):
            collector.announce(relation)
        untagged = osmium.filter.EmptyTagFilter()
        untagged.enable_for(osmium.osm.NODE)
        for thing in osmium.FileProcessor(file).with_areas().with_filter(untagged):
            collector.take(thing)
    except (RuntimeError, ValueError) as error:
        if "out of order" in str(error):
            raise unreadable(path, str(error), "Sort it first (osmium sort).") from error
        wrong = f"it is damaged or cut off ({shown(str(error))})"
        raise unreadable(path, wrong, "Download or cut it again.") from error
    return collector.finished()


@dataclass(slots=True)
class _Pending:
    """An area that libosmium has not delivered yet."""

    tags: dict[str, str]
    roles: list[str]
    nodes: list[int] = field(default_factory=list)
    members: list[tuple[int, str]] = field(default_factory=list)
    reason: str = BEYOND


class _Collector:
    """Takes things in the order of the file and sorts them by role."""

    def __init__(self) -> None:
        self.extract = Extract()
        self._pending: dict[str, _Pending] = {}
        self._wanted: set[int] = set()
        self._ways: dict[int, tuple[list[int], BaseGeometry | None]] = {}
        self._named_by_way: dict[int, list[str]] = {}
        self._wkb: Any = None

    def announce(self, relation: Any) -> None:
        """Take a relation in the first pass."""
        tags = dict(relation.tags)
        kind = tags.get("type")
        if kind in ("associatedStreet", "street"):
            self._announce_street(tags, relation.members)
        roles = area_roles(tags, relation=True)
        if not roles:
            return
        reference = f"relation/{relation.id}"
        if roles == ["divisions"] and osm_tags.division_level(tags) is None:
            self.extract.leave_out("divisions", COUNTRY)
            return
        if kind not in ("multipolygon", "boundary"):
            for role in roles:
                self.extract.leave_out(role, "a relation that is no area", reference)
            return
        members = [(member.ref, member.role) for member in relation.members if member.type == "w"]
        self._pending[reference] = _Pending(tags, roles, members=members)
        self._wanted.update(way for way, _ in members)

    def take(self, thing: Any) -> None:
        """Take a thing of the second pass."""
        if thing.is_area():
            self._take_area(thing)
        elif thing.is_node():
            self._take_node(thing)
        elif thing.is_way():
            self._take_way(thing)

    def finished(self) -> Extract:
        """Settle what is still open."""
        for reference, pending in self._pending.items():
            geometry = self._put_together(pending) if pending.members else None
            if geometry is None:
                self._give_up(reference, pending)
                continue
            self._keep(reference, pending, geometry)
            remedy = "Take a larger extract if an inner court matters."
            for role in pending.roles:
                self.extract.note(role, "inner ring missing", reference, remedy)
        return self.extract

    def _give_up(self, reference: str, pending: _Pending) -> None:
        name = str(Thing(reference, pending.tags, shapely.Point()))
        for role in pending.roles:
            self.extract.leave_out(role, pending.reason, name)
        if "addr:housenumber" in pending.tags:
            self.extract.leave_out("plates", f"on a building that {BEYOND}", name)

    def _announce_street(self, tags: dict[str, str], members: Iterable[Any]) -> None:
        kinds = {"n": "node", "w": "way", "r": "relation"}
        for member in members:
            if member.role in ("house", "address", "addr:houselink") and "name" in tags:
                reference = f"{kinds[member.type]}/{member.ref}"
                self.extract.street_of[reference] = tags["name"]

    def _take_node(self, node: Any) -> None:
        tags = dict(node.tags)
        for role in node_roles(tags):
            if not node.location.valid():
                self.extract.leave_out(role, "no position", f"node/{node.id}")
                continue
            point = shapely.Point(node.location.lon, node.location.lat)
            nodes = frozenset((node.id,))
            self.extract.things[role].append(Thing(f"node/{node.id}", tags, point, nodes))

    def _take_way(self, way: Any) -> None:
        tags = dict(way.tags)
        roles = area_roles(tags, relation=False)
        street = osm_tags.street_class(tags)
        if not (roles or street or way.id in self._wanted or "addr:housenumber" in tags):
            return
        nodes = [node.ref for node in way.nodes]
        places = [(node.lon, node.lat) for node in way.nodes if node.location.valid()]
        line = shapely.LineString(places) if len(places) > 1 else None
        if way.id in self._wanted:
            self._ways[way.id] = (nodes, line if len(places) == len(nodes) else None)
        if street and tags.get("area") != "yes":
            self._take_street(f"way/{way.id}", tags, line)
        if roles:
            reason = OPEN if nodes[:1] != nodes[-1:] or len(nodes) < 4 else CROSSED
            reason = reason if len(places) == len(nodes) else BEYOND
            self._pending[f"way/{way.id}"] = _Pending(tags, roles, nodes, reason=reason)
        elif "addr:housenumber" in tags and line is not None:
            self.extract.things["addresses"].append(Thing(f"way/{way.id}", tags, line))

    def _take_street(self, reference: str, tags: dict[str, str], line: Any) -> None:
        if osm_tags.names(tags).name is None:
            self.extract.leave_out("streets", f"highway={tags['highway']} without a name")
        elif line is None:
            self.extract.leave_out("streets", BEYOND, reference)
        else:
            self.extract.things["streets"].append(Thing(reference, tags, line))

    def _take_area(self, area: Any) -> None:
        import osmium

        kind = "way" if area.from_way() else "relation"
        reference = f"{kind}/{area.orig_id()}"
        pending = self._pending.get(reference)
        outer_rings, _ = area.num_rings()
        if pending is None or not outer_rings:
            return
        if self._wkb is None:
            self._wkb = osmium.geom.WKBFactory()
        geometry = shapely.from_wkb(self._wkb.create_multipolygon(area))
        self._keep(reference, self._pending.pop(reference), _single(geometry))

    def _keep(self, reference: str, pending: _Pending, geometry: BaseGeometry) -> None:
        nodes = set(pending.nodes)
        for way, _ in pending.members:
            nodes.update(self._ways.get(way, ([], None))[0])
        thing = Thing(reference, pending.tags, geometry, frozenset(nodes))
        for role in pending.roles:
            self.extract.things[role].append(thing)
        if "addr:housenumber" in pending.tags:
            self.extract.things["addresses"].append(thing)

    def _put_together(self, pending: _Pending) -> BaseGeometry | None:
        """Build an area from whole outer rings, though inner members are missing."""
        outer = [self._ways.get(way, ([], None))[1] for way, role in pending.members
                 if role != "inner"]  # fmt: skip
        if not outer or any(line is None for line in outer) or "divisions" in pending.roles:
            return None
        faces = list(shapely.polygonize(outer).geoms)
        inner = [self._ways.get(way, ([], None))[1] for way, role in pending.members
                 if role == "inner"]  # fmt: skip
        courts = shapely.polygonize([line for line in inner if line is not None])
        whole = shapely.difference(shapely.union_all(faces), shapely.union_all(courts))
        return _single(whole) if faces and not whole.is_empty else None


def _single(geometry: BaseGeometry) -> BaseGeometry:
    """Unwrap a collection of one."""
    parts = getattr(geometry, "geoms", None)
    return parts[0] if parts is not None and len(parts) == 1 else geometry
