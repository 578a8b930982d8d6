"""ZIP archives of files: measured before anything is unpacked, and nothing unpacked outside.

An archive says itself how large its parts are, and may lie; so parts are unpacked and counted.
"""

import zipfile
import zlib
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path, PurePosixPath

from importers.base import MEBIBYTE, Limits, check_size, unreadable
from spatial.errors import UnreadableSource

_LINK = 0o120000
_PACKED = (".zip", ".gz", ".7z", ".rar", ".bz2", ".xz", ".tar", ".tgz")
#: Folders and files that systems put into archives and nobody meant.
_BESIDE = ("__MACOSX/", ".DS_Store", "Thumbs.db", "desktop.ini")


def is_archive(head: bytes) -> bool:
    """Tell a ZIP by its first bytes."""
    return head.startswith(b"PK\x03\x04")


def parts_of(path: Path, limits: Limits) -> dict[str, zipfile.ZipInfo]:
    """List the files of an archive by name, folders left out; refuses what no ledger needs."""
    check_size(path, limits.archive_packed)
    try:
        with closing(zipfile.ZipFile(path)) as package:
            every = package.infolist()
    except (zipfile.BadZipFile, UnicodeDecodeError, ValueError, NotImplementedError) as error:
        raise _damaged(path) from error
    if len(every) > limits.archive_parts:
        wrong = f"it holds {len(every):,} files, more than {limits.archive_parts:,}"
        raise unreadable(path, wrong, "Pack one ledger with its companions.")
    for part in every:
        _check(path, part)
    found = {_name(part): part for part in every if not part.is_dir()
             and not any(_name(part).startswith(one) or _name(part).endswith(one)
                         for one in _BESIDE)}  # fmt: skip
    if sum(part.file_size for part in found.values()) > limits.archive_unpacked:
        raise _bomb(path, limits)
    return found


def unpack(path: Path, part: zipfile.ZipInfo, limits: Limits, most: int) -> Iterator[bytes]:
    """Yield a part piece by piece; refuses it when more than `most` bytes come out."""
    done = 0
    try:
        with zipfile.ZipFile(path) as package, package.open(part) as stream:
            while piece := stream.read(MEBIBYTE):
                done += len(piece)
                if done > most:
                    raise _bomb(path, limits)
                yield piece
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
        raise _damaged(path) from error


def _check(path: Path, part: zipfile.ZipInfo) -> None:
    name = _name(part)
    if name.startswith("/") or ".." in PurePosixPath(name).parts or ":" in name:
        raise unreadable(path, f"it holds '{name[:80]}', which lies outside it", "Pack it anew.")
    if part.external_attr >> 16 & 0o170000 == _LINK:
        raise unreadable(path, f"it holds a link ('{name[:80]}')", "Pack the file itself.")
    if part.flag_bits & 1:
        raise unreadable(path, "it is locked with a password", "Pack it without one.")
    if name.lower().endswith(_PACKED):
        raise unreadable(path, f"it holds another archive ('{name[:80]}')", "Unpack that first.")


def _name(part: zipfile.ZipInfo) -> str:
    return part.filename.replace("\\", "/")


def _bomb(path: Path, limits: Limits) -> UnreadableSource:
    most = limits.archive_unpacked
    return unreadable(path, f"unpacked it is larger than {most:,} bytes", "Split it.")


def _damaged(path: Path) -> UnreadableSource:
    return unreadable(path, "the archive is damaged or cut off", "Copy or pack it again.")
