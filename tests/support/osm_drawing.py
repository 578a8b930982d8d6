"""OpenStreetMap extracts drawn in a few lines."""

from collections.abc import Iterable
from pathlib import Path
from xml.sax.saxutils import quoteattr


class Drawing:
    """A small extract; places are in steps of 0.0001 degree from 10° E 10° N."""

    def __init__(self) -> None:
        self._parts: list[str] = []
        self._nodes: dict[tuple[int, int], int] = {}

    def node(self, x: int, y: int, **tags: str) -> int:
        """Draw a node and return its id."""
        number = len(self._nodes) + 1
        self._nodes[x, y] = number
        place = f'id="{number}" lon="{10 + x / 10000:.4f}" lat="{10 + y / 10000:.4f}"'
        self._parts.append(f"<node {place}>{_tags(tags)}</node>")
        return number

    def way(self, number: int, places: Iterable[tuple[int, int] | int], **tags: str) -> None:
        """Draw a way along places, or along nodes by their ids, which need not exist."""
        found = [place if isinstance(place, int) else self._at(place) for place in places]
        refs = "".join(f'<nd ref="{node}"/>' for node in found)
        self._parts.append(f'<way id="{number}">{refs}{_tags(tags)}</way>')

    def square(self, number: int, x: int, y: int, size: int, **tags: str) -> None:
        """Draw a closed way."""
        corners = [(x, y), (x + size, y), (x + size, y + size), (x, y + size), (x, y)]
        self.way(number, corners, **tags)

    def relation(self, number: int, members: Iterable[tuple[str, int, str]], **tags: str) -> None:
        """Draw a relation; members are (kind, id, role)."""
        inner = "".join(
            f'<member type="{kind}" ref="{ref}" role="{role}"/>' for kind, ref, role in members
        )
        self._parts.append(f'<relation id="{number}">{inner}{_tags(tags)}</relation>')

    def save(self, path: Path) -> Path:
        """Write the extract, nodes first as OpenStreetMap does."""
        order = ("<node", "<way", "<relation")
        parts = [part for kind in order for part in self._parts if part.startswith(kind)]
        path.write_text(f'<?xml version="1.0"?><osm version="0.6">{"".join(parts)}</osm>')
        return path

    def _at(self, place: tuple[int, int]) -> int:
        return self._nodes.get(place) or self.node(*place)


def _tags(tags: dict[str, str]) -> str:
    return "".join(
        f"<tag k={quoteattr(key.replace('__', ':'))} v={quoteattr(value)}/>"
        for key, value in tags.items()
    )
