"""Text that was garbled before it came here: read in one encoding, saved in another.

The file itself decodes without a fault, so its bytes tell nothing; the words do. UTF-8 that was
read as a Western code page or as GBK still decodes as UTF-8 when it is put back, which no real
text does; GBK read as a Western code page makes rows of accented letters that no language has.
"""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence

from importers.base import shown
from importers.text import looks_chinese
from importers.values import Problem

#: The letters of cp1252 and Latin-1 above ASCII, as text.
_WESTERN = "".join(sorted({bytes([one]).decode("cp1252", "ignore") for one in range(128, 256)}
                          | {chr(one) for one in range(128, 256)}))
_HAS_WESTERN = re.compile(f"[{re.escape(_WESTERN)}]")
_BYTES = {ord(char): one for one in range(128, 256) for char in {
    bytes([one]).decode("cp1252", "ignore"), chr(one)} if char}
_HAN = re.compile(r"[\u3400-\u9fff\U00020000-\U0003ffff]")
#: Accented letters side by side that GBK may have been: four, two characters, at least.
_RUN = re.compile(f"[{re.escape(_WESTERN)}]{{4,}}")
#: What is left where undecodable bytes were replaced and the mark was read as GBK again.
LOST = "锟斤拷"
#: Stands for a byte that neither encoding had: what is around it tells all the same.
REPLACED = "\ufffd"
#: Characters of a decoded text that must be Chinese before it counts.
_HAN_LEAST = 2


def faults(texts: Mapping[str, Sequence[str | None]], personal: Collection[str]
           ) -> Iterator[tuple[str, dict[int, Problem]]]:
    """Yield each column's garbled cells; how one should read is told only where no person is."""
    for column, said in texts.items():
        telling = column not in personal
        found = {row: Problem("encoding", what + (f" ({shown(read)})" if read and telling else "")
                              + "; have the file exported again, as UTF-8")
                 for row, what, read in garbled(said)}
        if found:
            yield column, found


def garbled(texts: Sequence[str | None]) -> Iterator[tuple[int, str, str | None]]:
    """Yield row, what happened, and how it should read (None: lost) of the garbled ones."""
    joined = "\n".join(text for text in texts if text)
    if joined.isascii():
        return
    western, rare = bool(_HAS_WESTERN.search(joined)), not _plain(joined)
    if not western and not rare and LOST not in joined:
        return
    for row, text in enumerate(texts):
        if text and not text.isascii() and (found := told(text)):
            yield row, *found


def told(text: str) -> tuple[str, str | None] | None:
    """Tell what happened to a text and how it should read; None for one that is as it was."""
    if LOST in text:
        return "undecodable bytes were replaced, and are lost", None
    text = text.replace(REPLACED, "")
    if _HAS_WESTERN.search(text) and (raw := _western_bytes(text)) is not None:
        if read := _as_utf8(raw) or _mostly_utf8(raw):
            return "UTF-8 was read as a Western code page", read
        if _RUN.search(text) and looks_chinese(raw) and (read := _as_gbk(raw)):
            return "GBK was read as a Western code page", read
    elif not _plain(text) and (read := _as_utf8(text.encode("gb18030", "replace"))) and (
            len(_HAN.findall(read)) >= _HAN_LEAST):
        return "UTF-8 was read as GBK", read
    return None


def _plain(text: str) -> bool:
    """Tell whether a text has the characters of everyday Chinese only (GB 2312)."""
    try:
        text.encode("gb2312")
    except UnicodeEncodeError:
        return False
    return True


def _western_bytes(text: str) -> bytes | None:
    """Return the bytes that a text was in a Western code page; None for one that was not."""
    found = [_BYTES.get(ord(char), ord(char)) for char in text]
    return bytes(found) if max(found) < 256 else None  # noqa: PLR2004


def _as_utf8(raw: bytes) -> str | None:
    """Return bytes as UTF-8 where they are; the last character may have been cut."""
    try:
        read = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        if error.start < len(raw) - 3 or error.start == 0:
            return None
        read = raw[:error.start].decode("utf-8")
    return None if read.isascii() else read


def _mostly_utf8(raw: bytes) -> str | None:
    """Return bytes as UTF-8 where all but a few that were lost are Chinese."""
    read = raw.decode("utf-8", "ignore")
    found = _HAN.findall(read)
    lost = len(raw) - len(read.encode())
    return read if len(found) >= _HAN_LEAST and lost <= 2 * len(found) else None


def _as_gbk(raw: bytes) -> str | None:
    try:
        read = raw.decode("gb2312")
    except UnicodeDecodeError:
        return None
    return read if len(_HAN.findall(read)) >= _HAN_LEAST else None
