"""Shapefiles: a `.shp` with the files that belong to it, side by side or in a ZIP."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import Any

from importers import dbf
from importers.archive import is_archive, parts_of, unpack
from importers.base import Contents, Options, Table, check_size, shown, unreadable
from importers.gdal import Found, arrow, batches, find
from importers.headers import clean_header
from importers.scratch import Scratch

_MAGIC = b"\x00\x00\x27\x0a"
#: What belongs together; without one of the first three nothing can be read.
NEEDED, ALSO = (".shp", ".shx", ".dbf"), (".prj", ".cpg")
_RAW = "ISO-8859-1"
_LARGEST_NOTE = 20_000


@dataclass(frozen=True, slots=True)
class _Parts:
    """One Shapefile's files by suffix, and what it is called."""

    name: str
    files: Mapping[str, Path]
    scratch: Scratch


class Shapefile:
    """Reads Shapefiles; rows are counted from 1."""

    format = "Shapefile"
    suffixes = frozenset({".shp", ".zip"})

    def accepts(self, head: bytes) -> bool:
        """Tell by the magic of a .shp; a ZIP is one where a .shp is among its files."""
        return head.startswith(_MAGIC) or (
            is_archive(head) and b".shp" in head.lower() and b"xl/" not in head)

    def read(self, path: Path, options: Options) -> Contents:
        """Open the Shapefile, or all those of a ZIP."""
        with path.open("rb") as stream:
            packed = is_archive(stream.read(4))
        every = list(_unpacked(path, options) if packed else [_beside(path, options)])
        remarks: list[str] = []
        tables = [_table(path, parts, options, remarks) for parts in every]
        return Contents(tuple(tables), tuple(remarks))


def _beside(path: Path, options: Options) -> _Parts:
    """Find the companions of a .shp, in any case of letters, and nothing else."""
    scratch, found = Scratch(), {".shp": path}
    for other in path.absolute().parent.iterdir():
        suffix = other.suffix.lower()
        if other.stem == path.stem and suffix in NEEDED[1:] + ALSO and other.is_file():
            found[suffix] = other
    for file in found.values():
        check_size(file, options.limits.gis)
    scratch.link({f"layer{suffix}": file for suffix, file in found.items()})
    return _Parts(path.stem, {suffix: scratch.path / f"layer{suffix}" for suffix in found}, scratch)


def _unpacked(path: Path, options: Options) -> Iterator[_Parts]:
    """Unpack each Shapefile of a ZIP into a folder of its own, under a name of ours."""
    parts = parts_of(path, options.limits)
    left = options.limits.archive_unpacked
    stems = [PurePosixPath(name).with_suffix("") for name in parts if name.lower().endswith(".shp")]
    if options.layer is not None:
        named = [stem for stem in stems if stem.name == options.layer]
        if not named:
            wrong = f"it has no such layer ({shown(options.layer)})"
            raise unreadable(path, wrong, f"It has: {', '.join(one.name for one in stems)}.")
        stems = named
    for stem in stems:
        scratch, files = Scratch(), {}
        for name, part in parts.items():
            one = PurePosixPath(name)
            if one.with_suffix("") == stem and one.suffix.lower() in NEEDED + ALSO:
                files[one.suffix.lower()] = target = scratch.path / f"layer{one.suffix.lower()}"
                with target.open("wb") as out:
                    for piece in unpack(path, part, options.limits, left):
                        left -= out.write(piece)
        yield _Parts(stem.name, files, scratch)


def _table(path: Path, parts: _Parts, options: Options, remarks: list[str]) -> Table:
    _check_whole(path, parts)
    known = dbf.header(path, parts.files[".dbf"])
    crs = options.crs or _crs(path, parts)
    found = find(path, parts.files[".shp"], "layer", options.limits, encoding=_RAW)
    if found.rows != known.rows:
        wrong = f"its .shp has {found.rows:,} shapes and its .dbf {known.rows:,} rows"
        raise unreadable(path, wrong, "Copy all its files again, from one folder.")
    encoding = dbf.find_encoding(path, _texts(found), given=options.encoding,
                                 cpg=_note(parts, ".cpg"), language=known.language)
    read = _decoder(encoding.name)
    names, said = clean_header([read(name) or name for name in found.columns])
    remarks.extend(f"{parts.name}: {remark}" for remark in (*encoding.remarks, *said))
    found = replace(found, decode=read, kept=parts.scratch)
    return Table(parts.name, names, lambda table: batches(found, table, encoding=_RAW), crs,
                 found.rows)  # fmt: skip


def _check_whole(path: Path, parts: _Parts) -> None:
    missing = [suffix for suffix in NEEDED if suffix not in parts.files]
    if missing:
        wrong = f"its {' and its '.join(missing)} {'is' if len(missing) == 1 else 'are'} missing"
        raise unreadable(path, wrong, "A Shapefile is several files of one name: copy all of "
                         "them, or pack them into one ZIP.")
    for suffix in (".shp", ".shx"):
        with parts.files[suffix].open("rb") as stream:
            head = stream.read(100)
        says, has = 2 * int.from_bytes(head[24:28], "big"), parts.files[suffix].stat().st_size
        if not head.startswith(_MAGIC) or len(head) < 100 or has < says:
            wrong = f"its {suffix} is cut off: it says {says:,} bytes and has {has:,}"
            raise unreadable(path, wrong, "Copy or export it again.")


def _crs(path: Path, parts: _Parts) -> str:
    """Return what the .prj says; without one nobody knows, and nothing is guessed."""
    from spatial.crs import parse_crs
    from spatial.errors import UnknownCRS

    said = _note(parts, ".prj")
    if not said:
        raise unreadable(path, "its .prj is missing, so nothing tells its coordinate system",
                         "Copy the .prj too, or name the system with --crs, as EPSG:4490.")
    try:
        return _plain(parse_crs(said).name, said)
    except UnknownCRS:
        raise unreadable(path, f"its .prj names no known coordinate system ({shown(said)})",
                         "Name it yourself with --crs, as EPSG:4490.") from None


def _plain(name: str, said: str) -> str:
    return name if name.startswith("EPSG:") else said


def _note(parts: _Parts, suffix: str) -> str | None:
    if suffix not in parts.files:
        return None
    with parts.files[suffix].open("rb") as stream:
        return stream.read(_LARGEST_NOTE).decode("utf-8-sig", "replace").strip() or None


def _texts(found: Found) -> Iterator[bytes]:
    """Yield every text of the table as its bytes, and its headers."""
    yield from (name.encode(_RAW) for name in found.columns)
    for columns, _ in arrow(found, encoding=_RAW, read_geometry=False):
        for column in columns:
            if any(isinstance(value, str) for value in column):
                yield from {value.encode(_RAW, "replace") for value in column
                            if isinstance(value, str) and not value.isascii()}


def _decoder(encoding: str) -> Any:
    def decode(text: str) -> str | None:
        return text if text.isascii() else dbf.decoded(text.encode(_RAW, "replace"), encoding)
    return decode
