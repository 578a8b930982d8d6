"""The page of layers: what exists, its fields, who sees them, how it is drawn."""

from collections.abc import Iterator

from layers import catalogue
from layers.base import Feature, Field, Layer, fields_of
from layers.codelists import codelist
from layers.symbology import By
from spatial.history import DERIVED
from tests.reports.ledgers import rules
from tests.reports.writing import anchor, code, page, table

HEAD = """# Layers

A layer is one file in `layers/`; its table, ledger, files, tiles, style and this page derive from
that one declaration. An identifier is its layer's letter and 16 hexadecimal digits: it means
nothing, is drawn once and never changes. An *audience* is a class of data; which role sees which
stands in `layers/access.py`. Sealed fields are stored encrypted. Made from the declarations (`make
docs`); code lists are in [ledgers.md](ledgers.md#code-lists).
"""


def text() -> str:
    """Return the page."""
    layers = list(catalogue().values())
    index = ((f"[`{layer.name}`]({anchor(layer.name)})", layer.title.en, layer.title.zh,
              code(layer.model.prefix), _drawn(layer), layer.level or "",
              "everyone's" if layer.public else "of persons or incidents")
             for layer in layers)
    parts = [line for layer in layers for line in _layer(layer)]
    return page(HEAD.splitlines(), table(
        ("layer", "English", "中文", "letter", "geometry", "rung of an address", "data"), index),
        parts)


def _layer(layer: Layer) -> Iterator[str]:
    yield f"## {layer.name}"
    yield ""
    yield f"**{layer.title.en}, {layer.title.zh}.** {layer.about.en} {layer.about.zh}"
    yield ""
    yield (f"Identifiers begin with `{layer.model.prefix}`; table `{layer.table.name}`, past "
           f"versions in `{layer.table.name}_history`." if _kept(layer.model) else
           f"Identifiers begin with `{layer.model.prefix}`; table `{layer.table.name}`.")
    yield from _fields(layer.model)
    for link in {link.model.__tablename__: link for link in layer.links}.values():
        yield f"Tied to it by table `{link.model.__tablename__}`:"
        yield from _fields(link.model)
    if layer.has_shape:
        yield from _symbol(layer)


def _kept(model: type[Feature]) -> bool:
    return f"{model.__tablename__}_history" in model.metadata.tables


def _fields(model: type[Feature]) -> list[str]:
    derived = {a.key for a in model.__mapper__.column_attrs if a.columns[0].info.get(DERIVED)}
    rows = ((code(key), field.title.en, field.title.zh, field.audience.value,
             "; ".join(_notes(field, found_out=key in derived)))
            for key, field in fields_of(model).items())
    return table(("field", "English", "中文", "audience", "rules"), rows)


def _notes(field: Field, *, found_out: bool) -> Iterator[str]:
    if found_out:
        yield "found by the registry"
    for rule in rules(field):
        yield rule.replace("](#", "](ledgers.md#")


def _drawn(layer: Layer) -> str:
    if not layer.has_shape:
        return ""
    kind = str(getattr(layer.table.c.geometry.type, "geometry_type", ""))
    return kind.lower().replace("geometry", "any")


def _symbol(layer: Layer) -> Iterator[str]:
    symbol = layer.symbol
    raised = f", raised by `{symbol.height}`" if symbol.height else ""
    if not isinstance(symbol.colour, By):
        yield f"Drawn as {symbol.kind} in `{symbol.colour}`{raised}; outline `{symbol.outline}`."
        yield ""
        return
    yield (f"Drawn as {symbol.kind}, coloured by `{symbol.colour.field}`{raised}; "
           f"outline `{symbol.outline}`.")
    words = _words(layer)
    legend = [(code(value), *words.get(str(value), ("", "")), code(colour))
              for value, colour in symbol.legend()]
    yield from table(("value", "English", "中文", "colour"),
                     [*legend, ("others", "", "", code(symbol.colour.other))])


def _words(layer: Layer) -> dict[str, tuple[str, str]]:
    if not isinstance(layer.symbol.colour, By):
        return {}
    name = layer.fields()[layer.symbol.colour.field].codelist
    found = codelist(name).codes if name else {}
    return {key: (words.en, words.zh) for key, words in found.items()}
