"""Frames between a reader in a process of its own and whoever asked it: JSON, then bytes.

JSON and not pickle, for what a hostile file made of its reader must not run here.
"""

import json
import struct
from collections.abc import Sequence
from typing import IO, Any

_LENGTHS = struct.Struct(">QQ")
_encode = json.JSONEncoder(ensure_ascii=False, check_circular=False,
                           separators=(",", ":")).encode  # fmt: skip
#: Parts the texts of a column; no text of a ledger has it, and one that has is sent as JSON.
_BETWEEN = "\x1e"
#: A frame beyond this is a mistake; ten thousand rows at their longest stay below it.
LARGEST = 4 << 30


def write_frame(stream: IO[bytes], head: dict[str, Any], blobs: Sequence[bytes] = ()) -> None:
    """Write one frame and send it off."""
    text = _bytes(_encode(head))
    stream.write(_LENGTHS.pack(len(text), sum(map(len, blobs))))
    stream.write(text)
    for blob in blobs:
        stream.write(blob)
    stream.flush()


def read_frame(stream: IO[bytes]) -> tuple[dict[str, Any], bytes]:
    """Read one frame; raises EOFError where it breaks off, ValueError where it is none."""
    text, body = _LENGTHS.unpack(_exactly(stream, _LENGTHS.size))
    if text + body > LARGEST:
        raise ValueError("a frame is too large")
    head = json.loads(_exactly(stream, text).decode("utf-8", "surrogatepass"))
    if not isinstance(head, dict):
        raise ValueError("a frame is no object")
    return head, _exactly(stream, body)


def join(cells: Sequence[str | None]) -> bytes | None:
    """Return a column of texts as one: far quicker than JSON; None where it has to be JSON."""
    try:
        text = _BETWEEN.join(cells)  # type: ignore[arg-type]
    except TypeError:
        return None
    return _bytes(text) if text.count(_BETWEEN) == len(cells) - 1 else None


def split(joined: bytes) -> list[str]:
    """Return the texts that were joined."""
    return joined.decode("utf-8", "surrogatepass").split(_BETWEEN)


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def _exactly(stream: IO[bytes], size: int) -> bytes:
    data = stream.read(size)
    if len(data) < size:
        raise EOFError("the other side is gone")
    return data
