"""What CityGML says of a thing in words: its properties, generic attributes and address."""

from collections.abc import Iterator
from typing import Any

from importers.xml_text import local

_NUMBER, _NAME = "ThoroughfareNumber", "ThoroughfareName"
#: Elements of an address, as both versions of xAL name them.
_ADDRESS = {"LocalityName": "address locality", _NAME: "address street",
            _NUMBER: "address number", "PostalCodeNumber": "address postcode"}
_LONGEST = 1_000


def values_of(element: Any) -> dict[str, Any]:
    """Return a thing's own properties by name; what is nested is none, but for these.

    Heights of CityGML 3 (con:Height), generic attributes, and the parts of an address.
    """
    found: dict[str, Any] = {}
    for child in element:
        for name, text in _said(child):
            if text and len(text) <= _LONGEST:
                found.setdefault(name, text)
    return found


def _said(child: Any) -> Iterator[tuple[str, str]]:
    tag = local(child.tag)
    if len(child) == 0:
        yield tag, (child.text or "").strip()
    elif tag.endswith("Attribute") or tag == "genericAttribute":
        yield from _generic(child)
    elif tag == "height":
        value = next((one for one in child.iter() if local(one.tag) == "value"), None)
        yield "height", (value.text or "").strip() if value is not None else ""
    elif tag == "address":
        yield from ((_ADDRESS[local(one.tag)], (one.text or "").strip()) for one in child.iter()
                    if local(one.tag) in _ADDRESS)


def _generic(child: Any) -> Iterator[tuple[str, str]]:
    """Yield a generic attribute: its name is an attribute of it (2.0) or an element (3.0)."""
    named = child.get("name")
    texts = {local(one.tag): (one.text or "").strip() for one in child.iter()}
    if named := named or texts.get("name"):
        yield named, texts.get("value", "")
