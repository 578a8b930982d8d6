"""Addresses: normalise, parse, resolve, explain; suggestions while typing. Knows no layer."""

from spatial.addressing.answer import Answer, Candidate, Fault, Parsed, Step
from spatial.addressing.compose import standard_address
from spatial.addressing.keys import (
    building_key,
    canonical,
    entrance_key,
    group_key,
    plate_key,
    room_key,
    settled,
    storey_key,
)
from spatial.addressing.names import NameIndex
from spatial.addressing.offsets import Move
from spatial.addressing.register import Located, NameEntry, Node, Register
from spatial.addressing.resolve import resolve

__all__ = [
    "Answer", "Candidate", "Fault", "Located", "Move", "NameEntry", "NameIndex",
    "Node", "Parsed", "Register", "Step",
    "building_key", "canonical", "entrance_key", "group_key", "plate_key", "resolve",
    "room_key", "settled", "standard_address", "storey_key",
]  # fmt: skip
