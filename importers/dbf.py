"""What a DBF table says of itself, and in which encoding its texts really are.

The encoding is named beside the file (`.cpg`) or in its header (LDID), often wrongly or not at
all; so the bytes of all texts are looked at, and what cannot be told is asked.
"""

import codecs
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from importers.base import unreadable
from importers.text import looks_chinese, readings

#: Language driver ids that mean one code page; 0x57 and 0x00 mean whatever the writer used.
LANGUAGES = {
    0x01: "cp437", 0x02: "cp850", 0x03: "cp1252", 0x13: "cp932", 0x26: "cp866", 0x4D: "gbk",
    0x4E: "cp949", 0x4F: "big5", 0x50: "cp874", 0x58: "cp1252", 0x59: "cp1252", 0x64: "cp852",
    0x65: "cp866", 0x6B: "cp857", 0x78: "big5", 0x79: "cp949", 0x7A: "gbk", 0x7B: "cp932",
    0x7C: "cp874", 0x7D: "cp1255", 0x7E: "cp1256", 0x87: "cp852", 0x88: "cp857", 0xC8: "cp1250",
    0xC9: "cp1251", 0xCA: "cp1254", 0xCB: "cp1253", 0xCC: "cp1257",
}
#: Code pages that so many programs write without meaning them that the bytes are asked first.
_WEAK = frozenset({"cp1252", "cp437", "cp850", "latin-1", "iso8859-1"})
_WORDS = {"ANSI 1252": "cp1252", "SYSTEM": None, "OEM": None, "UTF8": "utf-8"}
_NO_TEXT = re.compile("[\x80-\x9f\ufffd]")


@dataclass(frozen=True, slots=True)
class Header:
    """The measures of a DBF file; `language` is the code page it names, if it names one."""

    rows: int
    head_bytes: int
    row_bytes: int
    language: str | None


@dataclass(frozen=True, slots=True)
class Encoding:
    """The encoding that was found, and what a clerk should know of how."""

    name: str
    remarks: tuple[str, ...] = ()


def header(path: Path, data: Path) -> Header:
    """Read the header; refuses a file that is cut off. `path` is what messages name."""
    with data.open("rb") as stream:
        first = stream.read(32)
    if len(first) < 32:
        raise unreadable(path, "its .dbf is empty or cut off", "Copy it again.")
    rows = int.from_bytes(first[4:8], "little")
    head, row = (int.from_bytes(first[at:at + 2], "little") for at in (8, 10))
    if data.stat().st_size < head + rows * row:
        wrong = f"its .dbf is cut off: it says {rows:,} rows and is too short for them"
        raise unreadable(path, wrong, "Copy or export it again.")
    return Header(rows, head, row, LANGUAGES.get(first[29]))


def find_encoding(path: Path, values: Iterable[bytes], *, given: str | None, cpg: str | None,
                  language: str | None) -> Encoding:
    """Find the encoding of all the texts of a file.

    What was given holds; then UTF-8 where all is valid UTF-8, for no other text is so by chance;
    then what the file says, unless its bytes speak against it; then Chinese by its looks. Raises
    UnreadableSource where nothing can be told, showing how likely encodings would read.
    """
    every = list({value for value in values if not value.isascii()})
    if given is not None:
        return _checked(path, every, given)
    if not every:
        return Encoding("ascii")
    said = _known(cpg) or language
    where = "its .cpg" if _known(cpg) else "its header"
    if _fits(every, "utf-8"):
        return Encoding("utf-8", _differs("utf-8", said, where))
    trusted = said if said and (said not in _WEAK or not _chinese(every)) else None
    if trusted and _fits(every, trusted):
        return Encoding(trusted)
    if _chinese(every):
        return Encoding("gb18030", _differs("gb18030", said, where))
    shown = readings(max(every, key=len)[:60])
    wrong = f"the texts of its .dbf are neither UTF-8 nor GB18030, and {_says(said, where)}"
    raise unreadable(path, wrong, f"Name the encoding with --encoding{shown}.")


def _says(said: str | None, where: str) -> str:
    return f"{where} says {said}, which they are not either" if said else "it does not say what"


def _known(name: str | None) -> str | None:
    """Return the codec that a `.cpg` names: 936, CP936, UTF-8, ISO 88591 and so on."""
    if not name:
        return None
    word = name.strip().strip('"').upper()
    word = _WORDS.get(word, word) or ""
    for tried in (word, f"cp{word}", f"iso-8859-{word[-1:]}" if "8859" in word else ""):
        try:
            return codecs.lookup(tried).name if tried else None
        except LookupError:
            continue
    return None


def _differs(found: str, said: str | None, where: str) -> tuple[str, ...]:
    same = said is not None and codecs.lookup(said).name in {
        codecs.lookup(found).name, *(("gbk", "gb2312") if found == "gb18030" else ())}
    told = f"though {where} says {said}" if said else "which it does not say"
    return () if same else (f"its texts are {found}, {told}",)


def _checked(path: Path, every: list[bytes], given: str) -> Encoding:
    try:
        name = codecs.lookup(given).name
    except LookupError:
        raise unreadable(path, f"'{given[:40]}' is no text encoding",
                         "Known ones are utf-8, gb18030, big5, cp1252.") from None
    if every and not _fits(every, name):
        raise unreadable(path, f"the texts of its .dbf are not {given}",
                         "Name another encoding, or none.")
    return Encoding(name)


def _fits(every: list[bytes], encoding: str) -> bool:
    return all(decoded(value, encoding) is not None for value in every)


def decoded(value: bytes, encoding: str) -> str | None:
    """Decode a text; one that the width of its column cut amid a character loses that one.

    None for what is no text in this encoding.
    """
    try:
        text = value.decode(encoding)
    except UnicodeDecodeError as error:
        if encoding not in ("utf-8", "gbk", "gb18030", "big5", "cp932", "cp949"):
            return None
        cut = error.start > 0 and error.end == len(value) and len(value) - error.start < 4
        text = value[:error.start].decode(encoding) if cut else "\ufffd"
    return None if _NO_TEXT.search(text) else text


def _chinese(every: list[bytes]) -> bool:
    return looks_chinese(b"\n".join(every)) and _fits(every, "gb18030")
