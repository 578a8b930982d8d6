"""Text files: which encoding they are in, and their lines one by one.

The whole file is decoded once before anything is delivered, so that no import breaks off at
half for a byte that a glance at the beginning could not see.
"""

import codecs
import re
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from importers.base import MEBIBYTE, shown, unreadable

_BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"),
         (codecs.BOM_UTF16_BE, "utf-16"))  # fmt: skip
_CANDIDATES = ("cp1252", "cp1250", "cp1251", "big5", "shift_jis", "euc_kr")
# What GB18030 reads as two bytes: a second byte below 0x80 is rare in Chinese, and the rule
# where a Western code page puts an accented letter before a plain one.
_PAIRS = re.compile(rb"[\x81-\xfe][\x30-\x39][\x81-\xfe][\x30-\x39]|([\x81-\xfe][\x40-\x7e])"
                    rb"|([\x81-\xfe][\x80-\xfe])")  # fmt: skip
_MOST_LOW_PAIRS = 0.5


def find_encoding(path: Path, given: str | None = None) -> str:
    """Find a codec that decodes the whole file; `given` is checked and kept.

    Tries a byte order mark, UTF-16 without one, UTF-8, GB18030 (hence GBK and GB 2312), and
    otherwise raises UnreadableSource, which shows how likely encodings would read.
    """
    if given is not None:
        return _checked(path, given)
    with path.open("rb") as stream:
        head = stream.read(MEBIBYTE)
    for mark, encoding in _BOMS:
        if head.startswith(mark):
            return _checked(path, encoding)
    bare = _bare_utf16(head)
    if bare is not None and _first_fault(path, bare) is None:
        return bare
    if _first_fault(path, "utf-8") is None:
        return "utf-8"
    if looks_chinese(head) and _first_fault(path, "gb18030") is None:
        return "gb18030"
    raise _undecided(path)


def lines(path: Path, encoding: str, limit: int) -> Iterator[str]:
    """Read the lines with their ends (LF, CRLF or CR, also mixed).

    A line of more than `limit` characters raises UnreadableSource, and is never held whole.
    """
    with path.open(encoding=encoding, newline="") as stream:
        for number, line in enumerate(iter(partial(stream.readline, limit + 1), ""), 1):
            if len(line) > limit:
                wrong = f"line {number:,} is longer than {limit:,} characters"
                raise unreadable(path, wrong, "Check the line ends and the quotes.")
            yield line


def _checked(path: Path, encoding: str) -> str:
    try:
        codecs.lookup(encoding)
        fault = _first_fault(path, encoding)
    except LookupError:
        wrong = f"'{shown(encoding)}' is no text encoding"
        remedy = "Known ones are utf-8, gb18030, utf-16, big5, cp1252."
        raise unreadable(path, wrong, remedy) from None
    if fault is not None:
        wrong = f"line {fault:,} has bytes that are not {encoding}"
        raise unreadable(path, wrong, "Name the right encoding, or save the file as UTF-8.")
    return encoding


def _first_fault(path: Path, encoding: str) -> int | None:
    """Find the first line that does not decode."""
    decoder = codecs.getincrementaldecoder(encoding)()
    line = 1
    with path.open("rb") as stream:
        while True:
            chunk = stream.read(MEBIBYTE)
            try:
                decoder.decode(chunk, final=not chunk)
            except UnicodeError as error:
                start = getattr(error, "start", 0)
                return line + chunk[:start].count(b"\n")
            if not chunk:
                return None
            line += chunk.count(b"\n")


def _bare_utf16(head: bytes) -> str | None:
    """Recognise UTF-16 without a mark: plain ASCII leaves every second byte zero."""
    even, odd = head[0::2].count(0), head[1::2].count(0)
    if odd > len(head) // 40 and even <= odd // 50 and b"\n\0" in head:
        return "utf-16-le"
    if even > len(head) // 40 and odd <= even // 50 and b"\0\n" in head:
        return "utf-16-be"
    return None


def looks_chinese(head: bytes) -> bool:
    """Tell whether bytes that GB18030 would read look as Chinese does, not as accents do."""
    low = high = 0
    for pair in _PAIRS.finditer(head):
        low += pair.lastindex == 1
        high += pair.lastindex == 2
    return low <= _MOST_LOW_PAIRS * max(low + high, 1)


def readings(line: bytes) -> str:
    """Show how a line reads in likely encodings, for a clerk to choose from."""
    found = []
    for encoding in _CANDIDATES:
        try:
            found.append(f"{encoding} '{line.decode(encoding).strip()}'")
        except UnicodeDecodeError:
            continue
    return f", whichever reads right: {'; '.join(found)}" if found else ""


def _undecided(path: Path) -> Exception:
    with path.open("rb") as stream:
        line = next((line for line in stream if not line.isascii()), b"")
    wrong = "neither UTF-8, UTF-16 nor GB18030"
    return unreadable(path, wrong, f"Name the encoding{readings(line[:60])}.")
