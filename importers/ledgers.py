"""What columns a layer's ledger may have, derived from the layer's declaration."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from types import MappingProxyType

from layers import catalogue
from layers.base import Field, Layer, fields_of

#: Columns every ledger may have, with the headers people give them.
COMMON: Mapping[str, tuple[str, ...]] = MappingProxyType({
    "identifier": ("登记标识",), "source_id": ("编号", "唯一标识", "序列号", "id", "fid", "主键"),
    "valid_from": ("生效日期", "启用日期"), "valid_to": ("失效日期", "停用日期"),
    "recorded_from": ("登记日期", "录入日期"), "recorded_to": ("注销日期",),
    "document": ("文号", "依据文件"),
})
#: How tables say where something is.
SHAPES: Mapping[str, tuple[str, ...]] = MappingProxyType({
    "lon": ("经度", "lng", "longitude", "x坐标"), "lat": ("纬度", "latitude", "y坐标"),
    "wkt": ("几何", "图形", "geometry", "geom"),
})
#: How measured solids come: facets as WKT, in metres above the building's ground.
SOLIDS: Mapping[str, tuple[str, ...]] = MappingProxyType({"solid": ("实体", "三维体")})
#: Where a row is itself the link, `from` and `to` are its own world time.
OWN_TIMES: Mapping[str, tuple[str, ...]] = MappingProxyType({
    "valid_from": (*COMMON["valid_from"], "from", "起始日期", "任职日期"),
    "valid_to": (*COMMON["valid_to"], "to", "终止日期", "离任日期"),
})
#: Remarks: read for a phone number where the column of phones is empty, never stored.
NOTES: Mapping[str, tuple[str, ...]] = MappingProxyType({
    "notes": ("备注", "备注信息", "附注", "说明", "remarks", "remark")})
#: Ledger columns of links that are no field of their own.
LINKED: Mapping[str, tuple[str, ...]] = MappingProxyType({
    "from": ("入住日期", "起始日期", "迁入日期", "开业日期"),
    "to": ("迁出日期", "终止日期", "搬离日期"),
    "registered_address": ("户籍地址", "户籍所在地", "户口所在地"),
})


@dataclass(frozen=True, slots=True)
class Target:
    """One column a ledger may fill: its name and everything people call it."""

    name: str
    title: str
    headers: frozenset[str]


@cache
def targets(layer_name: str) -> Mapping[str, Target]:
    """Return the ledger columns of a layer by name."""
    layer = catalogue()[layer_name]
    found: dict[str, set[str]] = {}
    titles: dict[str, str] = {}
    for field in [*layer.ledger_fields().values(), *_link_fields(layer)]:
        name = field.ledger or ""
        titles.setdefault(name, field.title.zh)
        found.setdefault(name, set()).update(
            (field.title.en, field.title.zh, *field.headers))
    extra = {**COMMON, **({} if layer.links else OWN_TIMES),
             **(SHAPES if layer.has_shape else {}), **(SOLIDS if layer.has_solid else {}),
             **_linked(layer), **(NOTES if layer.links and "phone" in found else {})}
    for name, headers in extra.items():
        titles.setdefault(name, headers[0])
        found.setdefault(name, set()).update(headers)
    return MappingProxyType({
        name: Target(name, titles[name], frozenset(plain(h) for h in {*heads, name}))
        for name, heads in found.items() if name})


@cache
def coded(layer_name: str) -> frozenset[str]:
    """Return the ledger columns of a layer whose words stand in a code list."""
    layer = catalogue()[layer_name]
    return frozenset(field.ledger or "" for field in (
        *layer.ledger_fields().values(), *_link_fields(layer)) if field.codelist)


def plain(header: str) -> str:
    """Return a header without what people add to it: spaces, brackets, stars, case."""
    bare = header.split("(", maxsplit=1)[0].split("（", maxsplit=1)[0]
    return "".join(c for c in bare.casefold() if c not in " \t\n*＊:：_-") or header.casefold()


def _link_fields(layer: Layer) -> list[Field]:
    """Return the fields of links under the names that the ledger has for them."""
    return [replace(field, ledger=ledger)
            for link in layer.links for ledger, own in link.columns.items()
            for field in fields_of(link.model).values()
            if field.in_ledger and field.ledger == own and ledger not in LINKED]


def _linked(layer: Layer) -> Mapping[str, tuple[str, ...]]:
    named = {name for link in layer.links for name in link.columns}
    if layer.name == "residents":
        named.add("registered_address")
    return {name: LINKED.get(name, (name,)) for name in sorted(named) if name in LINKED}
