"""The same area in two ages: what a snapshot changes is what a comparison by id says."""

from pathlib import Path
from xml.etree import ElementTree

from sqlalchemy import select, text

from layers.buildings import Building

SAMPLE = Path(__file__).parents[2] / "data" / "samples" / "shu_shanghai_1.osm"
#: Ids that no way or node of the sample has.
FRESH = 900_000_000_000


def buildings(root):
    """Return the ways that are nothing but one plain building."""
    return [way for way in root.iter("way")
            if {tag.get("k") for tag in way.iter("tag")} <= {"building", "name", "building:levels"}
            and way.find("tag[@k='building']") is not None]


def age(path):
    """Write a newer age of the sample; returns how many buildings went, changed and came."""
    tree = ElementTree.parse(SAMPLE)  # noqa: S314  (our own sample)
    root = tree.getroot()
    ways = buildings(root)
    gone, renamed, copied = ways[:3], ways[3:8], ways[8:10]
    nodes = {node.get("id"): node for node in root.iter("node")}
    for way in gone:
        root.remove(way)
    for way in renamed:
        for tag in way.findall("tag[@k='name']"):
            way.remove(tag)
        ElementTree.SubElement(way, "tag", k="name", v="新楼" + way.get("id"))
    for number, way in enumerate(copied):
        _beside(root, way, nodes, FRESH + 1_000 * number)
    tree.write(path, encoding="utf-8", xml_declaration=True)
    return {way.get("id") for way in gone}, {way.get("id") for way in renamed}, len(copied)


def _beside(root, way, nodes, first):
    """Add a copy of a building a little to the south, with nodes and ids of its own."""
    twin = ElementTree.Element("way", {**way.attrib, "id": str(first)})
    ids = {}
    for reference in way.iter("nd"):
        old = nodes[reference.get("ref")]
        if reference.get("ref") not in ids:
            ids[reference.get("ref")] = str(first + 1 + len(ids))
            south = f"{float(old.get('lat')) - 0.02:.7f}"
            root.insert(1, ElementTree.Element("node", {
                **old.attrib, "id": ids[reference.get("ref")], "lat": south}))
        ElementTree.SubElement(twin, "nd", ref=ids[reference.get("ref")])
    ElementTree.SubElement(twin, "tag", k="building", v="yes")
    root.append(twin)


def test_a_newer_age_ends_changes_and_adds_what_a_comparison_by_id_says(door):
    first = door.take(SAMPLE, source="OSM", mode="snapshot")
    newer = door.folder / "newer.osm"
    gone, renamed, new = age(newer)
    second = door.take(newer, source="OSM", mode="snapshot", confirm_ending=len(gone))
    told = second["buildings"]
    assert (told.new, told.changed, told.ended) == (new, len(renamed), len(gone))
    assert told.unchanged == first["buildings"].read - len(gone) - len(renamed)
    for layer, one in second.items():
        if layer != "buildings":
            assert (one.new, one.changed, one.ended) == (0, 0, 0), layer
    with door.engine.connect() as connection:
        ended = connection.scalars(select(Building.source_id).where(
            Building.valid_to.is_not(None))).all()
        assert {one.rpartition("/")[2].strip("w") for one in ended} == gone
        names = connection.scalars(text("SELECT name FROM building WHERE name LIKE '新楼%'")).all()
        assert {name.removeprefix("新楼") for name in names} == renamed
    back = door.take(SAMPLE, source="OSM", mode="snapshot", confirm_ending=new)["buildings"]
    assert (back.new, back.changed, back.ended) == (0, len(gone) + len(renamed), new)
