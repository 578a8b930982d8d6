"""FlatGeobuf: features in binary, with their index."""

from pathlib import Path

from importers.base import Contents, Options, Table, check_size, unreadable
from importers.gdal import batches, find, layers_of

_MAGIC = b"fgb\x03fgb"


class FlatGeobuf:
    """Reads FlatGeobuf; rows are counted from 1."""

    format = "FlatGeobuf"
    suffixes = frozenset({".fgb"})

    def accepts(self, head: bytes) -> bool:
        """Tell by the magic."""
        return head.startswith(_MAGIC)

    def read(self, path: Path, options: Options) -> Contents:
        """Open the one table of the file."""
        check_size(path, options.limits.gis)
        name = next(iter(layers_of(path, path.absolute())), None)
        if name is None:
            raise unreadable(path, "it is damaged or cut off", "Copy or export it again.")
        found = find(path, path.absolute(), name, options.limits)
        crs = options.crs or found.crs
        if crs is None:
            raise unreadable(path, "it does not say its coordinate system",
                             "Name it with --crs, as EPSG:4490.")
        return Contents((Table(name or path.stem, found.columns,
                               lambda table: batches(found, table), crs, found.rows),))
