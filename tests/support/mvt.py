"""A small reader of Mapbox Vector Tiles: layers, properties and kinds of geometry."""

import struct
from collections.abc import Iterator
from typing import Any

VARINT, DOUBLE, BYTES, FLOAT = 0, 1, 2, 5


def read_tile(body: bytes) -> dict[str, list[dict[str, Any]]]:
    """Return the properties of every feature, by layer."""
    layers = [dict_of_lists(value) for number, value in fields(body) if number == 3]
    return {layer[1][0].decode(): features(layer) for layer in layers}


def features(layer: dict[int, list[Any]]) -> list[dict[str, Any]]:
    """Return the properties of each feature of a layer."""
    keys = [key.decode() for key in layer.get(3, [])]
    values = [value_of(value) for value in layer.get(4, [])]
    found = []
    for body in layer.get(2, []):
        tags = [tag for number, packed in fields(body) if number == 2 for tag in varints(packed)]
        found.append({keys[k]: values[v] for k, v in zip(tags[::2], tags[1::2], strict=True)})
    return found


def value_of(body: bytes) -> Any:
    """Return the one value that a Value message holds."""
    number, value = next(fields(body))
    if number == 1:
        return value.decode()
    if number == 2:
        return struct.unpack("<f", value)[0]
    if number == 3:
        return struct.unpack("<d", value)[0]
    if number == 6:
        return (value >> 1) ^ -(value & 1)
    return bool(value) if number == 7 else value


def dict_of_lists(body: bytes) -> dict[int, list[Any]]:
    """Return the fields of a message by number."""
    found: dict[int, list[Any]] = {}
    for number, value in fields(body):
        found.setdefault(number, []).append(value)
    return found


def fields(body: bytes) -> Iterator[tuple[int, Any]]:
    """Yield the fields of a protobuf message."""
    at = 0
    while at < len(body):
        key, at = varint(body, at)
        kind = key & 7
        if kind == VARINT:
            value, at = varint(body, at)
        else:
            size = {DOUBLE: 8, FLOAT: 4}.get(kind)
            if size is None:
                size, at = varint(body, at)
            value, at = body[at:at + size], at + size
        yield key >> 3, value


def varints(body: bytes) -> list[int]:
    """Return packed whole numbers."""
    found, at = [], 0
    while at < len(body):
        value, at = varint(body, at)
        found.append(value)
    return found


def varint(body: bytes, at: int) -> tuple[int, int]:
    """Return one whole number and where it ends."""
    value = shift = 0
    while True:
        byte = body[at]
        at += 1
        value |= (byte & 127) << shift
        if byte < 128:
            return value, at
        shift += 7
